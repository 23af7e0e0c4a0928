# SPDX-License-Identifier: GPL-2.0-or-later
# A ball that rolls on the display as the board is tilted, a tune, and eight colored lights.
#
# Drag the ball of the accelerometer in the window, or press "shake". Button A plays a tune on the
# speaker at pin 0; B scrolls the temperature. The lights at pin 1 show the tilt.

from microbit import *
import music
import neopixel

lights = neopixel.NeoPixel(pin1, 8)
x = y = 2.0


def limit(value, low, high):
    return min(max(value, low), high)


display.show(Image.HEART)
print("Tilt me, shake me, press A or B.")
sleep(800)

while True:
    right, down, _ = accelerometer.get_values()
    x = limit(x + right / 1500, 0, 4)
    y = limit(y + down / 1500, 0, 4)
    display.clear()
    display.set_pixel(round(x), round(y), 9)
    for i in range(len(lights)):
        near = 60 - abs(i * 4 - int(x * 7)) * 4
        lights[i] = (max(0, near), 0, 60 - max(0, near)) if near > 0 else (0, 0, 4)
    lights.show()
    if button_a.was_pressed():
        print("A")
        music.play(music.POWER_UP, wait=False)
    if button_b.was_pressed():
        print("B:", temperature(), "degrees")
        display.scroll(str(temperature()))
    if accelerometer.was_gesture("shake"):
        print("Shaken")
        display.show(Image.SURPRISED)
        sleep(500)
    sleep(50)
