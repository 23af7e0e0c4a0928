# SPDX-License-Identifier: GPL-2.0-or-later
# open() and os, compared with CPython.
import os

name = "files_test.tmp"


def show(mode, f):
    print(mode, type(f.read()).__name__)


with open(name, "w") as f:
    print(f.write("first\nsecond äöü\n"), f.write(""), f.write("third"))
print(os.stat(name)[6])
with open(name) as f:
    print(f.readline(), f.readline(), f.readline(), repr(f.readline()))
with open(name) as f:
    print([line for line in f])
with open(name) as f:
    print(f.readlines())
with open(name) as f:
    print(repr(f.read(3)), repr(f.read(0)), repr(f.read(12)), repr(f.read(4)), repr(f.read()), repr(f.read()))
with open(name, "rb") as f:
    print(f.read(8), f.tell(), f.seek(2), f.read(3), f.seek(-5, 2), f.read(), f.seek(0), f.seek(3, 1))
    buf = bytearray(4)
    print(f.readinto(buf), buf, f.tell(), f.readline(3), f.readline())
with open(name, "ab") as f:
    print(f.write(b"\nmore"))
with open(name, "r+b") as f:
    f.seek(6)
    print(f.read(3), f.tell())
    f.write(b"XX")
    f.seek(0)
    print(f.readline(), f.readline())
with open(name, "w+") as f:
    f.write("new")
    f.seek(0)
    print(f.read())
for mode in ("r", "w", "a", "x", "q", "rw", ""):
    try:
        open(name if mode == "x" else "no_such_dir/" + name, mode).close()
        print(mode, "opened")
    except OSError as e:
        print(repr(mode), type(e) is OSError or isinstance(e, OSError), e.errno)
    except ValueError:
        print(repr(mode), "ValueError")
f = open(name)
f.close()
f.close()
try:
    f.read()
except ValueError:
    print("closed")
for attempt in (lambda: open(name, "w").write(b"bytes"), lambda: open(name, "wb").write("str")):
    try:
        attempt()
    except TypeError:
        print("TypeError")
try:
    with open(name, "w") as f:
        f.write("kept")
        raise KeyError
except KeyError:
    print(open(name).read())

here = os.getcwd()
os.mkdir("dir_test.tmp")
os.chdir("dir_test.tmp")
print(os.getcwd() == here.rstrip("/") + "/dir_test.tmp", os.listdir())
open("a", "w").close()
os.mkdir("b")
print(sorted(os.listdir(".")), os.stat("b")[0] & 0xF000 == 0x4000, os.stat("a")[0] & 0xF000 == 0x8000)
os.rename("a", "c")
print(sorted(os.listdir()))
for attempt in (lambda: os.remove("a"), lambda: os.mkdir("b"), lambda: os.rmdir("x"), lambda: os.listdir("x"),
                lambda: os.stat("x"), lambda: os.chdir("x")):
    try:
        attempt()
    except OSError as e:
        print(e.errno)
os.remove("c")
os.rmdir("b")
os.chdir("..")
os.rmdir("dir_test.tmp")
os.remove(name)
print(name in os.listdir(), len(os.urandom(5)), type(os.urandom(1)).__name__)
