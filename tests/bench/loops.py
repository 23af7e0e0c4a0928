# SPDX-License-Identifier: GPL-2.0-or-later
# Speed of Adder on a board, in microseconds of the board's time.
import time


def loop_int(n):
    a = 3
    b = 4
    for i in range(n):
        s = a + b


def loop_float(n):
    a = 3.5
    b = 4.25
    for i in range(n):
        s = a + b


def empty():
    pass


def loop_empty(n):
    for i in range(n):
        pass


def loop_call(n):
    for i in range(n):
        empty()


def measure(function, n):
    start = time.ticks_us()
    function(n)
    return time.ticks_diff(time.ticks_us(), start)


print("bench int", measure(loop_int, 1000000))
print("bench float", measure(loop_float, 1000000))
empty_us = measure(loop_empty, 100000)
print("bench call", measure(loop_call, 100000) - empty_us)
