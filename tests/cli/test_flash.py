#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Flash that is kept in a file: from run to run, after a kill, and what stands in its way.

Usage: test_flash.py SOLDERLESS FIRMWARE SOURCE_ROOT. Prints TAP.
"""
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from command import PATIENCE, check, firmware, main, path, run, solderless  # noqa: E402

COUNT = """
try:
    with open('n') as f:
        n = int(f.read())
except OSError:
    n = 0
with open('n', 'w') as f:
    f.write(str(n + 1))
print('count', n)
"""
# Writes without an end, each time the whole of a file that says what it is.
WRITER = """
n = 0
while True:
    n += 1
    with open('log', 'w') as f:
        f.write('%d %s' % (n, '.' * 600))
    print('written', n)
"""


def test_from_run_to_run():
    flash, count = path("runs.flash"), path("count.py", COUNT)
    check(run("--flash", flash, count), 0, "count 0")
    assert os.path.getsize(flash) == 1 << 20
    for n in 1, 2:
        check(run("--flash", flash, "--seconds", "2"), 0, "count %d" % n)
    # A program that is given is put beside what is there.
    shows = path("shows.py", "import os\nprint(open('n').read(), os.listdir('/flash'))\n")
    check(run("--flash", flash, shows), 0, "3 ['main.py', 'n']")
    # A folder comes over what is there.
    path("folder/main.py", "import os\nfrom sub.a import x\nprint(os.listdir('/flash'), x)\n")
    path("folder/sub/__init__.py", "")
    path("folder/sub/a.py", "x = 'new'\n")
    check(run("--flash", flash, path("folder")), 0, "['main.py', 'n', 'sub'] new")
    check(run("--flash", flash, path("folder")), 0, "['main.py', 'n', 'sub'] new")


def test_firmware_is_written_when_given():
    flash, count = path("fw.flash"), path("count.py", COUNT)
    check(run("--flash", flash, count), 0, "count 0")
    with open(flash, "r+b") as f:  # the firmware is gone, its files are not
        f.write(b"\xff" * 64)
    out = check(run("--flash", flash, "--seconds", "1"), 1)
    assert "count" not in out
    check(run("--flash", flash, "--firmware", firmware, "--seconds", "2"), 0, "count 1")
    check(run("--flash", flash, "--seconds", "2"), 0, "count 2")


def test_first_run_is_the_demo():
    flash = path("demo.flash")
    first = check(run("--flash", flash, "--seconds", "1"), 0)
    again = check(run("--flash", flash, "--seconds", "1"), 0)
    assert "C" in first and first == again, again


def test_scenario():
    flash = path("steps.flash")
    for n in 0, 1:
        steps = path("steps%d.yaml" % n, "name: kept\nversion: 1\nboard: pyboard\nsteps:\n"
                     "  - wait-serial: 'count %d'\n  - wait-serial: '>>> '\n" % n)
        words = ["--program", path("count.py", COUNT)] if n == 0 else []
        result = subprocess.run([solderless, "test", "--flash", flash, steps, *words], capture_output=True,
                                timeout=PATIENCE)
        check(result, 0)


def test_script_of_the_microbit():
    flash = path("microbit.flash")
    for text in "first", "a second, longer one":
        script = path("show.py", "print('%s')\n" % text)
        check(run("--board", "microbit", "--flash", flash, script, "--seconds", "3"), 0, text)
    check(run("--board", "microbit", "--flash", flash, "--seconds", "3"), 0, text)


def test_one_of_several_boards():
    two = path("two/two.json", '{"parts": [{"id": "one", "type": "board-pyboard"}, '
               '{"id": "two", "type": "board-pyboard"}]}')
    one, other = path("two/a=1.flash"), path("two/b.flash")
    check(run("--flash", one, "--flash", "two=" + other, "--seconds", "0.3", two), 0)
    for name in one, other:
        with open(name, "rb") as f:
            assert len(set(f.read())) == 256, "the firmware is in both"
    check(run("--flash", "two=" + one, "--flash", "one=" + one, "--seconds", "0.1", two), 2,
          "a=1.flash: in use by another run")


def start(*words):
    return subprocess.Popen([solderless, "run", "--headless", "--board", "pyboard", "--serial", "none", *words],
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_one_run_at_a_time():
    flash = path("lock.flash")
    process = start("--flash", flash, "--speed", "1", path("loop.py", "while True:\n    pass\n"))
    try:
        while not os.path.exists(flash) or os.path.getsize(flash) < 1 << 20:
            assert process.poll() is None
            time.sleep(0.05)
        check(run("--flash", flash, "--seconds", "0.1"), 2, "lock.flash: in use by another run")
    finally:
        process.kill()
        process.communicate()
    check(run("--flash", flash, "--seconds", "0.1"), 0)


def test_killed():
    """What the board has written is in the file, however and whenever the simulator ends."""
    flash = path("killed.flash")
    check(run("--flash", flash, path("first.py", "print('made')\n")), 0, "made")
    for lines in 1, 50, 200:
        process = subprocess.Popen([solderless, "run", "--headless", "--board", "pyboard", "--flash", flash,
                                    path("writer.py", WRITER)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in process.stdout:
            if line.strip() == b"written %d" % lines:
                break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        shows = path("shows.py", "text = open('log').read()\nprint('it says', text.split()[0], len(text))\n")
        out = check(run("--flash", flash, shows), 0, "it says ")
        n = int(out.split("it says ")[1].split()[0])
        assert n >= lines and " %d %d" % (n, 601 + len(str(n))) in out, out


def test_what_is_no_flash():
    check(run("--flash", path("short.flash", b"\xff" * 1000)), 2, "short.flash: the file has 1000 bytes",
          "the board's flash 1048576")
    check(run("--flash", os.path.dirname(path("x"))), 2, "--flash")
    check(run("--flash", path("no/such/folder.flash")), 2, "No such file")
    check(run("--flash", "/dev/null"), 2, "/dev/null: not a file")
    fifo = path("fifo")
    os.mkfifo(fifo)
    check(run("--flash", fifo), 2, "fifo: not a file")


def test_disk_full():
    flash = path("full.flash")
    check(run("--flash", flash, "--seconds", "0.1", limit=100000), 2, "full.flash", "File too large")
    assert os.path.getsize(flash) == 0  # the next run, with room, is a first one
    check(run("--flash", flash, "--seconds", "0.1"), 0)


main(globals())
