# check = "falls-through"
# diagnosis = "only-the-top"
def lookup(layers, path):
    for layer in reversed(layers):
        if path in layer:
            return layer[path]
        return None
