# check = "falls-through"
# diagnosis = "only-the-top"
def lookup(layers, path):
    return layers[-1].get(path)
