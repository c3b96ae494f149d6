# check = "same-base"
# diagnosis = "one-too-many"
def shared_layers(one, other):
    shared = []
    for mine, yours in zip(one, other):
        shared.append(mine)
        if mine != yours:
            break
    return shared
