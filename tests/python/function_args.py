# Positional, keyword, default, star and keyword-only arguments.
def f(a, b=2, *args, c=3, **kw):
    return (a, b, args, c, kw)

print(f(1))
print(f(1, 5))
print(f(1, 5, 6, 7))
print(f(a=3, b=4))
print(f(1, c=9, d=10))
print(f(*[1, 2, 3], **{"c": 4, "x": 5}))
print(f(0, *(1, 2), *[3], k=1, **{"m": 2}))

def pos_only(a, b, /, c, *, d):
    return (a, b, c, d)

print(pos_only(1, 2, 3, d=4))
print(pos_only(1, 2, c=3, d=4))
for args, kw in [((1,), {}), ((1, 2, 3), {}), ((1, 2), {"c": 1}), ((1, 2, 3, 4), {"d": 1})]:
    try:
        pos_only(*args, **kw)
        print("no error")
    except TypeError:
        print("TypeError")

def kw_only(*, a, b=2):
    return a + b

print(kw_only(a=1), kw_only(b=5, a=1))
for bad in (lambda: kw_only(1), lambda: kw_only(), lambda: kw_only(a=1, z=2), lambda: f(), lambda: f(1, a=2)):
    try:
        bad()
        print("no error")
    except TypeError:
        print("TypeError")

def defaults(x, acc=[]):
    acc.append(x)
    return acc

print(defaults(1), defaults(2), defaults(3, []))
add = lambda x, y=10, *z: (x + y, z)
print(add(1), add(1, 2), add(1, 2, 3))
print((lambda: 5)())
print((lambda *a, **k: (a, k))(1, b=2))

def many(a, b, c, d, e, f, g, h):
    return a + b * c - d + e * f - g + h

print(many(1, 2, 3, 4, 5, 6, 7, 8), many(*range(8)), many(h=1, g=2, f=3, e=4, d=5, c=6, b=7, a=8))

def recurse(n):
    return 0 if n == 0 else 1 + recurse(n - 1)

print(recurse(500))

def forever(n):
    return forever(n + 1)

try:
    forever(0)
except RuntimeError:
    print("RuntimeError")
