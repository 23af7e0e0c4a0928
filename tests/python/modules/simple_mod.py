"""A module for the test of import."""
print("loading", __name__)
value = 42
_hidden = 1
def get():
    return value
