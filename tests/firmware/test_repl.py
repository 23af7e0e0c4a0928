#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adder's prompt through a pseudo-terminal, byte by byte: editing, history, completion, and the protocols of tools.

usage: test_repl.py ADDER
Each step waits for the bytes it expects, so no test depends on how fast the machine is.
"""
import fcntl
import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import traceback

PATIENCE = 60 # seconds until a missing answer counts as missing
UP, DOWN, RIGHT, LEFT = b'\x1b[A', b'\x1b[B', b'\x1b[C', b'\x1b[D'
HOME, END, DELETE = b'\x1b[H', b'\x1b[F', b'\x1b[3~'
BANNER = b'Type "help()" for more information.\r\n>>> '


def take_terminal():
    """In the child: its terminal is where Ctrl-C comes from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Prompt:
    def __init__(self, adder):
        self.master, slave = pty.openpty()
        self.dir = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen([adder], stdin=slave, stdout=slave, stderr=slave, cwd=self.dir.name,
                                        start_new_session=True, preexec_fn=take_terminal)
        os.close(slave)
        self.until(BANNER)

    def send(self, data):
        os.write(self.master, data)

    def until(self, end):
        """Everything up to and with these bytes."""
        got = b''
        while not got.endswith(end):
            if not select.select([self.master], [], [], PATIENCE)[0]:
                raise AssertionError(f'expected {end!r}, got {got!r}')
            try:
                byte = os.read(self.master, 1)
            except OSError:
                byte = b''
            if not byte:
                raise AssertionError(f'expected {end!r}, the prompt ended after {got!r}')
            got += byte
        return got

    def expect(self, send, answer):
        """Send; the answer must be exactly this."""
        self.send(send)
        got = self.until(answer)
        if got != answer:
            raise AssertionError(f'after {send!r} expected {answer!r}, got {got!r}')

    def line(self, text, output=b''):
        """Enter a line, and see it, its output and the next prompt."""
        self.expect(text + b'\r', text + b'\r\n' + output + b'>>> ')

    def last_line(self, keys, result):
        """Type keys; what counts is what is printed for the line that they make."""
        self.send(keys + b'\r')
        got = self.until(b'\r\n>>> ')
        answer = got.split(b'\r\n')[-2]
        if answer != result:
            raise AssertionError(f'{keys!r} gave {answer!r} in {got!r}, expected {result!r}')

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        self.dir.cleanup()


def test_expressions(p):
    p.line(b'1 + 2', b'3\r\n')
    p.line(b'_', b'3\r\n')
    p.line(b'x = 5')
    p.line(b'x', b'5\r\n')
    p.line(b'None')
    p.line(b'')
    p.line(b'1 / 0', b'Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n'
           b'ZeroDivisionError: divide by zero\r\n')
    p.line(b'x', b'5\r\n')


def test_blocks(p):
    p.expect(b'def f(n):\r', b'def f(n):\r\n...     ')
    p.expect(b'if n:\r', b'if n:\r\n...         ')
    p.expect(b'return n\r', b'return n\r\n...         ')
    p.expect(b'\x7f', b'\x1b[4D\x1b[K') # a step of indentation
    p.expect(b'return -1\r', b'return -1\r\n...     ')
    p.expect(b'\r', b'\r\n>>> ') # an empty line, its indentation does not count
    p.line(b'f(0)', b'-1\r\n')
    p.line(b'f(7)', b'7\r\n')
    p.expect(b'x = [1,\r', b'x = [1,\r\n... ')
    p.expect(b'2]\r', b'2]\r\n>>> ')
    p.line(b'x', b'[1, 2]\r\n')
    p.expect(b'for i in range(2):\r', b'for i in range(2):\r\n...     ')
    p.expect(b'i\r', b'i\r\n...     ')
    p.expect(b'\x03', b'\r\n>>> ') # given up


def test_editing(p):
    p.last_line(b'24' + LEFT + b'3', b'234')
    p.last_line(b'123' + HOME + b'9', b'9123')
    p.last_line(b'123' + HOME + b'9' + END + b'8', b'91238')
    p.last_line(b'1234' + LEFT + LEFT + b'\x7f', b'134')
    p.last_line(b'1234' + LEFT + LEFT + DELETE, b'124')
    p.last_line(b'1234' + b'\x01\x0b5', b'5') # to the start, kill the rest
    p.last_line(b'12 + 34\x17 1', b'13') # kill a word
    p.last_line(b'99\x157', b'7') # kill to the start
    p.last_line(b"'a" + b'\xc3\xa4' + b"b'" + LEFT + LEFT + LEFT + b'\x7f', b"'\xc3\xa4b'")
    p.last_line(b"'a" + b'\xc3\xa4' + b"b'" + LEFT + LEFT + b'\x7f', b"'ab'")


def test_history(p):
    p.line(b'10', b'10\r\n')
    p.line(b'20', b'20\r\n')
    p.last_line(UP, b'20')
    p.last_line(UP + UP, b'10')
    p.last_line(UP + UP + DOWN, b'10')
    p.last_line(UP + b'1', b'101')
    p.last_line(UP + UP + UP + DOWN + DOWN + DOWN + b'7', b'7')


