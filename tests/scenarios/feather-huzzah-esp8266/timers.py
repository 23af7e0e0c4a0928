# SPDX-License-Identifier: GPL-2.0-or-later
import machine
import time
from machine import Timer

ticks = 0


def tick(timer):
    global ticks
    ticks += 1


def cycles():
    """Of the CPU in a microsecond."""
    us, start = time.ticks_us(), time.ticks_cpu()
    while time.ticks_diff(time.ticks_us(), us) < 5000:
        pass
    us, cpu = time.ticks_diff(time.ticks_us(), us), time.ticks_diff(time.ticks_cpu(), start)
    return round(cpu / us)


def milliseconds():
    start = time.ticks_us()
    time.sleep_ms(250)
    return time.ticks_diff(time.ticks_us(), start) // 1000


t = Timer(-1, freq=100, callback=tick)
while ticks < 10:
    machine.idle()
t.deinit()
print("ticks", ticks)
print("milliseconds", milliseconds())
print("clock", machine.freq())
print("cycles", cycles())
machine.freq(160000000)
print("fast", machine.freq())
print("cycles", cycles())
start = time.ticks_ms()
time.sleep_ms(100)
print("still", time.ticks_diff(time.ticks_ms(), start) // 10 * 10)
counts = [0, 0, 0]


def count(n):
    def callback(timer):
        counts[n] += 1

    return callback


def several():
    timers = [Timer(-1), Timer(-1), Timer(-1)]
    timers[0].init(period=10, callback=count(0))
    timers[1].init(period=20, callback=count(1))
    timers[2].init(period=35, mode=Timer.ONE_SHOT, callback=count(2))
    time.sleep_ms(105)
    for t in timers:
        t.deinit()


several()
print("timers", *counts)


def nap():
    start = time.ticks_ms()
    machine.lightsleep(300)
    return time.ticks_diff(time.ticks_ms(), start)


print("slept", nap())
print("the end")
