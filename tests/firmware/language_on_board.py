#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The language tests of tests/python on a simulated board: the program is its main.py, and what it prints is compared with
FILE.exp or with what the system's Python prints.

usage: language_on_board.py SOLDERLESS BOARD FIRMWARE [NAME...]
Prints TAP.
"""
import os
import subprocess
import sys
import tempfile

TESTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'python')

# What does not run on any board, and why.
ON_HOST_ONLY = {
    'float_random': 'expects floats of double precision',
    'imports': 'imports packages from directories',
    'machine_buses': 'expects the pins and buses of the host',
    'machine_pins': 'expects the pins and buses of the host',
}

# What does not run in the micro:bit's 16 KB of RAM and 240 KB of flash, and why.
MICROBIT = {
    'bigint_random': 'numbers of thousands of digits: more than 10 KB of heap',
    'builtin_functions': 'sorts and joins thousands of values: more than 10 KB of heap',
    'classes': 'twenty classes that live at the same time: more than 10 KB of heap',
    'comprehensions': 'lists of 1000 items: more than 10 KB of heap',
    'decorators': 'a cache of all results up to fib(60): more than 10 KB of heap',
    'dict_set': 'dicts and sets of 1000 items: more than 10 KB of heap',
    'exception_flow': 'a list of 58 functions: more than 10 KB of heap',
    'files': 'makes directories: this board has none',
    'format_specs': 'expects floats of double precision',
    'function_args': 'calls nested 500 deep: more than a quarter of the heap',
    'generators': 'generators nested 100 deep: more than the C stack of 3 KB',
    'hashlib_sha256': 'no hashlib',
    'many_names': 'thousands of names: more than 10 KB of heap',
    'memory_errors': 'expects the limits of a larger heap',
    'modules_misc': 'no binascii, heapq, io, json',
    'numbers': 'expects floats of double precision',
    're_module': 'no re',
    'slices': 'lists of a thousand slices: more than 10 KB of heap',
    'special_methods': 'a dozen classes that live at the same time: more than 10 KB of heap',
    'str_format_random': 'tables of a thousand results: more than 10 KB of heap',
    'subclass_native': 'a dozen classes that live at the same time: more than 10 KB of heap',
    'syntax_errors': 'a list of 400 programs: more than 10 KB of heap',
}

# What needs more than the floats of single precision and the 70 to 100 KB of heap of the others, and why.
SINGLE = {
    'bigint_random': 'expects floats of double precision',
    'builtin_functions': 'expects floats of double precision',
    'format_specs': 'expects floats of double precision',
    'many_names': 'thousands of names: more than the heap',
    'modules_misc': 'expects floats of double precision',
    'numbers': 'expects floats of double precision',
    're_module': 'a match of 2000 steps in the middle: more than the heap',
    'slices': 'lists of a thousand slices: more than the heap',
    'str_format_random': 'expects floats of double precision',
    'syntax_errors': 'brackets nested 300 deep: more than the C stack',
}

CANNOT = {
    'feather-huzzah-esp8266': SINGLE,
    'microbit': MICROBIT,
    'nodemcu': SINGLE,
    'pyboard': SINGLE,
}


def expected(path):
    exp = path[:-3] + '.exp'
    if os.path.exists(exp):
        with open(exp, encoding='utf-8') as f:
            return f.read()
    return subprocess.run([sys.executable, path], capture_output=True, text=True, check=True, cwd=TESTS).stdout


def run(solderless, board, firmware, path):
    """What the board says before the prompt's greeting."""
    result = subprocess.run([solderless, 'run', '--headless', '--board', board, '--firmware', firmware, '--strict',
                             '--seconds', '200', '--serial', 'stdio', path],
                            capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=300)
    return result.stdout.split(b'Adder v')[0], result.stderr.decode()


def main():
    solderless, board, firmware, names = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    cannot = ON_HOST_ONLY | CANNOT[board]
    all_names = sorted(f[:-3] for f in os.listdir(TESTS) if f.endswith('.py'))
    failed = 0
    with tempfile.NamedTemporaryFile('w', suffix='.py') as empty: # what comes before the program: the ROM's greeting
        greeting = run(solderless, board, firmware, empty.name)[0]
    print(f'1..{len(names or all_names)}')
    for number, name in enumerate(names or all_names, 1):
        if name in cannot and not names:
            print(f'ok {number} {name} # SKIP {cannot[name]}')
            continue
        path = os.path.join(TESTS, name + '.py')
        want, (output, errors) = expected(path), run(solderless, board, firmware, path)
        got = output.removeprefix(greeting).decode(errors='replace').replace('\r', '')
        got = got.replace('"main.py"', f'"{os.path.basename(path)}"')
        good = got == want
        failed += not good
        print(f'{"" if good else "not "}ok {number} {name}', flush=True)
        if not good:
            wanted, lines = want.splitlines(), got.splitlines()
            at = next((i for i, (a, b) in enumerate(zip(wanted, lines)) if a != b), min(len(wanted), len(lines)))
            print(f'# line {at + 1}: expected {wanted[at:at + 1]}, got {lines[at:at + 3]} {errors[:300]}')
    return 1 if failed else 0


sys.exit(main())
