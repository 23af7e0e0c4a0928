# Format specifications of ints, floats and texts, for format(), %, str.format and f-strings.
for spec in ['', 'd', '5', '<5', '^7', '+', ' ', '#x', '#X', '#o', '#b', '08', '+08', '=+8', '*^9', ',', '_', '_x', '_b', '012,', 'e', '.2f', '8.3f', 'g', '%', 'c', 'n', '#06x', ' d', '-d', 'x>4', '05_']:
    for v in [0, 7, -7, 65, 1234567, -1234567, 10**20]:
        try:
            print(repr(spec), v, repr(format(v, spec)))
        except (ValueError, OverflowError) as e:
            print(repr(spec), v, type(e).__name__)
for spec in ['', '5', '.0f', '.1f', '.3e', 'g', '.3g', '#.3g', '+.2f', ' .2f', '010.2f', ',.2f', '_.1f', '%', '.1%', '<10', '^10.1f', '.3', '.0e', 'G', 'F', '#.0f', 'n', '020,.3f']:
    for v in [0.0, -0.0, 1.5, -2.675, 1234567.891, 1e-7, 1e22, float('inf'), float('-inf'), float('nan'), 0.1, 100.0, 123456789.0]:
        print(repr(spec), v, repr(format(v, spec)))
for spec in ['', '5', '<5', '>5', '^5', '.2', '5.1', '*<6', 's', '6s', '.0']:
    for v in ['', 'a', 'abc', 'äöü', 'abcdefgh']:
        print(repr(spec), repr(v), repr(format(v, spec)))
for f, a in [('%d', 3.99), ('%d', True), ('%5d|%-5d|%05d', (1, 2, 3)), ('%+d % d', (1, 2)), ('%x %X %o %#x %#o', (255, 255, 8, 255, 8)), ('%e %E', (1.5, 1.5)), ('%g %G', (1e-10, 1e20)), ('%.3s|%5s|%-5s|', ('abcdef', 'a', 'b')), ('%c%c', (65, 'b')), ('%r %s %a', ('a\n', 'b', 'ä')), ('%%', ()), ('%(a)s %(b)05.1f', {'a': 1, 'b': 2.25}), ('%*d|%-*d|%.*f', (5, 1, 5, 2, 2, 3.14159)), ('%.0f %.0f %.0f', (0.5, 1.5, 2.5)), ('%i', -5), ('%5.3d', 7), ('%s', (1,)), ('%s', [1, 2]), ('%.2e', 123456), ('%s %s', (None, True)), ('%-8.3s|', 'abcdefg'), ('%x', -255), ('%08.3f', -3.14159), ('%+.1e', 0.0)]:
    try:
        print(f, repr(f % a))
    except Exception as e:
        print(f, type(e).__name__, e)
for f, a in [('%d', 'x'), ('%d', (1, 2)), ('%d %d', 1), ('%z', 1), ('%', 1), ('%(a)s', 1), ('%c', 'ab'), ('%f', 'x'), ('%(a', {})]:
    try:
        print(f % a)
    except Exception as e:
        print(f, type(e).__name__)
print('{} {}'.format(1, 2), '{1} {0}'.format(1, 2), '{a} {b!r}'.format(a=1, b='x'), '{0[1]} {0[0]}'.format([1, 2]), '{0.real}'.format(5), '{:{}}'.format(3, 5), '{:{w}.{p}f}'.format(3.14159, w=10, p=2), '{{}}'.format(), '{!s:>5}'.format('a'), '{0[a]}'.format({'a': 1}), '{a[b]}'.format(a={'b': 2}))
for f, a in [('{', ()), ('}', ()), ('{0} {}', (1, 2)), ('{} {0}', (1, 2)), ('{2}', (1,)), ('{a}', ()), ('{!x}', (1,)), ('{:z}', (1,)), ('{0[}', ([1],)), ('{0.nope}', (1,))]:
    try:
        print(f.format(*a))
    except Exception as e:
        print(f, type(e).__name__)
w = 8; x = 3.14159; n = 'name'; d = {'k': 1}
print(f'{x:.2f} {x:{w}.2f} {n!r:>{w}} {d["k"]} {x=} {n=!s} {x=:.1f} {w + 1=} {{}} {"a" if w else "b"} {(lambda q: q)(3)} {w:#x} {[i for i in range(3)]}')
print(f"{n:*^{w}}" f'{1}' 'a' "b{}", f'{None} {True!s:6}|', f'''{
w}''', f'{w!r:^{w}}|', rf'\n{w}', f'{"nested " + f"{w}"}', f'{{{w}}}', f'{-w:+d} {w:,}')
print('%s' % 1e16, '%s' % 1e15, repr(1e16), str(123456789012345680.0), repr(1e-5), repr(0.0001), 1e300 * 10, repr(2.0 ** 70))
