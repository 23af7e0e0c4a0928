# try, except, else, finally, raise, raise from, nested, in loops, in functions.
def f(x):
    try:
        if x == 0:
            return "try"
        if x == 1:
            raise ValueError("one")
        if x == 2:
            raise KeyError("two")
        if x == 3:
            1 // 0
    except ValueError as e:
        return "value", str(e)
    except (KeyError, TypeError) as e:
        return "key", e.args
    else:
        return "else"
    finally:
        print("finally", x)
    return "end"

for i in range(3):
    print(f(i))
try:
    f(3)
except ZeroDivisionError as e:
    print("caught", type(e).__name__)
print(f(4))

def override():
    try:
        return 1
    finally:
        return 2
print(override())

def loop():
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            print("body", i)
        finally:
            print("fin", i)
    return "done"
print(loop())

def nested():
    try:
        try:
            raise ValueError("a")
        finally:
            print("inner")
    except ValueError as e:
        print("outer", e)
        try:
            raise
        except ValueError as e2:
            print("again", e2)
nested()

class MyError(Exception):
    def __init__(self, code, msg="none"):
        super().__init__(msg)
        self.code = code
class Sub(MyError):
    pass
try:
    raise Sub(5, "hi")
except MyError as e:
    print(type(e).__name__, e.code, e.args, str(e))
try:
    raise MyError
except TypeError:
    print("TypeError")
try:
    raise ValueError
except ValueError as e:
    print(repr(e), e.args)
try:
    raise KeyError("k") from ValueError("v")
except KeyError as e:
    print(repr(e), repr(e.__cause__), str(e))
try:
    try:
        raise ValueError(1)
    except ValueError:
        raise TypeError(2)
except Exception as e:
    print(repr(e))
try:
    [][1]
except IndexError:
    print("IndexError")
try:
    {}["x"]
except LookupError as e:
    print(repr(e))
try:
    undefined_name
except NameError:
    print("NameError")
try:
    (1).foo
except AttributeError:
    print("AttributeError")
try:
    assert 1 == 2, "msg"
except AssertionError as e:
    print("assert", e)
assert True
try:
    assert False
except AssertionError as e:
    print("assert", e.args)
for bad in (lambda: 1 + "a", lambda: len(5), lambda: 5(), lambda: None[0], lambda: -"x", lambda: 1 < "a"):
    try:
        bad()
    except TypeError:
        print("TypeError")
try:
    raise 5
except TypeError:
    print("not an exception")
try:
    try:
        raise ValueError
    except 5:
        pass
except TypeError:
    print("bad except")
def deep(n):
    if n == 0:
        raise ValueError("deep")
    try:
        deep(n - 1)
    finally:
        order.append(n)
order = []
try:
    deep(4)
except ValueError as e:
    print(e, order)
def gen_return():
    for i in (1, 2, 3):
        try:
            return i
        finally:
            if i == 1:
                print("leaving")
print(gen_return())
def except_var():
    e = "before"
    try:
        raise ValueError("x")
    except ValueError as e:
        pass
    try:
        return e
    except NameError:
        return "unbound"
print(except_var())
def three():
    r = []
    for i in range(3):
        try:
            try:
                if i == 0: raise ValueError
                if i == 1: raise KeyError
                r.append("none")
            except ValueError:
                r.append("v")
                continue
            finally:
                r.append("f%d" % i if False else "f")
        except KeyError:
            r.append("k")
        else:
            r.append("e")
    return r
print(three())
print(issubclass(ZeroDivisionError, ArithmeticError), isinstance(KeyError(), LookupError))
try:
    raise SystemExit(3)
except SystemExit as e:
    print(e.code)
def finally_value():
    x = 1
    try:
        return x
    finally:
        x = 2
print(finally_value())
def swallow():
    while True:
        try:
            raise ValueError
        except ValueError:
            break
        finally:
            print("f")
    return "ok"
print(swallow())
