from . import x
from ...pkg import a
y = x + a.fa()
