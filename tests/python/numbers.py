# Numbers: texts to them, rounding, division, big ints, bits, equal ones of several types.
for s in ['0', '-5', ' 12 ', '+7', '1_000', '0x1f', '0b11', '0o17', '', '-', '1.5', 'ff', '1__0', '_1']:
    for b in [10, 0, 16, 2]:
        try: print(repr(s), b, int(s, b))
        except ValueError as e: print(repr(s), b, 'ValueError')
for s in ['1', '1.5', '-1e3', ' 2.5 ', 'inf', '-Infinity', 'nan', '1e400', '1e-400', '.5', '5.', '1_0.5', '', 'e5', '1e', '0x1', '--1', '1 2']:
    try: print(repr(s), float(s))
    except ValueError as e: print(repr(s), 'ValueError')
for v in [0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e20, 123.456, -7.7, 1e300]:
    print(v, int(v), round(v), round(v, 1), round(v, -1), v // 1, v % 1, v // -0.3, v % -0.3, divmod(v, 3), abs(v), -v)
for a in [7, -7, 0, 10**30, -10**30, 1, 2**31, -2**31, 2**30 - 1, 2**30, 2**62, 2**63]:
    for b in [3, -3, 10**15, -10**15, 2**30, 1, -1, 2**31]:
        print(a, b, a // b, a % b, divmod(a, b), a + b, a - b, a * b, a & b, a | b, a ^ b, a < b, a == b)
    print(~a, -a, abs(a), a << 5, a >> 5, a << 40, a >> 40, bin(a), hex(a), oct(a), str(a), a.bit_length() if hasattr(a, 'bit_length') else 0, float(a), bool(a), hash(a) == hash(float(a)) == hash(complex(a)) if abs(a) < 2**53 else 1)
print(2 ** 100, (-2) ** 101, 2 ** -1, 2 ** 0.5, (-8) ** 2, 0 ** 0, 10 ** 20 // 7, pow(3, 100, 7), pow(2, 1000, 10**9 + 7))
print(1e16 + 1, 10**16 + 1.0, 2**53 + 1 == float(2**53), 10**400 > 1e308, 3 == 3.0, 3 < 3.5, 10**20 == 1e20, 10**25 < 1e25)
try: float(10**400)
except OverflowError as e: print('Overflow')
try: int(float('inf'))
except OverflowError as e: print('Overflow')
try: int(float('nan'))
except ValueError as e: print('Value')
print(int(1e20), int(-1e20), int(2**70 + 0.0), int('9' * 30), int('-' + '1' * 40), (10**50).__str__())
print((255).to_bytes(2, 'big'), (255).to_bytes(4, 'little'), int.from_bytes(b'\x01\x02', 'big'), int.from_bytes(b'\x01\x02', 'little'))
print(True + True, True & False, True | False, True ^ True, ~True, -True, True * 3, True / 2, isinstance(True, int), int(True), str(True), [10, 20][True])
print(0x1f, 0b101, 0o17, 1_000_000, 1e3, 1.5e-3, .5, 5., 0xFFFFFFFFFFFFFFFF, 1j * 1j, complex(1, 2), abs(3+4j), (1+2j).conjugate(), (1+2j) * (3-1j), (1+2j) / (1-1j), 2j ** 2)
print(7 // 2, -7 // 2, 7 // -2, 7 % -2, -7 % 2, 7.5 // 2, -7.5 // 2, 7.5 % -2, 0.1 + 0.2, 1 / 3, 2 / 3, 10 / 5, 1e100, 1.0, 100000000000000000000.0, 12345678.9, 0.1 * 3)
print(round(1234.5678, 2), round(1234.5678, -2), round(1235, -1), round(1245, -1), round(-15, -1), round(5), round(5.5), round(6.5), round(0.15, 1), round(2.5), type(round(2.5)), type(round(2.5, 0)))
print(max(1, 2.5), min(3, 1), max([1, 5, 3]), max('abc'), min((3, 1), key=lambda x: -x), max([], default=0), sum([1, 2], 10), sum([0.1] * 10), sum([[1], [2]], []))
print(divmod(-7, 2), divmod(7.5, 2), divmod(-1, 10**20), hash(1) == hash(1.0) == hash(True), id(1) == id(1))
print(1 < 2 < 3, 1 < 3 < 2, 1 == 1.0 == True, not 1 == 2, 3 > 2 != 1, 5 & 3 == 1, 1 if 0 else 2, 0 or [] or 'x', 1 and 2 and 3, not [])
print((5).real, (5).imag, (1.5).is_integer(), (2.0).is_integer(), (0.5).as_integer_ratio() if 0 else '')
print(10**18 * 10**18, (10**18 * 10**18) // 10**17, 12345678901234567890 % 987654321, -12345678901234567890 // 987654321, (1 << 200) >> 190, (1 << 64) - 1 & 0xffff, -1 >> 100, -1 << 70, 3 ** 50, (2**64) ** 2)
print([x for x in range(10, 0, -3)], range(5)[2], range(10)[2:8:2], list(range(0)), len(range(0, 10, 3)), 6 in range(0, 10, 3), range(3) == range(0, 3), range(10)[-1], range(1, 10, 2).index(5), list(range(5))[::-1], range(10)[::-1])
