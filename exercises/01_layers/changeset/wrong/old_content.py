# check = "changed"
# diagnosis = "old-content"
def changeset(old, new):
    layer = {path: new[path] for path in new if path not in old}
    for path in old:
        if path not in new:
            layer[path] = None
        elif old[path] != new[path]:
            layer[path] = old[path]
    return layer
