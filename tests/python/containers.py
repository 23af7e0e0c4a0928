# Dicts and their views, sets, slices, unpacking, methods of str and bytes.
d = {'b': 1, 'a': 2}
d['c'] = 3; d['b'] = 9; del d['a']; d['a'] = 0
print(d, list(d), list(d.keys()), list(d.values()), list(d.items()), list(reversed(d)) if hasattr(d, '__reversed__') else '')
print(d.get('x'), d.get('x', 5), d.pop('c'), d.pop('c', 7), d.setdefault('n', []), d.setdefault('b', 1), d.popitem(), len(d), 'b' in d, 'q' not in d)
k = d.keys(); d['z'] = 1; print(k, 'z' in k, len(k), d.items(), ('z', 1) in d.items(), d.values())
print({1: 'a', **{2: 'b'}, 1: 'c'}, dict(a=1, b=2), dict([(1, 2), (3, 4)]), dict({1: 2}, c=3), dict.fromkeys('ab', 0), dict.fromkeys([1]), {**d})
d.update({'u': 1}, v=2); d.update([('w', 3)]); print(d); c = d.copy(); c.clear(); print(c, len(d))
print({1: 2} == {1: 2.0}, {1: 2} != {1: 3}, {1: 1, 2: 2} == {2: 2, 1: 1}, {1: 1} | {2: 2}, {True: 'a'}[1], {1.0: 'b'}[1])
e = {1: 1}; e |= {2: 2}; print(e, {k: v for v, k in e.items()}, {x: x * x for x in range(4) if x % 2})
print({1, 2} & {2, 3}, {1, 2} | {3}, {1, 2} - {2}, {1, 2} ^ {2, 3}, {1} < {1, 2}, {1, 2} <= {1, 2}, {1, 2} >= {1}, {1}.isdisjoint({2}), {1, 2}.issubset([1, 2, 3]), {1}.issuperset([]))
print(d.keys() & {'u', 'q'}, d.keys() - {'b'} == set(d) - {'b'}, {'u'} | {'u': 1}.keys(), {1: 2}.items() == {(1, 2)} if 0 else '')
s = {3, 1}; s.add(2); s.discard(9); s.remove(1); s.update([5], (6,)); print(sorted(s), len(s), s.pop() in (2, 3, 5, 6)); s.clear(); print(s, frozenset([1]), set('aab') == {'a', 'b'}, {frozenset([1]): 2})
s = {1, 2, 3}; s &= {2, 3}; s |= {9}; s -= {3}; s ^= {2, 4}; print(sorted(s)); s.intersection_update([4]); print(s, sorted(s.union([1], [2])), s.difference([4]), sorted(s.symmetric_difference([4, 5])), s.intersection({4}))
try:
    for x in d: d[x + 'n'] = 1
except RuntimeError as x: print(x)
try: {}['k']
except KeyError as x: print(repr(x), x)
try: set().remove(1)
except KeyError as x: print(repr(x))
t = (1, 2, 3, 4, 5, 6)
for sl in [slice(None), slice(1, 4), slice(None, None, -1), slice(-3, None), slice(None, -3), slice(4, 1, -1), slice(10, 20), slice(-100, 2), slice(None, None, 2), slice(5, None, -2), slice(2, 2), slice(-1, -4, -1), slice(0, 0, -1), slice(3, -10, -1)]:
    print(sl, t[sl], list(t)[sl], 'abcdef'[sl], b'abcdef'[sl], range(6)[sl], bytearray(b'abcdef')[sl], sl.indices(6))
