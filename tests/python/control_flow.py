# if, while, for, else, break, continue, conditional and chained expressions.
def sign(x):
    if x < 0:
        return "neg"
    elif x == 0:
        return "zero"
    else:
        return "pos"

print(sign(-1), sign(0), sign(1))
i = 0
while i < 5:
    i += 1
    if i == 2:
        continue
    if i == 4:
        break
    print(i)
else:
    print("not reached")
while i < 6:
    i += 1
else:
    print("else", i)
for x in [1, 2, 3]:
    if x == 5:
        break
else:
    print("for else")
for x in range(3):
    for y in range(3):
        if y == 1:
            continue
        if x == 2:
            break
        print(x, y)
for i in range(10, 0, -3):
    print(i, end=" ")
print()
for i in range(5, 5):
    print("never")
for i in range(0):
    print("never")
a, b, c = 1, 2, 3
print(a < b < c, a < b > c, a < b == 2 < c, 3 > 2 > 1 > 0, not a < b)
print(1 if a else 2, (1 if not a else 2), a and b, 0 or c, a and 0 or "x", None or [] or {})
n = 0
while True:
    n += 1
    if n > 3:
        break
print(n)
def f(n):
    k = 0
    while n:
        n -= 1
        if n % 2:
            continue
        k += n
    return k
print(f(10))
def chain(x):
    calls = []
    def t(v):
        calls.append(v)
        return v
    r = t(1) < t(x) < t(3)
    return r, calls
print(chain(2), chain(0), chain(5))
x = 5
x = x > 3 and x < 10
print(x)
x = [1]
x = x and x + [2]
print(x)
print([i for i in range(3) if i if i > 1], [(i, j) for i in range(2) for j in range(i + 1)])
def range_var(n):
    for i in range(n):
        i = i * 2
        yield i
print(list(range_var(4)))
for i in range(3):
    pass
print(i)
r = range
for i in r(2, 4):
    print(i)
if (n := 10) > 5:
    print(n)
print([y := 1, y ** 2], y)
def w():
    total = 0
    while (chunk := total) < 3:
        total += 1
    return chunk, [last := v for v in range(4)], last
print(w())
def use(a):
    if a and (b := a * 2) > 4:
        return b
    return "small"
print(use(1), use(3))
print(all_ := [v for v in (1, 2, 3) if v != 2])
def big_while():
    i = 0
    s = 0
    while i < 1000:
        s += i
        i += 1
    return s
print(big_while())
