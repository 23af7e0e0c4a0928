# dict, its views, set and frozenset.
d = {'a': 1, 2: 'b', (1, 2): None, 1.5: [], True: 'one'}
print(d, len(d), d[1], d[1.0], 'a' in d, 'z' not in d, d.get('z'), d.get('z', 0), d.pop('a'), d.pop('a', 'gone'))
print(d.setdefault('k', 5), d.setdefault('k', 6), d.popitem(), list(d), list(d.values()), list(d.items()))
d.update({'x': 1}, y=2); d.update([('p', 1), ['q', 2]]); print(d, dict(a=1, b=2), dict([(1, 2)]), dict({3: 4}, c=5), dict.fromkeys('ab', 0))
del d['x']
e = d.copy(); e['new'] = 1; print('new' in d, e == d, {1: 2, 3: 4} == {3: 4, 1: 2}, {1: 2} != {1: 3}, {1: 1} | {2: 2}, bool({}), list(reversed({1: 1, 2: 2})))
e |= {7: 8}; print(e[7])
for f in (lambda: d['zz'], lambda: {}.popitem(), lambda: {[]: 1}, lambda: d.pop('zz'), lambda: dict([1]), lambda: dict([(1, 2, 3)])):
    try:
        f()
    except (KeyError, TypeError, ValueError) as x:
        print(type(x).__name__)
try:
    for k in d:
        d[k, 1] = 1
except RuntimeError as x:
    print('RuntimeError')
k = {1: 1, 2: 2}.keys(); i = {1: 1, 2: 2}.items()
print(k, i, {1: 2}.values(), len(k), k & {1}, k | {5}, sorted(k ^ {1, 9}), k - [1], (1, 1) in i, (1, 2) in i, k == {1, 2}, {2: 1}.keys() <= k, k.isdisjoint([5]))
big = {i: i * i for i in range(1000)}
for i in range(0, 1000, 3):
    del big[i]
for i in range(0, 1000, 7):
    big[i] = -i
print(len(big), sum(big.values()), sum(big), list(big)[:5], list(big)[-3:])
s = {1, 2, 3}; t = frozenset([2, 3, 4])
print(s | t, s & t, s - t, s ^ t, t - s, type(t | s).__name__, s <= {1, 2, 3, 4}, s < s, s >= {1}, s > {1}, s == {3, 2, 1}, s != t, s.isdisjoint({9}), s.issubset([1, 2, 3]), s.issuperset((1,)))
s.add(4); s.discard(9); s.discard(1); s.remove(2); print(sorted(s), s.pop() in (3, 4), len(s))
s = {1, 2}; u = s; s |= {3}; s &= {2, 3, 4}; s -= {4}; s ^= {2, 9}; print(sorted(s), u is s, set('aab') == {'a', 'b'}, set(), frozenset(), frozenset([1]), {frozenset([1]): 2}[frozenset([1])])
s.update([5], (6,)); print(sorted(s), sorted(s.union([1], [2])), sorted(s.intersection([5, 9], [5])), sorted(s.difference([5])), sorted(s.symmetric_difference([5, 77])))
s.intersection_update([5, 6]); s.difference_update([6]); s.symmetric_difference_update([8]); print(sorted(s), s.copy() == s)
for f in (lambda: set().pop(), lambda: s.remove('q'), lambda: {[]}, lambda: hash(set()), lambda: set() < 5, lambda: {1} | [2]):
    try:
        f()
    except (KeyError, TypeError) as x:
        print(type(x).__name__)
print({1, 2} in [{2, 1}], hash(frozenset([1, 2])) == hash(frozenset([2, 1])), {1: {2: {3: 4}}}, {'a': {'b'}})


class D(dict):
    def __missing__(self, k):
        return k * 2


x = D(a=1); print(x['a'], x['b'], len(x), isinstance(x, dict), x)
