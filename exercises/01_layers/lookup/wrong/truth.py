# check = "empty-content"
# diagnosis = "empty-is-nothing"
def lookup(layers, path):
    for layer in reversed(layers):
        if layer.get(path):
            return layer[path]
    return None
