# check = "added"
# diagnosis = "raises-if-missing"
def changeset(old, new):
    layer = {path: new[path] for path in new if old[path] != new[path]}
    for path in old:
        if path not in new:
            layer[path] = None
    return layer
