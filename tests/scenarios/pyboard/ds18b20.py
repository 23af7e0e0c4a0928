# SPDX-License-Identifier: GPL-2.0-or-later
import time
from ds18x20 import DS18X20
from machine import Pin
from onewire import OneWire, OneWireError

wire = OneWire(Pin("Y12"))
ds = DS18X20(wire)
print("empty", OneWire(Pin("Y11")).scan(), OneWire(Pin("Y11")).reset())
try:
    DS18X20(OneWire(Pin("Y11"))).convert_temp()
except OneWireError as e:
    print("nobody", repr(e))
roms = ds.scan()
print(wire.reset(), [bytes(r).hex() for r in roms], [wire.crc8(r) for r in roms])
print(wire.SEARCH_ROM, wire.MATCH_ROM, wire.SKIP_ROM, wire.pin)
print([ds.read_temp(r) for r in roms])  # before the first conversion
ds.convert_temp()
print("busy", wire.readbit())
time.sleep_ms(740)
print("busy", wire.readbit())
time.sleep_ms(12)
print("done", wire.readbit(), [ds.read_temp(r) for r in roms])
ds.write_scratch(roms[0], b"\x50\xf0\x1f")  # 9 bits
print(ds.read_scratch(roms[0]).hex())
wire.select_rom(roms[0])
wire.writebyte(0x44)
start = time.ticks_us()
while not wire.readbit():
    pass
print("93.75 ms", 93500 < time.ticks_diff(time.ticks_us(), start) < 94500)
buf = bytearray(9)
wire.reset(True)
wire.write(bytes([wire.MATCH_ROM]) + roms[1])
wire.writebyte(0xBE)
wire.readinto(buf)
print(buf.hex())
for bad in (lambda: ds.read_temp(b"short"), lambda: DS18X20(1), lambda: OneWire(), lambda: wire.write(3)):
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
try:
    ds.read_temp(bytearray(b"\x28\1\2\3\4\5\7\0"))
except Exception as e:
    print("nobody has that number:", e)
print("ready")
while True:
    ds.convert_temp()
    time.sleep_ms(750)
    print("now", [ds.read_temp(r) for r in roms])
