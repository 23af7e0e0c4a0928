# SPDX-License-Identifier: GPL-2.0-or-later
import machine
import time
from machine import Timer

ticks = 0


def tick(timer):
    global ticks
    ticks += 1


def clock():
    f = machine.freq()
    return f[0] if isinstance(f, tuple) else f


t = Timer(-1, freq=100, callback=tick)
while ticks < 10:
    machine.idle()
t.deinit()
print("ticks", ticks)
start = time.ticks_us()
time.sleep_ms(250)
print("milliseconds", time.ticks_diff(time.ticks_us(), start) // 1000)
print("clock", clock())
machine.freq(84000000)
print("slow", clock())
start = time.ticks_ms()
time.sleep_ms(100)
print("still", time.ticks_diff(time.ticks_ms(), start) // 10 * 10)
