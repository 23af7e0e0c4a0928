// SPDX-License-Identifier: MIT
// Addition, subtraction, multiplication and division of doubles: libgcc's names. How a number lies while it is worked
// on stands in float.S. Arguments: a2 (lower word) and a3, a4 and a5.
#include "regs.h"


// a6:a2: number; a8: exponent, 1 to 2046; sign: bit 31 of \sign.
.macro pack_double sign
    extui a4, a2, 10, 1
    addmi a4, a4, 512
    addi.n a4, a4, -1
    add.n a2, a2, a4
    bgeu a2, a4, 81f
    addi.n a6, a6, 1
81: ssai 10
    src a2, a6, a2
    srli a6, a6, 10
    addi.n a8, a8, -1
    slli a8, a8, 20
    add.n a6, a6, a8
    extui a3, \sign, 31, 1
    slli a3, a3, 31
    or a3, a3, a6
.endm

.macro add_double
    slli a6, a3, 1
    slli a7, a5, 1
    bltu a7, a6, 0f
    beq a6, a7, 6f
62: mov.n a6, a2                    // a3:a2 is to be the greater one
    mov.n a2, a4
    mov.n a4, a6
    mov.n a6, a3
    mov.n a3, a5
    mov.n a5, a6
0:  extui a8, a3, 20, 11
    extui a9, a5, 20, 11
    movi a10, 2047
    beq a8, a10, 7f
    xor a11, a3, a5
    ssai 22
    src a6, a3, a2
    src a7, a5, a4
    slli a2, a2, 10
    slli a4, a4, 10
    slli a6, a6, 2
    slli a7, a7, 2
    srli a6, a6, 2
    srli a7, a7, 2
    movi.n a10, 1
    slli a10, a10, 30
    or a6, a6, a10
    or a7, a7, a10
    beqz a9, 5f
1:  sub a9, a8, a9
    ssr a9
    bgeui a9, 32, 8f
    sll a10, a4                     // what is lost
    src a4, a7, a4
    srl a7, a7
2:  movi.n a5, 1
    or a5, a5, a4
    movnez a4, a5, a10
    bltz a11, 4f
    add.n a2, a2, a4
    add.n a6, a6, a7
    bgeu a2, a4, 21f
    addi.n a6, a6, 1
21: bltz a6, 3f
22: pack_double a3
    ret.n
3:  extui a10, a2, 0, 1             // one bit more
    ssai 1
    src a2, a6, a2
    srli a6, a6, 1
    or a2, a2, a10
    addi.n a8, a8, 1
    movi a10, 2047
    bne a8, a10, 22b
    slli a8, a8, 20
    extui a3, a3, 31, 1
    slli a3, a3, 31
    or a3, a3, a8
    movi.n a2, 0
    ret.n
4:  sub a6, a6, a7
    bgeu a2, a4, 41f
    addi.n a6, a6, -1
41: sub a2, a2, a4
    nsau a10, a6
    bnez a6, 42f
    beqz a2, 45f
    nsau a10, a2
    addi a10, a10, 32
42: addi.n a10, a10, -1
    bltu a10, a8, 43f
    addi.n a10, a8, -1              // denormal
43: sub a8, a8, a10
    ssl a10
    bbci a10, 5, 44f
    mov.n a6, a2
    movi.n a2, 0
44: src a6, a6, a2
    sll a2, a2
    j 22b
45: movi.n a3, 0
    ret.n
5:  sub a7, a7, a10                 // a5:a4 is denormal
    movi.n a9, 1
    bnez a8, 1b
    sub a6, a6, a10
    movi.n a8, 1
    j 1b
6:  bgeu a2, a4, 0b
    j 62b
7:  j add_special_double
8:  bgeui a9, 64, 9f
    sll a10, a7
    or a10, a10, a4
    srl a4, a7
    movi.n a7, 0
    j 2b
9:  or a10, a4, a7                  // all of it is lost
    movi.n a4, 0
    movi.n a7, 0
    j 2b
.endm

function __adddf3
    add_double

function __subdf3
    movi.n a6, 1
    slli a6, a6, 31
    xor a5, a5, a6
    add_double

