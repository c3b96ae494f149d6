def shared_layers(one, other):
    """Return the layers that are stored once for both images, the lowest first: those that stand on the same layers.

    one, other: lists of diff_ids, each shortened to a letter, the lowest layer first, such as ["A", "B", "C"].
    """
    shared = []
    for mine, yours in zip(one, other):
        if mine != yours:
            break
        shared.append(mine)
    return shared
