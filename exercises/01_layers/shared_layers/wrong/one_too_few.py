# check = "same-base"
# diagnosis = "one-too-few"
def shared_layers(one, other):
    height = 0
    while height < min(len(one), len(other)) and one[height] == other[height]:
        height += 1
    return one[: max(0, height - 1)]