def test_completion(p):
    p.line(b'import time')
    p.expect(b'time.sleep_m\t', b'time.sleep_ms')
    p.expect(b'\x03', b'\r\n>>> ')
    p.expect(b'time.tic\t', b'time.ticks_')
    p.send(b'\t')
    listed = p.until(b'>>> time.ticks_')
    for name in b'ticks_ms', b'ticks_us', b'ticks_cpu', b'ticks_add', b'ticks_diff':
        assert name in listed, listed
    p.expect(b'\x03', b'\r\n>>> ')
    p.line(b'a_rather_long_name = 4')
    p.expect(b'a_ra\t', b'a_rather_long_name')
    p.expect(b'\x03', b'\r\n>>> ')
    p.expect(b'import mach\t', b'import machine')
    p.expect(b'\x03', b'\r\n>>> ')
    p.expect(b'\t', b'    ')
    p.expect(b'\x03', b'\r\n>>> ')
    p.expect(b'nothing_of_this_name.x\t1', b'nothing_of_this_name.x1')
    p.expect(b'\x03', b'\r\n>>> ')


def test_interrupt(p):
    p.expect(b'while True: pass\r', b'while True: pass\r\n... ')
    p.expect(b'\r', b'\r\n')
    # The program runs from here on; the byte may come before its first turn or later.
    p.expect(b'\x03', b'Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n'
             b'KeyboardInterrupt\r\n>>> ')
    p.expect(b'1 +\x03', b'1 +\r\n>>> ')


def test_paste(p):
    p.expect(b'\x05', b'\r\n\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ')
    p.expect(b'for i in range(2):\r    print(i)\r\r', b'for i in range(2):\r\n===     print(i)\r\n=== \r\n=== ')
    p.expect(b'\x04', b'\r\n0\r\n1\r\n>>> ')
    p.expect(b'\x05', b'\r\n\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ')
    p.expect(b'x = 1\x03', b'x = 1\r\n>>> ')


def test_soft_reset(p):
    p.line(b'x = 1')
    p.send(b'\x04')
    got = p.until(BANNER)
    assert got.startswith(b'\r\nMPY: soft reboot\r\nAdder v'), got
    p.send(b'x\r')
    assert b'NameError' in p.until(b'>>> ')


def enter_raw(p):
    p.expect(b'\x01', b'\r\nraw REPL; CTRL-B to exit\r\n>')


def test_raw(p):
    enter_raw(p)
    p.expect(b'print(1)\nprint(2)\x04', b'OK1\r\n2\r\n\x04\x04>')
    p.expect(b'1/0\x04', b'OK\x04Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n'
             b'ZeroDivisionError: divide by zero\r\n\x04>')
    p.expect(b'x = = 1\x04', b'OK\x04Traceback (most recent call last):\r\n  File "<stdin>", line 1\r\n'
             b'SyntaxError: invalid syntax\r\n\x04>')
    p.expect(b'rubbish\x03print(3)\x04', b'OK3\r\n\x04\x04>')
    p.expect(b'print(4)\r\nprint(5)\r\n\x04', b'OK4\r\n5\r\n\x04\x04>')
    p.expect(b'\x01', b'raw REPL; CTRL-B to exit\r\n>')
    p.expect(b'\x04', b'OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>')
    p.expect(b'while True:\n  pass\x04', b'OK')
    p.expect(b'\x03', b'\x04Traceback (most recent call last):\r\n  File "<stdin>", line 2, in <module>\r\n'
             b'KeyboardInterrupt\r\n\x04>')
    p.send(b'\x02')
    p.until(BANNER)
    p.line(b'6', b'6\r\n')


def start_paste(p):
    p.expect(b'\x05A\x01', b'R\x01\x00\x01')
    return 256


def paste(p, program, abandoned=False):
    """Send a program as the protocol wants it: never more than the window."""
    size = room = start_paste(p)
    while program:
        while room == 0 or select.select([p.master], [], [], 0)[0]:
            byte = os.read(p.master, 1)
            if byte == b'\x04' and abandoned:
                p.send(b'\x04')
                return
            assert byte == b'\x01', byte
            room += size
        p.send(program[:room])
        program, room = program[room:], max(0, room - len(program))
    if abandoned:
        p.until(b'\x04')
        p.send(b'\x04')
        return
    p.send(b'\x04')
    got = p.until(b'\x04')
    assert not got.strip(b'\x01\x04'), got


def test_raw_paste(p):
    enter_raw(p)
    paste(p, b'print(7)')
    p.expect(b'', b'7\r\n\x04\x04>')
    paste(p, b''.join(b'name_%d = %d\n' % (i, i) for i in range(500)) + b'print(name_499)\n')
    p.expect(b'', b'499\r\n\x04\x04>')
    paste(p, b'x = = 1\nprint(1)\n', abandoned=True)
    p.expect(b'', b'\x04Traceback (most recent call last):\r\n  File "<stdin>", line 1\r\n'
             b'SyntaxError: invalid syntax\r\n\x04>')
    p.expect(b'\x05B\x01', b'R\x00') # no such mode
    p.expect(b'print(8)\x04', b'OK8\r\n\x04\x04>')


def test_exit(p):
    p.send(b'raise SystemExit\r')
    assert b'MPY: soft reboot' in p.until(BANNER)


TESTS = [(name[5:], f) for name, f in sorted(globals().items()) if name.startswith('test_')]


def main():
    print(f'1..{len(TESTS)}')
    for number, (name, test) in enumerate(TESTS, 1):
        prompt = None
        try:
            prompt = Prompt(os.path.abspath(sys.argv[1]))
            test(prompt)
            print(f'ok {number} {name}')
        except Exception:
            print(f'not ok {number} {name}')
            print('# ' + traceback.format_exc().replace('\n', '\n# '))
        finally:
            if prompt:
                prompt.close()


main()
