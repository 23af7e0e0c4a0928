# Text that is no Python gives SyntaxError, and nothing worse.
bad = [
    "1 +", "a b", "def", "def f(", "def f(:", "if", "if x", "if x:\n", "for", "for x", "for x in", "while",
    "class", "class A(:", "return", "yield", "break", "continue", "x = ", "= 1", "1 = x", "f() = 1", "a + b = c",
    "(1", "[1", "{1", "1)", "]", "}", "'abc", '"abc', "'''abc", "x = 'a\nb'", "def f(a, a): pass",
    "def f(a=1, b): pass", "def f(*): pass", "def f(**a, b): pass", "f(a=1, 2)", "f(a=1, a=2)", "lambda: = 1",
    "import", "from x", "from x import", "from . import (", "import a.", "try: pass", "try:\n  pass\nx",
    "except: pass", "else: pass", "elif x: pass", "with", "with x as", "assert", "del", "del 1", "del f()",
    "global", "nonlocal x", "raise from x", "@", "@x\n1", "async", "await x", "async x", "x := 1", "(1 := 2)",
    "0x", "0b2", "1_", "1__0", "0777", "1.e", "1e+", "12abc", "$", "?", "a ? b", "`a`", "x = !", "a!b",
    "not", "a not b", "a is is b", "a in in b", "a < > b", "a <> b", "*a", "*a = 1", "x = *a", "**a", "f(**)",
    "f(*)", "[*]", "{**}", "{1: 2, 3}", "{1, 2: 3}", "{1:}", "{:1}", "[1 2]", "(1 2)", "f(1 2)", "a.", "a.1",
    "a..b", "a[", "a[]", "a[1", "a[1:2:3:4]", "lambda", "lambda x", "lambda x:", "if x: y else: z", "x if y",
    "x if y else", "print 1", "def f():\nreturn 1", "  x = 1", "if 1:\n  a\n b", "if 1:\n  a\n   b",
    "class A:\n  def f(self):\n  pass", "f'{'", "f'{}'", "f'}'", "f'{a'", "f'{a!x}'", "f'{a b}'", "b'é'",
    "'\\x1'", "'\\u12'", "b'a' 'b'", "def f():\n  nonlocal q\n", "def f(x):\n  global x", "def f():\n  x=1\n  global x",
    "for 1 in x: pass", "for f() in x: pass", "[x for 1 in y]", "[for x in y]", "[x for]", "[x for y]", "(x for x in)",
    "{x: for x in y}", "a, b += 1", "(a, b) += 1", "a + 1 += 2", "with x as 1: pass", "import x as 1", "def 1(): pass",
    "class 1: pass", "x = yield", "def f():\n  x = yield = 1", "a = b = ", "else", "pass pass", ";", "x;;y",
    "if 1: pass; else: pass", "\\", "x \\ y", "def f(x, /, /): pass", "def f(*a, *b): pass", "def f(*, a=1, *b): pass",
    "async def", "async for x in y: pass", "def f():\n  await x", "from __future__ import *x", "None = 1", "True = 1",
    "def f(None): pass", "f(None=1)", "x.None", "for None in x: pass", "import None", "(yield)", "[yield]", "1.2.3",
    "a = 1 if 2 else 3 = 4", "@property\nx = 1", "'a' = 1", "del 'a'", "...=1", "f(x for x in y, 1) = 2",
    "(" * 300 + ")" * 300, "[" * 1000, "-" * 5, "not " * 3, "x = (\n1,\n", "\t\tx", "if 1:\n\tx\n        y\n   z",
]
for text in bad:
    try:
        exec(text)
        print("accepted:", repr(text))
    except SyntaxError:
        pass
    except NameError:
        print("NameError:", repr(text))
good = ["", "\n", "# only a comment", "pass", "x = 1;", "x = (1,\n 2)", "if 1: pass\n", "if 1:\n  pass", "\n\n  \nx = 1\n\n",
        "def f(): pass\n\n\n", "x = [\n]\n", "x = 1 \\\n + 2", "'''a\nb'''", "if 1:\n\n  # c\n  pass\n# d\n", "x = {\n'a': 1,\n}",
        "class A: pass", "class A(): pass", "def f(a, b, /, c, *, d): pass", "lambda *a, b=1, **c: 0", "x: int = 1", "y: int",
        "def f(a: int, *b: str, c: 'x' = 2) -> None: pass", "try: pass\nexcept: pass", "try: pass\nfinally: pass", "x = 1,",
        "for x in 1, 2: pass", "del x, x2" if False else "pass", "a = b = 1", "a = *[1], 2", "print((yield_ := 1))",
        "@lambda f: f\ndef g(): pass", "x = 1 if 2 else 3", "if 1:\n\tx = 1\n\tif 2:\n\t\tx = 2", "x = 0xFF + 0b11 + 0o17 + 1_000",
        "x = 5 .real if False else 1", "async def f():\n  await g()\n  async with a as b: pass\n  async for c in d: pass"]
for text in good:
    try:
        exec(text)
    except Exception as e:
        print("refused:", repr(text), repr(e))
print("done")
