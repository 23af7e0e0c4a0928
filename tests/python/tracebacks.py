# What is printed for an exception that nobody catches: file, line, function, nested calls.
def a(x):
    return b(x,
             1)

def b(x, y):
    z = 1

    return [c(v) for v in [x]]

class K:
    def __init__(self, x):
        self.y = x.missing

def c(x):
    try:
        K(x)
    finally:
        z = 2

def gen(x):
    yield 1
    for i in a(x):
        pass

for i in gen(5):
    print(i)
