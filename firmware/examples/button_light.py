# SPDX-License-Identifier: MIT
# A button switches the light.                          Board: Feather HUZZAH ESP8266, a button from GPIO12 to GND
#
# Nobody drives an open wire: an input needs something that says what "not pressed" is. PULL_UP is a resistor
# inside of the chip that lifts the pin to 3.3 V; the button, when pressed, connects it to 0 V. So pressed is 0.
# The contact of a button bounces: for some thousandths of a second it opens and closes. We wait until that is over.

import time
from machine import Pin, Signal

button = Signal(Pin(12, Pin.IN, Pin.PULL_UP), invert=True)
light = Signal(Pin(0, Pin.OUT, value=1), invert=True)
presses = 0

print("press the button")
while True:
    if button.value():
        presses += 1
        light.value(not light.value())
        print("presses:", presses, "light", "on" if light.value() else "off")
        time.sleep_ms(20)  # it bounces
        while button.value():  # wait for the finger to go away
            time.sleep_ms(1)
        time.sleep_ms(20)
    time.sleep_ms(1)
