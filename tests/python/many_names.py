# Functions and modules with many locals, constants, names and long bodies; hints and caches at their limits.
src = "def f():\n"
for i in range(180):
    src += "    v%s = %s\n" % (i, i * 1000003)
src += "    return v0 + v100 + v179\n"
exec(src)
print(f())
src = ""
for i in range(600):
    src += "g%s = %s\n" % (i, i)
src += "def h():\n    return " + " + ".join("g%s" % i for i in range(600)) + "\n"
exec(src)
print(h())
print(sum([globals()["g%s" % i] for i in range(600)]))
class Big: pass
b = Big()
for i in range(400):
    setattr(b, "a%s" % i, i)
print(b.a0, b.a255, b.a256, b.a399)
def many_args(*a): return len(a)
print(many_args(*range(1000)))
print(len(eval("[" + ",".join(str(i) for i in range(1000)) + "]")))
print(len(eval("{" + ",".join("%s: %s" % (i, i) for i in range(500)) + "}")))
src = "def w(n):\n    t = 0\n    while n:\n        n -= 1\n"
for i in range(1500):
    src += "        t += %s\n" % (i % 7)
src += "    return t\n"
exec(src)
print(w(3))
try:
    exec("def x():\n" + "".join("    v%s = 1\n" % i for i in range(400)))
    print("ok")
except SyntaxError:
    print("ok")
def builtin_then_global():
    r = []
    for i in range(3):
        r.append(abs(-1))
        if i == 1:
            globals()["abs"] = lambda v: "mine"
    del globals()["abs"]
    r.append(abs(-2))
    return r
print(builtin_then_global())
class A:
    def m(self): return "A"
class B2(A): pass
o = B2()
r = []
for i in range(4):
    r.append(o.m())
    if i == 0: B2.m = lambda self: "B"
    if i == 1: o.m = lambda: "inst"
    if i == 2: del o.m; del B2.m
print(r)
