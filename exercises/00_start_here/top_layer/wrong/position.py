# check = "top"
# diagnosis = "position"
def top_layer(layers):
    return len(layers) - 1
