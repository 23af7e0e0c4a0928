# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts what meson's test logs say and ends with "N passed, N failed".

A test that speaks TAP counts each of its points, any other test counts as one. A test that crashed
or ran out of time counts one failure more than its points, and a missing log is a failure.
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b[^#\n]*(?:#\s*(skip|todo)?)?", re.IGNORECASE | re.MULTILINE)


def count(test):
    """(passed, failed, skipped) of one test in the log."""
    passed = failed = skipped = 0
    for point in POINT.finditer(test.get("stdout") or ""):
        if (point.group(2) or "").lower() == "skip":
            skipped += 1
        elif point.group(1) and (point.group(2) or "").lower() != "todo":
            failed += 1
        else:
            passed += 1
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return passed or (0 if skipped else 1), failed, skipped
    if test["result"] == "SKIP":
        return passed, failed, skipped or 1
    return passed, failed if test["result"] == "FAIL" and failed else failed + 1, skipped


def main():
    total = [0, 0, 0]
    bad = []
    for path in sys.argv[1:]:
        try:
            with open(path, encoding="utf-8", errors="replace") as log:
                tests = [json.loads(line) for line in log]
        except (OSError, ValueError) as error:
            tests = []
            total[1] += 1
            bad.append(f"{path}: {error}")
        for test in tests:
            numbers = count(test)
            total = [a + b for a, b in zip(total, numbers)]
            if numbers[1]:
                bad.append(f"{test['name']}: {test['result']}")
    for line in bad:
        print("failed:", line)
    if total[2]:
        print(f"{total[2]} skipped")
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