// a3:a2 is no number or infinite, and the greater one.
function add_special_double
    slli a6, a3, 12
    or a6, a6, a2
    bnez a6, quiet_double
    xor a6, a3, a5                  // infinities of different signs?
    bgez a6, 1f
    slli a6, a3, 1
    slli a7, a5, 1
    beq a6, a7, quiet_double
1:  ret.n
quiet_double:
    movi.n a4, 1
    slli a4, a4, 19
    or a3, a3, a4
    ret.n

// Exponents of a3 and a5 to \ex and \ey, sign to a11; to 7f unless both are ordinary numbers.
.macro unpack_double ex, ey
    xor a11, a3, a5
    extui \ex, a3, 20, 11
    extui \ey, a5, 20, 11
    movi a9, 2046
    addi.n a8, \ex, -1
    bgeu a8, a9, 7f
    addi.n a8, \ey, -1
    bgeu a8, a9, 7f
.endm

// Four pieces of 14 bits each: seven products of columns, each with the carry of the one before.
.macro pieces low, high, p0, p1, p2, p3
    ssai 25
    extui \p0, \low, 0, 11
    src \p2, \high, \low
    slli \p0, \p0, 3
    extui \p1, \low, 11, 14
    extui \p2, \p2, 0, 14
    extui \p3, \high, 7, 13
    addmi \p3, \p3, 0x2000
.endm
.macro low_limb
    extui a0, a2, 0, 14
    srli a2, a2, 14
    or a5, a5, a0
.endm
.macro column a, b
    add.n a2, a2, \a
    add.n a2, a2, \b
.endm
function __muldf3
    unpack_double a6, a7
mul_double:                         // exponents in a6 and a7
    addi a1, a1, -32
    s32i.n a12, a1, 0
    s32i.n a13, a1, 4
    s32i.n a14, a1, 8
    s32i.n a15, a1, 12
    s32i.n a0, a1, 16
    add.n a10, a6, a7
    pieces a2, a3, a6, a7, a8, a9
    pieces a4, a5, a12, a13, a14, a15
    mull a2, a6, a12
    mull a3, a6, a13
    mull a4, a7, a12
    extui a5, a2, 0, 14             // a5: what is only looked at for being zero
    srli a2, a2, 14
    column a3, a4
    mull a3, a6, a14
    mull a4, a7, a13
    low_limb
    add.n a2, a2, a3
    mull a3, a8, a12
    add.n a2, a2, a4
    mull a4, a6, a15
    add.n a2, a2, a3
    low_limb
    mull a3, a7, a14
    add.n a2, a2, a4
    mull a4, a8, a13
    add.n a2, a2, a3
    mull a3, a9, a12
    column a3, a4
    mull a3, a7, a15
    mull a4, a8, a14
    low_limb
    add.n a2, a2, a3
    mull a3, a9, a13
    add.n a2, a2, a4
    mull a4, a8, a15
    add.n a2, a2, a3
    mull a3, a9, a14
    extui a7, a2, 0, 14
    srli a2, a2, 14
    column a3, a4
    mull a6, a9, a15
    extui a3, a2, 0, 14
    srli a2, a2, 14
    add.n a6, a6, a2                // 28 bits, and 28 more in a3 and a7
    slli a3, a3, 14
    l32i.n a12, a1, 0
    or a2, a3, a7
    l32i.n a13, a1, 4
    slli a6, a6, 3
    extui a3, a2, 25, 3
    l32i.n a14, a1, 8
    slli a2, a2, 7
    l32i.n a15, a1, 12
    l32i.n a0, a1, 16
    or a6, a6, a3
    addi a1, a1, 32
    movi.n a3, 1
    or a3, a3, a2
    movnez a2, a3, a5
    addmi a8, a10, -1024            // less one than the exponent if the product is 2 or more
    bbci a6, 30, 2f
    addi.n a8, a8, 1
1:  movi a9, 2046
    bgeu a8, a9, 3f
    addi.n a8, a8, 1
    pack_double a11
    ret.n
2:  ssai 31
    src a6, a6, a2
    add.n a2, a2, a2
    j 1b
