# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark: prints a table of what was measured against its goal.

Every function in ROWS yields Results, fewer where the simulator is not built. What is
compared with QEMU runs in pairs, one after the other, and the ratio is the median of the pairs', so
that a busy machine slows both. Ends with 1 if a goal is missed and --check is given.
"""
import argparse
import dataclasses
import os
import re
import select
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
SOLDERLESS = os.path.join(BUILD, "solderless")
MIX = os.path.join(BUILD, "tests", "bench", "mix.elf")
MIX_M0 = os.path.join(BUILD, "tests", "bench", "mix-m0.elf")
IDLE = os.path.join(BUILD, "tests", "bench", "idle.elf")
BLANK = os.path.join(TOP, "tests", "bench", "blank.py")
LOOPS = os.path.join(TOP, "tests", "bench", "loops.py")
MIX_CHECKSUM = "65ab5118"  # as in test_mix.c
MICROBIT_LOOPS = os.path.join(TOP, "tests", "bench", "microbit_loops.py")
ADDER_MICROBIT = os.path.join(BUILD, "firmware", "adder-microbit.hex")
CPU_HZ = 168e6
MICROBIT_HZ = 16e6
M0_OURS = [SOLDERLESS, "run", "--board", "microbit", "--headless", "--speed", "max", "--semihosting"]
OURS = [SOLDERLESS, "run", "--board", "pyboard", "--headless", "--speed", "max"]
LX106_MIX = os.path.join(BUILD, "tests", "bench", "mix-lx106.elf")
LX106_QEMU_MIX = os.path.join(BUILD, "tests", "bench", "mix-lx106-qemu.elf")
LX106_HZ = 80e6
ESP8266_HZ = 80e6
ESP8266_OURS = [SOLDERLESS, "run", "--board", "feather-huzzah-esp8266", "--headless", "--speed", "max"]
LX106_DATA = os.path.join(TOP, "tests", "bench")  # has a board of nothing else
LX106_OURS = ["env", f"SOLDERLESS_DATA={LX106_DATA}", SOLDERLESS, "run", "--board", "lx106",
              "--headless", "--speed", "max", "--serial", "none", "--semihosting"]
LX106_QEMU = ["qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-icount", "shift=0",
              "-semihosting", "-display", "none", "-serial", "none", "-monitor", "none", "-kernel"]
QEMU = ["qemu-system-arm", "-M", "netduinoplus2", "-icount", "shift=0", "-nographic",
        "-semihosting-config", "enable=on,target=native", "-kernel"]


@dataclasses.dataclass
class Result:
    name: str
    value: str
    goal: str = ""
    met: bool = True


class Failed(Exception):
    """A measured program did not do what it should."""


@dataclasses.dataclass
class Run:
    seconds: float      # of host time, from start to end
    resident_mb: float  # the most it had
    output: str


def run(command, wait_for=None, timeout=300):
    """Runs a command to its end, or until it has printed WAIT_FOR.

    Its output is standard output and standard error together; standard input stays open and silent.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd=TOP)
    output = b""
    found = False
    while not found:
        left = start + timeout - time.perf_counter()
        ready, _, _ = select.select([process.stdout], [], [], max(left, 0))
        if not ready:
            process.kill()
            process.wait()
            raise Failed(f"no end after {timeout} s: {' '.join(command)}\n{tail(output)}")
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            break
        output += piece
        found = wait_for is not None and wait_for in output
    seconds = time.perf_counter() - start
    if found:
        process.terminate()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdin.close()
    process.stdout.close()
    if wait_for is not None and not found:
        raise Failed(f"ended without {wait_for!r}: {' '.join(command)}\n{tail(output)}")
    if process.returncode != 0 and not found:
        raise Failed(f"exit code {process.returncode}: {' '.join(command)}\n{tail(output)}")
    return Run(seconds, usage.ru_maxrss / 1024, output.decode(errors="replace"))


def tail(output):
    return "\n".join(output.decode(errors="replace").splitlines()[-8:])


def mix(command):
    """One run of the mixed workload; its checksum must be right."""
    result = run(command)
    if f"checksum {MIX_CHECKSUM}" not in result.output:
        raise Failed(f"wrong checksum: {' '.join(command)}\n{result.output}")
    return result


