# check = "falls-through"
# diagnosis = "only-the-lowest"
def lookup(layers, path):
    if path in layers[0]:
        return layers[0][path]
    return None
