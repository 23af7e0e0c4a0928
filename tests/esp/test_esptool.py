#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Espressif's esptool at the ESP8266 boards, over RFC 2217: it resets the chip into the boot loader by DTR and RTS,
talks to the ROM and to its own stub, reads and writes the flash; and its images against ours.

Usage: test_esptool.py SOLDERLESS SOURCE_ROOT. Prints TAP.
"""
import os
import random
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from board import Board, PATIENCE, build, call, content, expect, main, path, solderless, tool  # noqa: E402

FLASH = 4 << 20
FEATHER = "feather-huzzah-esp8266"
random.seed(8266)
IDENTITY = {FEATHER: "5c:cf:7f:12:34:56", "nodemcu": "5c:cf:7f:65:43:21"}
adder = os.path.join(build, "firmware/adder-%s.bin" % FEATHER)
adder_elf = adder[:-4] + ".elf"


def erased(name):
    return path(name, b"\xff" * FLASH)


def test_who_is_there():
    """Twice, so that the second finds a board that the first has reset and left."""
    for name, mac in IDENTITY.items():
        with Board(name, "--flash", erased("id.flash")) as board:
            for words in ["--no-stub", "flash_id"], ["flash_id"]:
                out = board.esptool(*words)
                expect(out, "Chip is ESP8266EX", "Crystal is 26MHz", "MAC: " + mac, "Manufacturer: ef",
                       "Device: 4016", "Detected flash size: 4MB")
                assert ("Stub running" in out) == (len(words) == 1), out


def test_chip_id_and_mac():
    with Board(FEATHER, "--flash", erased("mac.flash")) as board:
        expect(board.esptool("--no-stub", "chip_id"), "Chip ID: 0x00123456")
        expect(board.esptool("read_mac"), "MAC: 5c:cf:7f:12:34:56")


def write_and_read(words, n):
    flash, data = erased("write.flash"), random.randbytes(n)
    with Board(FEATHER, "--flash", flash) as board:
        out = board.esptool(*words, "write_flash", "0x110000", path("data.bin", data))
        if "--no-stub" not in words:
            expect(out, "Hash of data verified")
        assert content(flash)[0x110000:0x110000 + n] == data, "what is in the flash"
        if "--no-stub" not in words:  # the ROM cannot read flash
            expect(board.esptool(*words, "verify_flash", "0x110000", path("data.bin")), "verify OK")
            back = path("back.bin")
            board.esptool(*words, "read_flash", "0x110100", str(n // 2), back)
            assert content(back) == data[0x100:0x100 + n // 2], "what is read back"
    return flash, data


def test_flash_by_the_stub():
    """At another speed: the bridge's changes with the computer's."""
    flash, data = write_and_read(["--baud", "460800"], 70000)
    with Board(FEATHER, "--flash", flash) as board:
        board.esptool("--baud", "921600", "erase_region", "0x112000", "0x3000")
        want = data[:0x2000] + b"\xff" * 0x3000 + data[0x5000:]
        assert content(flash)[0x110000:0x110000 + len(data)] == want
        board.esptool("erase_flash")
        assert content(flash) == b"\xff" * FLASH


def test_flash_by_the_rom():
    write_and_read(["--no-stub"], 5000)


def test_write_a_firmware_and_boot_it():
    """As people do with a new board: write the image, and have the prompt."""
    flash = erased("adder.flash")
    with Board(FEATHER, "--flash", flash) as board:
        board.esptool("--baud", "460800", "write_flash", "0", adder)
        expect(board.mpremote("exec", "import sys; print(sys.platform, 6 * 7)"), "esp8266 42")
        board.mpremote("exec", "with open('kept', 'w') as f:\n    f.write('yes')")
    # It is in the file: the next run boots it and finds its files, without another image.
    result = subprocess.run([solderless, "run", "--headless", "--board", FEATHER, "--flash", flash],
                            input=b"print(open('kept').read() + '!')\n", capture_output=True, timeout=PATIENCE)
    expect(result.stdout.decode(errors="replace"), "yes!")


def test_reset_lines():
    """RTS resets, DTR and RTS in their order start the boot loader, and a client that is gone holds nothing."""
    with Board(FEATHER, "--flash", erased("lines.flash"), "--firmware", adder) as board:
        board.esptool("--before", "default_reset", "--after", "no_reset", "--no-stub", "chip_id")
        # Still in the boot loader: no other reset is needed.
        expect(board.esptool("--before", "no_reset", "--after", "no_reset", "--no-stub", "chip_id"), "Chip ID")
        board.esptool("--no-stub", "chip_id")
        expect(board.mpremote("exec", "print('back')"), "back")


def test_wild_clients():
    """Garbage, half commands, a client that vanishes in the middle: the next one finds a good port."""
    with Board(FEATHER, "--flash", erased("wild.flash")) as board:
        host, port = board.port.split("//")[1].split("?")[0].split(":")
        for _ in range(20):
            with socket.create_connection((host, int(port))) as s:
                s.sendall(random.randbytes(3000))
                s.sendall(b"\xff\xfa\x2c\x05\x08\xff\xf0\xff\xfa\x2c\x05\x0b\xff\xf0")  # DTR and RTS on
                s.sendall(random.choice([b"\xff", b"\xff\xfa", b"\xff\xfa\x2c\x01\x00", b""]))
                if random.random() < 0.5:  # a reset of the connection
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        expect(board.esptool("--no-stub", "chip_id"), "Chip ID: 0x00123456")
        assert board.process.poll() is None


# ---- images ------------------------------------------------------------------------------------------

def memory(image):
    """What the ROM loads of an image: entry, {address: byte}."""
    magic, count, _, _, entry = struct.unpack_from("<BBBBI", image)
    assert magic == 0xE9
    at, to = 8, {}
    for _ in range(count):
        address, n = struct.unpack_from("<II", image, at)
        to.update(enumerate(image[at + 8:at + 8 + n], address))
        at += 8 + n
    return entry, to


def flash_of(firmware, name):
    """What is in the flash when a firmware is loaded."""
    flash = path(name)
    call(solderless, "run", "--headless", "--board", FEATHER, "--flash", flash, "--firmware", firmware,
         "--seconds", "0", "--serial", "none")
    return content(flash)


def test_an_elf_becomes_what_esptool_makes():
    call(tool("esptool"), "--chip", "esp8266", "elf2image", "--flash_size", "4MB", "-o", path("theirs-"), adder_elf)
    ours = flash_of(adder_elf, "elf.flash")
    theirs = content(path("theirs-0x00000.bin"))
    entry, ram = memory(theirs)
    assert (entry, ram) == memory(ours)
    assert ours[2:4] == theirs[2:4], "mode and size"
    codes = [n for n in os.listdir(os.path.dirname(path(""))) if n.startswith("theirs-0x") and "0x00000" not in n]
    assert len(codes) == 1, codes
    code, at = content(path(codes[0])), int(codes[0][7:-4], 16)
    assert ours[at:at + len(code)] == code
    expect(call(tool("esptool"), "--chip", "esp8266", "image_info", path("ours.bin", ours)), "(valid)",
           "Entry point: %08x" % entry)


def test_images_of_version_2():
    image = path("v2.bin")
    call(tool("esptool"), "--chip", "esp8266", "elf2image", "--version", "2", "-o", image, adder_elf)
    data = bytearray(content(image))
    assert data[0] == 0xEA
    assert flash_of(image, "v2.flash")[0x1000:0x1000 + len(data)] == data
    data[len(data) // 2] ^= 1
    out = call(solderless, "run", "--headless", "--board", FEATHER, "--firmware", path("bad.bin", bytes(data)), code=2)
    expect(out, "bad.bin: offset 0x", "the ")


def test_bad_images():
    good = content(adder)
    for name, data, text in (
            ("cut.bin", good[:1000], "cut.bin: offset 0x10: the file is cut off: a segment needs"),
            ("sum.bin", good[:400] + b"\0\0\0\0" + good[404:], "the checksum is 0x"),
            ("garbage.bin", random.randbytes(5000).replace(b"\xe9", b"\0"), "not with 0xe9 as an ESP8266 image does"),
            ("none.bin", b"", "the file is empty"),
            ("long.bin", good + bytes(FLASH), "has no RAM or flash for them there")):
        out = call(solderless, "run", "--headless", "--board", FEATHER, "--firmware", path(name, data), code=2)
        expect(out, name, text)
    out = call(solderless, "run", "--headless", "--board", "pyboard", "--firmware", adder, code=2)
    expect(out, "built for Xtensa, the board has ARM")


def test_mask_roms():
    rom = os.path.join(build, "firmware/esp8266-rom.elf")
    words = [solderless, "run", "--headless", "--board", FEATHER, "--seconds", "1"]
    expect(call(*words, "--rom", rom), "22.0 C")  # the demo
    out = call(*words, "--rom", path("short.rom", b"\0" * 1000), code=2)
    expect(out, "short.rom: neither ELF nor a dump of the ROM: it has 1000 bytes, the ROM 65536")
    expect(call(*words, "--rom", path("none.rom"), code=2), "none.rom: not a file")
    expect(call(*words, "--rom", adder_elf, code=2), "which is not in the ROM of esp8266ex")
    out = call(solderless, "run", "--headless", "--board", "pyboard", "--rom", rom, "--seconds", "1", code=2)
    expect(out, "stm32f405 has no ROM to be replaced")
    # A dump is the same ROM.
    dump = bytearray(1 << 16)
    elf = content(rom)
    table, size, count = struct.unpack_from("<I", elf, 28)[0], *struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        kind, offset, _, address, n = struct.unpack_from("<IIIII", elf, table + i * size)
        if kind == 1 and n:
            dump[address - 0x40000000:address - 0x40000000 + n] = elf[offset:offset + n]
    stats = [call(*words, "--rom", r, "--statistics") for r in (rom, path("dump.rom", bytes(dump)))]
    assert stats[0] == stats[1], stats


main(globals())
