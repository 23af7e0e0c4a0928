#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as people use it: options, exit codes, and what it says to bad input.

Usage: test_cli.py SOLDERLESS FIRMWARE SOURCE_ROOT. Prints TAP.
"""
import os
import re
import struct
import subprocess
import sys
import zlib

sys.dont_write_bytecode = True
from command import main, PATIENCE, build, call, check, firmware, folder, path, root, run, solderless  # noqa: E402


# ---- usage ---------------------------------------------------------------------------------------------

def test_usage():
    check(call(), 2, "Usage: solderless")
    check(call("--help"), 0, "Usage: solderless", "run", "test", "boards", "parts")
    check(call("--version"), 0, "solderless ")
    check(call("walk"), 2, "there is no command 'walk'")
    check(call("run", "--wings"), 2, "--wings")
    check(call("run", "a.py", "b.py"), 2, "one thing to run at a time")
    check(run("--speed", "fast"), 2, "--speed wants a factor")
    check(run("--speed", "-1"), 2, "--speed wants a factor")
    check(run("--seconds", "-3"), 2, "--seconds wants a number")
    check(run("--serial", "usb"), 2, "--serial wants stdio, pty, tcp:PORT")
    check(call("run", "--view", "window", "--seconds", "0"), 2, "no display")


def test_several_boards():
    """Each has its statistics, its VCD file and its serial line."""
    two = path("two/two.json", '{"parts": [{"id": "one", "type": "board-pyboard"}, '
               '{"id": "two", "type": "board-pyboard"}]}')
    vcd = path("two/pins.vcd")
    before = set(os.listdir("."))
    out = check(run("--seconds", "0.2", "--statistics", two), 0, "one: 0.05", "two: 0.05")
    assert set(os.listdir(".")) == before, "the run left files behind"
    assert len(re.findall(r"hash [0-9a-f]{16}", out)) == 2
    again = check(run("--seconds", "0.2", "--statistics", "--vcd", vcd, two), 0)
    assert re.findall(r"hash \S+", out) == re.findall(r"hash \S+", again)
    assert os.path.getsize(vcd) > 100 and os.path.getsize(vcd + ".two") > 100
    check(run("--seconds", "0.1", "--serial", "two=tcp:0", two), 0, "serial port two on tcp")
    check(run("--serial", "three=pty", two), 2, "there is no board 'three'")
    check(run("--serial", "two=stdio", two), 2, "stdio is for the first board")
    check(run("--serial", "none", "--serial", "one=none", two), 2, "has one already")
    scenario = path("two/a.yaml", "name: a\nversion: 1\nprogram: two.json\nsteps:\n"
                    "  - wait-serial: x\n    serial: three\n")
    check(call("test", scenario), 2, "a.yaml:5: there is no board 'three'")
    scenario = path("two/b.yaml", "name: b\nversion: 1\nprogram: two.json\nsteps:\n"
                    "  - delay: 1ms\n    serial: two\n")
    check(call("test", scenario), 2, "goes with wait-serial and write-serial only")


def test_help_has_every_option():
    out = check(call("run", "--help"), 0)
    for option in ["board", "firmware", "diagram", "headless", "view", "seconds", "speed", "serial", "strict",
                   "screenshot", "semihosting", "seed", "statistics"]:
        line = re.search(r"--%s(=\S+)?\s+(\S.*)" % option, out)
        assert line and len(line.group(2)) > 10, "no help for --" + option
    check(call("test", "--help"), 0, "--timeout", "42")


def test_lists():
    check(call("boards"), 0, "pyboard")
    out = check(call("parts"), 0, "led", "tmp36", "mcp9808", "celsius", "brightness")
    assert "stm32-usart" not in out
    check(call("parts", "--all"), 0, "stm32-usart")


# ---- programs ------------------------------------------------------------------------------------------

def test_program():
    result = run(path("good.py", "print('six', 2 * 3)\n"))
    check(result, 0, "six 6\n")
    assert b"\r" not in result.stdout, "a pipe gets the host's line ends"


def test_program_folder():
    path("project/main.py", "import helper.words\nprint(helper.words.text)\n")
    path("project/helper/__init__.py", "")
    path("project/helper/words.py", "text = 'from a package'\n")
    check(run(path("project")), 0, "from a package")


def test_traceback():
    program = path("bad.py", "def f():\n    return 1 / 0\nprint('before')\nf()\n")
    check(run(program), 1, "before", "Traceback (most recent call last):", 'File "main.py", line 4',
          'line 2, in f', "ZeroDivisionError")
    check(run(path("syntax.py", "x = = 1\n")), 1, "SyntaxError", "line 1")


def test_endless_program_ends_by_seconds():
    program = path("loop.py", "import time\nwhile True:\n    print('.', end='')\n    time.sleep_ms(100)\n")
    out = check(run(program, "--seconds", "1.05"), 0)
    assert 9 <= out.count(".") <= 11, out


def test_script_on_standard_input():
    result = run("--firmware", firmware, stdin="x = 20\nprint(x + 1)\n1/0\nprint('end')\n")
    check(result, 0, ">>> print(x + 1)\n21\n", "ZeroDivisionError", "end\n>>> ")


def test_same_run_same_cycles():
    program = path("work.py", "print(sum(i * i for i in range(2000)))\n")
    seen = {run(program, "--statistics").stderr.decode() for _ in range(2)}
    assert len(seen) == 1, seen


def test_same_run_same_pins():
    program = path("pins.py", "import pyb\nfor i in range(40):\n    pyb.LED(1 + i % 4).toggle()\n"
                   "    pyb.delay(1 + i)\nprint(pyb.rng())\n")
    dumps, ends = [], set()
    for i in range(2):
        vcd = path("run%d.vcd" % i)
        result = run(program, "--statistics", "--vcd", vcd)
        dumps.append(open(vcd).read())
        ends.add(result.stdout + result.stderr)
    assert len(ends) == 1, ends
    assert dumps[0] == dumps[1], "the VCD files differ"
    edges = int(re.search(r"(\d+) edges on pins", ends.pop().decode()).group(1))
    changes = [l for l in dumps[0].split("$end")[-1].splitlines() if l[:1] in "01" and l[:1]]
    assert edges > 40 and len(changes) >= edges, (edges, len(changes))
    other = run(program, "--statistics", "--seed", "2").stderr
    assert other and other not in dumps, "another seed, another run"


def test_vanished_reader():
    program = path("talk.py", "while True:\n    print('talk')\n")
    p = subprocess.Popen([solderless, "run", "--headless", program], stdout=subprocess.PIPE,
                         stdin=subprocess.DEVNULL)
    p.stdout.read(20)
    p.stdout.close()
    p.wait(PATIENCE)  # it ends, and not by a signal
    assert p.returncode >= 0, p.returncode


# ---- pictures ------------------------------------------------------------------------------------------

def png_size(file):
    data = open(file, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels = 8, b""
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            pixels += data[at + 8:at + 8 + n]
        at += 12 + n
    assert zlib.decompress(pixels), "no pixels"
    return struct.unpack(">II", data[16:24])


def test_screenshot():
    shot = path("shot.png")
    check(run("--seconds", "0.1", "--screenshot", shot), 0)
    w, h = png_size(shot)
    assert w > 300 and h > 300
    check(run("--seconds", "0.1", "--screenshot", path("no/such/folder/shot.png")), 2, "shot.png")


def test_full_disk():
    shot = path("cut.png")
    check(run("--seconds", "0.1", "--screenshot", shot, limit=4096), 2, "cut.png")
    assert not os.path.exists(shot), "half a picture was left"


# ---- bad input -----------------------------------------------------------------------------------------

def test_missing_files():
    check(run(path("nothing.py")), 2, "nothing.py: no such file")
    check(run("--firmware", path("nothing.elf")), 2, "nothing.elf")
    check(run("--board", "breadboard"), 2, "breadboard")
    check(run(path("empty.elf", "")), 2, "empty.elf")
    path("piped/main.py", "print(1)\n")
    os.mkfifo(path("piped/pipe"))
    check(run(path("piped")), 2, "piped/pipe: not a file")


def vectors(*words):
    return struct.pack("<%dI" % len(words), *words)


def elf_cut(n):
    return open(firmware, "rb").read()[:n]


def test_truncated_images():
    size = os.path.getsize(firmware)
    for n in [1, 30, 60, 200, size // 2]:
        check(run(path("cut.elf", elf_cut(n))), 2, "cut.elf")
    hex_file = ":020000040800F2\n:1000000000000220090000080000000000000000BD\n"
    check(run(path("cut.hex", hex_file)), 2, "cut.hex")  # no end record
    check(run(path("sum.hex", hex_file.replace("BD", "BE") + ":00000001FF\n")), 2, "sum.hex:2:")
    check(run(path("cut.dfu", b"DfuSe\x01" + bytes(20))), 2, "cut.dfu")
    check(run(path("cut.uf2", struct.pack("<II", 0x0A324655, 0x9E5D5157) + bytes(100))), 2, "cut.uf2")
    check(run(path("garbage.elf", bytes(range(256)) * 9)), 2, "garbage.elf")


def test_image_for_nowhere():
    hex_file = (":020000042222B6\n:0400000001020304F2\n:00000001FF\n")
    check(run(path("nowhere.hex", hex_file)), 2, "nowhere.hex", "no memory at 0x22220000")


def thumb(*halfwords, sp=0x20020000, reset=0x08000041, fault=None):
    table = [sp, reset] + [fault or reset] * 14
    return vectors(*table) + struct.pack("<%dH" % len(halfwords), *halfwords)


def test_wild_firmware():
    # The HardFault vector leads nowhere either, so the core locks up and says where.
    jump = thumb(0x4800, 0x4700, 0x0000, 0x4000, fault=0x40000001)  # ldr r0, =0x40000000; bx r0
    check(run(path("jump.bin", jump), "--seconds", "1"), 1, "locked up", "0x")
    no_stack = thumb(0xB5FF, 0xE7FD, sp=0x20000010, fault=0xF0000001)  # push {r0-r7,lr}; b .-2
    check(run(path("stack.bin", no_stack), "--seconds", "1"), 1, "locked up")
    rom = thumb(0x4801, 0x6000, 0xE7FE, 0x46C0, 0x0000, 0x1FFF, fault=0xF0000001)  # str r0, [r0]
    check(run(path("rom.bin", rom), "--seconds", "1"), 1, "locked up")
    check(run(path("no_vectors.bin", bytes(64)), "--seconds", "1"), 1, "locked up")
    spin = thumb(0xE7FE)
    check(run(path("spin.bin", spin), "--seconds", "0.01"), 0)


def test_sleep_without_end():
    wfi = path("sleep.bin", thumb(0xBF30, 0xE7FD))  # wfi; b .-2
    for words in [(), ("--serial", "none")]:
        check(run(wfi, *words), 0, "the board sleeps and nothing is left to wake it")
    out = check(run(wfi, "--seconds", "3600"), 0)
    assert "sleeps" not in out, out
    # Standby: enable PWR, PDDS, SLEEPDEEP, wfi.
    standby = thumb(0x4805, 0x4906, 0x6001, 0x4806, 0x2102, 0x6001, 0x4805, 0x2104, 0x6001, 0xBF30,
                    0xE7FD, 0, 0x3840, 0x4002, 0x0000, 0x1000, 0x7000, 0x4000, 0xED10, 0xE000)
    check(run(path("standby.bin", standby)), 0, "the board sleeps and nothing is left to wake it")


def test_reset_loops():
    watchdog = thumb(0x4802, 0x4903, 0x6001, 0xE7FE, 0, 0, 0x3000, 0x4000, 0xCCCC, 0)
    out = check(run(path("watchdog.bin", watchdog), "--seconds", "2"), 0)
    assert out.count("the watchdog resets the chip") == 3, out  # each 512 ms
    reset = thumb(0x4802, 0x4903, 0x6001, 0xE7FE, 0, 0, 0xED0C, 0xE000, 0x0004, 0x05FA)
    check(run(path("reset.bin", reset), "--seconds", "0.001"), 0)
    # A HardFault handler that returns to the instruction that faulted.
    faults = thumb(0x4801, 0x6800, 0xE7FD, 0x4770, 0, 0xF000, fault=0x08000047)
    out = check(run(path("faults.bin", faults), "--seconds", "0.01"), 0, "bus error")
    assert out.count("bus error") == 1, out  # told once


def test_strict():
    poke = thumb(0x4801, 0x6001, 0xE7FE, 0x46C0, 0x0000, 0x5000)  # USB OTG FS, not modelled
    out = check(run(path("poke.bin", poke), "--seconds", "0.01"), 0, "not modelled", "0x50000000")
    assert out.count("not modelled") == 1
    check(run(path("poke.bin"), "--seconds", "0.01", "--strict"), 1, "not modelled", "--strict")


def diagram(parts, connections):
    return ('{\n"version": 1,\n"parts": [\n{"id": "b", "type": "board-pyboard"},\n%s\n],\n'
            '"connections": [\n%s\n]\n}\n' % (parts, connections))


def test_bad_diagrams():
    led = '{"id": "l", "type": "wokwi-led"}'
    cases = [
        ("{", "", "d.json:"),
        (diagram('{"id": "l", "type": "wokwi-flux-capacitor"}', ""), "d.json:5:", "flux-capacitor"),
        (diagram('{"id": "b", "type": "wokwi-led"}', ""), "d.json:5:", "'b'"),
        (diagram(led, '["l:A", "b:X99", "red"]'), "d.json:8:", "X99"),
        (diagram(led, '["l:Z", "b:X1", "red"]'), "d.json:8:", "'Z'"),
        (diagram(led, '["q:A", "b:X1", "red"]'), "d.json:8:", "'q'"),
        (diagram(led, '["l:A"]'), "d.json:8:", ""),
        ('{"version": 1, "parts": [], "connections": []}', "d.json", "board"),
        ("[1, 2]", "d.json", ""),
    ]
    for text, *messages in cases:
        check(run(path("d.json", text)), 2, *messages)


# ---- scenarios -----------------------------------------------------------------------------------------

def scenario(name, steps, **more):
    head = "name: %s\nversion: 1\n" % name
    head += "".join("%s: %s\n" % kv for kv in more.items())
    return path(name + ".yaml", head + "steps:\n" + "".join("  - %s\n" % s for s in steps))


def test_scenarios():
    prompt = "wait-serial: '>>> '"
    good = scenario("good", [prompt, 'write-serial: "print(40 + 2)\\r"', "wait-serial: '42'"])
    bad = scenario("bad", [prompt, "expect-pin: {part-id: red, name: C, value: 0}"])
    late = scenario("late", ["wait-serial: 'never said'"], timeout="1s")
    wrong = scenario("wrong", ["delay: soon"])
    part = scenario("part", ["set-control: {part-id: nobody, control: pressed, value: 1}"])
    check(call("test", good), 0, "[good] Scenario completed successfully")
    check(call("test", bad), 1, "[bad] [", "ns]", "red:C is 1, expected 0")
    check(call("test", late), 42, "timeout", "[10000000")
    check(call("test", wrong), 2, "wrong.yaml:4:")
    check(call("test", part), 2, "part.yaml:4: there is no part 'nobody'")
    check(call("test", path("none.yaml")), 2, "none.yaml")
    check(call("test", good, late), 42, "1 passed, 1 failed")
    check(call("test"), 2, "no scenario given")


# ---- the micro:bit: somebody else's firmware ---------------------------------------------------------------

MICROBIT = ["/usr/share/firmware-microbit-micropython/firmware.hex",
            os.path.join(build, "deps/root/usr/share/firmware-microbit-micropython/firmware.hex")]


def microbit(*words, **kw):
    return run("--board", "microbit", *words, **kw)


def record(kind, offset, data):
    raw = bytes([len(data), offset >> 8, offset & 255, kind]) + data
    return ":%s%02X\n" % (raw.hex().upper(), -sum(raw) & 255)


def hex_file(segments, entry=None):
    """Intel HEX of {address: bytes}."""
    lines = []
    for base, data in segments.items():
        for i in range(0, len(data), 16):
            lines.append(record(4, 0, (base + i >> 16).to_bytes(2, "big")))
            lines.append(record(0, base + i & 0xFFFF, data[i:i + 16]))
    return "".join(lines) + record(1, 0, b"")


def test_default_board():
    """Without arguments, the lesson on the Feather; also for a program alone."""
    check(call("run", "--headless", "--seconds", "2"), 0, "\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)", "csum", "22.0 C")
    check(call("run", "--headless", "--seconds", "2", path("who.py", "import sys\nprint('on', sys.platform)\n")),
          0, "on esp8266")
    check(call("run", "--headless", firmware), 2, "the board is 'feather-huzzah-esp8266', choose another",
          "built for ARM, the board has Xtensa")


def test_script_appended():
    script = path("script.py", "print('appended', 6 * 7)\n")
    check(microbit("--strict", script, "--seconds", "1"), 0, "appended 42", "MicroPython v1.9.2")
    image = next(p for p in MICROBIT if os.path.exists(p))
    check(microbit(script, "--firmware", image, "--seconds", "1"), 0, "appended 42")
    check(microbit(path("folder/main.py", "print('in a folder')\n") and path("folder"),
                   "--seconds", "1"), 0, "in a folder")
    # To the last byte: 8 KB less the header.
    fits = path("fits.py", "print('fits')\n#" + "x" * (8188 - 16) + "\n")
    assert os.path.getsize(fits) == 8188
    check(microbit(fits, "--seconds", "1"), 0, "fits")
    long = path("long.py", "#" * 8189)
    check(microbit(long), 2, "long.py: 8189 bytes, but the board's firmware takes scripts of 8188 at most")
    # Its message scrolls over the display before the prompt comes.
    check(microbit(path("raises.py", "1 / 0\n"), "--seconds", "60"), 1, "ZeroDivisionError")
    check(microbit(path("nothing"), "--seconds", "1"), 2, "nothing")
    os.makedirs(path("empty"), exist_ok=True)
    check(microbit(path("empty"), "--seconds", "1"), 2, "main.py: not a file")
    taken = path("taken.hex", hex_file({0: b"\0\x40\0\x20\x09\0\0\0\xfe\xe7", 0x3E000: b"MP\0\0"}))
    check(microbit(script, "--firmware", taken), 2, "the firmware itself has something at 0x3e000")


def test_microbit_images():
    loop = bytes.fromhex("fee7")  # b .
    stack = (0x20004000).to_bytes(4, "little")
    vectors = lambda at: stack + (at + 9).to_bytes(4, "little") + loop
    plain = path("plain.hex", hex_file({0: vectors(0), 0x10001014: bytes(4)}))
    check(microbit("--firmware", plain, "--seconds", "0.01"), 0)
    # A universal HEX: ours among others'; only others'.
    ours = record(4, 0, b"\0\0") + record(10, 0, b"\x99\x01\xc0\xde") + \
        record(0, 0, vectors(0)) + record(11, 0, b"")
    theirs = record(4, 0, b"\0\0") + record(10, 0, b"\x99\x03\xc0\xde") + \
        record(13, 0, b"\xff" * 16) + record(12, 0, b"\0" * 16) + record(11, 0, b"")
    both = path("both.hex", ours + theirs + record(1, 0, b""))
    check(microbit("--firmware", both, "--seconds", "0.01"), 0)
    other = path("other.hex", theirs + record(1, 0, b""))
    check(microbit("--firmware", other), 2, "a universal HEX for other boards (the first has id 9903)")
    check(run("--board", "pyboard", "--firmware", both), 2, "a universal HEX for other boards")
    # Behind a SoftDevice that is not there, and behind one that is.
    alone = path("alone.hex", hex_file({0x18000: vectors(0x18000)}))
    check(microbit("--firmware", alone, "--seconds", "0.01"), 0,
          "nothing at 0x0, where the CPU starts: taking the vectors at 0x18000")
    # ldr r0, =0x18000 (by a shift); ldr r0, [r0, #4]; bx r0
    device = stack + (9).to_bytes(4, "little") + bytes.fromhex("0320c00340680047")
    behind = path("behind.hex", hex_file({0: device, 0x18000: vectors(0x18000)}))
    out = check(microbit("--firmware", behind, "--seconds", "0.01"), 0)
    assert "taking the vectors" not in out
    code = path("code.hex", hex_file({0x18000: loop * 8}))
    check(microbit("--firmware", code), 2, "nothing at 0x0, where the CPU starts, and no other vector table")
    # Bad ones.
    image = open(next(p for p in MICROBIT if os.path.exists(p))).read()
    check(microbit("--firmware", path("cut.hex", image[:100000])), 2, "cut.hex:", "is cut off")
    check(microbit("--firmware", path("sum.hex", image.replace("C01", "D01", 1))), 2, "bad checksum")
    check(microbit("--firmware", path("twice.hex", hex_file({0: vectors(0)})[:-12] + hex_file({4: b"xx"}))),
          2, "was already given")
    high = path("high.hex", hex_file({0: vectors(0), 0x3FFF0: bytes(32)}))
    check(microbit("--firmware", high), 2, "no memory at 0x00040000")
    uicr = path("uicr.hex", hex_file({0: vectors(0), 0x10002000: bytes(4)}))
    check(microbit("--firmware", uicr), 2, "no memory at 0x10002000")


def test_missing_package():
    """A board whose firmware is a package that is not there."""
    board = os.path.join(root, "boards/microbit/board.json")
    text = open(board).read().replace("/usr/share/firmware-microbit", "/usr/share/no-such-firmware")
    path("data/boards/microbit/board.json", text)
    path("data/boards/microbit/board.svg", open(os.path.join(root, "boards/microbit/board.svg")).read())
    check(run("--board", "microbit", path("script.py", "print(1)\n"), env={"SOLDERLESS_DATA": path("data")}),
          2, "no-such-firmware", "Debian package firmware-microbit-micropython", "--firmware")


def test_diagram_beside_a_program():
    diagram = path("wiring.json", """{"version": 1, "parts": [{"id": "mb", "type": "board-microbit"},
        {"id": "bz", "type": "wokwi-buzzer"}], "connections": [["mb:0", "bz:2", ""], ["mb:GND", "bz:1", ""]]}""")
    tone = path("tone.py", "import music\nmusic.pitch(500, -1)\n")
    hears = scenario("hears", ["wait-control: {part-id: bz, control: frequency, value: 500, tolerance: 8}",
                               "expect-control: {part-id: bz, control: sounds, value: 1}"])
    check(call("test", "--diagram", diagram, "--program", tone, hears), 0)
    check(call("test", "--program", tone, "--board", "microbit", hears), 2, "there is no part 'bz'")
    check(call("test", "--diagram", path("no.json"), "--program", tone, hears), 2, "no.json")
    deaf = scenario("deaf", ["wait-control: {part-id: bz, control: frequency, value: 600, tolerance: 8}"],
                    timeout="1s")
    check(call("test", "--diagram", diagram, "--program", tone, deaf), 42, "frequency of bz is 5", "timeout")


def test_display_steps():
    bare = scenario("bare", ["expect-display: {part-id: display, rows: ['9?+00', '00000']}"])
    check(call("test", "--board", "microbit", bare), 1, "display shows 00000 00000 00000 00000 00000 , expected 9?+00 00000")
    late = scenario("never", ["wait-display: {part-id: display, rows: ['+']}"], timeout="100ms")
    check(call("test", "--board", "microbit", late), 42, "timeout", "display shows 00000")
    none = scenario("none", ["wait-display: {part-id: accel, rows: ['1']}"])
    check(call("test", "--board", "microbit", none), 2, "part 'accel' (mma8652) is no display")
    nobody = scenario("nobody", ["wait-display: {part-id: x, rows: ['1']}"])
    check(call("test", "--board", "microbit", nobody), 2, "there is no part 'x'")


main(globals())
