# Assignment to several targets, star targets, star in displays and calls.
a, b = 1, 2
a, b = b, a
print(a, b)
a, (b, c), d = 1, (2, 3), 4
print(a, b, c, d)
[a, *b] = "hello"
print(a, b)
a, *b, c = range(5)
print(a, b, c)
*a, b = [1]
print(a, b)
first, *_ = (1, 2, 3)
print(first, _)
x = y = z = []
x.append(1)
print(y, z is x)
for bad in ("a, b = 1,", "a, b = 1, 2, 3", "a, *b, c = [1]", "a, b = 5"):
    try:
        exec(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
print([*range(3), *"ab"], (*[1], 2, *()), {*[1], *[1]}, {**{"a": 1}, "b": 2, **{"a": 3}})
def f(*a, **k):
    return a, k
print(f(*range(3), 4, *[5], x=1, **{"y": 2}))
l = [1, 2, 3]
i = 0
i, l[i] = 2, 9
print(i, l)
class O: pass
o = O()
o.a, o.b = 3, 4
print(o.a, o.b)
d = {}
d["x"], d["y"] = 1, 2
print(d["x"], d["y"])
for i, (j, *k) in [(1, (2, 3, 4)), (5, [6])]:
    print(i, j, k)
def swap(p, q):
    p, q = q, p
    return p, q
print(swap(1, 2))
def rot(a, b, c):
    a, b, c = c, a, b
    return a, b, c
print(rot(1, 2, 3))
def gen():
    yield 1
    yield 2
p, q = gen()
print(p, q)
l = [0] * 3
l[0], l[1], l[2] = l[2], 5, l[1]
print(l)
a = b, c = 1, 2
print(a, b, c)
x = 5
x += 1; x *= 2; x -= 2; x //= 3; x **= 3; x %= 7; x <<= 3; x >>= 1; x |= 3; x &= 6; x ^= 1
print(x)
l = [1]
m = l
l += [2]
print(m)
l[0] += 10
print(l)
o.a += 5
print(o.a)
t = (1,)
t += (2,)
print(t)
s = "a"
s += "b"
s *= 3
print(s)
def aug(n):
    t = n
    t += t
    t *= t + 1
    return t
print(aug(3))
big = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, a, b]
print(len(big), big[20])
print(len((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, x)))
print({1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: x}[10])