def pairs_of(qemu, ours, rounds):
    """Runs of both, in turns; without the simulator, of QEMU only."""
    have_ours = os.path.exists(SOLDERLESS)
    return [(mix(qemu), mix(ours) if have_ours else None) for _ in range(rounds)]


def against_qemu(title, pairs, ours, hz, ratio_goal=None, real_goal=1):
    """Rows of one image: our engine, which counts cycles, against QEMU, which does not."""
    yield Result(f"{title}, QEMU", f"{statistics.median(q.seconds for q, _ in pairs):.2f} s")
    if pairs[0][1] is None:
        return
    # Not what the image prints: that has 32 bits.
    cycles = int(re.search(r"(\d+) cycles,", mix(ours + ["--statistics"]).output).group(1))
    seconds = statistics.median(s.seconds for _, s in pairs)
    ratio = statistics.median(q.seconds / s.seconds for q, s in pairs)
    real_time = cycles / hz / seconds
    yield Result(f"{title}, solderless", f"{seconds:.2f} s, {cycles / 1e6:.0f} M cycles")
    yield Result("  speed against QEMU", f"{ratio:.2f} x", f">= {ratio_goal:.1f} x" if ratio_goal else "",
                 not ratio_goal or ratio >= ratio_goal)
    yield Result(f"  speed against real time, {hz / 1e6:.0f} MHz", f"{real_time:.1f} x",
                 f">= {real_goal} x", real_time >= real_goal)


def mix_rows(rounds):
    ours = OURS + ["--semihosting", MIX]
    return against_qemu("C mix", pairs_of(QEMU + [MIX], ours, rounds), ours, CPU_HZ, 1.0, 4)


def m0_rows(rounds):
    qemu, ours = QEMU[:1] + ["-M", "microbit"] + QEMU[3:] + [MIX_M0], M0_OURS + [MIX_M0]
    return against_qemu("C mix for Cortex-M0", pairs_of(qemu, ours, rounds), ours, MICROBIT_HZ, None, 2)


def lx106_rows(rounds):
    ours = LX106_OURS + [LX106_MIX]
    pairs = pairs_of(LX106_QEMU + [LX106_QEMU_MIX], ours, rounds)
    yield from against_qemu("C mix for LX106", pairs, ours, LX106_HZ, None, 3)
    if pairs[0][1] is None:
        return
    # QEMU's instructions take a nanosecond each, and its core counts at 40 MHz.
    instructions = int(re.search(r"cycles ([0-9a-f]{8})", pairs[0][0].output).group(1), 16) * 25
    mips = instructions / statistics.median(s.seconds for _, s in pairs) / 1e6
    yield Result("  instructions a second", f"{mips:.0f} M", ">= 250 M", mips >= 250)


def start_rows(rounds):
    """Start: what a command costs before the board does anything."""
    if not os.path.exists(SOLDERLESS):
        return
    for name, command, goal in (
            ("start of the command", [SOLDERLESS, "--version"], 20),
            ("start of a headless board", OURS + ["--serial", "none", "--seconds", "1e-12"], 50)):
        runs = [run(command) for _ in range(5 * rounds)]
        ms = statistics.median(r.seconds for r in runs) * 1000
        yield Result(name, f"{ms:.0f} ms, {max(r.resident_mb for r in runs):.1f} MB", f"< {goal} ms", ms < goal)


def idle_rows(rounds):
    """Idle: an hour of the board's time asleep, waking up every second."""
    if not os.path.exists(SOLDERLESS):
        return
    runs = [run(OURS + ["--semihosting", IDLE]) for _ in range(rounds)]
    seconds = statistics.median(r.seconds for r in runs)
    resident = max(r.resident_mb for r in runs)
    if any("seconds 00000e10" not in r.output for r in runs):
        raise Failed(f"the hour was not an hour:\n{runs[0].output}")
    yield Result("idle hour", f"{seconds:.2f} s", "< 1 s", seconds < 1)
    yield Result("  resident memory", f"{resident:.1f} MB", "< 40 MB", resident < 40)


