# SPDX-License-Identifier: GPL-2.0-or-later
# Pictures, all nine levels, scrolling, single pixels, and the display as pins.
from microbit import *

display.show(Image.HEART)
print("heart")
button_a.was_pressed()
while not button_a.was_pressed():
    sleep(10)
display.show(Image("01234:56789:98765:43210:00900"))
print("levels")
while not button_a.was_pressed():
    sleep(10)
display.clear()
display.set_pixel(4, 0, 9)
display.set_pixel(0, 4, 5)
print("pixels", display.get_pixel(0, 4))
while not button_a.was_pressed():
    sleep(10)
display.scroll("Hi")
print("scrolled", display.is_on())
display.show(["1", "2"], delay=300)
display.off()
print("off", display.is_on())
