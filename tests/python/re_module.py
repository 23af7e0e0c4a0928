# Regular expressions: matching, groups, repeats, replacing; also long texts.
import re
cases = [
    ('abc', 'xabcy'), ('a.c', 'abc'), ('a.c', 'a\nc'), ('^abc$', 'abc'), ('^$', ''), ('a*', 'aaa'), ('a+?', 'aaa'), ('a*?b', 'aab'), ('(a|b)*c', 'ababc'),
    ('(a)(b)?(c)', 'ac'), ('[a-c]+', 'xxabcd'), ('[^a-c]+', 'abxyc'), ('[]a]+', 'a]b'), ('[a-]+', 'a-b'), (r'\d+-\w+', 'x 12-ab_3 '), (r'\s\S\D\W', ' ab!'),
    ('(?:ab)+', 'ababx'), ('a{2}', 'aaa'), ('a{2,}', 'aaaa'), ('a{,2}b', 'aab'), ('a{1,2}?', 'aa'), ('(a{1,2}){2}', 'aaa'), (r'(\w+) \1', 'the the x'), ('x|y|z', 'z'),
    ('(|a)+', 'aaa'), ('(a*)*', 'aab'), ('(a*)+b', 'aaab'), ('(a|ab)(c|bcd)(d*)', 'abcd'), (r'\bfoo\b', 'a foo b'), (r'\Bo', 'foo'), ('a|b|', 'c'), ('é+.', 'aééx'), ('[^x]', 'é'),
    (r'\.', 'a.b'), (r'[\d.]+', 'v1.25'), (r'\x41', 'A'), ('(?P<y>\\d{4})-(?P<m>\\d\\d)', 'on 2024-05'), ('(a)|(b)', 'b'), ('a{', 'a{'), ('((a)(b))', 'ab'), (r'^\s*(\w+)\s*=\s*(.*?)\s*$', ' key = some value  '),
]
for p, s in cases:
    m = re.search(p, s)
    print(repr(p), m and (m.group(), m.groups(), m.span(), m.start(0), m.end()), bool(re.match(p, s)), bool(re.fullmatch(p, s)))
m = re.match('(?P<y>\\d{4})-(?P<m>\\d\\d)', '2024-05')
print(m.group('y'), m['m'], m.groupdict(), m.group(1, 2), m[0], m.groups())
print(re.split(',', 'a,b,,c'), re.split('(,) *', 'a, b,c'), re.split(r'\s+', ' a  b '), re.split(',', 'a,b,c', 1), re.findall(r'\d+', 'a1b22c333'), re.findall(r'(\w)=(\d)', 'a=1,b=2'), re.findall('a*', 'baac'))
print(re.sub('a', 'b', 'banana'), re.sub('a', 'b', 'banana', 2), re.sub(r'(\w)(\d)', r'\2\1', 'a1b2'), re.sub(r'\d', lambda m: str(int(m.group()) * 2), '1a2b'), re.sub('x*', '-', 'abc'), re.sub(r'(?P<n>\d)', r'<\g<n>\g<1>>', 'a1'))
print(re.search('ABC', 'xabc', re.I).group(), re.findall('^.', 'ab\ncd', re.M), re.search('a.b', 'a\nb', re.S).group(), re.findall('[A-C]+', 'abcD', flags=re.IGNORECASE))
r = re.compile(rb'(\d+)')
print(r.search(b'ab12').group(1), r.sub(b'<\\1>', b'1a2'), [x.group() for x in r.finditer(b'1 22 3')], r.pattern)
print(len(re.match('(a|b)*', 'ab' * 1000).group()), re.match('.*x', 'a' * 300))
for bad in ('(', ')', '[a', '*', '+', '(?x', '\\', 'a{2,1}', '[b-a]'):
    try:
        re.compile(bad)
        print('no error', bad)
    except Exception as e:
        print('error', bad)
