# check = "added"
# diagnosis = "whole-tree"
def changeset(old, new):
    return new
