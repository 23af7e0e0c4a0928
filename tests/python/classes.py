# Classes, inheritance, super, properties, special methods.
class A:
    x = 1
    def __init__(self, v):
        self.v = v
    def get(self):
        return self.v
    def __repr__(self):
        return "A(" + repr(self.v) + ")"

class B(A):
    def __init__(self, v, w):
        super().__init__(v)
        self.w = w
    def get(self):
        return super().get() + self.w

a, b = A(1), B(2, 3)
print(a.get(), b.get(), a, b, B.x, b.x)
b.x = 5
print(b.x, B.x, A.x)
A.x = 7
print(a.x, b.x, B.x)
print(isinstance(b, A), isinstance(a, B), issubclass(B, A), type(b).__name__, B.__mro__ == (B, A, object))
m = a.get
a.v = 10
print(m(), A.get(a))

class P:
    def __init__(self):
        self._t = 0
    @property
    def t(self):
        return self._t
    @t.setter
    def t(self, v):
        if v < 0:
            raise ValueError("negative")
        self._t = v
    @t.deleter
    def t(self):
        print("deleted")
    @staticmethod
    def s(x):
        return x + 1
    @classmethod
    def c(cls, x):
        return cls.__name__, x
p = P()
p.t = 5
print(p.t, P.s(1), p.s(2), P.c(3), p.c(4))
try:
    p.t = -1
except ValueError as e:
    print(e)
del p.t
class RO:
    @property
    def r(self):
        return 1
try:
    RO().r = 2
except AttributeError:
    print("AttributeError")

class X:
    def who(self): return "X"
class Y(X):
    def who(self): return "Y" + super().who()
class Z(X):
    def who(self): return "Z" + super().who()
class W(Y, Z):
    def who(self): return "W" + super().who()
print(W().who(), [c.__name__ for c in W.__mro__])
try:
    class Bad(X, Y):
        pass
except TypeError:
    print("no MRO")

class V:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return V(self.x + o.x, self.y + o.y)
    def __mul__(self, k): return V(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __neg__(self): return V(-self.x, -self.y)
    def __eq__(self, o): return isinstance(o, V) and self.x == o.x and self.y == o.y
    def __hash__(self): return hash((self.x, self.y))
    def __lt__(self, o): return self.x < o.x
    def __bool__(self): return bool(self.x or self.y)
    def __len__(self): return 2
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __setitem__(self, i, v):
        if i == 0: self.x = v
        else: self.y = v
    def __delitem__(self, i): print("del", i)
    def __contains__(self, v): return v == self.x or v == self.y
    def __iter__(self): return iter((self.x, self.y))
    def __call__(self, k): return self.x + k
    def __str__(self): return "<" + str(self.x) + "," + str(self.y) + ">"
    def __iadd__(self, o):
        self.x += o
        return self
    def __abs__(self): return 42
    def __invert__(self): return "inv"
    def __rsub__(self, o): return "rsub"
    def __floordiv__(self, o): return "floordiv"
    def __truediv__(self, o): return "truediv"
    def __mod__(self, o): return "mod"
    def __pow__(self, o): return "pow"
    def __and__(self, o): return "and"
    def __or__(self, o): return "or"
    def __xor__(self, o): return "xor"
    def __lshift__(self, o): return "lshift"
    def __rshift__(self, o): return "rshift"
    def __matmul__(self, o): return "matmul"
v = V(1, 2)
print(v + V(3, 4), v * 2, 2 * v, -v, v == V(1, 2), v != V(1, 2), v < V(2, 0), v > V(0, 0))
print(bool(V(0, 0)), len(v), v[0], v[1], 2 in v, 5 in v, list(v), v(10), abs(v), ~v, 1 - v)
print(v // 1, v / 1, v % 1, v ** 1, v & 1, v | 1, v ^ 1, v << 1, v >> 1, v @ 1)
v[0] = 9
del v[1]
v += 5
print(v, {v: 1}[V(14, 2)])
x, y = v
print(x, y)
try:
    v + 1
except AttributeError:
    print("AttributeError")

class Attr:
    def __init__(self): self.__dict__
    def __getattr__(self, name):
        if name.upper() == "MISSING": raise AttributeError(name)
        return "attr " + name
print(Attr().foo)
try:
    Attr().missing
except AttributeError as e:
    print("AttributeError")
class Set:
    def __setattr__(self, name, v):
        object.__setattr__(self, name, v * 2)
    def __delattr__(self, name):
        print("delattr", name)
s = Set()
s.q = 4
print(s.q)
del s.q
class Desc:
    def __get__(self, obj, cls): return ("get", obj is None)
    def __set__(self, obj, v): print("set", v)
class HasDesc:
    d = Desc()
h = HasDesc()
print(h.d, HasDesc.d)
h.d = 3
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0: raise StopIteration
        self.n -= 1
        return self.n
print(list(It(3)), [x for x in It(2)])
for q in It(2):
    print(q)
class Old:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * i
print(list(Old()), 4 in Old())
class Ctx:
    def __enter__(self):
        print("enter")
        return self
    def __exit__(self, t, v, tb):
        print("exit", t is None, v)
        return t is ValueError
with Ctx() as c:
    print(type(c).__name__)
with Ctx():
    raise ValueError("swallowed")
try:
    with Ctx(), Ctx():
        raise KeyError("not")
except KeyError:
    print("KeyError")
def ret():
    with Ctx():
        return "returned"
print(ret())
for i in range(3):
    with Ctx():
        if i == 0: continue
        break
class Empty: pass
e = Empty()
e.a = 1
e.b = 2
del e.a
print(hasattr(e, "a"), hasattr(e, "b"), getattr(e, "zz", 3))
setattr(e, "c", 4)
print(e.c)
try:
    Empty(1)
except TypeError:
    print("TypeError")
class New:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.made = a
        return o
    def __init__(self, *a): self.init = a
n = New(1, 2)
print(n.made, n.init)
class Meth:
    def f(self): return 1
    g = f
    h = lambda self, x=2: x
print(Meth().g(), Meth().h(), Meth().h(5))
i = Meth()
i.f = lambda: "instance"
print(i.f())
class Cnt:
    n = 0
    def __init__(self):
        Cnt.n += 1
[Cnt() for _ in range(5)]
print(Cnt.n)
class Outer:
    class Inner:
        z = 3
    def mk(self): return self.Inner()
print(Outer().mk().z)
def deco(cls):
    cls.tag = "tagged"
    return cls
@deco
class D: pass
print(D.tag)
class Rep:
    def __repr__(self): return "R!"
print(Rep(), str(Rep()), repr(Rep()), [Rep()])
print(A(1) == A(1), a == a, A(1) != A(1))
class CmpNE:
    def __eq__(self, o): return True
print(CmpNE() != 1)
T = type("T", (A,), {"k": 5, "m": lambda self: self.k})
print(T(1).m(), T.__name__, T(3))
class Q:
    a = 1
    b = a + 1
    c = [a for _ in range(2)] if False else 3
    for loopvar in range(3): pass
    if b == 2:
        d = "cond"
print(Q.b, Q.c, Q.loopvar, Q.d)
