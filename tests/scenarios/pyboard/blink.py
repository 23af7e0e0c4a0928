# SPDX-License-Identifier: GPL-2.0-or-later
import time
from pyb import LED

led = LED(1)
print("start")
for i in range(5):
    led.on()
    time.sleep_ms(100)
    led.off()
    time.sleep_ms(100)
print("end")
