# check = "written-again"
# diagnosis = "gone-for-good"
def lookup(layers, path):
    shown = None
    for layer in layers:
        if path in layer:
            if layer[path] is None:
                return None
            shown = layer[path]
    return shown
