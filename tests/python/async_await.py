# Coroutines driven by hand.
class Step:
    def __init__(self, v): self.v = v
    def __await__(self):
        r = yield self.v
        return r
async def leaf(n):
    r = await Step(n)
    return r * 2
async def root():
    a = await leaf(1)
    b = await leaf(2)
    return a + b
def drive(co):
    send = None
    while True:
        try:
            y = co.send(send)
            print("step", y)
            send = y * 10
        except StopIteration as e:
            return e.value
print(drive(root()))
class Ctx:
    async def __aenter__(self):
        await Step(100)
        return "ctx"
    async def __aexit__(self, t, v, tb):
        print("aexit", t.__name__ if t else None)
        await Step(200)
        return t is KeyError
async def use():
    async with Ctx() as c:
        print(c)
    async with Ctx():
        raise KeyError
    try:
        async with Ctx():
            raise ValueError("passes")
    except ValueError as e:
        print(e)
    return "used"
print(drive(use()))
class Count:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        await Step(self.n)
        return self.n
async def loop():
    r = []
    async for x in Count(3):
        if x == 1: continue
        r.append(x)
    else:
        r.append("else")
    return r
print(drive(loop()))
async def comp():
    return [x async for x in Count(2)]
print(drive(comp()))
async def err():
    await Step(1)
    raise OSError(5)
try:
    drive(err())
except OSError as e:
    print(repr(e))
c = leaf(1)
c.close()
