def shared_layers(one, other):
    """Return the layers that both images share, the lowest first.

    A layer is shared if both have it, and all layers below it are the same, too.

    one, other: lists of diff_ids, each shortened to a letter, such as ["A", "B", "C"];
                the lowest layer comes first.
    """
