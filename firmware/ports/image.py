#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the files to flash from a firmware's ELF, and say how big it is.

usage: image.py NAME ELF OUT.hex OUT.dfu OUT.json
The DfuSe file is for dfu-util and the chip's own boot loader; the JSON holds the numbers that are printed.
"""
import json
import struct
import sys
import zlib


def read_elf(data):
    """Loadable segments as (address in flash, bytes), and the symbols."""
    phoff, shoff = struct.unpack_from('<II', data, 28)
    phentsize, phnum, shentsize, shnum = struct.unpack_from('<4H', data, 42)
    segments = []
    for i in range(phnum):
        kind, offset, _, paddr, size = struct.unpack_from('<5I', data, phoff + i * phentsize)
        if kind == 1 and size:
            segments.append((paddr, data[offset:offset + size]))
    sections = [struct.unpack_from('<10I', data, shoff + i * shentsize) for i in range(shnum)]
    symbols = {}
    for s in sections:
        if s[1] == 2: # SHT_SYMTAB
            strings = sections[s[6]][4]
            for at in range(s[4], s[4] + s[5], 16):
                name, value = struct.unpack_from('<II', data, at)
                end = data.index(b'\0', strings + name)
                symbols[data[strings + name:end].decode()] = value
    return join(sorted(segments)), symbols


def join(segments):
    """Segments that follow each other closely become one, so that a tool erases each sector once."""
    joined = []
    for address, data in segments:
        if joined and 0 <= address - (joined[-1][0] + len(joined[-1][1])) < 256:
            last, before = joined.pop()
            data = before + b'\xff' * (address - last - len(before)) + data
            address = last
        joined.append((address, data))
    return joined


def hex_record(kind, address, data):
    body = bytes([len(data)]) + struct.pack('>HB', address, kind) + data
    return ':' + (body + bytes([-sum(body) & 0xff])).hex().upper() + '\n'


def write_hex(path, segments, entry):
    with open(path, 'w', encoding='ascii') as f:
        for address, data in segments:
            upper = None
            for at in range(0, len(data), 16):
                if (address + at) >> 16 != upper:
                    upper = (address + at) >> 16
                    f.write(hex_record(4, 0, struct.pack('>H', upper)))
                # a record must not cross a 64 KB line: addresses are multiples of 16 by the linker script
                f.write(hex_record(0, (address + at) & 0xffff, data[at:at + 16]))
        f.write(hex_record(5, 0, struct.pack('>I', entry)))
        f.write(hex_record(1, 0, b''))


def write_dfu(path, name, segments):
    elements = b''.join(struct.pack('<II', a, len(d)) + d for a, d in segments)
    target = struct.pack('<6sBI255sII', b'Target', 0, 1, name.encode(), len(elements), len(segments))
    body = target + elements
    data = struct.pack('<5sBIB', b'DfuSe', 1, 11 + len(body), 1) + body
    data += struct.pack('<HHHH3sB', 0xffff, 0xdf11, 0x0483, 0x011a, b'UFD', 16)
    with open(path, 'wb') as f:
        f.write(data + struct.pack('<I', zlib.crc32(data) ^ 0xffffffff))


def tell_sizes(name, path, image, symbols):
    """Writes the sizes to a file and prints them; IRAM where the chip has it."""
    size = {'image': image}
    if '_iram_end' in symbols:
        size['iram'] = symbols['_iram_end'] - symbols['_iram_start']
    size['ram'] = symbols['_bss_end'] - symbols['_data_start']
    size['stack'] = symbols['_stack_size']
    size['heap'] = symbols['_heap_end'] - symbols['_heap_start']
    with open(path, 'w', encoding='ascii') as f:
        json.dump(size, f)
        f.write('\n')
    iram = f'IRAM {size["iram"]:,}, ' if 'iram' in size else ''
    print(f'{name}: image {image:,} bytes, {iram}static RAM {size["ram"]:,}, stack {size["stack"]:,}, '
          f'heap {size["heap"]:,}')


def main():
    name, elf, out_hex, out_dfu, out_json = sys.argv[1:]
    with open(elf, 'rb') as f:
        data = f.read()
    segments, symbols = read_elf(data)
    write_hex(out_hex, segments, struct.unpack_from('<I', data, 24)[0])
    write_dfu(out_dfu, name, segments)
    tell_sizes(name, out_json, sum(len(d) for _, d in segments), symbols)


if __name__ == '__main__':
    main()
