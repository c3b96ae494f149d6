# check = "added"
# diagnosis = "wrong-way-round"
def changeset(old, new):
    layer = {path: old[path] for path in old if new.get(path) != old[path]}
    for path in new:
        if path not in old:
            layer[path] = None
    return layer
