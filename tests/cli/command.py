# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the command line share: arguments SOLDERLESS FIRMWARE SOURCE_ROOT, calls with checks of
exit code and text."""
import os
import resource
import signal
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import main  # noqa: E402, F401: for the tests

solderless, firmware, root = sys.argv[1:4]
build = os.path.dirname(os.path.dirname(firmware))
PATIENCE = 600  # host seconds before a hang is called a hang
folder = tempfile.TemporaryDirectory()


def path(name, content=None):
    full = os.path.join(folder.name, name)
    if content is not None:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
    return full


def call(*words, stdin="", limit=None, env=None):
    def limits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    env = dict(os.environ, **(env or {}))
    env.pop("DISPLAY", None)
    return subprocess.run([solderless, *words], input=stdin.encode(), capture_output=True,
                          timeout=PATIENCE, preexec_fn=limits if limit else None, env=env)


def check(result, code, *texts):
    """Exit code, and texts that standard error or output must hold."""
    out = (result.stdout + result.stderr).decode(errors="replace")
    assert result.returncode == code, "exit code %d, not %d:\n%s" % (result.returncode, code, out)
    for text in texts:
        assert text in out, "'%s' is not in:\n%s" % (text, out)
    return out


def run(*words, **kw):
    """Without a window, on the pyboard if the words say no other."""
    board = [] if "--board" in words else ["--board", "pyboard"]
    return call("run", "--headless", *board, *words, **kw)
