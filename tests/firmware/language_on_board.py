#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The language tests of tests/python on a simulated micro:bit: the program is appended to the image, as its main.py, and
what it prints is compared with FILE.exp or with what the system's Python prints.

usage: language_on_board.py SOLDERLESS FIRMWARE [NAME...]
Prints TAP.
"""
import os
import subprocess
import sys

TESTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'python')

# What does not run in this board's 16 KB of RAM and 240 KB of flash, and why.
CANNOT = {
    'bigint_random': 'numbers of thousands of digits: more than 10 KB of heap',
    'builtin_functions': 'sorts and joins thousands of values: more than 10 KB of heap',
    'classes': 'twenty classes that live at the same time: more than 10 KB of heap',
    'comprehensions': 'lists of 1000 items: more than 10 KB of heap',
    'decorators': 'a cache of all results up to fib(60): more than 10 KB of heap',
    'dict_set': 'dicts and sets of 1000 items: more than 10 KB of heap',
    'files': 'makes directories: this board has none',
    'float_random': 'expects floats of double precision',
    'function_args': 'calls nested 500 deep: more than a quarter of the heap',
    'generators': 'generators nested 100 deep: more than the C stack of 3 KB',
    'hashlib_sha256': 'no hashlib',
    'imports': 'imports packages from directories',
    'machine_buses': 'expects the pins and buses of the host',
    'machine_pins': 'expects the pins and buses of the host',
    'many_names': 'thousands of names: more than 10 KB of heap',
    'memory_errors': 'expects the limits of a larger heap',
    'modules_misc': 'no binascii, heapq, io, json',
    're_module': 'no re',
    'slices': 'lists of a thousand slices: more than 10 KB of heap',
    'str_format_random': 'tables of a thousand results: more than 10 KB of heap',
    'subclass_native': 'a dozen classes that live at the same time: more than 10 KB of heap',
    'syntax_errors': 'a list of 400 programs: more than 10 KB of heap',
}


def expected(path):
    exp = path[:-3] + '.exp'
    if os.path.exists(exp):
        with open(exp, encoding='utf-8') as f:
            return f.read()
    return subprocess.run([sys.executable, path], capture_output=True, text=True, check=True, cwd=TESTS).stdout


def on_board(solderless, firmware, path):
    """Everything before the prompt's greeting."""
    run = subprocess.run([solderless, 'run', '--headless', '--board', 'microbit', '--firmware', firmware, '--strict',
                          '--seconds', '60', '--serial', 'stdio', path],
                         capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=300)
    text = run.stdout.decode(errors='replace').replace('\r', '')
    return text.split('Adder v')[0].replace('"main.py"', f'"{os.path.basename(path)}"'), run.stderr.decode()


def main():
    solderless, firmware, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    all_names = sorted(f[:-3] for f in os.listdir(TESTS) if f.endswith('.py'))
    failed = 0
    print(f'1..{len(names or all_names)}')
    for number, name in enumerate(names or all_names, 1):
        if name in CANNOT and not names:
            print(f'ok {number} {name} # SKIP {CANNOT[name]}')
            continue
        path = os.path.join(TESTS, name + '.py')
        want, (got, errors) = expected(path), on_board(solderless, firmware, path)
        good = got == want
        failed += not good
        print(f'{"" if good else "not "}ok {number} {name}', flush=True)
        if not good:
            wanted, lines = want.splitlines(), got.splitlines()
            at = next((i for i, (a, b) in enumerate(zip(wanted, lines)) if a != b), min(len(wanted), len(lines)))
            print(f'# line {at + 1}: expected {wanted[at:at + 1]}, got {lines[at:at + 3]} {errors[:300]}')
    return 1 if failed else 0


sys.exit(main())
