def lookup(layers, path):
    """Return what path shows in a stack of layers: its content, or None if nothing is there.

    layers: a list of dicts, the lowest layer first; each maps a path to its content (a string).
            None in place of a content is the layer's mark "deleted here" (a whiteout).
    path:   a string such as "/motd".
    """
