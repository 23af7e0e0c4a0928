# SPDX-License-Identifier: MIT
# How quick are you? When the green LED of a pyboard goes on, press USR.

import random
import time
from pyb import LED, Switch

green, red = LED(2), LED(1)
switch = Switch()
best = None
for turn in range(5):
    while switch.value():
        time.sleep_ms(10)
    time.sleep_ms(random.randint(1000, 4000))
    if switch.value():
        print("too early!")
        red.on()
        time.sleep(1)
        red.off()
        continue
    green.on()
    start = time.ticks_us()
    while not switch.value():
        pass
    took = time.ticks_diff(time.ticks_us(), start) / 1000
    green.off()
    best = took if best is None else min(best, took)
    print("%.1f ms, best %.1f ms" % (took, best))
