# SPDX-License-Identifier: GPL-2.0-or-later
# The red light is on while its pin is low.
from machine import Pin
from time import sleep_ms

red, blue = Pin("LED_RED", Pin.OUT, value=1), Pin(2, Pin.OUT, value=1)
print("start")
while True:
    red.value(0)
    blue.off()
    sleep_ms(100)
    red.value(1)
    sleep_ms(100)
    blue.on()
    sleep_ms(100)
