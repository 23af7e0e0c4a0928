# SPDX-License-Identifier: MIT
# The blue LED of a pyboard breathes: PWM, with a brightness that looks even to the eye.

import math
import time
from pyb import LED

blue = LED(4)
while True:
    for step in range(100):
        level = (1 - math.cos(2 * math.pi * step / 100)) / 2
        blue.intensity(int(255 * level**2.2))
        time.sleep_ms(20)
