# check = "top"
# diagnosis = "still-a-list"
def top_layer(layers):
    return layers[-1:]
