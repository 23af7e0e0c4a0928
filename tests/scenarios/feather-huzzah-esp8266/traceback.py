# SPDX-License-Identifier: GPL-2.0-or-later
def divide(a, b):
    return a // b


print(divide(7, 2))
print(divide(7, 0))
