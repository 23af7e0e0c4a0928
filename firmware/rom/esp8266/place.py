#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lays the ROM out: every entry of entries.txt at its address, everything else in the gaps between.

    place.py entries ENTRIES OUT.S         the jumps at the addresses of functions
    place.py script ENTRIES OUT.ld OBJ...  the linker script

A section whose entry fits between its neighbours is put there, so that a call reaches it at once; of the others a
jump of three bytes stands at the address. Data lies at its address or the link fails."""
import os
import struct
import sys

SPACES = {  # (from, to) of the parts that may be filled
    'code': [(0x40000000, 0x4000E328), (0x4000FE38, 0x40010000)],
    'data': [(0x3FFFC000, 0x3FFFDAB0)],
    'bss': [(0x3FFFDAB0, 0x3FFFEB30)],
}
STORE_TABLE, STORE, STORE_END = 0x4000E328, 0x4000E388, 0x4000FE38  # the data's first contents, in the ROM
JUMP, MISSING, ZERO = 3, 8, 4  # bytes of the entries
PREFIXES = {'.text': 'code', '.data': 'data', '.rodata': 'data', '.bss': 'bss', '.entry': 'entry', '.store': 'store'}
ALLOC = 2


def fail(text):
    sys.exit('place.py: ' + text)


class Entry:
    def __init__(self, address, text):
        self.address = address
        self.kind = 'missing' if text.endswith('!') else 'zero' if text.endswith('=0') else 'ours'
        self.name = text.removesuffix('!').removesuffix('=0')
        self.code = address >= 0x40000000
        self.size = {'missing': MISSING, 'zero': ZERO, 'ours': JUMP}[self.kind]


def read_entries(path):
    entries, last = [], 0
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            if len(words) != 2:
                fail(f'{path}:{number}: an address and a name are wanted')
            entries.append(Entry(int(words[0], 16), words[1]))
    return sorted(entries, key=lambda e: e.address)


def write_entries(entries, path):
    with open(path, 'w', encoding='utf-8') as f:
        for e in entries:
            if not e.code:
                continue
            f.write(f'.section .entry.{e.name}, "ax"\n.align 4\n')
            if e.kind == 'ours':
                f.write(f'j {e.name}\n')
                continue
            f.write(f'.global {e.name}\n.type {e.name}, @function\n{e.name}:\n')
            missing = 'addi a1, a1, -16\ns32i.n a0, a1, 0\ncall0 rom_missing\n'
            f.write(missing if e.kind == 'missing' else 'movi.n a2, 0\nret.n\n')


class Section:
    def __init__(self, path, name, size, align, kind):
        self.path, self.name, self.size, self.align, self.kind = path, name, size, align, kind
        self.symbols = {}  # name: offset
        self.address = None


def kind_of(name):
    return next((kind for prefix, kind in PREFIXES.items() if name == prefix or name.startswith(prefix + '.')), None)


def read_object(path):
    with open(path, 'rb') as f:
        b = f.read()
    at, = struct.unpack_from('<I', b, 32)
    size, count, names = struct.unpack_from('<HHH', b, 46)
    raw = [struct.unpack_from('<10I', b, at + i * size) for i in range(count)]

    def text(strings, offset):
        start = raw[strings][4] + offset
        return b[start:b.index(b'\0', start)].decode()

    sections = {}
    for i, (name, _, flags, _, _, length, _, _, align, _) in enumerate(raw):
        if flags & ALLOC and length:
            name = text(names, name)
            if not kind_of(name):
                fail(f'{path}: what to do with section {name}?')
            sections[i] = Section(path, name, length, max(align, 4), kind_of(name))
    for kind, offset, length, link in ((r[1], r[4], r[5], r[6]) for r in raw):
        if kind == 2:
            for j in range(offset, offset + length, 16):
                name, value, _, _, _, index = struct.unpack_from('<IIIBBH', b, j)
                if index in sections and name:
                    sections[index].symbols[text(link, name)] = value
    return list(sections.values())


class Space:
    """What is still free; (from, to) pieces in order."""
    def __init__(self, pieces):
        self.free = list(pieces)

    def take(self, start, end):
        for i, (a, b) in enumerate(self.free):
            if a <= start and end <= b:
                self.free[i:i + 1] = [p for p in ((a, start), (end, b)) if p[0] < p[1]]
                return True
        return False

    def give(self, start, end):
        self.free = sorted(self.free + [(start, end)])
        joined = self.free[:1]
        for a, b in self.free[1:]:
            if a <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
            else:
                joined.append((a, b))
        self.free = joined

    def find(self, size, align):  # the tightest piece
        best = None
        for a, b in self.free:
            start = (a + align - 1) // align * align
            if start + size <= b and (best is None or b - a < best[1]):
                best = start, b - a
        return best and best[0]


def place(entries, sections):
    """Gives every section its address; returns the entries that need a jump."""
    spaces = {kind: Space(pieces) for kind, pieces in SPACES.items()}
    for e in entries:
        if e.code:
            spaces['code'].take(e.address, e.address + e.size)
    home = {s: section for section in sections for s in section.symbols}
    jumps = []
    for e in (e for e in entries if e.kind == 'ours'):
        section = home.get(e.name) or fail(f'{e.name} is nowhere')
        offset = section.symbols[e.name]
        if section.address is not None and section.address + offset == e.address:
            continue
        start = e.address - offset
        mine = [o for o in entries if o.name in section.symbols and start + section.symbols[o.name] == o.address]
        space = spaces[section.kind]
        if section.address is None and start % section.align == 0:
            if e.code:
                for o in mine:
                    space.give(o.address, o.address + o.size)
            if space.take(start, start + section.size):
                section.address = start
                continue
            if e.code:
                for o in mine:
                    space.take(o.address, o.address + o.size)
        if not e.code:
            fail(f'{e.name} ({section.size} bytes) cannot lie at {e.address:08x}')
        jumps.append(e)
    homeless = [s for s in sections if s.kind in spaces and s.address is None]
    for section in sorted(homeless, key=lambda s: (-s.size, s.name)):
        space = spaces[section.kind]
        section.address = space.find(section.size, section.align)
        if section.address is None:
            fail(f'no room for {section.name} of {section.path}, {section.size} bytes')
        space.take(section.address, section.address + section.size)
    left = ', '.join(f'{kind} {sum(b - a for a, b in space.free):,}' for kind, space in spaces.items())
    return jumps, left


def write_script(entries, sections, jumps, left, path):
    pieces = [(s.address, f'*{os.path.basename(s.path)}({s.name})') for s in sections if s.address is not None]
    pieces += [(e.address, f'*(.entry.{e.name})') for e in entries if e.code and (e.kind != 'ours' or e in jumps)]
    pieces.sort()

    def part(name, start, end, head):
        text = f'    {name} 0x{start:08x} {head}: {{\n'
        for address, what in pieces:
            if start <= address < end:
                text += f'        . = 0x{address - start:x}; KEEP({what})\n'
        return text + f'        . = 0x{end - start:x};\n    }}\n'

    data, bss = SPACES['data'][0], SPACES['bss'][0]
    checks = ''.join(f'ASSERT({e.name} == 0x{e.address:08x}, "{e.name} is elsewhere")\n'
                     for e in entries if e.kind == 'ours' and not (e.code and e in jumps))
    with open(path, 'w', encoding='utf-8') as f:
        f.write(f'/* Made by place.py. Bytes left: {left}. */\nENTRY(_ResetVector)\nSECTIONS\n{{\n')
        f.write(part('.rom', 0x40000000, STORE_TABLE, ''))
        f.write(f'    .store 0x{STORE_TABLE:08x} : {{ KEEP(*(.store)) . = 0x{STORE - STORE_TABLE:x}; }}\n')
        f.write(part('.behind', STORE_END, 0x40010000, ''))
        f.write(part('.romdata', *data, f': AT(0x{STORE:08x}) ').replace(') : {', ') {'))
        f.write(part('.rombss', *bss, '(NOLOAD) '))
        f.write('    /DISCARD/ : { *(.entry.*) *(.xt.*) *(.xtensa.info) *(.comment) }\n}\n' + checks)


def main():
    what, entries, out, *objects = sys.argv[1:]
    entries = read_entries(entries)
    if what == 'entries':
        write_entries(entries, out)
        return
    sections = [s for path in objects for s in read_object(path)]
    jumps, left = place(entries, sections)
    write_script(entries, sections, jumps, left, out)


main()
