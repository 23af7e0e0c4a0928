# bytes, bytearray, memoryview and arrays.
import array
import struct
b = b'hello'
print(b, b[0], b[1:3], b[::-1], len(b), b + b'!', b * 2, b'l' in b, 108 in b, b.find(b'l'), b.split(b'l'), b.upper(), b.replace(b'l', b'LL'), b.startswith(b'he'), b.hex(), b.hex(':'), bytes.fromhex('68 65'), b.decode(), list(b), b == bytearray(b), b < b'i', bytes(3), bytes([1, 2]), bytes('é', 'utf-8'), bytes(range(3)), b.join([b'a', b'b']), b.strip(b'ho'), b'%d' % 5, repr(b'\x00\xff\'"\n'))
a = bytearray(b'abc')
a[0] = 65; a.append(100); a.extend(b'ef'); a += b'g'; a.insert(1, 33); print(a, a.pop(), a.pop(0), a[1:3], a.find(b'e'), a.decode())
a[1:3] = b'XYZ'; del a[0]; a.reverse(); print(a, a.copy() is a, bytes(a), len(a), a.upper(), a.split(b'Z'), a * 2, a + b'x', b'x' + a)
m = memoryview(a)
m[0] = 1; m[1:3] = b'\x02\x03'; print(a, m[0], len(m), bytes(m[1:4]), m == a, m.tobytes()[:2], list(m[2:]), m.nbytes, m.itemsize, memoryview(b'abc')[1:][0])
for f in (lambda: memoryview(b'a').__setitem__(0, 1), lambda: bytes([256]), lambda: b'a' + 'a', lambda: b[9], lambda: bytes(-1), lambda: bytes.fromhex('1'), lambda: bytes('a'), lambda: array.array('i', ['x'])):
    try:
        f()
    except (TypeError, ValueError, IndexError) as e:
        print(type(e).__name__)
x = array.array('h', [1, -2, 300])
x.append(5); x.extend([6, 7]); print(x, x[1], x[-1], len(x), x[1:3], sum(x), list(x), x == array.array('h', [1, -2, 300, 5, 6, 7]), x + array.array('h', [9]), 5 in x, x.itemsize, x.typecode)
x[0] = 100; x[1:2] = array.array('h', [8, 8]); del x[-1]; print(x, x.pop(), x.index(8), x.count(8), bytes(x[:2]), memoryview(x)[2], array.array('d', [1.5, 2]), array.array('f', [0.5]), array.array('B', b'ab'), array.array('Q', [2**64 - 1]))
try:
    x[0] = 40000
except OverflowError:
    print('OverflowError')
print(struct.pack('<bhiq', -1, -2, -3, -4), struct.pack('>HIQ', 1, 2, 3), struct.pack('<3s5sc?', b'abcd', b'ab', b'x', True), struct.unpack('<bhiq', b'\xff\xfe\xff\xfd\xff\xff\xff\xfc\xff\xff\xff\xff\xff\xff\xff'), struct.calcsize('bhi'), struct.calcsize('<bhi'), struct.pack('bi', 1, 2), struct.unpack('>fd', struct.pack('>fd', 1.5, -2.25)), struct.unpack('<2B2xH', b'\x01\x02\x00\x00\x03\x04'), struct.unpack_from('<H', b'abcd', 1), struct.pack('<4B', 1, 2, 3, 4))
buf = bytearray(6); struct.pack_into('<Hh', buf, 1, 65535, -1); print(buf)
print((258).to_bytes(2, 'big'), int.from_bytes(b'\x01\x02', 'little'), int.from_bytes(b'\xff', 'big', signed=True), (-2).to_bytes(3, 'little', signed=True))

# methods shared with str keep the type
print(bytearray(b'a\tb').expandtabs(4), b'a\tb'.expandtabs(4), bytearray(b'ab').replace(b'b', b'c'))
print(b'abca'.find(97, 1), b'abca'.rfind(97), bytearray(b'abca').count(97), b'abc'.count(b''))
