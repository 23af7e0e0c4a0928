# SPDX-License-Identifier: MIT
# A light goes back and forth over the four LEDs of a pyboard; the switch USR makes it faster.

import time
from pyb import LED, Switch

leds = [LED(n) for n in (1, 2, 3, 4)]
switch = Switch()
pauses = [200, 100, 50, 25]
speed = 0


def faster():
    global speed
    speed = (speed + 1) % len(pauses)


switch.callback(faster)
while True:
    for led in leds[:-1] + leds[:0:-1]:
        led.on()
        time.sleep_ms(pauses[speed])
        led.off()
