z = "leaf of " + __name__
