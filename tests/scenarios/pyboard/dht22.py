# SPDX-License-Identifier: GPL-2.0-or-later
import time
import dht
from machine import Pin

time.sleep(1)
d = dht.DHT22(Pin("X1"))
start = time.ticks_us()
d.measure()
took = time.ticks_diff(time.ticks_us(), start)
print(d.temperature(), d.humidity(), 18000 < took < 25000)
e = dht.DHT11(Pin("X2"))
e.measure()
print(e.temperature(), e.humidity())
for pin in ("X3", "X4"):
    try:
        dht.DHT22(Pin(pin)).measure()
    except Exception as problem:
        print(repr(problem))
print("ready")
while True:
    d.measure()
    print("now", d.temperature(), d.humidity())
    time.sleep_ms(500)
