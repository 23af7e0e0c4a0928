# exec, eval, compile, globals; order of evaluation.
print(eval("1 + 2"), eval(" x * 2 ", {"x": 21}))
ns = {}
exec("a = 1\ndef f():\n    return a + 1\n", ns)
print(ns["a"], ns["f"]())
exec("b = a + 5", ns)
print(ns["b"])
c = compile("1 + 1", "s", "eval")
print(eval(c))
c = compile("z = 5\nprint('compiled', z)", "s", "exec")
exec(c)
print(z)
try:
    eval("1 +")
except SyntaxError:
    print("SyntaxError")
try:
    eval("y = 1")
except SyntaxError:
    print("SyntaxError")
for i in range(3):
    exec("print(i)")
print(eval("[q for q in range(3)]"), eval("(lambda v: v + 1)(4)"))
globals()["made"] = 9
print(made, "made" in globals())
log = []
def t(v):
    log.append(v)
    return v
t(1) + t(2) * t(3)
[t(4), t(5)]
{t(6): t(7), t(8): t(9)}
(lambda *a, **k: 0)(t(10), *[t(11)], k=t(12), **{"z": t(13)})
d = {}
d[t(14)] = t(15)
print(log)
len = 5
print(len)
del len
print(len("abc"))
def shadow():
    print = str
    return print(5)
print(repr(shadow()))
print("done" if __name__ == "__main__" else "no")
