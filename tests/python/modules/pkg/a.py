print("a", __name__)
def fa(): return "fa"
