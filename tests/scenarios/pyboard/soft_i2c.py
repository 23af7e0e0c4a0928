# SPDX-License-Identifier: GPL-2.0-or-later
import time
from machine import I2C, Pin, SoftI2C

time.sleep_ms(250)
for i2c in (SoftI2C(scl="Y3", sda="Y4"), I2C(scl=Pin("Y3"), sda=Pin("Y4"), freq=50000), SoftI2C("Y3", "Y4", freq=1000)):
    print(i2c, i2c.scan())
    start = time.ticks_us()
    data = i2c.readfrom_mem(0x18, 5, 2)
    print(data, time.ticks_diff(time.ticks_us(), start) // 1000, "ms")
i2c = SoftI2C("Y3", "Y4", freq=100000)
i2c.writeto_mem(0x18, 2, b"\x12\x34")  # a limit: its lowest bits are not there
buf = bytearray(2)
i2c.readfrom_mem_into(0x18, 2, buf)
print(buf, i2c.writeto(0x18, b"\x06"), i2c.readfrom(0x18, 4), i2c.writevto(0x18, (b"\x07", b"")))
i2c.start()
print(i2c.write(b"\x30\x06"), i2c.write(b"\x00"))  # address and pointer, one byte too many is fine
i2c.stop()
for bad in (lambda: i2c.readfrom(0x19, 1), lambda: i2c.writeto(0x20, b"x")):
    try:
        bad()
    except OSError as e:
        print(repr(e))
other = SoftI2C("Y5", "Y6", timeout=500)  # nothing is there but the wire to Y7
Pin("Y7", Pin.OUT, value=0)
try:
    other.scan()
except OSError as e:
    print("a clock that is held:", repr(e))
print("end")
