# check = "another-base"
# diagnosis = "same-height"
def shared_layers(one, other):
    return [mine for mine, yours in zip(one, other) if mine == yours]
