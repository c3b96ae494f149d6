# check = "top"
# diagnosis = "nothing-returned"
def top_layer(layers):
    print(layers[-1])
