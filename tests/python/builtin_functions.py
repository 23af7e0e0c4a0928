# Built-in functions on all kinds of arguments.
print(abs(-5), abs(-2.5), abs(-10**30), divmod(-7, 2), divmod(7.5, -2), divmod(10**20, -7), pow(2, 10), pow(2, -1), pow(3, 200, 13), pow(-2, 3, 5), round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234, -2), round(1250, -2), round(1.5e20), round(0.5), round(1e16, 2))
print(bin(-5), oct(8), hex(-255), chr(65), ord('é'), len('abc'), min(3, 1, 2), max([1, 5, 2], key=lambda x: -x), min([], default=7), max('a', 'b'), sum([1, 2.5]), sum([[1], [2]], []), any([0, 1]), all([]), all([1, 0]))
print(list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])), list(filter(None, [0, 1, '', 'a'])), list(zip('ab', [1, 2], (3, 4))), list(zip()), list(enumerate('ab', 5)), list(reversed('abc')), sorted({3: 1, 1: 2}), list(iter([1, 2])), next(iter([]), 'end'), list(reversed(range(0, 10, 3))))
n = iter(range(5)); print(list(iter(lambda: next(n), 3)), next(n), callable(len), callable(1), callable(int), isinstance(True, int), isinstance(1, (str, int)), issubclass(bool, int), issubclass(KeyError, (ValueError, LookupError)), type(1) is int, type('a').__name__)
print(range(5), range(1, 10, 3), len(range(0, -10, -3)), range(10)[2:5], range(10)[::-2], 5 in range(0, 10, 5), 3 in range(0, 10, 5), range(3) == range(0, 3, 1), range(0) == range(5, 5), range(10).index(4), range(10).count(11), list(range(5, 0, -2)), range(10)[-1], 2.0 in range(3), hash(range(3)) == hash(range(0, 3)), bool(range(0)))


class A:
    z = 1

    def __init__(self):
        self.x = 5

    def __index__(self):
        return 3

    def __round__(self, n=None):
        return 'round', n

    def __len__(self):
        return 4

    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * 10


a = A()
print(getattr(a, 'x'), getattr(a, 'q', None), hasattr(a, 'z'), hasattr(a, 'q'), setattr(a, 'q', 9), a.q, delattr(a, 'q'), hasattr(a, 'q'), vars(a), [n for n in dir(a) if n[0] != '_'], round(a), round(a, 2), hex(a), [5, 6, 7, 8][a], list(a), list(reversed(a)), 20 in a, 25 in a)
print(eval('1 + 2 * 3'), eval('a + b', {'a': 1, 'b': 2}), eval(compile('2 ** 8', 'f', 'eval')))
g = {}
exec('x = 5\ndef f(n):\n    return n * x\ny = f(3)', g); print(g['x'], g['y'], g['f'](10))
exec(compile('w = 1\nw += 1', 'f', 'exec')); print(w, 'w' in globals(), globals() is globals())
print(format(3.14159, '.2f'), format('a', '>3'), format(5), repr('a'), ascii('é'), id(a) == id(a), hash(1) == hash(1.0) == hash(True), hash('a') == hash('a'), hash(2**70) == hash(float(2**70)))
print(1, 2, sep='-', end='!\n'); print('a', 'b', sep='', end=''); print(); print(*[1, 2], sep=', ', flush=True); print(sep='x')
print(int(), float(), str(), bool(), list(), tuple(), dict(), set(), bytes(), complex(), int('0x1f', 16), float('-inf'), complex(1, 2), complex('1-2j'), (1 + 2j) * (3 - 1j), abs(3 + 4j), (1 + 2j).conjugate(), 1j ** 2 == -1, (2j).imag, -1j, 1j == 1j, (1 + 0j) == 1)
print(7 // 2, -7 // 2, 7 % -3, -7 % 3, 7.5 // 2, -7.5 % 2, 2 ** 0.5, 2 ** -1, 1 / 3, 10 ** 20 / 3, 1e300 * 1e10, -0.0, 0.1 + 0.2, 1 << 70, -1 >> 100, ~5, 6 & 3, 6 | 3, 6 ^ 3, True + True, True & False, True | 1, 5 == 5.0, 2**53 + 1 == float(2**53), 2**53 < 2.0**53 + 2, 10**400 > 1e308, 1 < float('inf'))
for f in (lambda: 1 / 0, lambda: 1 // 0, lambda: 1.0 % 0, lambda: divmod(1, 0), lambda: 1 << -1, lambda: int('1x'), lambda: int([]), lambda: int(float('nan')), lambda: int(float('inf')), lambda: chr(-1), lambda: len(5), lambda: iter(5), lambda: next([]), lambda: max([]), lambda: 'a' + 1, lambda: 1 + 'a', lambda: [] < 1, lambda: -'a', lambda: abs('a'), lambda: sum(['a']), lambda: range(1, 2, 0), lambda: float(10**400), lambda: 0.0 ** -1, lambda: pow(2, 3, 0), lambda: round('a'), lambda: ord('ab'), lambda: isinstance(1, 2), lambda: hash({}), lambda: getattr(1, 'q'), lambda: range(10).index(20), lambda: int('1', 40), lambda: 2.0 ** 10000):
    try:
        print('no error', f())
    except Exception as e:
        print(type(e).__name__, end=' ')
print()
for e in (ValueError('a', 1), KeyError('k'), OSError('x'), StopIteration(5), SystemExit(3), Exception()):
    print(repr(e), str(e), e.args, isinstance(e, Exception))
print(OSError(5).args, OSError(2, 'no').errno, StopIteration(7).value, SystemExit(4).code, [c.__name__ for c in (IndexError.__mro__)])
