# SPDX-License-Identifier: MIT
# A rainbow that runs over coloured lights.             Board: any; here Feather HUZZAH ESP8266, 8 WS2812 on GPIO15
#
# Each light takes three numbers from 0 to 255: how much red, green and blue. write() sends them all down the chain.

import time
from machine import Pin
from neopixel import NeoPixel

COUNT = 8
lights = NeoPixel(Pin(15), COUNT)


def rainbow(place):
    # Around a circle of 0 to 255: from red over green to blue and back to red.
    if place < 85:
        return (255 - place * 3, place * 3, 0)
    if place < 170:
        place -= 85
        return (0, 255 - place * 3, place * 3)
    place -= 170
    return (place * 3, 0, 255 - place * 3)


start = 0
while True:
    for i in range(COUNT):
        lights[i] = rainbow((start + i * 256 // COUNT) % 256)
    lights.write()
    start += 8
    time.sleep_ms(50)
