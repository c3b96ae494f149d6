# check = "deleted"
# diagnosis = "deleted-with-content"
def changeset(old, new):
    layer = {}
    for path in [*old, *new]:
        if path not in new:
            layer[path] = old[path]
        elif old.get(path) != new[path]:
            layer[path] = new[path]
    return layer
