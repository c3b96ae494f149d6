# check = "added"
# diagnosis = "whole-tree"
def changeset(old, new):
    layer = dict(new)
    for path in old:
        if path not in new:
            layer[path] = None
    return layer
