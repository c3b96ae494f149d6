# check = "changed"
# diagnosis = "changes-forgotten"
def changeset(old, new):
    layer = {}
    for path in new:
        if path not in old:
            layer[path] = new[path]
    for path in old:
        if path not in new:
            layer[path] = None
    return layer
