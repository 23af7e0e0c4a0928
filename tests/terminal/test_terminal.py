#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The prompt in a real terminal (a pseudo-terminal), the status line, and the serial port as a pty.

Usage: test_terminal.py SOLDERLESS FIRMWARE MICROBIT. MICROBIT is a diagram of that board. Prints TAP.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import tty

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import main  # noqa: E402

solderless, firmware, microbit = sys.argv[1:4]
PATIENCE = 120  # host seconds before giving up; nothing is measured with it


class Terminal:
    """A program in a terminal of 20 rows and 100 columns."""

    def __init__(self, *words, firmware=firmware):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        env = {k: v for k, v in os.environ.items()
               if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
        self.process = subprocess.Popen([solderless, "run", *(["--board", "pyboard", "--firmware", firmware] if firmware else []),
                                         *words],
                                        stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        env=env, start_new_session=True)
        self.text = ""    # what the board and the program wrote, not yet looked at
        self.status = ""  # the status lines, drawn between saving and restoring the cursor
        self.raw = ""

    def wait_for(self, pattern):
        """Reads on until the pattern appears in the text."""
        return self.wait("text", pattern)

    def wait_for_status(self, pattern):
        return self.wait("status", pattern)

    def wait(self, where, pattern):
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, getattr(self, where))
            if found:
                setattr(self, where, getattr(self, where)[found.end():])
                return found
            left = deadline - time.monotonic()
            assert left > 0, "waited in vain for %r; got %r" % (pattern, self.text[-600:])
            if select.select([self.master], [], [], left)[0]:
                self.take(os.read(self.master, 4096).decode(errors="replace"))

    def take(self, text):
        self.raw += text
        while True:
            start = self.raw.find("\x1b7")
            end = self.raw.find("\x1b8", start)
            if start < 0 or end < 0:
                break
            self.text += self.raw[:start]
            self.status += self.raw[start:end]
            self.raw = self.raw[end + 2:]
        if start < 0 and not self.raw.endswith("\x1b"):
            self.text += self.raw
            self.raw = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.1)[0]:  # a full terminal would block it
                self.take(os.read(self.master, 4096).decode(errors="replace"))
        return self.process.poll()

    def restored(self):
        return termios.tcgetattr(self.slave) == self.before

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def test_view_chosen_by_itself():
    t = Terminal()
    try:
        t.wait_for("no display, so here is the terminal view")
        t.wait_for_status(r"\x1b\[1;19r")  # the last row does not scroll
        t.wait_for_status("pyboard.*Ctrl-] leaves")
        t.wait_for(">>> ")
        t.type("import pyb; pyb.LED(1).on()\r")
        t.wait_for_status("\x1b\\[31;1m●\x1b\\[0;7m led1")
        t.type("pyb.LED(1).off(); print(6 * 7)\r")
        t.wait_for("\r\n42\r\n")
        t.wait_for_status("○\x1b\\[0;7m led1")
        t.type("\x1d")
        assert t.end() == 0
        assert t.restored(), "the terminal was left in raw mode"
        assert "\x1b[r" in t.status, "the scroll region was left"
    finally:
        t.close()


def test_display_of_microbit():
    t = Terminal("--diagram", microbit, firmware="")
    try:
        t.wait_for_status(r"\x1b\[1;16r")  # the last row and three for the LEDs do not scroll
        t.wait_for_status("microbit.* temp 24°C accelX 0g accelY 0g accelZ -1g heading 0° light 300lux  Ctrl-] leaves")
        t.wait_for(">>> ")
        t.type("from microbit import *; display.show(Image.HEART)\r")
        dark, red = "38;5;235;", "38;5;196;"
        t.wait_for_status("\x1b\\[17;1H  \x1b\\[%s48;5;196m▀▀\x1b\\[0m \x1b\\[%s48;5;196m▀▀" % (dark, red))
        t.wait_for_status("\x1b\\[18;1H  \x1b\\[%s48;5;235m▀▀\x1b\\[0m \x1b\\[%s48;5;196m▀▀" % (red, red))
        t.wait_for_status("\x1b\\[19;1H  \x1b\\[%s48;5;0m▀▀" % dark)
        t.type("\x1d")
        assert t.end() == 0
        assert t.restored()
        assert "\x1b[r" in t.status, "the scroll region was left"
    finally:
        t.close()


def test_headless_in_terminal():
    t = Terminal("--headless", "--speed", "1")
    try:
        t.wait_for(">>> ")
        t.type("while True: pass\r\r")
        time.sleep(0.1)
        t.type("\x03")  # raw mode: goes to the board, not to the program
        t.wait_for("KeyboardInterrupt")
        t.wait_for(">>> ")
        t.type("\x1d")
        assert t.end() == 0
        assert t.restored()
    finally:
        t.close()


def test_killed():
    t = Terminal("--headless", "--speed", "1")
    try:
        t.wait_for(">>> ")
        t.process.send_signal(signal.SIGTERM)
        assert t.end() == 0
        assert t.restored(), "the terminal was left in raw mode"
    finally:
        t.close()


def test_serial_pty():
    t = Terminal("--headless", "--speed", "1", "--serial", "pty")
    try:
        name = t.wait_for(r"serial port on pty (\S+)\r\n").group(1)
        for answer in ("7", "8"):  # a second client finds the same board
            fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(fd)
            os.write(fd, b"\r\x03print(%s)\r" % answer.encode())
            got, deadline = b"", time.monotonic() + PATIENCE
            while b"\r\n" + answer.encode() + b"\r\n" not in got:
                assert time.monotonic() < deadline, got
                if select.select([fd], [], [], 1)[0]:
                    got += os.read(fd, 4096)
                else:
                    os.write(fd, b"\r\x03print(%s)\r" % answer.encode())
            os.close(fd)
        t.process.send_signal(signal.SIGINT)
        assert t.end() == 0
    finally:
        t.close()


main(globals())