l = list(range(6)); l[1:3] = 'xyz'; print(l); l[::2] = [0] * len(l[::2]); print(l); del l[::3]; print(l); l[2:2] = [7, 8]; print(l); l[-2:] = []; print(l); del l[1:100]; print(l); l[:] = [1]; print(l); l[5:] = [2]; print(l)
try: l[::2] = [1, 2, 3]
except ValueError as x: print('ValueError')
l = [1, 2]; l[1:1] = l; print(l); l *= 2; l += (9,); print(l, l.index(9), l.count(1), l.pop(-2), [l, l] == [l, l])
a, *b, c = 'hello'; print(a, b, c); (a, b), c = (1, 2), 3; print(a, b, c); a = b = [1]; print(a is b); *a, = (1, 2); print(a); [a, [b, *c]] = 1, [2, 3, 4]; print(a, b, c)
x = [1, 2, 3]; i = 0; i, x[i] = 1, 9; print(i, x)
for a, (b, *c) in [(1, (2, 3)), (4, [5])]: print(a, b, c)
print([*range(3), *'ab'], (*[1], 2), {*[1], 2}, [1, 2, 3] < [1, 2, 4], (1,) < (1, 0), [[1, 2], [3]] == [[1, 2], [3]], 'a' 'b', ('a',) * 2, [[]] * 2)
print('abc'.split(), ' a  b '.split(), 'a,b,,c'.split(','), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), ' a b c '.split(None, 1), ' a b c '.rsplit(None, 1), ''.split(), ''.split(','), 'a\nb\r\nc\n'.splitlines(), 'a\n\nb'.splitlines(True), 'abcabc'.partition('c'), 'abcabc'.rpartition('c'), 'abc'.partition('x'), 'abc'.rpartition('x'))
print('abcabc'.find('c'), 'abcabc'.find('c', 3), 'abcabc'.rfind('c', 0, 5), 'abc'.find(''), 'abc'.find('', 3), 'abc'.find('', 4), 'abc'.rfind(''), 'aaa'.count('a'), 'aaa'.count('aa'), 'abc'.count(''), 'abcabc'.index('b', 2), 'abc'.startswith('b', 1), 'abc'.startswith(('x', 'a')), 'abc'.endswith('c', 0, 2), 'abc'.startswith(''), ''.startswith(''))
print('abc'.replace('b', 'xx'), 'aaa'.replace('a', 'b', 2), 'abc'.replace('', '-'), 'aaa'.replace('', '-', 2), 'abc'.center(8, '*'), 'abc'.ljust(5) + '|', 'abc'.rjust(5), '-5'.zfill(5), '+'.zfill(3), 'abc'.zfill(2), 'abc'.center(6), 'ab'.center(5, '-'))
print('Hello World'.swapcase(), 'hello world'.title(), "it's".title(), 'HELLO'.capitalize(), 'hello'.upper(), 'ABC'.lower(), 'aBc'.casefold(), ' x '.strip(), 'xxaxx'.strip('x'), 'abcba'.strip('ab'), 'xa'.lstrip('x'), 'ax'.rstrip('x'), 'abc'.removeprefix('a'), 'abc'.removesuffix('c'), '\t\n a'.lstrip())
print('123'.isdigit(), ''.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), 'a b'.isalpha(), ' \t'.isspace(), 'AB'.isupper(), 'Ab'.isupper(), 'a1'.islower(), '1'.islower(), 'Hello World'.istitle(), 'a_1'.isidentifier(), '1a'.isidentifier(), 'abc'.isascii(), 'ä'.isascii())
print(','.join(['a', 'b']), ''.join([]), 'x'.join('abc'), '-'.join(str(i) for i in range(3)), 'a' + 'b' * 3, 'ab' in 'cabd', 'abc' < 'abd', 'a' < 'B', 'abc'[-1], 'abc'[::-1], 'äöü'[1], len('äöü'), 'äöü'.encode(), b'\xc3\xa4'.decode(), 'ä'.upper() if 0 else '', ord('ä'), chr(8364), '\u20ac\x41\101\N{DIGIT ONE}' if 0 else '\u20ac\x41\101')
print(repr('a\'b'), repr("a\"b'"), repr('\n\t\\\x00\x7f'), repr('ä€'), repr(b'a\'\n\xff'), repr(bytearray(b'x')), ascii('ä€😀'), str(b'a'), repr('😀'), '%r' % 'a"')
print('a\tb\tc'.expandtabs(4), 'abc'.translate({97: 'x', 98: None}) if hasattr('', 'translate') else 'xc', 'x=%s' % 'y', 'abc'.encode('utf-8'), b'abc'.hex(), bytes.fromhex('6162'), b'a,b'.split(b','), b' a '.strip(), b'abc'.find(b'c'), b'abc'[0], b'abc'[1:], b'a' + b'b', b'ab' * 2, b'a' in b'abc', 97 in b'abc', list(b'ab'), b'%d' % 5 if 0 else '')
print(sorted('bca'), sorted([3, 1, 2], reverse=True), sorted(['b', 'A', 'c'], key=str.lower), sorted({'b': 1, 'a': 2}), sorted([(1, 'b'), (1, 'a')], key=lambda t: t[0]), list(zip([1, 2], 'ab', (3, 4))), list(enumerate('ab')), dict(zip('ab', [1, 2])), dict(enumerate('ab')))
print([[j for j in range(i)] for i in range(3)], [x for x in range(10) if x % 2 if x > 3], [(x, y) for x in range(2) for y in 'ab'], {x % 3 for x in range(5)} == {0, 1, 2}, [y := 5, y * 2], (n := 10) + n)
print(hash('a') == hash('a'), hash((1, 2)) == hash((1, 2)), type(()), type([]), type({}), type(set()), type(1), type(None), type(print).__name__ != '', type(lambda: 0).__name__, type(...), NotImplemented, Ellipsis)
