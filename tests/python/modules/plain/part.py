from . import sibling
from .deeper.leaf import z
name = __name__
