#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The front ends that are modules: who loads them, where they are found, and what is said of those that are
missing or broken.

Usage: test_modules.py SOLDERLESS FIRMWARE SOURCE_ROOT LIBRARY_FOLDER. Prints TAP.
"""
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import command  # noqa: E402
from command import main, PATIENCE, check, path, root  # noqa: E402

WINDOW, PICTURE = "solderless-window.so", "solderless-picture.so"
LIBRARIES = [WINDOW, PICTURE, "libSDL2", "librsvg", "libcairo", "libpango", "libX11", "libwayland"]
solderless = os.path.abspath(command.solderless)
built = os.path.dirname(solderless)
blank = path("blank.py", "")


def loaded(*words):
    """What of LIBRARIES is in the memory of a board that has begun to talk."""
    process = subprocess.Popen([solderless, "run", "--board", "pyboard", *words,
                                path("talk.py", "while True:\n    print('here')\n")],
                               stdout=subprocess.PIPE, stdin=subprocess.PIPE, env=environment(window=True))
    try:
        while b"here" not in process.stdout.readline():
            assert process.poll() is None, "the board has ended"
        with open("/proc/%d/maps" % process.pid) as f:
            maps = f.read()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert "libglib" in maps
    return [name for name in LIBRARIES if "/" + name in maps]


def environment(window):
    """With a display that shows nothing, or without any."""
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    return dict(env, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy") if window else env


def call(program, *words, window=False, cwd=None):
    return subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                          env=environment(window), cwd=cwd)


def run(program, *words, **kw):
    return call(program, "run", "--board", "pyboard", "--seconds", "0.05", *words, blank, **kw)


def install(name, *modules, where="."):
    """A copy of the program, with copies of these modules; both folders are below NAME."""
    program = path(name + "/bin/solderless", "")
    shutil.copy2(solderless, program)
    for module in modules:
        shutil.copy2(os.path.join(built, module), path("%s/%s/%s" % (name, where, module), ""))
    return program


# ---- Who loads them ------------------------------------------------------------------------------------

def test_headless_loads_nothing():
    assert loaded("--headless") == []


def test_picture():
    names = loaded("--headless", "--screenshot", path("maps.png"))
    assert PICTURE in names and "librsvg" in names and "libcairo" in names, names
    assert WINDOW not in names and "libSDL2" not in names, names


def test_window():
    names = loaded("--view", "window")
    assert WINDOW in names and "libSDL2" in names and "librsvg" in names, names
    assert PICTURE not in names, names


# ---- Missing and broken ---------------------------------------------------------------------------------

def test_missing():
    alone = install("alone")
    picture = "the picture of the board cannot be loaded: " + os.path.join(os.path.dirname(alone), PICTURE)
    check(run(alone, "--headless"), 0)
    out = check(run(alone, "--headless", "--screenshot", path("no.png")), 2, picture, "No such file")
    assert out.count("\n") == 1, "more than one line is said:\n" + out
    assert not os.path.exists(path("no.png"))
    check(run(alone, "--view", "window", window=True), 2, "--view window: the window cannot be loaded: ",
          WINDOW, "No such file")
    check(run(alone, "--view", "window"), 2, "--view window: no display")
    check(run(alone, window=True), 0)  # neither window nor terminal: headless, as without a display
    scenario = path("shot.yaml", "name: a\nversion: 1\nsteps:\n  - delay: 1ms\n"
                    "  - take-screenshot: {part-id: red, save-to: shot.png}\n")
    check(call(alone, "test", "--board", "pyboard", scenario), 2, "shot.yaml:5: " + picture)
    assert not os.path.exists(path("shot.png"))


def test_broken():
    program = install("broken", PICTURE, WINDOW, where="bin")
    path("broken/bin/" + PICTURE, "no library at all")
    path("broken/bin/" + WINDOW, "")
    check(run(program, "--headless"), 0)
    check(run(program, "--headless", "--screenshot", path("no.png")), 2, "cannot be loaded", PICTURE, "short")
    check(run(program, "--view", "window", window=True), 2, "cannot be loaded", WINDOW, "short")


# ---- Where they are found -------------------------------------------------------------------------------

def finds(program, name, cwd=None):
    shot = path(name + ".png")
    check(run(program, "--headless", "--screenshot", shot, cwd=cwd), 0)
    with open(shot, "rb") as f:
        assert f.read(4) == b"\x89PNG"
    check(run(program, "--view", "window", window=True, cwd=cwd), 0)


def test_beside_the_program():
    finds(install("moved", PICTURE, WINDOW, where="bin"), "moved")


def test_installed():
    finds(install("prefix", PICTURE, WINDOW, where=sys.argv[4] + "/solderless"), "prefix")


def test_link_and_other_folder():
    link = path("link")
    os.symlink(solderless, link)
    finds(link, "linked", cwd="/")
    finds(os.path.relpath(solderless, root), "relative", cwd=root)


if __name__ == "__main__":
    main(globals())
