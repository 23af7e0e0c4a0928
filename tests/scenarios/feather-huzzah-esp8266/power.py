# SPDX-License-Identifier: GPL-2.0-or-later
# Through all kinds of reset, with the clock going on; the reset's cause tells where we are.
import machine
import time

cause = machine.reset_cause()
rtc = machine.RTC()
last = rtc.memory()
print("cause", cause, rtc.datetime()[:7], last)
if last == b"fault":
    print("the end")
elif cause == machine.PWRON_RESET:
    rtc.datetime((2024, 2, 28, 3, 23, 59, 57, 0))
    rtc.memory(b"watchdog")
    dog = machine.WDT(timeout=500)
    for n in range(10):
        time.sleep_ms(300)
        dog.feed()
    print("no more food")
    time.sleep(3)
elif cause == machine.WDT_RESET:
    rtc.memory(b"reset")
    machine.reset()
elif cause == machine.SOFT_RESET:
    rtc.memory("sleep")
    machine.deepsleep(2500)
elif cause == machine.DEEPSLEEP_RESET:
    rtc.memory(bytearray(b"fault"))
    machine.mem32[0x10000000]
