#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the flash image of a firmware for the ESP8266 from its ELF, and say how big it is.

usage: flash_image.py NAME ELF OUT.bin OUT.json
OUT.bin is what is written to flash address 0: the header and the segments that the mask ROM loads into RAM (Espressif's
format 0xE9), then, from where it is seen through the cache, what runs from the flash.
"""
import os
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from image import read_elf, tell_sizes # noqa: E402

FLASH, DIO, SIZE_4MB_40MHZ = 0x40200000, 2, 0x40


def rom_image(segments, entry):
    """What the ROM loads: the checksum is the last byte of a block of 16."""
    data = struct.pack('<BBBBI', 0xe9, len(segments), DIO, SIZE_4MB_40MHZ, entry)
    check = 0xef
    for address, content in segments:
        content += bytes(-len(content) % 4)
        data += struct.pack('<II', address, len(content)) + content
        for byte in content:
            check ^= byte
    return data + bytes(15 - len(data) % 16) + bytes([check])


def main():
    name, elf, out_bin, out_json = sys.argv[1:]
    with open(elf, 'rb') as f:
        data = f.read()
    segments, symbols = read_elf(data)
    ram = [s for s in segments if s[0] < FLASH]
    flash = [s for s in segments if s[0] >= FLASH]
    image = rom_image(ram, struct.unpack_from('<I', data, 24)[0])
    if len(flash) != 1 or flash[0][0] - FLASH < len(image):
        sys.exit(f'{name}: {len(image)} bytes for the ROM to load reach beyond {flash[0][0] - FLASH:#x}')
    gap = flash[0][0] - FLASH - len(image)
    with open(out_bin, 'wb') as f:
        f.write(image + b'\xff' * gap + flash[0][1])
    tell_sizes(name, out_json, len(image) + len(flash[0][1]), symbols)


main()
