# Slices of all sequences with every combination of bounds; assignment and deletion in lists.
bounds = (None, -7, -5, -3, -1, 0, 1, 2, 4, 5, 8)
for seq in ([1, 2, 3, 4, 5], (1, 2, 3, 4, 5), 'abcde', 'aäbµc', b'abcde', bytearray(b'abcde'), range(5), range(10, 0, -2)):
    out = []
    for a in bounds:
        for b in bounds:
            for c in (None, 1, 2, 3, -1, -2, -9):
                out.append(list(seq[a:b:c]))
    print(len(out), str(out)[-300:], sum(len(x) for x in out))
h = []
for a in bounds:
    for b in bounds:
        for c in (None, 1, 2, -1, -2):
            x = [1, 2, 3, 4, 5]
            del x[a:b:c]
            h.append(x)
            x = [1, 2, 3, 4, 5]
            n = len(x[a:b:c])
            x[a:b:c] = list(range(n))
            h.append(x)
            if c is None:
                x = [1, 2, 3, 4, 5]
                x[a:b] = 'xyz'
                h.append(x)
                y = bytearray(b'12345')
                y[a:b] = b'xyz'
                h.append(bytes(y))
                y = bytearray(b'12345')
                del y[a:b]
                h.append(bytes(y))
print(len(h))
for i in range(0, len(h), 50):
    print(h[i:i + 50])
x = [1, 2, 3]
x[1:1] = x
print(x)
x[:] = []
print(x, slice(1, 10, 3).indices(6), slice(None, None, -1).indices(4))
for bad in (lambda: [1][::0], lambda: [1]['a'], lambda: (1,)[5], lambda: 'a'[1]):
    try:
        bad()
    except (ValueError, TypeError, IndexError) as e:
        print(type(e).__name__)
