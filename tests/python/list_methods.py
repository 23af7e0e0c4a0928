# Methods of lists; sorting is stable and keeps the items when a comparison fails.
a = [3, 1, 2]
a.append(4); a.extend((5, 6)); a.insert(0, 0); a.insert(-1, 9); a.insert(100, 8)
print(a, a.pop(), a.pop(0), a.index(9), a.count(1), len(a))
a.remove(9); a.reverse(); print(a, a.copy() is a, a * 2, 2 * a[:2], a + [1], a[1:3] == [5, 4] or a[1:3])
b = a; b += (7,); b *= 2; print(a is b, a)
a.clear(); print(a, b, [] < [1], [1, 2] < [1, 3], [1] == [1.0], [1] != [2], [2] >= [1, 5])
print([1, 2, 3].index(3, 1), sorted('hello'), sorted([3, -1, 2], key=abs, reverse=True), list(reversed([1, 2])))
words = ['bb', 'a', 'cc', 'd', 'ee', 'f', 'ab', 'c', 'dd', 'e', 'aa', 'b', 'zz', 'y', 'x', 'ww']
print(sorted(words, key=len), sorted(words, key=len, reverse=True))
x = [(i * 7919) % 101 for i in range(120)]
y = sorted(x); z = sorted(range(120), key=lambda i: x[i])
print(y == sorted(y), all(y[i] <= y[i + 1] for i in range(119)), z[:10], sorted(x, reverse=True) == y[::-1])
z = sorted(range(120), key=lambda i: x[i] % 3, reverse=True)
print(z[:8], z[-3:])


class Bad:
    n = 0

    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        Bad.n += 1
        if Bad.n == 25:
            raise ValueError('lt')
        return self.v < other.v


x = [Bad((i * 37) % 23) for i in range(20)]
try:
    x.sort()
except ValueError as e:
    print(e, len(x), sorted(b.v for b in x) == sorted((i * 37) % 23 for i in range(20)))
x = [5, 3, 1]
try:
    x.sort(key=lambda v: x.append(v) or v)
except ValueError as e:
    print('ValueError')
print(x)
try:
    [1, 'a'].sort()
except TypeError as e:
    print('TypeError')
for bad in (lambda: [].pop(), lambda: [1].remove(2), lambda: [1].index(5), lambda: [1][3], lambda: [1] + (2,), lambda: hash([])):
    try:
        bad()
    except (IndexError, ValueError, TypeError) as e:
        print(type(e).__name__)
a = [1, 2, 3, 4]
for v in a:
    if v == 2:
        a.remove(v)
print(a, [[]] * 2, [1, [2, [3]]], (1, (2,)), ((),), (1, 2) + (3,), (1,) * 3, (1, 2, 3).index(2), (1, 1).count(1), hash((1, 2)) == hash((1, 2)))
