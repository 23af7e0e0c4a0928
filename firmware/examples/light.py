# SPDX-License-Identifier: MIT
# Lesson 1: turn a light on and off.                    Board: Feather HUZZAH ESP8266
#
# The red light of the Feather is wired from 3.3 V through a resistor to pin GPIO0. Current flows, and it shines,
# when the pin is LOW: its other end is then at 0 V. When the pin is high, both ends are at 3.3 V and nothing flows.
# Such a light is "active low". So value 0 is on, and value 1 is off.

import time
from machine import Pin, Signal

pin = Pin(0, Pin.OUT, value=1)  # an output; 1 from the beginning, so that the light starts dark

print("With Pin: 0 is on, 1 is off")
pin.value(0)
time.sleep(1)  # the program waits for one second, the pin stays as it is
pin.value(1)
time.sleep(1)

# Having to think "0 is on" at each line is tiring. A Signal does the turning round for us, once.
light = Signal(pin, invert=True)

print("With Signal: on() is on")
light.on()
time.sleep(1)
light.off()
time.sleep(1)

# What is on goes off, and what is off goes on: that is what `not` does to a value.
print("Blinking; press Ctrl-C for the prompt and try light.on() yourself")
while True:
    light.value(not light.value())
    print("on" if light.value() else "off")
    time.sleep_ms(500)  # 500 thousandths of a second
