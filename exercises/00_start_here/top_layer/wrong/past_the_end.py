# check = "top"
# diagnosis = "past-the-end"
def top_layer(layers):
    top = len(layers)
    return layers[top]
