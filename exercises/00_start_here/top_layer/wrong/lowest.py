# check = "top"
# diagnosis = "lowest"
def top_layer(layers):
    return layers[0]
