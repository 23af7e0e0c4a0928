from ..a import fa
from .. import top
x = fa() + top
