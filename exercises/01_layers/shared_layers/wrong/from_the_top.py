# check = "same-base"
# diagnosis = "from-the-top"
def shared_layers(one, other):
    shared = []
    for mine, yours in zip(reversed(one), reversed(other)):
        if mine != yours:
            break
        shared.insert(0, mine)
    return shared
