# Blocks at the level of the module, which the compiler reads statement by statement.
x = 0
while x < 3:
    x += 1
    if x == 1: print("one"); print("still")
    elif [y for y in range(3) if y == x]: print("two", [y * x for y in range(2)])
    else:
        print("more")
        for i in range(2):
            def f(a, i=i):
                if a:
                    return a + i
                else:
                    return 0
            print(f(3), f(0))
        else: print("else of for")
else:
    print("else of while")

while True:
    x += 1
    if x == 5:
        continue
    elif x > 6:
        try:
            for k in (1, 2):
                if k == 2:
                    break
                else:
                    print("k", k)
            else:
                print("never")
        finally:
            print("finally")
        break
else:
    print("never")

if (n := 5) > 3:
    print([(m := j) for j in range(n)], m)
    if n > 4:
        g = (lambda: (z for z in range(n)))
        print(list(g()))
elif n:
    print("never")

class Manager:
    def __enter__(self):
        print("enter")
        return self
    def __exit__(self, *error):
        print("exit", error[0])
        return True

with Manager() as a, Manager():
    print("in", type(a).__name__)
    while n:
        n -= 1
        if n == 2: raise ValueError
    print("never")

# A mistake in the last line: nothing of the statement has run.
for text in ("if 1:\n    print('ran')\n    y = = 1\n", "while 1:\n    print('ran')\n    if 1:\n        z\n      q\n",
             "if 1:\n    print('ran')\nelse\n    pass\n",
             "while 1:\nprint('ran')\n", "if 1:\n    print('ran')\n    break\n", "if 1:\n    def f():\n        print(1\n"):
    try:
        exec(text)
    except SyntaxError as e:
        print("SyntaxError")

if 1:
    try:
        exec("for i in range(3):\n    if i == 1:\n        raise KeyError(i)\n    print(i)\n")
    except KeyError as e:
        print("KeyError", e)
if 0: pass
else: print("end")
