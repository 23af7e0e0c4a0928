# SHA-256 of messages around the block size, in pieces, and of copies.
import hashlib
for n in (0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000):
    print(n, hashlib.sha256(bytes(i & 255 for i in range(n))).hexdigest())
h = hashlib.sha256()
h.update(b'ab')
k = h.copy()
h.update(b'c')
print(h.digest() == hashlib.sha256(b'abc').digest(), k.hexdigest())
