# MemoryError is an exception like others: the program goes on. Run in a small heap too.
def eat():
    l = []
    try:
        while True:
            l.append(bytearray(1000000))
            if len(l) > 2000:
                return "never"
    except MemoryError:
        n = len(l)
    l = None
    return n
print(eat() != "never")
print(eat() != "never")
def nested(n):
    return [nested(n - 1)] if n else []
print(len(repr(nested(30))))
try:
    x = "a" * (1 << 40)
except (MemoryError, OverflowError):
    print("MemoryError")
try:
    x = [0] * (1 << 40)
except (MemoryError, OverflowError):
    print("MemoryError")
print("ok")
