# check = "empty"
# diagnosis = "empty-is-absent"
def changeset(old, new):
    layer = {}
    for path in new:
        if new[path] and old.get(path) != new[path]:
            layer[path] = new[path]
    for path in old:
        if not new.get(path):
            layer[path] = None
    return layer
