#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tables of AES (FIPS 197) and MD5 (RFC 1321), calculated. gen_tables.py OUT.c"""
import math
import sys


def times2(x):
    return (x << 1 ^ (0x11B if x & 0x80 else 0)) & 0xFF


def times(x, y):  # in GF(2^8)
    product = 0
    while y:
        if y & 1:
            product ^= x
        x, y = times2(x), y >> 1
    return product


def s_box():
    box = []
    for x in range(256):
        inverse = next((y for y in range(256) if times(x, y) == 1), 0)
        turned = [(inverse << n | inverse >> (8 - n)) & 0xFF for n in range(5)]
        box.append(turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63)
    return box


def column(x, factors):  # one byte by four factors, the first one topmost
    word = 0
    for f in factors:
        word = word << 8 | times(x, f)
    return word


def table(f, kind, name, values, section):
    width = 8 if kind == 'uint32_t' else 2
    f.write(f'const {kind} {name}[{len(values)}] SECTION(".{section}.{name}") = {{\n')
    per_line = 8 if width == 8 else 16
    for i in range(0, len(values), per_line):
        f.write('    ' + ' '.join(f'0x{v:0{width}X},' for v in values[i:i + per_line]) + '\n')
    f.write('};\n')


def main():
    box = s_box()
    inverse = [box.index(x) for x in range(256)]
    powers = [1]
    while len(powers) < 10:
        powers.append(times2(powers[-1]))
    with open(sys.argv[1], 'w', encoding='utf-8') as f:
        f.write('// Made by gen_tables.py.\n#include "crypto.h"\n')
        table(f, 'uint32_t', 'Te0', [column(s, (2, 1, 1, 3)) for s in box], 'data')
        table(f, 'uint32_t', 'Td0', [column(s, (14, 9, 13, 11)) for s in inverse], 'data')
        table(f, 'uint8_t', 'Td4s', inverse, 'data')
        table(f, 'uint8_t', 'rcons', powers, 'data')
        table(f, 'uint32_t', 'md5_sines', [int(abs(math.sin(i)) * 2**32) for i in range(1, 65)], 'rodata')


main()