3:  j range_double
7:  j mul_special_double

// a8, the exponent less one, is out of range.
function range_double
    bgez a8, 4f
    neg a8, a8                      // becomes denormal
    movi a9, 63
    bltu a8, a9, 1f
    mov.n a8, a9
1:  ssr a8
    bbsi a8, 5, 2f
    sll a9, a2                      // what is lost
    src a2, a6, a2
    srl a6, a6
    j 3f
2:  sll a9, a6
    or a9, a9, a2
    srl a2, a6
    movi.n a6, 0
3:  movi.n a8, 1
    or a8, a8, a2
    movnez a2, a8, a9
    movi.n a8, 1
    pack_double a11
    ret.n
4:  movi a3, 2047                   // too great
    extui a2, a11, 31, 1
    slli a2, a2, 11
    or a3, a3, a2
    slli a3, a3, 20
    movi.n a2, 0
    ret.n

// The mantissa in \high:\low, which is not zero, gets its first bit to bit 20 of \high; the exponent becomes what
// fits.
.macro normalize low, high, exponent
    slli \high, \high, 12
    srli \high, \high, 12
    nsau a8, \high
    bnez \high, 71f
    nsau a8, \low
    mov.n \high, \low
    movi.n \low, 0
    addi a8, a8, -11                // bit 20 may lie to the right
    movi.n \exponent, -31
    sub \exponent, \exponent, a8
    bgez a8, 72f
    neg a8, a8
    ssr a8
    src \low, \high, \low
    srl \high, \high
    j 73f
71: addi a8, a8, -11
    movi.n \exponent, 1
    sub \exponent, \exponent, a8
72: ssl a8
    src \high, \high, \low
    sll \low, \low
73:
.endm

// An operand of a product is zero, denormal, infinite or no number.
function mul_special_double
    movi a9, 2047
    slli a8, a3, 1
    or a8, a8, a2
    slli a10, a5, 1
    or a10, a10, a4
    beq a6, a9, 1f
    beq a7, a9, 2f
    beqz a8, 5f
    beqz a10, 5f
    bnez a6, 3f
    normalize a2, a3, a6
3:  bnez a7, 4f
    normalize a4, a5, a7
4:  j mul_double
1:  slli a6, a3, 12                 // a3:a2 is infinite or no number
    or a6, a6, a2
    bnez a6, 8f
    bne a7, a9, 11f
    slli a6, a5, 12
    or a6, a6, a4
    bnez a6, 7f
11: beqz a10, 9f
10: extui a3, a11, 31, 1
    slli a3, a3, 11
    or a3, a3, a9
    slli a3, a3, 20
    movi.n a2, 0
    ret.n
2:  slli a6, a5, 12                 // a5:a4 is
    or a6, a6, a4
    bnez a6, 7f
    bnez a8, 10b
9:  slli a3, a9, 20                 // infinity times zero
    movi.n a2, 0
    j quiet_double
7:  mov.n a2, a4
    mov.n a3, a5
8:  j quiet_double
5:  extui a3, a11, 31, 1
    slli a3, a3, 31
    movi.n a2, 0
    ret.n

// Five digits of twelve bits. Dividend (rest) and divisor are in three pieces of 18 bits. A digit is estimated from
// the upper bits and a reciprocal, never too great, and so near that the rest stays below twice the divisor; digits
// may thus have a 13th bit, which the next addition carries on.
.macro three_pieces low, high, p0, p1, p2
    src \p1, \high, \low
    slli \p0, \low, 14
    slli \p1, \p1, 14
    srli \p0, \p0, 14
    srli \p1, \p1, 14
    extui \p2, \high, 4, 16
    add.n \p2, \p2, a8
.endm
.macro digit q                      // rest a14 a13 a12, divisor a15 a11 a7, reciprocal a4, mask a5
    srli \q, a14, 1
    mull \q, \q, a4
    slli a12, a12, 12
    slli a13, a13, 12
    slli a14, a14, 12
    extui \q, \q, 18, 14
    mull a2, \q, a7
    mull a3, \q, a11
    sub a12, a12, a2
    mull a2, \q, a15
    sub a13, a13, a3
    srai a3, a12, 18
    sub a14, a14, a2
    add.n a13, a13, a3
    srai a3, a13, 18
    and a12, a12, a5
    add.n a14, a14, a3
    and a13, a13, a5
