# Floats to text and back: shortest repr, formats with digits, parsing. Random bit patterns and awkward values.
import struct
state = 777


def rnd():
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
    return state ^ state >> 29


values = [0.0, -0.0, 1.0, 0.1, 0.5, 1.5, 2.5, 1e15, 1e16, 123456789012345680.0, 5e-324, 1.7976931348623157e308,
          2.2250738585072014e-308, 9.5, 99.5, 0.05, 0.25, 0.35, 1e22, 1e23, 9007199254740993.0, 1 / 3, 2 / 3, 1e-4, 1e-5]
for i in range(-1074, 1024, 7):
    values.append(2.0 ** i)
for i in range(400):
    x = struct.unpack('<d', struct.pack('<Q', rnd()))[0]
    if x == x:
        values.append(x)
    values.append((rnd() % 2000000 - 1000000) / 1000)
    values.append((rnd() % 20000) / 8)
for x in values:
    s = repr(x)
    if float(s) != x:
        print('does not read back', s)
    print(s, '%.0f|%.1f|%.3f|%e|%.2e|%g|%.3g|%.10g' % ((x,) * 8) if abs(x) < 1e40 else '%e|%g' % (x, x))
for s in ('1_0.5', ' 12 ', '1e5', '.5', '5.', '-1E-2', 'inf', '-Infinity', 'nan', '1e400', '1e-400', '2.4703282292062327e-324',
          '2.4703282292062328e-324', '179769313486231580793728971405301e276', '9007199254740993', '0.000001e6'):
    print(s, float(s))
for s in ('', '.', 'e5', '1e', '1__0', '_1', '1 2', '0x10', '--1', 'infinit'):
    try:
        print(float(s))
    except ValueError:
        print('ValueError', s)
