# SPDX-License-Identifier: GPL-2.0-or-later
# Through all kinds of reset, with the clock going on; the reset's cause tells where we are.
import machine
import os
import time

cause = machine.reset_cause()
rtc = machine.RTC()
print("cause", cause, rtc.datetime()[:7])
if "fault" in os.listdir():
    os.remove("fault")
    print("the end")
elif cause == machine.PWRON_RESET:
    rtc.datetime((2024, 2, 28, 3, 23, 59, 57, 0))
    time.sleep(3)  # the crystal starts
    dog = machine.WDT(timeout=500)
    for n in range(10):
        time.sleep_ms(300)
        dog.feed()
    print("no more food")
    time.sleep(1)
elif cause == machine.WDT_RESET:
    machine.reset()
elif cause == machine.HARD_RESET:
    machine.deepsleep(2500)
else:
    open("fault", "w").close()
    machine.mem32[0x30000000]
