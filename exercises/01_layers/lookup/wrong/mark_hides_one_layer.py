# check = "deletion"
# diagnosis = "mark-hides-one-layer"
def lookup(layers, path):
    for number in reversed(range(len(layers))):
        hidden = number + 1 < len(layers) and layers[number + 1].get(path, "") is None
        if layers[number].get(path) is not None and not hidden:
            return layers[number][path]
    return None
