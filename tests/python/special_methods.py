# Classes: super, properties, attribute hooks, special methods, descriptors, native bases, arguments.
class A:
    x = 1
    def __init__(self): self.y = 2
    def m(self): return 'A.m'
    @property
    def p(self): return self._p if hasattr(self, '_p') else None
    @p.setter
    def p(self, v): self._p = v
    @p.deleter
    def p(self): del self._p
    @staticmethod
    def s(a): return a
    @classmethod
    def c(cls): return cls.__name__
class B(A):
    x = 3
    def __init__(self):
        super().__init__()
        self.z = 4
    def m(self): return 'B.' + super().m()
    @property
    def p(self): return ('B', super().p)
    @classmethod
    def c(cls): return 'B' + super().c()
a = A(); b = B()
print(a.x, b.x, b.y, b.z, b.m(), b.p, B.c(), b.c(), A.s(1), a.s(2))
a.p = 5; print(a.p); del a.p; print(a.p)
try: b.p = 1
except AttributeError as e: print('AttributeError')
A.x = 9; print(a.x, b.x); a.x = 1; del a.x; print(a.x)
print(isinstance(b, A), issubclass(B, (int, A)), type(b) is B, B.__mro__ == (B, A, object), [c.__name__ for c in B.__bases__], B.__name__)
class D:
    def __getattr__(self, n):
        if n.startswith('x'): return n
        raise AttributeError(n)
    def __setattr__(self, n, v): object.__setattr__(self, n, v * 2)
    def __delattr__(self, n): print('del', n); object.__delattr__(self, n)
d = D(); d.a = 3; print(d.a, d.xyz, getattr(d, 'nope', 0), hasattr(d, 'b')); del d.a
class V:
    def __init__(self, v): self.v = v
    def __add__(self, o): return V(self.v + (o.v if isinstance(o, V) else o))
    __radd__ = __add__
    def __iadd__(self, o): self.v += 100; return self
    def __eq__(self, o): return isinstance(o, V) and self.v == o.v
    def __lt__(self, o): return self.v < o.v
    def __hash__(self): return hash(self.v)
    def __repr__(self): return 'V(%r)' % self.v
    def __len__(self): return self.v
    def __bool__(self): return self.v > 1
    def __getitem__(self, k): return k
    def __setitem__(self, k, v): print('set', k, v)
    def __delitem__(self, k): print('del', k)
    def __contains__(self, k): return k == self.v
    def __call__(self, *a, **k): return a, k
    def __neg__(self): return V(-self.v)
    def __abs__(self): return V(abs(self.v))
    def __invert__(self): return 'inv'
    def __pow__(self, o): return 'pow'
    def __rpow__(self, o): return 'rpow'
    def __divmod__(self, o): return 'dm'
    def __index__(self): return self.v
    def __int__(self): return self.v
    def __float__(self): return float(self.v)
    def __format__(self, s): return 'F' + s
    def __round__(self, n=None): return ('r', n)
    def __reversed__(self): return iter([3, 2])
    def __matmul__(self, o): return 'mm'
    def __lshift__(self, o): return 'ls'
    def __rsub__(self, o): return 'rs'
v = V(3)
print(v + 1, 1 + v, v + v, sum([v, v]), v == V(3), v != V(3), v < V(4), v > V(2), {v: 1}[V(3)], len(v), bool(v), bool(V(1)))
print(v[1], v[1:2], v[1:2:3], v[1, 2], v[...], 3 in v, 4 in v, v(1, a=2), -v, abs(v), ~v, v ** 2, 2 ** v, int(v), float(v), [1, 2, 3, 4][v])
v[0] = 1; v[1:2] = 3; del v[5]
print(f'{v:abc} {v!r}', '{:x}'.format(v), round(v), round(v, 2), list(reversed(v)), v @ 1, v << 1, 5 - v, hex(v), range(v), divmod(v, 1))
v += 1; print(v)
print(sorted([V(3), V(1)]), max(V(3), V(1)), [V(1), V(2)].index(V(2)), V(1) in [V(1)])
class M1:
    def f(self): return ['M1']
class M2(M1):
    def f(self): return ['M2'] + super().f()
class M3(M1):
    def f(self): return ['M3'] + super().f()
class M4(M2, M3):
    def f(self): return ['M4'] + super().f()
print(M4().f(), [c.__name__ for c in M4.__mro__])
class Desc:
    def __set_name__(self, o, n): self.n = n
    def __get__(self, i, o): return (self.n, i is None)
    def __set__(self, i, v): print('set', self.n, v)
class H:
    q = Desc()
H().q = 5; print(H().q, H.q)
class N:
    def __new__(cls, *a):
        o = super().__new__(cls); o.a = a; return o
print(N(1, 2).a)
class S:
    __slots__ = ('a',)
    _n = 0
    def __init__(self): self.__priv = 1; S._n += 1
print(S._n)
class L(list):
    def __getitem__(self, i): return 'L', super().__getitem__(i)
    def total(self): return sum(self)
l = L([1, 2]); l.append(3); print(l, l[0], len(l), l.total(), l == [1, 2, 3], l + [4], isinstance(l, list), sorted(l, reverse=True))
class Di(dict):
    def __missing__(self, k): return k * 2
print(Di(a=1)['a'], Di()['b'], Di(a=1))
class I(int):
    def __add__(self, o): return I(int(self) + o + 1)
print(I(3) + 1, I(3) * 2, I(5) == 5, repr(I(7)), isinstance(I(1), int))
class St(str):
    def up(self): return self.upper()
print(St('ab').up(), St('ab') + 'c', len(St('abc')), St('x') == 'x', {St('k'): 1}['k'])
print(type('T', (A,), {'k': 5}).k, callable(A), callable(a), vars(a) == a.__dict__ if hasattr(a, '__dict__') else 1)
class Outer:
    class Inner:
        z = 1
    y = Inner.z + 1
    lst = [i for i in range(3)]
print(Outer.Inner.z, Outer.y, Outer.lst)
class Cnt:
    n = 0
    def __init__(self): type(self).n += 1
Cnt(); Cnt(); print(Cnt.n)
print(a.__class__.__name__, A.m(a), getattr(a, 'm')(), [x for x in dir(A) if not x.startswith('_')])
def deco(k):
    def w(f):
        def g(*a, **kw): return k, f(*a, **kw)
        return g
    return w
@deco(1)
@deco(2)
def df(x, *, y=3): return x, y
print(df(1), df(1, y=2))
def args(a, b=2, *c, d, e=5, **f): return a, b, c, d, e, f
print(args(1, d=4), args(1, 2, 3, d=4, z=1), args(*[1, 2, 3], **{'d': 1}), args(1, *[2], d=0, **{'q': 1}))
