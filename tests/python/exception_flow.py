# Ways through try, except, else, finally, with and loops; which exceptions built-ins raise.
def f(n):
    for i in range(3):
        try:
            if n == 0: return 'try'
            if n == 1: raise ValueError(n)
            if n == 2: continue
            if n == 3: break
        except ValueError as e:
            if i: return ('exc', e.args)
            raise KeyError('x') from e
        else:
            if n == 4: return 'else'
        finally:
            if n == 5: return 'finally'
            if n == 6: continue
            print('fin', i)
    else:
        return 'loop else'
    return 'end'
for n in range(8):
    try:
        print(n, f(n))
    except Exception as e:
        print(n, repr(e), repr(e.__cause__))
def g():
    try:
        return 1
    finally:
        return 2
def h():
    try:
        raise ValueError
    finally:
        return 3
def k():
    while True:
        try:
            try:
                1 / 0
            finally:
                break
        except ZeroDivisionError:
            print('no')
    return 4
def l():
    x = 1
    try:
        return x
    finally:
        x = 2
print(g(), h(), k(), l())
def m():
    try:
        try:
            raise ValueError('a')
        except ValueError:
            raise TypeError('b')
    except TypeError as e:
        return repr(e)
print(m())
try:
    try:
        raise KeyError(1)
    except (ValueError, KeyError) as e:
        e2 = e
        raise
except LookupError as e:
    print(e is e2, e.args, str(e), repr(e))
try:
    e
except NameError as x:
    print('unbound')
class E(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.a = a
    def __str__(self): return 'E!' + str(self.a)
try:
    raise E(1, 2)
except E as e:
    print(e, e.args, repr(e), e.a)
for bad in [lambda: int('x'), lambda: [][1], lambda: {}[1], lambda: 1 + 'a', lambda: None.x, lambda: 1 / 0, lambda: 'a' * 'b', lambda: int([]), lambda: len(5), lambda: [].pop(), lambda: {}.popitem(), lambda: set().pop(), lambda: next(iter([])), lambda: chr(-1), lambda: ord('ab'), lambda: 'a'.index('b'), lambda: [1].remove(2), lambda: (1, 2).index(3), lambda: float('x'), lambda: 2 ** 'a', lambda: -'a', lambda: [] < 1, lambda: {[]: 1}, lambda: hash([]), lambda: iter(5), lambda: min([]), lambda: sum(['a']), lambda: range(0, 1, 0), lambda: bytes([256]), lambda: 1 << -1, lambda: divmod(1, 0), lambda: 1 % 0, lambda: 0 ** -1, lambda: round('a'), lambda: '' .join([1]), lambda: isinstance(1, 1), lambda: sorted([1, 'a']), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: zip(1), lambda: map(None), lambda: complex('x'), lambda: int('12', 40), lambda: int('9', 8), lambda: abs('a'), lambda: pow(2, -1, 4), lambda: slice(), lambda: 'abc'[1:2:0], lambda: f(), lambda: f(1, 2), lambda: f(x=1), lambda: getattr(1, 'x'), lambda: setattr(1, 'x', 2), lambda: delattr(1, 'x'), lambda: object(1), lambda: issubclass(1, int)]:
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__)
class C:
    def __enter__(self): print('enter'); return self
    def __exit__(self, t, v, tb): print('exit', t and t.__name__, v and v.args); return t is ValueError
def w(n):
    with C() as c, C():
        if n == 0: return 'r'
        if n == 1: raise ValueError(5)
        if n == 2: raise KeyError(6)
    return 'after'
for n in range(4):
    try: print(w(n))
    except KeyError as e: print('key', e)
assert True
try:
    assert 0, 'msg'
except AssertionError as e: print(e)
try:
    raise
except RuntimeError as e: print(e)
try:
    raise 5
except TypeError as e: print('TypeError')
try:
    raise ValueError
except ValueError as e: print(e.args, repr(e))
def nest():
    for i in range(3):
        try:
            for j in range(3):
                try:
                    if j == 1: continue
                    if i == 1: break
                    yield i, j
                finally:
                    yield 'f', i, j
        finally:
            yield 'F', i
print(list(nest()))
