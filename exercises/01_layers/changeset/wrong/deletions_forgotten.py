# check = "deleted"
# diagnosis = "deletions-forgotten"
def changeset(old, new):
    return {path: content for path, content in new.items() if old.get(path) != content}
