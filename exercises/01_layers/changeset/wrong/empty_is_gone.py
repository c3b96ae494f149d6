# check = "empty"
# diagnosis = "empty-is-gone"
def changeset(old, new):
    layer = {}
    for path in new:
        if path not in old or old[path] != new[path]:
            layer[path] = new[path]
    for path in old:
        if not new.get(path):
            layer[path] = None
    return layer
