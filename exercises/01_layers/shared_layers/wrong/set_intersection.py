# check = "same-base"
# diagnosis = "not-in-order"
def shared_layers(one, other):
    return list(set(one) & set(other))
