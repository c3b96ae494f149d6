# check = "empty"
# diagnosis = "empty-is-deleted"
def changeset(old, new):
    return {path: new.get(path) or None for path in [*old, *new] if old.get(path) != new.get(path)}
