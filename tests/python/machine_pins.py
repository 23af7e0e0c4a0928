# SPDX-License-Identifier: GPL-2.0-or-later
# machine.Pin, Signal, ADC, PWM on the host's port, whose pins are memory: an input reads its pull, an output what it drives.
import machine
from machine import ADC, PWM, Pin, Signal

p = Pin("X1", Pin.OUT, value=1)
print(p, p.value(), p(), p is Pin("X1"), p is Pin.board.X1, p is Pin.cpu.A0, Pin(p) is p, Pin("A0") is p, Pin("PA0") is p)
p(0)
print(p())
p.on()
print(p.value())
p.off()
p.toggle()
print(p.value(), p.high(), p.low(), p.value())
p.value(True)
print(p.name(), p.names(), p.mode() == Pin.OUT, p.pull())
q = Pin("Y3", Pin.IN, Pin.PULL_UP)
print(q, q.value())
q.init(Pin.IN, pull=Pin.PULL_DOWN)
print(q, q.value(), q.pull() == Pin.PULL_DOWN)
q.init(mode=Pin.ALT, alt=7)
print(q, q.af())
for bad in (lambda: Pin("X99"), lambda: Pin(1000), lambda: Pin(), lambda: Pin("X1", 77), lambda: Pin("X1", Pin.IN, 9),
            lambda: Pin("X1", Pin.OUT, nonsense=1), lambda: Pin.board.NONE):
    try:
        bad()
    except (ValueError, TypeError, AttributeError) as e:
        print(type(e).__name__)

seen = []
p.value(0)
irq = p.irq(lambda pin: seen.append((pin is p, pin())), Pin.IRQ_RISING)
p(1)
p(0)
p(1)
machine.idle()
print(seen, irq.trigger() == Pin.IRQ_RISING)
del seen[:]
p.irq(handler=lambda pin: seen.append(pin()), trigger=Pin.IRQ_FALLING | Pin.IRQ_RISING, hard=True)
p(0)
machine.idle()
p(1)
machine.idle()
print(seen)
del seen[:]
p.irq(None)
p(0)
machine.idle()
print(seen)


def fails(pin):
    raise KeyError("in the handler")


p.irq(fails)
p(1)
machine.idle() # the exception is printed, and the program goes on
p.irq(None)

s = Signal(p, invert=True)
s.on()
print(s.value(), p.value(), s(), s(0), p(), s.off())
print(Signal("X2", Pin.OUT, value=1).value(), Signal("X2", Pin.OUT, value=1, invert=True).value())

a = ADC("X1")
print(a.read_u16(), ADC(Pin("X6")).read_u16(), ADC("X6").read(), ADC(18).read_u16(), ADC(ADC.CORE_TEMP).read())
try:
    ADC("Y1")
except ValueError as e:
    print(e)

w = PWM(Pin("X1"), freq=1000, duty_u16=16384)
print(w, w.freq(), w.duty_u16(), w.duty_ns())
w.duty_u16(65535)
print(w.duty_u16(), w.duty_ns())
w.freq(50)
w.duty_ns(1500000)
print(w.freq(), w.duty_u16(), w.duty_ns())
w.init(freq=200, duty_u16=0)
print(w)
w.deinit()
for bad in (lambda: w.freq(0), lambda: w.duty_u16(-1), lambda: PWM()):
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