def prompt_rows(rounds):
    """Prompt: from the start of the command to Adder's prompt."""
    if not os.path.exists(SOLDERLESS):
        return
    runs = [run(OURS + ["--seconds", "30", BLANK], wait_for=b">>> ") for _ in range(rounds)]
    seconds = statistics.median(r.seconds for r in runs)
    resident = max(r.resident_mb for r in runs)
    yield Result("Adder's prompt ready", f"{seconds:.2f} s", "< 0.3 s", seconds < 0.3)
    yield Result("  resident memory", f"{resident:.1f} MB", "< 40 MB", resident < 40)


def loops(title, command, hz, goals):
    """Loops on a board, in the board's time, which does not depend on the host; goals in us."""
    output = run(command + ["--seconds", "60", LOOPS], wait_for=b">>> ").output
    found = dict(re.findall(r"bench (\w+) (\d+)", output))
    for name, what, count in (("int", "s = a + b, ints", 1000000), ("float", "s = a + b, floats", 1000000),
                              ("call", "call of an empty function", 100000)):
        if name not in found:
            raise Failed(f"no result for {name}:\n{tail(output.encode())}")
        each, goal = int(found[name]) / count, goals.get(name)
        yield Result(f"{title}, {what}", f"{each:.3f} us, {each * hz / 1e6:.0f} cycles", f"<= {goal} us" if goal else "",
                     not goal or each <= goal)


def adder_rows(_rounds):
    """Adder: a third of the time that MicroPython takes on a real board."""
    if not os.path.exists(SOLDERLESS):
        return
    yield from loops("Adder", OURS, CPU_HZ, {"int": 1.2, "float": 3.0, "call": 1.5})
    # MicroPython on the ESP8266: 15.6 s for a million of the first.
    yield from loops("Adder on the ESP8266", ESP8266_OURS, ESP8266_HZ, {"int": 5.2})


def microbit_rows(_rounds):
    """Adder against MicroPython: Debian's image for the micro:bit, on the same simulated board, the same program."""
    if not os.path.exists(SOLDERLESS):
        return
    command = [SOLDERLESS, "run", "--board", "microbit", "--headless", "--speed", "max", "--seconds", "60"]
    ours, theirs = (dict(re.findall(r"bench (\w+) (\d+)",
                                    run(command + firmware + [MICROBIT_LOOPS], wait_for=b"end of bench").output))
                    for firmware in (["--firmware", ADDER_MICROBIT], []))
    ratios = []
    for name, what in (("int", "s = a + b, ints"), ("float", "s = a + b, floats"), ("while", "while n > 0: n = n - 1"),
                       ("call", "nothing()"), ("method", "p.method()"), ("attr", "p.x = p.x"), ("list", "l[1] = l[0]"),
                       ("dict", "d['a'] = d['b']"), ("make", "Point(), with __init__"), ("str", "s = a + str(i)")):
        if name not in ours or name not in theirs:
            raise Failed(f"no result for {name}: {ours} {theirs}")
        cycles = [int(found[name]) * MICROBIT_HZ / 1e9 for found in (ours, theirs)]
        ratios.append(cycles[1] / cycles[0])
        yield Result(f"micro:bit, {what}", f"{cycles[0]:,.0f} / {cycles[1]:,.0f} cycles",
                     f"{ratios[-1]:.1f} x faster")
    mean = statistics.geometric_mean(ratios)
    yield Result("  Adder against the Debian image", f"{mean:.1f} x", ">= 3 x", mean >= 3)


ROWS = [mix_rows, m0_rows, lx106_rows, start_rows, idle_rows, prompt_rows, adder_rows, microbit_rows]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs (default: 3)")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a goal is missed")
    options = parser.parse_args()
    missed = 0
    print(f"{'':40} {'measured':>24}   goal")
    for rows in ROWS:
        try:
            for r in rows(options.rounds):
                missed += not r.met
                mark = "" if r.met else "   MISSED"
                print(f"{r.name:40} {r.value:>24}   {r.goal}{mark}".rstrip(), flush=True)
        except Failed as failure:
            missed += 1
            print(f"{rows.__doc__.split(':')[0]}: {failure}", file=sys.stderr)
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
