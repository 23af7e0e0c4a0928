# with: order of calls, exceptions, return, nesting.
class M:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow
    def __enter__(self):
        print("enter", self.name)
        return self.name
    def __exit__(self, t, v, tb):
        print("exit", self.name, t.__name__ if t else None)
        return self.swallow
with M("a") as a, M("b") as b:
    print(a, b)
def f():
    with M("r"):
        return "value"
print(f())
def g():
    for i in range(3):
        with M(i):
            if i == 1:
                break
    return i
print(g())
with M("s", True):
    raise KeyError
try:
    with M("outer"):
        with M("inner"):
            raise ValueError("v")
except ValueError as e:
    print(e)
with M("tuple") as (x, *y):
    print(x, y)
def gen():
    with M("gen"):
        yield 1
        yield 2
print(list(gen()))
x = gen()
next(x)
x.close()
class BadEnter:
    def __enter__(self):
        raise OSError("enter")
    def __exit__(self, *a):
        print("never")
try:
    with BadEnter():
        pass
except OSError as e:
    print(e)
class Raises:
    def __enter__(self): return self
    def __exit__(self, *a): raise TypeError("from exit")
try:
    with Raises():
        raise ValueError
except TypeError as e:
    print(e)
try:
    with 5:
        pass
except (AttributeError, TypeError):
    print("no context manager")
def nested_finally():
    try:
        with M("w"):
            try:
                return 1
            finally:
                print("inner finally")
    finally:
        print("outer finally")
print(nested_finally())
