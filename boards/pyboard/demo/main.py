# SPDX-License-Identifier: GPL-2.0-or-later
# Blink a light and read two temperature sensors.
#
# The TMP36 is an analog sensor on pin X19: its output is 10 mV for each degree, and 500 mV at 0 °C.
# The MCP9808 is a digital sensor on the I2C bus X (X9 is the clock, X10 the data).
# Drag the thermometers in the window and watch the numbers. The switch USR ends the program.

import time
from machine import ADC, I2C, Pin
from pyb import LED, Switch

led = LED(1)
switch = Switch()
tmp36 = ADC(Pin("X19"))
i2c = I2C("X", freq=400000)
MCP9808 = 0x18


def read_tmp36():
    millivolts = tmp36.read_u16() * 3300 / 65535
    return (millivolts - 500) / 10


def read_mcp9808():
    data = i2c.readfrom_mem(MCP9808, 5, 2)
    value = (data[0] << 8 | data[1]) & 0x1FFF
    if value & 0x1000:  # below zero: two's complement
        value -= 0x2000
    return value / 16


time.sleep_ms(250)  # the MCP9808 takes a quarter of a second for its first measurement

while not switch.value():
    led.toggle()
    print("TMP36 %.1f C   MCP9808 %.1f C" % (read_tmp36(), read_mcp9808()))
    time.sleep_ms(500)

led.off()
print("The switch was pressed. Here is the prompt; try led.on()")
