# SPDX-License-Identifier: GPL-2.0-or-later
# The lesson: turn a light on and off, and read a sensor.
#
# The red light is the one marked #0. It sits between 3.3 V and pin 0, so it is on while the pin is low.
# The sensor is an MCP9808 thermometer on the I2C bus: pin 4 is its data (SDA), pin 5 its clock (SCL).
# Drag the thermometer in the window and watch the numbers. Ctrl-C stops the program and gives you
# the prompt. Try celsius() there, and light.off(), which turns the light on: the pin goes to 0 V.

import time
from machine import I2C, Pin

light = Pin(0, Pin.OUT, value=1)  # off
i2c = I2C(scl=Pin(5), sda=Pin(4), freq=100000)

MCP9808 = 0x18  # the sensor's address on the bus
AMBIENT = 5     # its register with the temperature: 16 bits, the upper byte first


def celsius():
    upper, lower = i2c.readfrom_mem(MCP9808, AMBIENT, 2)
    value = (upper << 8 | lower) & 0x1FFF  # the top three bits are alarms
    if value & 0x1000:  # below zero: two's complement
        value -= 0x2000
    return value / 16  # a sixteenth of a degree is one step


time.sleep_ms(250)  # the sensor takes a quarter of a second for its first measurement

while True:
    light.value(not light.value())
    print("%.1f C" % celsius())
    time.sleep_ms(500)
