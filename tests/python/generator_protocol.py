# Generators: send, throw, close, delegation, what cleans up when; iterators of other kinds.
def g():
    try:
        x = yield 1
        print('got', x)
        while True:
            try:
                x = yield x
            except ValueError as e:
                print('caught', e)
                x = 'v'
    finally:
        print('cleanup')
i = g()
print(next(i), i.send(5), i.send(6), i.throw(ValueError('z')))
i.close(); i.close()
print(list(i))
i = g()
try: i.send(1)
except TypeError as e: print('TypeError')
i = g(); next(i)
try: i.throw(KeyError)
except KeyError as e: print('KeyError', e.args)
try: next(i)
except StopIteration as e: print('stop', e.value)
def r():
    yield 1
    return 7
i = r(); next(i)
try: next(i)
except StopIteration as e: print(e.value, e.args)
def d():
    x = yield from r()
    print('from', x)
    y = yield from [10, 20]
    print(y)
    return x
print(list(d()))
def ig():
    try:
        yield 1
    except GeneratorExit:
        yield 2
i = ig(); next(i)
try: i.close()
except RuntimeError as e: print(e)
def ge():
    try: yield 1
    except GeneratorExit: print('exit'); raise
i = ge(); next(i); i.close()
def si():
    raise StopIteration(3)
    yield
try: next(si())
except RuntimeError as e: print('runtime', e)
def inner():
    try:
        yield 1
        yield 2
    except ValueError: yield 'iv'
    finally: print('if')
def outer():
    try: yield from inner()
    except KeyError: yield 'ok'
    finally: print('of')
i = outer(); print(next(i), i.throw(ValueError()), list(i))
i = outer(); print(next(i), i.throw(KeyError()), list(i))
i = outer(); next(i); i.close()
def self_():
    yield next(it)
it = self_()
try: next(it)
except ValueError as e: print(e)
print(sum(x * x for x in range(5)), [*(x for x in 'ab')], dict((k, v) for k, v in [(1, 2)]))
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
print(list(It()), 2 in It(), sum(It()), max(It()), [*It(), *It()], list(zip(It(), 'abc')), list(enumerate(It(), 5)))
print(next(It()), next(iter([]), 'def'), list(iter(lambda c=[0]: c.__setitem__(0, c[0] + 1) or c[0], 4)))
class Get:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * 2
print(list(Get()), 4 in Get(), [x for x in Get()])
print(list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])), list(filter(None, [0, 1, '', 2])), list(reversed(range(5))), any([]), all([]))
def counter():
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    return inc
c = counter(); c(); print(c())
fs = [lambda: i for i in range(3)]; print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]; print([f() for f in fs])
gen = (i for i in range(3)); print(type(gen).__name__, next(gen), list(gen), list(gen))
def gg():
    try:
        return (yield)
    finally:
        yield 'fin'
i = gg(); next(i); print(i.send(3))
try: next(i)
except StopIteration as e: print(e.value)
def wy():
    for i in range(2):
        with open('x') if 0 else Ctx() as c:
            yield c
class Ctx:
    def __enter__(self): return 'c'
    def __exit__(self, *a): print('x', a[0] and a[0].__name__)
i = wy(); print(next(i)); i.close()
print(list(wy()))
