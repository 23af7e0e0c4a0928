#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window under a real X server with a real mouse (Xvfb, xdotool).

Usage: test_window.py SOLDERLESS WHERE FIRMWARE BENCH MICROBIT LESSON
BENCH is a folder with diagram.json for the pyboard, MICROBIT one for the micro:bit, LESSON the demo of the
Feather. Prints TAP.
"""
import functools
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import run  # noqa: E402

PATIENCE = 120  # host seconds before giving up; nothing is measured with it

solderless, where, firmware, bench, microbit, lesson = sys.argv[1:7]


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("waited in vain for " + what)


class Screen:
    """A private X server."""

    def __init__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        number = b""
        while not number.endswith(b"\n"):
            some = select.select([read], [], [], PATIENCE)[0] and os.read(read, 16)
            if not some:  # in vain, or it has ended
                raise AssertionError("Xvfb does not start")
            number += some
        self.env = dict(os.environ, DISPLAY=":" + number.decode().strip(),
                        SDL_AUDIODRIVER="dummy")
        os.close(read)

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env, text=True,
                              capture_output=True).stdout

    def pixel(self, x, y):
        """(red, green, blue) of one pixel of the whole screen."""
        text = subprocess.run(["import", "-window", "root", "-crop", "1x1+%d+%d" % (x, y),
                               "-depth", "8", "txt:-"], env=self.env, text=True,
                              capture_output=True, check=True).stdout
        return tuple(int(n) for n in re.search(r"\((\d+),(\d+),(\d+)", text).groups())

    def close(self):
        self.process.terminate()
        self.process.wait()


class Board:
    """The program with its window, and its prompt over TCP."""

    def __init__(self, screen, target=bench, firmware=firmware):
        self.screen = screen
        self.target = target
        self.firmware = firmware  # or empty: the board's own
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [solderless, "run", target, *(["--firmware", firmware] if firmware else []),
             "--serial", "tcp:0"],
            env=screen.env, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            self.connect()
        except BaseException:
            self.process.kill()
            raise

    def connect(self):
        port = wait_until(self.find_port, "the serial port")
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.origin()
        if self.target != lesson:
            self.prompt()

    def kill(self):
        """Ends the program; its window is gone afterwards."""
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not self.screen.xdotool("search", "--class", "^solderless$"), "the window to go")

    def find_port(self):
        self.log.seek(0)
        text = self.log.read()
        assert self.process.poll() is None, text
        found = re.search(r"tcp 127.0.0.1:(\d+)", text)
        return found and int(found.group(1))

    def read_until(self, end):
        got = b""
        deadline = time.monotonic() + PATIENCE
        while end not in got:
            ready = select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]
            data = self.socket.recv(4096) if ready else b""
            assert data, "waited in vain for %r; got %r" % (end, got)
            got += data
        return got

    def prompt(self):
        """Waits for the prompt. It may have been written before the connection, and is not kept."""
        def answered():
            self.socket.sendall(b"\r")
            return select.select([self.socket], [], [], 0.5)[0]

        wait_until(answered, "the prompt")
        self.read_until(b">>> ")
        self.socket.sendall(b"'re' + 'ady'\r")
        self.read_until(b"'ready'\r\n>>> ")

    def python(self, line):
        """What the prompt prints for a line."""
        self.socket.sendall(line.encode() + b"\r")
        text = self.read_until(b"\n>>> ").decode()
        return text.replace("\r", "").split("\n")[1:-1]  # without the echo and the next prompt

    def origin(self):
        """Where the window is. It is looked for each time: SDL may make another one while it starts."""
        def found():
            for window in self.screen.xdotool("search", "--onlyvisible", "--class", "^solderless$").split():
                text = self.screen.xdotool("getwindowgeometry", "--shell", window)
                numbers = [re.search(r"^%s=(-?\d+)" % k, text, re.M) for k in "XY"]
                if all(numbers):
                    self.window = window
                    return [int(n.group(1)) for n in numbers]
            return None

        return wait_until(found, "the window")

    def place(self, part, prop, *values):
        text = subprocess.run([where, self.target, self.firmware, part, prop, *map(str, values)],
                              check=True, capture_output=True, text=True).stdout
        x0, y0 = self.origin()
        return [(x0 + int(x), y0 + int(y)) for x, y in (l.split() for l in text.splitlines())]


def test_switch(board):
    (x, y), = board.place("usr", "pressed", 0)
    board.python("import pyb; s = pyb.Switch()")
    assert board.python("s.value()") == ["False"], "not pressed at first"
    board.screen.xdotool("mousemove", x, y, "mousedown", 1)
    wait_until(lambda: board.python("s.value()") == ["True"], "the pressed switch")
    board.screen.xdotool("mouseup", 1)
    wait_until(lambda: board.python("s.value()") == ["False"], "the released switch")


def drag(board, part, to, prop="celsius", at=22):
    start, end = board.place(part, prop, at, to)
    board.screen.xdotool("mousemove", *start, "mousedown", 1)
    steps = 8
    for i in range(1, steps + 1):
        x, y = (a + (b - a) * i // steps for a, b in zip(start, end))
        board.screen.xdotool("mousemove", x, y)
    board.screen.xdotool("mouseup", 1)


def test_analog_thermometer(board):
    board.python("from machine import ADC, Pin; a = ADC(Pin('X19'))")
    read = "print(round((a.read_u16() * 3300 / 65535 - 500) / 10))"
    assert board.python(read) == ["22"], board.python(read)
    drag(board, "tmp36", 60)
    wait_until(lambda: abs(int(board.python(read)[-1]) - 60) <= 1, "60 degrees at the ADC")


def test_digital_thermometer(board):
    board.python("from machine import I2C; b = I2C('X')")
    read = "d = b.readfrom_mem(24, 5, 2); print(((d[0] & 31) * 256 + d[1]) // 16)"
    assert board.python(read) == ["22"], board.python(read)
    drag(board, "mcp9808", 80)
    wait_until(lambda: abs(int(board.python(read)[-1]) - 80) <= 1, "80 degrees on I2C")


def test_light(board):
    (x, y), = board.place("led1", "brightness", 0)
    dark = board.screen.pixel(x, y)
    board.python("pyb.LED(1).on()")
    wait_until(lambda: board.screen.pixel(x, y)[0] > dark[0] + 60, "a red light")
    board.python("pyb.LED(1).off()")
    wait_until(lambda: board.screen.pixel(x, y) == dark, "the light to go out")


def test_reset(board):
    (x, y), = board.place("rst", "pressed", 0)
    board.python("mark = 1")
    board.screen.xdotool("mousemove", x, y, "mousedown", 1)
    board.screen.xdotool("mouseup", 1)
    board.read_until(b">>> ")
    assert "NameError" in board.python("mark")[-1], "a reset forgets variables"


def test_close(board):
    board.screen.xdotool("windowclose", board.window)  # as a window manager's button does
    try:
        board.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise AssertionError("the program outlives its window")


def test_microbit_tilt(board):
    board.python("from microbit import *")
    assert board.python("accelerometer.get_values()") == ["(0, 0, -1024)"]
    drag(board, "accel", 0.5, "accelX", 0)
    wait_until(lambda: abs(int(board.python("accelerometer.get_x()")[-1]) - 512) < 40, "tilt to the right")
    assert abs(int(board.python("accelerometer.get_z()")[-1]) + 887) < 40, "1 g in all"


def test_microbit_compass(board):
    drag(board, "compass", 90, "heading", 0)
    wait_until(lambda: abs(int(board.python("compass.get_x()")[-1]) - 20000) < 1000, "the field from the left")


def test_microbit_temperature(board):
    drag(board, "temp", 50, "celsius", 24)
    wait_until(lambda: abs(int(board.python("temperature()")[-1]) - 50) <= 1, "50 degrees in the chip")


def test_microbit_button(board):
    (x, y), = board.place("a", "pressed", 0)
    board.screen.xdotool("mousemove", x, y, "mousedown", 1)
    wait_until(lambda: board.python("button_a.is_pressed()") == ["True"], "the pressed button")
    board.screen.xdotool("mouseup", 1)
    wait_until(lambda: board.python("button_a.is_pressed()") == ["False"], "the released button")


def test_microbit_display(board):
    (x, y), = board.place("display", "x0y0", 0)  # the middle: x2y2
    dark = board.screen.pixel(x, y)
    board.python("display.set_pixel(2, 2, 9)")
    wait_until(lambda: board.screen.pixel(x, y)[0] > dark[0] + 20 and
               board.screen.pixel(x, y)[1] < dark[1] + 20 or board.screen.pixel(x, y)[0] > 240, "a red light")
    board.python("display.clear()")
    wait_until(lambda: board.screen.pixel(x, y) == dark, "the light to go out")


def test_microbit_light(board):
    """A slider, from one end to the other."""
    level = "display.read_light_level()"
    drag(board, "display", 10000, "light", 300)
    wait_until(lambda: int(board.python(level)[-1]) > 240, "bright light")
    drag(board, "display", 0.1, "light", 10000)
    wait_until(lambda: int(board.python(level)[-1]) < 10, "the dark")


def test_lesson_thermometer(board):
    """The lesson runs: it prints what people drag."""
    board.read_until(b"22.0 C")
    drag(board, "thermometer", 60)
    wait_until(lambda: 59 < float(board.read_until(b" C\r\n").split()[-2]) < 61, "60 degrees")


def test_lesson_light(board):
    (x, y), = board.place("red", "brightness", 0)
    seen = []

    def blinked():
        seen.append(board.screen.pixel(x, y)[0])
        return max(seen) > min(seen) + 60 and seen[-1] < max(seen) - 60

    wait_until(blinked, "the red light to go on and off")


def test_lesson_prompt(board):
    board.socket.sendall(b"\x03")
    board.read_until(b"KeyboardInterrupt")
    board.prompt()
    assert board.python("59 < celsius() < 61") == ["True"]
    (x, y), = board.place("rst", "pressed", 0)
    board.screen.xdotool("mousemove", x, y, "mousedown", 1)
    board.screen.xdotool("mouseup", 1)
    board.read_until(b" C\r\n")


def main():
    tests = [test_switch, test_analog_thermometer, test_digital_thermometer, test_light,
             test_reset, test_close, test_microbit_tilt, test_microbit_compass,
             test_microbit_temperature, test_microbit_button, test_microbit_display, test_microbit_light,
             test_lesson_thermometer, test_lesson_light, test_lesson_prompt]
    screen = Screen()
    board = None

    def on_its_board(test):
        nonlocal board
        if test == test_microbit_tilt:
            board = Board(screen, microbit, "")
        if test == test_lesson_thermometer:
            board.kill()
            board = Board(screen, lesson, "")
        test(board)

    try:
        board = Board(screen)
        return run([(t.__name__[5:], functools.partial(on_its_board, t)) for t in tests]) != 0
    finally:
        if board:
            board.process.kill()
        screen.close()


sys.exit(main())