.endm
function __divdf3
    unpack_double a6, a7
div_double:
    addi a1, a1, -32
    sub a10, a6, a7
    s32i.n a0, a1, 0
    s32i.n a11, a1, 4
    s32i.n a12, a1, 8
    s32i.n a13, a1, 12
    s32i.n a14, a1, 16
    s32i.n a15, a1, 20
    movi.n a8, 1
    slli a8, a8, 16
    ssai 18
    three_pieces a2, a3, a12, a13, a14
    three_pieces a4, a5, a7, a11, a15
    srli a3, a15, 1
    addi.n a3, a3, 1
    slli a2, a8, 14
    call0 udivide                   // 2^30 by the upper 16 bits
    movi.n a5, -1
    srli a5, a5, 14
    digit a6
    digit a8
    slli a6, a6, 12
    add.n a6, a6, a8                // 24 bits and more
    digit a0
    digit a8
    digit a9
    slli a8, a8, 12
    sub a2, a12, a7                 // once more?
    srai a4, a2, 18
    sub a3, a13, a11
    add.n a3, a3, a4
    srai a4, a3, 18
    sub a15, a14, a15
    add.n a4, a15, a4
    bltz a4, 1f
    addi.n a9, a9, 1
    and a12, a2, a5
    and a13, a3, a5
    mov.n a14, a4
1:  add.n a8, a8, a9
    slli a9, a0, 24
    add.n a2, a8, a9
    extui a0, a0, 8, 8
    slli a6, a6, 4
    add.n a6, a6, a0
    bgeu a2, a9, 2f
    addi.n a6, a6, 1
2:  or a7, a12, a13
    addmi a8, a10, 1024
    or a7, a7, a14
    addi a8, a8, -2                 // the exponent less one
    l32i.n a0, a1, 0
    l32i.n a11, a1, 4
    l32i.n a12, a1, 8
    l32i.n a13, a1, 12
    l32i.n a14, a1, 16
    l32i.n a15, a1, 20
    addi a1, a1, 32
    ssai 30
    bbsi a6, 28, 3f
    ssai 29
    addi.n a8, a8, -1
3:  src a6, a6, a2
    sll a2, a2
    movi.n a3, 1
    or a3, a3, a2
    movnez a2, a3, a7
    movi a9, 2046
    bgeu a8, a9, 4f
    addi.n a8, a8, 1
    pack_double a11
    ret.n
4:  j range_double
7:  j div_special_double

// An operand of a quotient is zero, denormal, infinite or no number.
function div_special_double
    movi a9, 2047
    slli a8, a3, 1
    or a8, a8, a2
    slli a10, a5, 1
    or a10, a10, a4
    beq a6, a9, 1f
    beq a7, a9, 2f
    beqz a8, 5f
    beqz a10, 10f
    bnez a6, 3f
    normalize a2, a3, a6
3:  bnez a7, 4f
    normalize a4, a5, a7
4:  j div_double
1:  slli a6, a3, 12                 // a3:a2 is infinite or no number
    or a6, a6, a2
    bnez a6, 8f
    bne a7, a9, 10f
    slli a6, a5, 12
    or a6, a6, a4
    bnez a6, 7f
9:  slli a3, a9, 20                 // infinity by infinity, zero by zero
    movi.n a2, 0
    j quiet_double
10: extui a3, a11, 31, 1
    slli a3, a3, 11
    or a3, a3, a9
    slli a3, a3, 20
    movi.n a2, 0
    ret.n
2:  slli a6, a5, 12                 // a5:a4 is
    or a6, a6, a4
    beqz a6, 6f
7:  mov.n a2, a4
    mov.n a3, a5
8:  j quiet_double
5:  beqz a10, 9b
6:  extui a3, a11, 31, 1
    slli a3, a3, 31
    movi.n a2, 0
    ret.n
