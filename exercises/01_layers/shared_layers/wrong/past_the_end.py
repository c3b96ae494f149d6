# check = "one-on-the-other"
# diagnosis = "past-the-end"
def shared_layers(one, other):
    height = 0
    while one[height] == other[height]:
        height += 1
    return one[:height]
