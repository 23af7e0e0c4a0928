print("pkg", __name__)
from . import a
from .a import fa as renamed
top = "top"
