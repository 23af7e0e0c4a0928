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
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
SOLDERLESS = os.path.join(BUILD, "solderless")
MIX = os.path.join(BUILD, "tests", "bench", "mix.elf")
MIX_CHECKSUM = "65ab5118"  # as in test_mix.c
CPU_HZ = 168e6
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


def run(command, stdin=b"", timeout=300):
    """Runs a command to its end; its output is standard output and standard error."""
    with open(os.path.join(BUILD, "bench.out"), "w+b") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out,
                                   stderr=subprocess.STDOUT, cwd=TOP)
        if stdin:
            process.stdin.write(stdin)
        process.stdin.close()
        deadline = start + timeout
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.perf_counter() > deadline:
                process.kill()
                os.wait4(process.pid, 0)
                process.returncode = -9
                raise Failed(f"no end after {timeout} s: {' '.join(command)}")
            time.sleep(0.002)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0:
        raise Failed(f"exit code {process.returncode}: {' '.join(command)}\n{text}")
    return Run(seconds, usage.ru_maxrss / 1024, text)


def mix(command):
    """One run of the mixed workload; its checksum must be right."""
    result = run(command)
    if f"checksum {MIX_CHECKSUM}" not in result.output:
        raise Failed(f"wrong checksum: {' '.join(command)}\n{result.output}")
    return result


def mix_rows(rounds):
    """C image: our cycle-counting engine against QEMU that counts instructions only."""
    ours = [SOLDERLESS, "run", MIX, "--board", "pyboard", "--headless", "--speed", "max",
            "--semihosting"]
    have_ours = os.path.exists(SOLDERLESS)
    pairs = [(mix(QEMU + [MIX]), mix(ours) if have_ours else None) for _ in range(rounds)]
    qemu = statistics.median(q.seconds for q, _ in pairs)
    yield Result("C mix, QEMU -icount shift=0", f"{qemu:.2f} s")
    if not have_ours:
        return
    seconds = statistics.median(s.seconds for _, s in pairs)
    ratio = statistics.median(q.seconds / s.seconds for q, s in pairs)
    cycles = int(re.search(r"cycles ([0-9a-f]{8})", pairs[0][1].output).group(1), 16)
    real_time = cycles / CPU_HZ / seconds
    yield Result("C mix, solderless", f"{seconds:.2f} s, {cycles / 1e6:.0f} M cycles")
    yield Result("  speed against QEMU", f"{ratio:.2f} x", ">= 1.0 x", ratio >= 1.0)
    yield Result("  speed against real time, 168 MHz", f"{real_time:.1f} x", ">= 4 x",
                 real_time >= 4)


ROWS = [mix_rows]


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
