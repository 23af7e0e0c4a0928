# collections, heapq, json, binascii, io, math, random.
import binascii
import heapq
import io
import json
import math
import random
from collections import OrderedDict, defaultdict, deque, namedtuple
P = namedtuple('P', 'x y')
p = P(1, y=2)
print(p, p.x, p[1], p == (1, 2), p._replace(x=5), P._fields, P._make([7, 8]), len(p), [*p], isinstance(p, tuple), p + (3,), p[:1], dict(p._asdict()), hash(p) == hash((1, 2)))
Q = namedtuple('Q', ['a', 'b'], defaults=[9]); print(Q(1), Q(b=1, a=2))
for f in (lambda: P(1), lambda: P(1, 2, 3), lambda: P(1, z=2), lambda: setattr(p, 'x', 1), lambda: p.z):
    try:
        f()
    except (TypeError, AttributeError) as e:
        print(type(e).__name__)
d = deque([1, 2, 3], 4)
d.append(4); d.append(5); d.appendleft(0); print(list(d), d.pop(), d.popleft(), len(d), d[0], d[-1], 3 in d, d, deque('ab') == deque('ab'), bool(deque()))
d.extend([6, 7, 8]); d.rotate(1); d.extendleft([1]); d.reverse(); print(list(d), d.maxlen, d.count(6), d.copy() == d)
q = deque()
for i in range(100):
    q.append(i)
    if i % 3 == 0:
        q.popleft()
q[1] = 'x'; del q[0]; q.insert(1, 'y'); q.remove(50); print(list(q)[:4], len(q), sum(v for v in q if isinstance(v, int)))
o = OrderedDict([('b', 1), ('a', 2)]); o['c'] = 3; o.move_to_end('b'); print(list(o.items()), o.popitem(last=False), o == {'c': 3, 'b': 1}, o == OrderedDict([('b', 1), ('c', 3)]), isinstance(o, dict), len(o))
c = defaultdict(list); c['a'].append(1); c['a'].append(2); print(c['a'], 'z' in c, c['z'], len(c), dict(c), c.get('q'), defaultdict(int, {'a': 1})['b'])
try:
    defaultdict()['x']
except KeyError as e:
    print('KeyError', e)
h = []
for v in (5, 3, 8, 1, 9, 2, 7):
    heapq.heappush(h, v)
print([heapq.heappop(h) for _ in range(7)], h)
h = [(i * 37) % 50 for i in range(50)]; heapq.heapify(h); print(heapq.heapreplace(h, 100), heapq.heappushpop(h, -1), [heapq.heappop(h) for _ in range(50)][-5:])
for s in ('null', ' [1, 2.5, -3e2, "a\\n\\u00e9\\ud83d\\ude00", true, false, {"k": {}, "l": []}] ', '"\\"\\\\/\\b"', '12345678901234567890', '-0.5'):
    print(json.loads(s))
print(json.dumps([1, 2.5, 'a"\n\\', None, True, {'a': [], 'b': {}, 3: 4, None: 1.0, True: 0}, (1,)]), json.dumps({'a': 1, 'b': [1, 2]}, separators=(',', ':')), json.dumps('\x01'))
for bad in ('', '[1,', '{"a" 1}', '[1 2]', 'nul', '"abc', '{1: 2}', '[1]x', "'a'", '"\\u12"', '[,]'):
    try:
        json.loads(bad)
        print('no error', bad)
    except ValueError:
        print('ValueError', bad)
try:
    json.dumps(object())
except TypeError:
    print('TypeError')
s = io.StringIO(); s.write('añb\n'); print('line', 2, file=s); s.seek(0); print(s.readline(), s.read(3), s.read(), s.getvalue(), s.read() == '')
b = io.BytesIO(b'hello'); print(b.read(2), b.read(), b.tell(), b.seek(1), b.write(b'EY'), b.getvalue(), list(io.StringIO('a\nb\nc')), io.BytesIO(b'x\ny').readlines())
with io.StringIO('q') as f:
    print(f.read())
try:
    f.read()
except ValueError:
    print('closed')
json.dump({'a': 1}, s := io.StringIO()); s.seek(0); print(json.load(s))
print(binascii.hexlify(b'\x01\xab'), binascii.unhexlify('01ab'), binascii.b2a_base64(b'hello'), binascii.b2a_base64(b'ab', newline=False), binascii.a2b_base64(b'aGVsbG8='), binascii.crc32(b'123456789'), binascii.crc32(b'56789', binascii.crc32(b'1234')))
for n in range(12):
    x = bytes(range(200, 200 + n))
    if binascii.a2b_base64(binascii.b2a_base64(x)) != x:
        print('base64', n)
print(math.floor(-1.5), math.ceil(1.2), math.trunc(-1.7), math.sqrt(16), math.gcd(12, 18), math.factorial(20), math.isqrt(10**30), math.fmod(-7, 3), math.modf(2.5), math.frexp(8.0), math.ldexp(0.5, 4), math.copysign(1, -0.0), math.isclose(1, 1 + 1e-10), math.hypot(3, 4) if hasattr(math, 'hypot') else 5.0)
print(math.log(8, 2), math.log10(1000), math.log2(8), math.exp(0), math.atan2(1, 1), math.degrees(math.pi), math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1), math.e, math.tau, round(math.gamma(5), 9), round(math.erf(0.5), 12))
for f in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.factorial(-1), lambda: math.acos(2), lambda: math.exp(1000), lambda: math.fmod(1, 0), lambda: math.floor(math.inf), lambda: math.floor(math.nan)):
    try:
        f()
    except (ValueError, OverflowError) as e:
        print(type(e).__name__)
random.seed(3); a = [random.random() for _ in range(5)]; random.seed(3); print(a == [random.random() for _ in range(5)], all(0 <= x < 1 for x in a), len(set(a)))
v = [random.randint(1, 6) for _ in range(600)]; print(sorted(set(v)), all(60 < v.count(i) < 140 for i in range(1, 7)), random.randrange(0, 10, 5) in (0, 5), random.choice('a'), 0 <= random.getrandbits(70) < 2**70, 2 <= random.uniform(2, 3) <= 3)
l = list(range(20)); random.shuffle(l); print(sorted(l) == list(range(20)), l != list(range(20)))
import errno
print([(name, getattr(errno, name), errno.errorcode[getattr(errno, name)]) for name in ('EPERM', 'ENOENT', 'EIO', 'ETIMEDOUT', 'EINPROGRESS')])
