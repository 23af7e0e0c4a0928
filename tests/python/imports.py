# import, from, as, packages, relative, errors.
import modules.simple_mod
print(modules.simple_mod.value)
import modules.simple_mod as m
print(m.get(), m is modules.simple_mod)
from modules.simple_mod import value, get as g
print(value, g())
m.value = 5
print(g(), value)
from modules.simple_mod import *
print(value, "_hidden" in globals())
import modules.pkg
print(modules.pkg.renamed(), modules.pkg.a.fa(), modules.pkg.top)
from modules.pkg import sub
print(sub.x)
from modules.pkg.sub.leaf import y
print(y)
import modules.pkg.sub.leaf as leaf
print(leaf.y)
for text in ("import no_such_module", "import modules.no_such", "from modules.simple_mod import nothing"):
    try:
        exec(text)
        print("imported")
    except ImportError:
        print("ImportError")
for i in range(2):
    try:
        import modules.broken_mod
    except ValueError as e:
        print(e)
import modules.circular_a
print(modules.circular_a.x, modules.circular_b.y)
def local():
    from modules.pkg.a import fa
    import modules.simple_mod as q
    return fa() + str(q.value)
print(local())
class K:
    from modules.simple_mod import get
print(m.__name__)
# Folders without __init__.py are packages, if no module has the name.
import sys
import modules.plain.part
print(modules.plain.part.name, modules.plain.part.z, modules.plain.sibling.x)
from modules.plain.deeper import leaf as deep
print(deep.z, hasattr(modules.plain, "__path__"), modules.plain.__name__)
import modules.plain as plain
print(plain is modules.plain, plain.deeper.leaf is deep)
for text in ("import modules.plain.nothing", "from modules.plain import nothing", "import modules.simple_mod.hidden"):
    try:
        exec(text)
        print("imported")
    except ImportError:
        print("ImportError")
sys.path.append("modules/plain")
import deeper.leaf
print(deeper.leaf.z)
sys.path.pop()
