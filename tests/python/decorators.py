# Decorators of functions, methods and classes.
def twice(f):
    def g(*a, **k):
        return f(*a, **k) * 2
    return g
def add(n):
    def deco(f):
        return lambda *a: f(*a) + n
    return deco
@twice
def one(): return 1
@add(1)
@twice
@add(10)
def two(x): return x
print(one(), two(5))
class C:
    @twice
    def m(self, x): return x
    @staticmethod
    @twice
    def s(): return 4
print(C().m(3), C.s())
log = []
def note(name):
    log.append(name)
    def deco(f):
        log.append("apply " + name)
        return f
    return deco
@note("a")
@note("b")
def f(): pass
print(log)
@(lambda c: setattr(c, "mark", 1) or c)
class D: pass
print(D.mark)
def memo(f):
    cache = {}
    def g(n):
        if n not in cache:
            cache[n] = f(n)
        return cache[n]
    return g
@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(60))
