def top_layer(layers):
    """Return the name of the layer on top.

    layers: a list of names, the lowest layer first, such as ["base", "python", "app"];
            there is at least one.
    """
