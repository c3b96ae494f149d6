# check = "deleted"
# diagnosis = "deleted-as-empty"
def changeset(old, new):
    return {path: new.get(path, "") for path in [*old, *new] if old.get(path) != new.get(path)}
