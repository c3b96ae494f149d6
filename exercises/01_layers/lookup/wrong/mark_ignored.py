# check = "deletion"
# diagnosis = "mark-ignored"
def lookup(layers, path):
    for layer in reversed(layers):
        content = layer.get(path)
        if content is not None:
            return content
    return None
