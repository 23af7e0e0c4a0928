# Methods of str, also with characters outside of ASCII.
s = 'Hello, World'
print(s.upper(), s.lower(), s.swapcase(), 'ab cd-ef'.title(), 'hELLO'.capitalize(), s.find('o'), s.rfind('o'), s.find('o', 5), s.find('z'), s.find('', 3), s.find('', 50), s.find('o', -4), s.count('l'), s.count(''), s.index('W'), s.rindex('l'))
print('a,b,,c'.split(','), ' a  b '.split(), 'a b c d'.split(None, 2), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), ' a b c '.rsplit(None, 1), ''.split(), ''.split(','), 'a\nb\r\nc\rd'.splitlines(), 'a\n\nb\n'.splitlines(True), 'aXXbXXc'.split('XX'))
print(','.join(['a', 'b']), ''.join(()), '-'.join('abc'), '  x '.strip() + '|', '  x '.lstrip() + '|', '  x '.rstrip() + '|', 'xxaxx'.strip('x'), 'abcba'.strip('ab'), 'éaé'.strip('é'))
print('aaa'.replace('a', 'b'), 'aaa'.replace('a', 'b', 2), 'abc'.replace('', '-'), 'é'.replace('', '-'), 'abc'.replace('x', 'y'), s.startswith('He'), s.startswith('lo', 3), s.endswith('ld'), s.endswith(('x', 'd')), s.startswith(('x', 'y')), s.startswith('e', 1, 2), 'abc'.startswith('', 5))
print('ab'.center(7, '*'), 'ab'.center(6), 'abc'.center(6) + '|', 'ab'.ljust(4, '.'), 'ab'.rjust(4), '-42'.zfill(6), '42'.zfill(1), 'é'.center(3, 'ß'), 'a-b-c'.partition('-'), 'a-b-c'.rpartition('-'), 'abc'.partition('x'), 'abc'.rpartition('x'))
print('12'.isdigit(), ''.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), ' \t'.isspace(), 'AB1'.isupper(), 'ab1'.islower(), '1'.islower(), 'Ab Cd'.istitle(), 'ABc'.istitle(), 'a_1'.isidentifier(), '1a'.isidentifier(), 'abc'.isascii(), 'é'.isascii(), 'a\n'.isprintable())
print('prefix_x'.removeprefix('prefix_'), 'x.py'.removesuffix('.py'), 'a\tb'.expandtabs(4), 'abc' < 'abd', 'a' < 'B', 'é' > 'z', 'abc' == 'ab' + 'c', 'b' in 'abc', '' in '', 'x' * 3, 'ab' * 0, -1 * 'a' == '')
u = 'añb→c😀d'
print(len(u), u[1], u[3], u[5], u[-1], u[-2], u[1:4], u[::-1], u[5:], u.find('→'), u.index('d'), list(u), u.encode(), ord(u[5]), chr(0x1f600) == u[5], u.center(11, '.'), u.split('→'))
print(repr("it's"), repr('"q"'), repr('\'"'), repr('a\\b\n\t\r\x00\x7f'), str(b'ab', 'utf-8'), 'é'.encode('utf-8').decode(), repr('é'), ascii('é→😀'))
for f in (lambda: 'a' + 1, lambda: 'a'.index('z'), lambda: ''.join([1]), lambda: 'a'.split(''), lambda: 'abc'[5], lambda: ord('ab'), lambda: chr(-1), lambda: b'\xff'.decode(), lambda: 'a' < 1, lambda: int('x'), lambda: float('1.2.3'), lambda: 'a'['b']):
    try:
        f()
    except (TypeError, ValueError, IndexError) as e:
        print(type(e).__name__ if type(e).__name__ != 'UnicodeDecodeError' else 'UnicodeError')
print(int('-12'), int(' 7 '), int('1_000'), int('z', 36), int('0b101', 0), int('-0x1F', 16), int(b'12'), int(3.99), int(-3.99), int(True), int('123456789012345678901234567890'), float('1e3'), float(b'2.5'), bool(''), bool('0'))
print('%s' % 'abc', 'a' 'b', r'\n', 'abc'[::2], hash('abc') == hash('ab' + 'c'), str(1.0), str(None), str([1, 'a']), max('hello'), min('hello'), sorted('bca'))
