def changeset(old, new):
    """Return the layer that turns the tree old into the tree new when it is laid on top.

    old, new: dicts that map each path to its content (a string).
    The layer is a dict too: it holds the new content of what was added or changed,
    None for what was deleted, and nothing else.
    """
