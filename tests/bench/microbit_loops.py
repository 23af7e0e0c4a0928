# SPDX-License-Identifier: GPL-2.0-or-later
# Speed of a Python on the micro:bit, in microseconds of the board's time for a turn, times 1000.
import utime


class Point:
    def __init__(self):
        self.x = 1

    def method(self):
        pass


def nothing():
    pass


def loop_int(n, a, b):
    for i in range(n):
        s = a + b


def loop_while(n, a, b):
    while n > 0:
        n = n - 1


def loop_call(n, a, b):
    for i in range(n):
        nothing()


def loop_method(n, p, b):
    for i in range(n):
        p.method()


def loop_attr(n, p, b):
    for i in range(n):
        p.x = p.x


def loop_list(n, l, b):
    for i in range(n):
        l[1] = l[0]


def loop_dict(n, d, b):
    for i in range(n):
        d['a'] = d['b']


def loop_make(n, a, b):
    for i in range(n):
        Point()


def loop_str(n, a, b):
    for i in range(n):
        s = a + str(i)


def measure(name, function, n, a, b):
    start = utime.ticks_us()
    function(n, a, b)
    print("bench", name, utime.ticks_diff(utime.ticks_us(), start) * 1000 // n)


measure("int", loop_int, 4000, 3, 4)
measure("float", loop_int, 1000, 3.5, 4.25)
measure("while", loop_while, 2000, 0, 0)
measure("call", loop_call, 1000, 0, 0)
measure("method", loop_method, 1000, Point(), 0)
measure("attr", loop_attr, 1000, Point(), 0)
measure("list", loop_list, 1000, [1, 2], 0)
measure("dict", loop_dict, 1000, {'a': 1, 'b': 2}, 0)
measure("make", loop_make, 300, 0, 0)
measure("str", loop_str, 300, "a", 0)
print("end of bench")
