# Cells, nonlocal, global, late binding.
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    def get():
        return n
    return inc, get

inc, get = counter()
print(inc(), inc(5), get())
inc2, get2 = counter()
print(inc2(), get(), get2())

def outer(x):
    def middle(y):
        def inner(z):
            return x * 100 + y * 10 + z
        return inner
    return middle

print(outer(1)(2)(3))
fs = []
for i in range(3):
    fs.append(lambda: i)
print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]
print([f() for f in fs])
fs = [lambda: i for i in range(3)]
print([f() for f in fs])

def param_cell(a, *args, **kw):
    def inner():
        nonlocal a
        a += 1
        return a, args, kw
    return inner

g = param_cell(1, 2, 3, k=4)
print(g(), g())

G = 1
def set_global():
    global G, H
    G = 2
    H = 3
set_global()
print(G, H)

def unbound_cell():
    def inner():
        return v
    try:
        inner()
    except NameError:
        print("NameError")
    v = 1
    return inner()
print(unbound_cell())

def unbound_local():
    try:
        print(later)
    except UnboundLocalError:
        print("UnboundLocalError")
    later = 1
    del later
    try:
        later
    except NameError:
        print("NameError")
unbound_local()

def maybe(flag):
    if flag:
        v = "set"
    try:
        return v
    except UnboundLocalError:
        return "unset"
print(maybe(True), maybe(False))

def loops(seq):
    for x in seq:
        pass
    try:
        return x
    except UnboundLocalError:
        return "empty"
print(loops([1, 2]), loops([]))

def deep():
    a = 1
    class C:
        b = a
        def get(self):
            return a, C.b
    a = 2
    return C().get()
print(deep())

def comp_capture():
    k = 10
    return [(lambda: k + j)() for j in range(3)]
print(comp_capture())

def nested_nonlocal():
    x = 0
    def a():
        def b():
            nonlocal x
            x += 1
            return x
        return b
    return a()(), a()(), x
print(nested_nonlocal())

def make_deleter():
    x = 1
    def d():
        nonlocal x
        del x
    def g():
        return x
    return d, g
d, g = make_deleter()
print(g())
d()
try:
    g()
except NameError:
    print("NameError")
