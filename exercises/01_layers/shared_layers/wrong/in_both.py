# check = "another-base"
# diagnosis = "in-both"
def shared_layers(one, other):
    return [layer for layer in one if layer in other]
