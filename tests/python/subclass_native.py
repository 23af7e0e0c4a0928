# Classes derived from built-in types.
class L(list):
    def __init__(self, *a):
        super().__init__(a)
        self.tag = "t"
    def append(self, x):
        super().append(x * 2)
    def total(self):
        return sum(self)
l = L(1, 2)
l.append(3)
print(l, len(l), l[0], l[-1], l.total(), l.tag, isinstance(l, list), list(l), 2 in l)
l[0] = 10
l += [7]
l.extend([8])
print(l, l[1:3], [x for x in l], l == [10, 2, 6, 7, 8], sorted(l))
class D(dict):
    def __missing__(self, k):
        return "missing " + str(k)
    def __setitem__(self, k, v):
        super().__setitem__(k, v + 1)
d = D(a=1)
d["b"] = 2
print(d["a"], d["b"], d["zz"], len(d), sorted(d.keys()), "a" in d, d.get("q", 0), dict(d) == {"a": 1, "b": 3})
class I(int):
    def __new__(cls, v):
        return super().__new__(cls, v + 1)
    def double(self):
        return self * 2
i = I(4)
print(i, i + 1, 1 + i, i.double(), i == 5, isinstance(i, int), [0, 1, 2, 3, 4, "five"][i], hash(i) == hash(5), -i, i < 6)
class I2(int):
    def __init__(self, v, extra=None):
        self.extra = extra
i = I2(7, extra="e")if False else I2(7)
print(i, i.extra, i // 2)
class S(str):
    def shout(self):
        return self.upper() + "!"
s = S("hey")
print(s, s.shout(), len(s), s + "x", s == "hey", {"hey": 1}[s], s[0], isinstance(s, str), "e" in s)
class T(tuple):
    @property
    def first(self):
        return self[0]
t = T((1, 2, 3))
print(t, t.first, len(t), t + (4,), t == (1, 2, 3), list(t), {t: 1}[(1, 2, 3)])
a, b, c = t
print(a, b, c)
class F(float):
    def half(self):
        return self / 2
print(F(3.0).half(), F(1.5) + 1, F(2.0) == 2)
class E(Exception):
    pass
class E2(E):
    def __init__(self, a, b):
        self.a = a
        self.b = b
    def __str__(self):
        return "E2:" + str(self.a)
try:
    raise E2(1, 2)
except E as e:
    print(e, e.a, e.b, e.args)
print(repr(E("x")), str(E()), repr(E(1, 2)), str(E(1, 2)))
class K(KeyError):
    def __repr__(self):
        return "K!"
print(repr(K(1)), str(K("q")))
class Stop(StopIteration): pass
class It:
    def __iter__(self): return self
    def __next__(self): raise Stop
print(list(It()))
class St(set):
    def add2(self, *a):
        for x in a: self.add(x)
s = St([1])
s.add2(2, 3, 1)
print(len(s), 3 in s, sorted(s), isinstance(s, set))
class B(bytearray):
    def hello(self): return len(self)
print(B(b"abc").hello(), bytes(B(b"abc")))
for base in (bool, type(None), range, type(lambda: 0)):
    try:
        class X(base): pass
        print("derived")
    except TypeError:
        print("TypeError")
class Multi(L, E.__mro__[-1] if False else object):
    pass
print(Multi(5).total())
class Str2:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
    def __int__(self): return self.v + 100
    def __float__(self): return self.v + 0.5
print([10, 20, 30][Str2(1)], int(Str2(1)), float(Str2(1)), list(range(Str2(2))))
