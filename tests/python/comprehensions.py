# List, set, dict comprehensions: scope, nesting, conditions.
x = "outer"
print([x for x in range(3)], x)
print({k: v for k, v in [("a", 1), ("b", 2)]})
print(len({i % 3 for i in range(10)}))
print([(a, b) for a in range(3) for b in range(a) if a + b > 1])
print([[j for j in range(i)] for i in range(4)])
def f(n):
    return [i * n for i in range(n)]
print(f(4))
def g():
    k = 3
    return [k + i for i in range(2)], {i: k for i in range(2)}, list(k * i for i in range(3))
print(g())
print([a + b for a, b in [(1, 2), (3, 4)]], [first for first, *rest in [[1, 2, 3], [4]]])
def h():
    x = 10
    y = [x for x in range(3)]
    return x, y
print(h())
class C:
    vals = [1, 2, 3]
    dbl = [v * 2 for v in vals]
print(C.dbl)
print([y for x in [[1, 2], [3]] for y in x])
print([i if i % 2 else -i for i in range(5)])
print([lambda: i for i in range(3)][0]())
def captured():
    return [f() for f in [lambda: i for i in range(3)]]
print(captured())
def nested_lambda(n):
    return [[(lambda a: a + i + j)(n) for j in range(2)] for i in range(2)]
print(nested_lambda(10))
print([i for i in range(20) if i % 2 == 0 if i % 3 == 0])
print(sum([len(w) for w in ["a", "bb", "ccc"]]))
big = [i for i in range(1000)]
print(len(big), big[-1])
print({(i, j): i * j for i in range(2) for j in range(2)})
it = (i for i in [1, 2, 3])
print(2 in it, list(it))
def outer():
    z = 5
    def inner():
        return [z + q for q in range(2)]
    return inner()
print(outer())
try:
    [1 // 0 for _ in range(1)]
except ZeroDivisionError:
    print("ZeroDivisionError")
print([t for t in (s for s in "abc")])
def use_after():
    r = []
    for i in range(3):
        r.append([i * j for j in range(i)])
    return r, i
print(use_after())
