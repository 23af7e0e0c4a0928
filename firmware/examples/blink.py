# SPDX-License-Identifier: MIT
# Turn a light on and off, twice a second. Run it with: scripts/run firmware/examples/blink.py
import time
from pyb import LED

led = LED(1)  # 1 is red, 2 green, 3 yellow, 4 blue

while True:
    led.toggle()
    time.sleep_ms(250)
