# The format language on numbers and text: all combinations.
n = 0
for spec in (f + s + a + z + w + g + t for f in ('', '<', '*^', '>', '0=', '_<') for s in ('', '+', ' ') for a in ('', '#')
             for z in ('', '0') for w in ('', '9', '23') for g in ('', ',', '_') for t in ('', 'd', 'x', 'b', 'o', 'X')):
    out = []
    for v in (0, 7, -255, 1234567, -98765432109876543210):
        try:
            out.append(format(v, spec))
        except ValueError:
            out.append('ValueError')
    n += 1
    if n % 11 == 0:
        print(repr(spec), out)
for spec in (f + s + z + w + g + p + t for f in ('', '<', '*^') for s in ('', '+') for z in ('', '0') for w in ('', '15') for g in ('', ',')
             for p in ('', '.0', '.1', '.3', '.8') for t in ('', 'e', 'f', 'g', '%', 'G')):
    out = []
    for v in (0.0, 1.0, -2.5, 100.0, 1234567.891, 1e-7, 123456789012345678.0, float('inf')):
        out.append(format(v, spec))
    n += 1
    if n % 11 == 0:
        print(repr(spec), out)
for spec in ('', '5', '<5', '>5', '^5', '*^7', '.2', '5.1', 's', '^8.3s', 'é>6'):
    print(repr(format('äbc', spec)), repr(format('', spec)))
print('{} {} {}'.format(1, 'a', [2]), '{1}{0}{1}'.format('a', 'b'), '{a}{b[0]}{b[k].real}'.format(a=1, b={0: 'z', 'k': 5}))
print('{0[1]} {0[2]!r:>8}'.format([1, 2, 'q']))
print('{x.imag} {{}} {y:{w}.{p}f}|'.format(x=3, y=2.71828, w=8, p=2), '{!s:^5}|{!r:5}'.format('a', 'b'))
for bad in ('{', '}', '{0', '{!x}', '{:{:{}}}', '{a}', '{1}', '{}{0}'):
    try:
        print(bad.format(5))
    except (ValueError, KeyError, IndexError) as e:
        print(bad, type(e).__name__)
print('%d %i %5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o|%c|%c|%%' % (1, 2, 3, 4, -5, 6, 7, 255, 255, 255, 8, 8, 65, 'z'))
print('%s|%10s|%-10s|%.2s|%r|%a' % ('é', 'ab', 'ab', 'abc', 'q\n', 'é'), '%*d|%-*d|%.*f' % (5, 1, 5, 2, 2, 3.14159))
print('%(a)s %(b)05.1f' % {'a': [1], 'b': 2.25}, '%s' % (None,), '%s' % [1, 2], '%.3d|%5.3d|%+.2d' % (7, 7, 7))
print('%e|%.0e|%g|%G|%.3g|%10.3f|%-10.1f|%+f' % (12345.678, 5.5, 1e-5, 1e20, 1234.5, 3.14159, 2.5, 1.0), '%d' % 3.9)
for f, a in (('%d', 'x'), ('%d %d', (1,)), ('%d', (1, 2)), ('%z', 1), ('%', 1)):
    try:
        print(f % a)
    except (TypeError, ValueError) as e:
        print(f, type(e).__name__)
print(f'{"a"!r:>5}', f'{3.14159:{5}.{2}f}')
