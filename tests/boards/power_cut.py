# SPDX-License-Identifier: GPL-2.0-or-later
# Files before and after some changes, for test_power_cut.c. state() says of each change: 0 not done, 1 done, ! neither.
import os

KEPT = b"kept " * 700


def put(name, data, mode="wb"):
    with open(name, mode) as f:
        f.write(data)


def get(name):
    try:
        with open(name, "rb") as f:
            return f.read()
    except OSError:
        return None


def prepare():
    os.mkdir("d")
    put("keep", KEPT)
    put("d/keep", KEPT)
    put("a", b"old " * 300)
    put("c", b"begin " * 100)
    put("e", b"moved " * 100)
    put("g", b"gone " * 100)
    put("k", b"o" * 1000)


def rewrite():
    put("a", b"new " * 500)


def create():
    put("d/b", b"fresh " * 100)


def append():
    put("c", b"end " * 200, "ab")


def move():
    os.rename("e", "d/a name that is longer than eight letters")


def remove():
    os.remove("g")


def tree():
    os.mkdir("h")


def big():
    put("h/big", bytes(range(256)) * 40)


def inside():
    with open("k", "r+b") as f:
        f.seek(100)
        f.write(b"n" * 200)


def swap():
    os.rename("h/big", "d/b")


CHANGES = (rewrite, create, append, move, remove, tree, big, inside, swap)


def one(old, new):
    return lambda value: "0" if value == old else "1" if value == new else "!"


def names(where):
    try:
        return os.listdir(where)
    except OSError:
        return None


def state():
    big_data, b = bytes(range(256)) * 40, get("d/b")
    moved = get("e"), get("d/a name that is longer than eight letters")
    text = b"moved " * 100
    here = get("h/big")
    swapped = b == big_data
    marks = [
        one(b"old " * 300, b"new " * 500)(get("a")),
        "1" if swapped or here == big_data else one(None, b"fresh " * 100)(b),
        one(b"begin " * 100, b"begin " * 100 + b"end " * 200)(get("c")),
        one((text, None), (None, text))(moved),
        one(b"gone " * 100, None)(get("g")),
        "0" if names("h") is None else "1",
        "1" if swapped else one(None, big_data)(here),
        one(b"o" * 1000, b"o" * 100 + b"n" * 200 + b"o" * 700)(get("k")),
        "1" if swapped and here is None else "!" if swapped else "0",
    ]
    kept = get("keep") == KEPT and get("d/keep") == KEPT
    return "".join(marks) + (" kept" if kept else " lost")


def go():
    for change in CHANGES:
        change()
    print("all done")


def churn():
    for i in range(4):
        put("churn", b"%d" % i * 500)
    print("churned")


if "keep" not in os.listdir():
    prepare()
print("state", state())
