# check = "top-wins"
# diagnosis = "lowest-wins"
def lookup(layers, path):
    for layer in layers:
        if path in layer:
            return layer[path]
    return None
