# SPDX-License-Identifier: GPL-2.0-or-later
import time
from pyb import Switch

count = 0


def pressed():
    global count
    count += 1
    print("interrupt", count)


switch = Switch()
switch.callback(pressed)
while True:
    print("pressed:", switch.value())
    time.sleep_ms(100)
