# check = "one-layer"
# diagnosis = "raises-if-missing"
def lookup(layers, path):
    for layer in reversed(layers):
        if path in layer:
            return layer[path]
    raise KeyError(path)
