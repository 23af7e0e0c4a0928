# SPDX-License-Identifier: MIT
# Lesson 2: read a sensor.                              Board: Feather HUZZAH ESP8266, with an MCP9808
#
# The MCP9808 is a thermometer on an I2C bus: two wires, SCL (the clock, GPIO5) and SDA (the data, GPIO4). Each device
# on the bus has an address; this one has 0x18. Inside of it are numbered registers; number 5 holds the temperature.

import time
from machine import I2C, Pin, Signal

ADDRESS = 0x18
TEMPERATURE = 5  # the register
LIMIT = 30  # degrees Celsius: above it the red light goes on

i2c = I2C(scl=Pin(5), sda=Pin(4), freq=100000)
alarm = Signal(Pin(0, Pin.OUT, value=1), invert=True)


def celsius(two_bytes):
    # The register has 16 bits. The upper three are flags: `&` with 0x1FFF (13 ones) takes them away.
    value = (two_bytes[0] << 8 | two_bytes[1]) & 0x1FFF
    # The 13 bits are a number in two's complement: bit 12 is worth -4096 instead of +4096. If it is set, we have
    # counted it with the wrong sign, and are 2 * 4096 = 8192 too high.
    if value & 0x1000:
        value -= 8192
    return value / 16  # it counts sixteenths of a degree


def fahrenheit(c):
    return c * 9 / 5 + 32


print("On the bus:", [hex(address) for address in i2c.scan()])
time.sleep_ms(250)  # its first measurement takes a quarter of a second

while True:
    c = celsius(i2c.readfrom_mem(ADDRESS, TEMPERATURE, 2))
    print("%.2f °C = %.2f °F" % (c, fahrenheit(c)), "too warm!" if c > LIMIT else "")
    alarm.value(c > LIMIT)
    time.sleep_ms(500)
