# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests in Python: runs functions and prints TAP. A failed test is an assertion or a call that never ends."""
import subprocess
import sys


def run(tests):
    """Pairs of name and function."""
    print("1..%d" % len(tests), flush=True)
    failed = 0
    for i, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d %s" % (i, name), flush=True)
        except (AssertionError, subprocess.TimeoutExpired) as e:
            failed += 1
            print("not ok %d %s" % (i, name))
            for line in str(e).splitlines():
                print("# " + line, flush=True)
    return failed


def main(functions):
    """All functions test_* of a file's globals()."""
    sys.exit(run([(n[5:], f) for n, f in functions.items() if n.startswith("test_")]) != 0)
