# SPDX-License-Identifier: MIT
# Count presses of the switch USR with an interrupt, and show the count on the four lights.
import time
from pyb import LED, Switch

leds = [LED(i) for i in range(1, 5)]
presses = 0


def pressed():
    global presses
    presses += 1


Switch().callback(pressed)
shown = -1
while True:
    if presses != shown:
        shown = presses
        print("presses:", shown)
        for i, led in enumerate(leds):
            if shown >> i & 1:
                led.on()
            else:
                led.off()
    time.sleep_ms(10)
