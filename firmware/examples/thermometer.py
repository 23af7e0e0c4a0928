# SPDX-License-Identifier: MIT
# A thermometer that writes a log: MCP9808 on I2C X (X9, X10), one line a second into log.csv on the board's flash.
# At the prompt: print(open("log.csv").read())

import os
import time
from machine import I2C

i2c = I2C("X")


def celsius():
    high, low = i2c.readfrom_mem(0x18, 5, 2)
    value = (high << 8 | low) & 0x1FFF
    return (value - 0x2000 if value & 0x1000 else value) / 16


start = time.ticks_ms()
with open("log.csv", "w") as log:
    log.write("seconds,celsius\n")
    for n in range(10):
        log.write("%d,%.2f\n" % (time.ticks_diff(time.ticks_ms(), start) // 1000, celsius()))
        time.sleep(1)
print("log.csv has", os.stat("log.csv")[6], "bytes")
