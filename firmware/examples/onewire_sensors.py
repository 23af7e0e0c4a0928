# SPDX-License-Identifier: MIT
# Many thermometers on one wire.                        Board: any; here Feather HUZZAH ESP8266, DS18B20s on GPIO12
#
# Every DS18B20 has a number of its own, as long as 64 bits, and scan() finds them all. convert_temp() lets all of them
# measure at the same time, which takes three quarters of a second; then we ask one after the other.

import time
from ds18x20 import DS18X20
from machine import Pin
from onewire import OneWire

sensors = DS18X20(OneWire(Pin(12)))
roms = sensors.scan()
print("found", len(roms))

while True:
    sensors.convert_temp()
    time.sleep_ms(750)
    for rom in roms:
        print("".join("%02x" % byte for byte in rom), "%.2f °C" % sensors.read_temp(rom))
    time.sleep_ms(250)
