# Arithmetic of big integers on random operands; a generator of our own gives the same numbers everywhere.
state = 12345


def rnd(n):
    global state
    r = 0
    for _ in range(n // 16 + 1):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        r = r << 16 | state >> 8 & 0xffff
    r &= (1 << n) - 1
    return -r if state & 0x40 else r


def mix(h, v):
    return (h * 31 + (v & 0xffffffff) + (v >> 32 & 0xffffffff) * 7 + (v >> 64) % 1000003) % 1000000007


sizes = (1, 5, 15, 16, 30, 31, 32, 33, 61, 62, 63, 64, 65, 95, 96, 97, 128, 150, 200, 300)
h = 0
for i in range(1500):
    a = rnd(sizes[i % 20])
    b = rnd(sizes[i * 7 // 3 % 20])
    for v in (a + b, a - b, a * b, a & b, a | b, a ^ b, -a, ~a, abs(a), a << i % 70, a >> i % 70, a ** (i % 5)):
        h = mix(h, v)
    if b:
        q, r = divmod(a, b)
        if q * b + r != a or q != a // b or r != a % b or abs(r) >= abs(b) or (r and (r < 0) != (b < 0)):
            print('divmod is wrong', a, b, q, r)
        h = mix(mix(h, q), r)
        c = abs(b) + 1
        h = mix(h, pow(a, i % 40, c))
    h = mix(h, (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > b) + 16 * (a != b))
    s = str(a)
    if int(s) != a or int(hex(a), 16) != a or int(oct(a), 0) != a or int(bin(a), 0) != a:
        print('text is wrong', a)
    n = (a.bit_length() + 8) // 8
    for order in ('big', 'little'):
        if int.from_bytes(a.to_bytes(n, order, signed=True), order, signed=True) != a:
            print('bytes are wrong', a)
    if i % 150 == 0:
        print(h, a, b, hex(a * b), float(a))
print(h)
