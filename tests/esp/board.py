# SPDX-License-Identifier: GPL-2.0-or-later
"""Real tools at simulated boards: starts a board with its serial line on the network or on a pseudo-terminal,
and calls esptool and mpremote. Their time-outs are long, as nothing here depends on the host's speed."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import main  # noqa: E402, F401: for the tests

solderless, root = map(os.path.abspath, sys.argv[1:3])
build = os.path.dirname(solderless)
PATIENCE = 240  # host seconds before a hang is called a hang
folder = tempfile.TemporaryDirectory()


def path(name, content=None):
    full = os.path.join(folder.name, name)
    if content is not None:
        with open(full, "wb") as f:
            f.write(content)
    return full


def content(name):
    with open(name, "rb") as f:
        return f.read()


def tool(name):
    """Where scripts/setup has brought it."""
    deps = os.path.join(root, "build/deps")
    for place in "/usr/bin", deps + "/root/usr/bin", deps + "/tools/run":
        if os.access(os.path.join(place, name), os.X_OK):
            return os.path.join(place, name)
    sys.exit("Bail out! no %s: scripts/setup brings it" % name)


os.environ["ESPTOOL_CFGFILE"] = path("esptool.cfg", b"""[esptool]
timeout = 60
sync_timeout = 2
max_timeout = 300
chip_erase_timeout = 300
erase_region_timeout_per_mb = 100
md5_timeout_per_mb = 100
serial_write_timeout = 60
""")


def call(*words, code=0):
    result = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=PATIENCE, cwd=folder.name)
    out = result.stdout.decode(errors="replace").replace("\r\n", "\n")
    assert result.returncode == code, "%s: exit code %d:\n%s" % (" ".join(words), result.returncode, out)
    return out


class Board:
    def __init__(self, name, *words, serial="rfc2217:0", speed="max"):
        self.process = subprocess.Popen(
            [solderless, "run", "--headless", "--board", name, "--serial", serial, "--speed", speed, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = ""
        while True:
            line = self.process.stderr.readline().decode()
            assert line, "the board does not start:\n" + self.said
            self.said += line
            where = re.search(r"serial port on (?:pty )?(\S+)", line)
            if where:
                break
        self.port = where[1] + ("?timeout=60" if "rfc2217" in where[1] else "")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()  # what is in the flash file stays
        self.said += self.process.communicate()[1].decode()

    def esptool(self, *words, code=0):
        return call(tool("esptool"), "--chip", "esp8266", "--port", self.port, "--connect-attempts", "20", *words,
                    code=code)

    def mpremote(self, *words, code=0):
        return call(tool("mpremote"), "connect", self.port, *words, code=code)


def expect(out, *texts):
    for text in texts:
        assert text in out, "'%s' is not in:\n%s" % (text, out)
