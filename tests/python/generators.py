# yield, send, throw, close, yield from, generator expressions.
def count(n):
    i = 0
    while i < n:
        yield i
        i += 1
    return "end"

print(list(count(3)))
for x in count(3):
    print(x)
g = count(2)
print(next(g), next(g))
try:
    next(g)
except StopIteration as e:
    print("stop", e.value)
print(next(g, "default"))

def echo():
    got = None
    while True:
        got = yield got
        if got == "quit":
            return 7
g = echo()
print(next(g), g.send("a"), g.send("b"))
try:
    g.send("quit")
except StopIteration as e:
    print(e.value)

def catcher():
    while True:
        try:
            yield "waiting"
        except ValueError as e:
            yield "caught " + str(e)
        finally:
            print("finally")
g = catcher()
print(next(g))
print(g.throw(ValueError("x")))
print(next(g))
g.close()
try:
    next(g)
except StopIteration:
    print("closed")

def delegate():
    r = yield from count(2)
    print("result", r)
    r = yield from [10, 20]
    print("result", r)
    return "all"
print(list(delegate()))

def inner():
    try:
        x = yield 1
        print("inner got", x)
        yield 2
    except KeyError:
        yield "key"
    return "inner done"
def outer():
    r = yield from inner()
    yield r
g = outer()
print(next(g), g.send("hello"), next(g))
g = outer()
print(next(g), g.throw(KeyError()), next(g))
g = outer()
next(g)
g.close()
print(sum(x * x for x in range(5)), list(x for x in "abc" if x != "b"))
print([list(y for y in range(x)) for x in range(3)])

def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
def take(n, it):
    for i, v in zip2(range(n), it):
        yield v
def zip2(a, b):
    a = iter(a)
    b = iter(b)
    while True:
        try:
            x = next(a)
            y = next(b)
        except StopIteration:
            return
        yield x, y
print(list(take(10, fib())))

def walk(tree):
    if tree:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)
print(list(walk(((None, 1, None), 2, ((None, 3, None), 4, None)))))

def bad():
    yield 1
    raise StopIteration
try:
    list(bad())
except RuntimeError:
    print("RuntimeError")
def never_started():
    print("never")
    yield
g = never_started()
g.close()
try:
    next(g)
except StopIteration:
    print("closed")
g = never_started()
try:
    g.throw(ValueError("thrown"))
except ValueError as e:
    print(e)
def recursive_call():
    yield list(g2)
g2 = recursive_call()
try:
    next(g2)
except ValueError:
    print("already executing")
def cleanup():
    try:
        yield 1
        yield 2
    finally:
        print("cleanup")
g = cleanup()
next(g)
g.close()
def args(a, b=2, *c, **d):
    yield a
    yield b
    yield c
    yield d
print(list(args(1)), list(args(1, 3, 4, k=5)))
def deep_yield(n):
    if n:
        yield from deep_yield(n - 1)
    yield n
print(list(deep_yield(10)))
def closure_gen(k):
    def g():
        for i in range(3):
            yield i * k
    return g
print(list(closure_gen(5)()))
class Tree:
    def __init__(self, v, kids=()):
        self.v, self.kids = v, kids
    def __iter__(self):
        yield self.v
        for k in self.kids:
            yield from k
print(list(Tree(1, [Tree(2), Tree(3, [Tree(4)])])))
def in_except():
    try:
        raise ValueError("e")
    except ValueError as e:
        yield "in handler"
        yield str(e)
print(list(in_except()))
def two_loops():
    for i in count(2):
        for j in count(2):
            yield i, j
print(list(two_loops()))
print(next(x for x in (5, 6) if x > 5))
