# SPDX-License-Identifier: MIT
# Temperature and humidity.                             Board: any; here Feather HUZZAH ESP8266, a DHT22 on GPIO2
#
# The DHT22 has one wire for its data. We pull it low to ask, and it answers with 40 pulses: short ones are zeros, long
# ones are ones. The last 8 are a sum of the others, so that a disturbed answer is noticed. It measures every two
# seconds at most. For the cheaper DHT11 write dht.DHT11.

import time
import dht
from machine import Pin

sensor = dht.DHT22(Pin(2))

while True:
    time.sleep(2)
    try:
        sensor.measure()
    except OSError:
        print("no answer: is it wired to 3.3 V, GND and the pin?")
        continue
    except Exception as problem:  # a wrong sum
        print(problem)
        continue
    print("%.1f °C, %.1f %% humidity" % (sensor.temperature(), sensor.humidity()))
