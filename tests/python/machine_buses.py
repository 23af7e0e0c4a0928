# SPDX-License-Identifier: GPL-2.0-or-later
# machine.UART and SPI on the host's port, which hear what they say; I2C, where nobody answers; timers, clock, memory.
import machine
import micropython
import time
from machine import I2C, Pin, RTC, SPI, UART, SoftI2C, SoftSPI, Timer

u = UART(1, 115200)
print(u)
print(u.any(), u.read(), u.write(b"hello\nworld\n"), u.any(), u.readline(), u.read(3), u.read(), u.readline())
buf = bytearray(4)
print(u.write(b"abcdef"), u.readinto(buf), buf, u.readinto(buf, 1), buf, u.any(), u.read(10), u.txdone())
calls = []
u.irq(lambda uart: calls.append(uart.read()))
u.write(b"x")
machine.idle()
print(calls, u is UART(1))
u.init(9600, bits=7, parity=1, stop=2, timeout=10)
print(u)
u.deinit()
for bad in (lambda: UART(99), lambda: UART(0), lambda: u.any(), lambda: UART(1, bits=3), lambda: UART(2, stop=5)):
    try:
        bad()
    except ValueError as e:
        print(e)

s = SPI(1, baudrate=1000000, polarity=1, phase=0)
print(s)
rx = bytearray(3)
print(s.write(b"abc"), s.write_readinto(b"abc", rx), rx, s.read(2), s.read(2, 0x55), s.readinto(rx, 7), rx)
try:
    s.write_readinto(b"ab", rx)
except ValueError as e:
    print(e)
soft = SoftSPI(baudrate=500000, sck="X1", mosi="X2", miso="X2") # hears what it says
Pin("X2", Pin.OUT)
rx = bytearray(4)
soft.write_readinto(b"\x01\x80\xa5\xff", rx)
print(soft, rx)
soft.init(polarity=1, phase=1, firstbit=SPI.LSB)
Pin("X2", Pin.OUT)
soft.write_readinto(b"\x01\x80\xa5\xff", rx)
print(rx)

for bus in (I2C(1), SoftI2C("X9", "X10", freq=100000)):
    print(bus, bus.scan())
    for attempt in (lambda: bus.readfrom(0x18, 2), lambda: bus.writeto(0x18, b"1"), lambda: bus.readfrom_mem(0x18, 5, 2),
                    lambda: bus.writeto_mem(0x18, 5, b"12"), lambda: bus.readfrom(200, 1)):
        try:
            attempt()
        except (OSError, ValueError) as e:
            print(repr(e))

ticks = []
t = Timer(period=1, mode=Timer.PERIODIC, callback=lambda timer: ticks.append(timer))
while len(ticks) < 3:
    machine.idle()
t.deinit()
print(ticks[0] is t, t)
done = []
Timer(mode=Timer.ONE_SHOT, period=2, callback=done.append)
Timer(mode=Timer.ONE_SHOT, freq=100, callback=done.append)
while len(done) < 2:
    time.sleep_ms(1)
time.sleep_ms(20)
print(len(done))
micropython.schedule(print, "scheduled")
time.sleep_ms(0)

start = time.ticks_ms()
time.sleep_ms(20)
time.sleep(0.005)
time.sleep_us(100)
print(time.ticks_diff(time.ticks_ms(), start) >= 25)
print(time.ticks_diff(time.ticks_add(time.ticks_us(), 100), time.ticks_us()) <= 100, time.ticks_diff(5, 2**30 - 5))
rtc = RTC()
rtc.datetime((2024, 2, 29, 4, 23, 59, 58, 0))
print(rtc.datetime()[:7] >= (2024, 2, 29, 4, 23, 59, 58), time.localtime()[:3])
for seconds in (0, 951782399, 951782400, 1709251199, 4102444800):
    print(time.gmtime(seconds), time.mktime(time.gmtime(seconds)) == seconds)
print(time.mktime((2024, 14, 31, 25, 61, 61, 0, 0)))
state = machine.disable_irq()
machine.enable_irq(state)
print(machine.unique_id(), machine.freq(), machine.reset_cause() == machine.PWRON_RESET)


def locked():
    micropython.heap_lock()
    try:
        return [1, 2, 3] * 100
    except MemoryError:
        return micropython.heap_unlock()


print(locked(), micropython.opt_level())
