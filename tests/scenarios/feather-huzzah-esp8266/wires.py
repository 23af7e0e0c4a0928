# SPDX-License-Identifier: GPL-2.0-or-later
import time
from machine import PWM, SPI, UART, Pin, SoftSPI, time_pulse_us

data = b"\x00\x01\x7f\x80\xff"
back = bytearray(len(data))
spi = SPI(1, baudrate=1000000)
spi.write_readinto(data, back)
print("hard SPI", bytes(back), 1000000)
spi.init(baudrate=20000000, polarity=1, phase=1)
long = bytes(range(200))
back = bytearray(200)
spi.write_readinto(long, back)
print("fast SPI", back == long)
spi.init(baudrate=100000, polarity=0, phase=0, firstbit=SPI.LSB)
back = bytearray(2)
spi.write_readinto(b"\x0f\xa5", back)
print("lsb SPI", bytes(back))
spi.deinit()
soft = SoftSPI(baudrate=100000, sck=Pin(14), mosi=Pin(13), miso=Pin(12))
back = bytearray(len(data))
soft.write_readinto(data, back)
print("soft SPI", bytes(back))

out, watch = Pin(14, Pin.OUT, value=0), Pin(5, Pin.IN)
seen = []
watch.irq(lambda pin: seen.append(pin.value()))
for level in (1, 0, 1, 0, 1, 0):
    out.value(level)
    time.sleep_ms(2)
print("edges", seen)
seen.clear()
watch.irq(lambda pin: seen.append(pin.value()), Pin.IRQ_RISING)
for level in (1, 0, 1, 0, 1, 0):
    out.value(level)
    time.sleep_ms(2)
print("rising", len(seen))
watch.irq(None)
pwm = PWM(out, freq=100, duty_u16=32768)
time.sleep_ms(20)
while watch.value():
    pass
print("pulse", (time_pulse_us(watch, 1) + 50) // 100 * 100)
pwm.deinit()
try:
    Pin(16, Pin.IN).irq(lambda pin: None)
except OSError:
    print("no interrupt on 16")

# GPIO2 sends, GPIO4 looks: start bit, 8 bits from the lowest, stop bit
uart = UART(1, baudrate=300)
line = Pin(4, Pin.IN)
time.sleep_ms(50)


def byte():
    uart.write(b"\x95")
    while line.value():
        pass
    start = time.ticks_us()
    bits = 0
    for n in range(10):
        while time.ticks_diff(time.ticks_us(), start) < (2 * n + 1) * 1667:
            pass
        bits |= line.value() << n
    return bin(bits)


print("byte", byte())
print("the end")
