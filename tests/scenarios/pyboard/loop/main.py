# SPDX-License-Identifier: GPL-2.0-or-later
# Wires from output to input: a UART, an SPI bus and a pin, each talking to itself.
import time
from machine import Pin, SPI, UART

uart = UART(4, 9600)  # X1 is TX, X2 is RX
uart.write("to myself")
time.sleep_ms(50)
print("uart", uart.read())

spi = SPI("X", baudrate=1000000)  # X7 is MISO, X8 is MOSI
got = bytearray(4)
spi.write_readinto(b"\x01\x80\xaa\x55", got)
print("spi", got)

edges = 0


def edge(pin):
    global edges
    edges += 1


out = Pin("X3", Pin.OUT, value=0)
sense = Pin("X4", Pin.IN)
sense.irq(edge, Pin.IRQ_RISING | Pin.IRQ_FALLING)
for i in range(6):
    out.toggle()
    time.sleep_ms(1)
print("edges", edges, "level", sense.value())
out.on()
print("level", sense.value())
