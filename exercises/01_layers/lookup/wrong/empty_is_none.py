# check = "empty-content"
# diagnosis = "empty-is-none"
def lookup(layers, path):
    for layer in reversed(layers):
        if path in layer:
            return layer[path] or None
    return None
