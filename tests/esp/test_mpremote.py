#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""MicroPython's mpremote at Adder: on the pseudo-terminal of every board, and over the network.

Usage: test_mpremote.py SOLDERLESS SOURCE_ROOT. Prints TAP.
"""
import sys

sys.dont_write_bytecode = True
from board import Board, content, expect, main, path  # noqa: E402


def use(board):
    expect(board.mpremote("exec", "print(1 + 1)"), "2\n")
    assert board.mpremote("eval", "2 ** 70").strip() == str(2 ** 70)
    # Files there and back, with every byte.
    data = bytes(range(256)) * 20
    board.mpremote("fs", "cp", path("data.bin", data), ":data.bin")
    expect(board.mpremote("fs", "ls"), "5120 data.bin")
    board.mpremote("fs", "cp", ":data.bin", path("back.bin"))
    assert content(path("back.bin")) == data
    board.mpremote("fs", "mkdir", "sub")
    board.mpremote("fs", "cp", ":data.bin", ":sub/copy")
    expect(board.mpremote("exec", "import os; print(os.listdir('sub'), os.stat('sub/copy')[6])"), "['copy'] 5120")
    board.mpremote("fs", "cp", path("mod.py", b"where = __name__\n"), ":sub/mod.py")
    expect(board.mpremote("exec", "from sub import mod; print(mod.where)"), "sub.mod")
    board.mpremote("fs", "rm", ":sub/mod.py")
    board.mpremote("fs", "rm", ":sub/copy")
    board.mpremote("fs", "rmdir", ":sub")
    board.mpremote("fs", "cp", path("note.txt", b"a note\n"), ":note.txt")
    expect(board.mpremote("fs", "cat", ":note.txt"), "a note\n")
    # A program from the computer, its output and its exception.
    expect(board.mpremote("run", path("prog.py", b"import sys\nprint('ran on', sys.platform)\n")), "ran on ")
    out = board.mpremote("run", path("fails.py", b"def f():\n    return 1 // 0\nf()\n"), code=1)
    expect(out, "ZeroDivisionError", "line 2")
    # What is put there runs after a reset.
    board.mpremote("fs", "cp", path("main.py", b"print('main runs')\n"), ":main.py")
    expect(board.mpremote("soft-reset", "exec", "print(len(open('main.py').read()))"), "19")
    expect(board.mpremote("df"), "used")


def test_pyboard():
    for speed in "1", "20", "max":
        with Board("pyboard", path("empty.py", b""), serial="pty", speed=speed) as board:
            use(board)


def test_feather():
    with Board("feather-huzzah-esp8266", "--flash", path("f.flash"), path("empty.py", b""), serial="pty", speed="1") as board:
        use(board)


def test_nodemcu_over_the_network():
    with Board("nodemcu", "--flash", path("n.flash"), path("empty.py", b""), speed="1") as board:
        use(board)


main(globals())
