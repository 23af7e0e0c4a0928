// SPDX-License-Identifier: MIT
// Addition, subtraction and multiplication of singles, rounded to nearest, halves to even: libgcc's names.
//
// While a number is worked on, its exponent is apart and its leading bit is bit 30 of the (upper) word: seven more
// bits than a single has are below, ten more than a double has. The last one stays set once a bit was lost there. A
// denormal number has exponent 1 and no leading bit; because the leading bit adds one to the exponent when all is put
// together, nothing else is needed.
#include "regs.h"



// a4: number; a6: exponent, 1 to 254; sign: bit 31 of \sign.
.macro pack_single sign
    extui a8, a4, 7, 1
    addi a8, a8, 63
    add.n a4, a4, a8
    srli a4, a4, 7
    addi.n a6, a6, -1
    slli a6, a6, 23
    add.n a4, a4, a6
    extui a2, \sign, 31, 1
    slli a2, a2, 31
    or a2, a2, a4
    ret.n
.endm

.macro add_single
    slli a4, a2, 1
    slli a5, a3, 1
    bgeu a4, a5, 0f
    mov.n a6, a2                    // a2 is to be the greater one
    mov.n a2, a3
    mov.n a3, a6
0:  extui a6, a2, 23, 8
    extui a7, a3, 23, 8
    movi a8, 255
    beq a6, a8, 7f
    movi.n a10, 1
    slli a9, a10, 30
    slli a4, a2, 9
    slli a5, a3, 9
    srli a4, a4, 2
    srli a5, a5, 2
    or a4, a4, a9
    or a5, a5, a9
    beqz a7, 5f
1:  sub a8, a6, a7
    bgeui a8, 32, 8f
    ssr a8
    sll a9, a5                      // what is lost
    srl a5, a5
2:  or a10, a10, a5
    movnez a5, a10, a9
    xor a8, a2, a3
    bltz a8, 4f
    add.n a4, a4, a5
    bltz a4, 3f
    pack_single a2
3:  extui a8, a4, 0, 1              // one bit more
    srli a4, a4, 1
    or a4, a4, a8
    addi.n a6, a6, 1
    movi a8, 255
    bne a6, a8, 42f
9:  j add_end_single
4:  sub a4, a4, a5
    beqz a4, 9b
    nsau a8, a4
    addi.n a8, a8, -1
    bltu a8, a6, 41f
    addi.n a8, a6, -1               // denormal
41: ssl a8
    sll a4, a4
    sub a6, a6, a8
42: pack_single a2
5:  sub a5, a5, a9                  // a3 is denormal
    movi.n a7, 1
    bnez a6, 1b
    sub a4, a4, a9
    movi.n a6, 1
    j 1b
8:  mov.n a9, a5                    // all of it is lost
    movi.n a5, 0
    j 2b
7:  j add_special_single
.endm

function __addsf3
    add_single

function __subsf3
    movi.n a4, 1
    slli a4, a4, 31
    xor a3, a3, a4
    add_single

// a4 = 0: +0; else infinity of a2's sign.
function add_end_single
    beqz a4, 1f
    extui a2, a2, 31, 1
    slli a2, a2, 8
    movi a4, 255
    or a2, a2, a4
    slli a2, a2, 23
    ret.n
1:  movi.n a2, 0
    ret.n

// a2 is no number or infinite, and the greater one.
function add_special_single
    slli a4, a2, 9
    bnez a4, quiet_single
    xor a4, a2, a3                  // infinities of different signs?
    slli a5, a3, 1
    bgez a4, 1f
    slli a6, a2, 1
    beq a5, a6, quiet_single
1:  ret.n
quiet_single:
    movi.n a4, 1
    slli a4, a4, 22
    or a2, a2, a4
    ret.n

function __mulsf3
    xor a10, a2, a3
    extui a6, a2, 23, 8
    extui a7, a3, 23, 8
    movi a9, 254
    addi.n a8, a6, -1
    bgeu a8, a9, 7f
    addi.n a8, a7, -1
    bgeu a8, a9, 7f
mul_single:                         // exponents in a6 and a7
    extui a4, a2, 12, 11            // 24 bits in two pieces of twelve
    extui a5, a3, 12, 11
    addmi a4, a4, 0x800
    addmi a5, a5, 0x800
    extui a2, a2, 0, 12
    extui a3, a3, 0, 12
    mull a8, a4, a3
    mull a9, a5, a2
    mull a3, a2, a3
    mull a4, a4, a5
    add.n a8, a8, a9
    srli a9, a3, 12
    add.n a8, a8, a9                // the middle
    srli a9, a8, 12
    add.n a4, a4, a9                // upper 24 bits of 48
    add.n a6, a6, a7
    addi a6, a6, -127
    slli a4, a4, 7
    extui a9, a8, 5, 7
    extui a8, a8, 0, 5
    extui a3, a3, 0, 12
    or a4, a4, a9
    or a8, a8, a3
    movi.n a9, 1
    or a9, a9, a4
    movnez a4, a9, a8
    bbsi a4, 30, 1f
    add.n a4, a4, a4
    addi.n a6, a6, -1
1:  movi a9, 254
    bgeu a6, a9, 2f
    addi.n a6, a6, 1
    pack_single a10
2:  movi.n a8, -1                   // a6 + 1 is the exponent
    beq a6, a8, 3f
    bltz a6, 3f
    mov.n a2, a10                   // too great
    movi.n a4, 1
    j add_end_single
3:  neg a8, a6                      // too small: becomes denormal
    movi.n a9, 31
    bltu a8, a9, 4f
    movi.n a4, 1
    movi.n a8, 0
4:  ssr a8
    sll a9, a4
    srl a4, a4
    movi.n a8, 1
    or a8, a8, a4
    movnez a4, a8, a9
    movi.n a6, 1
    pack_single a10
7:  j mul_special_single

// An operand is zero, denormal, infinite or no number.
function mul_special_single
    movi a9, 255
    slli a4, a2, 1
    slli a5, a3, 1
    beq a6, a9, 1f
    beq a7, a9, 2f
    beqz a4, 5f
    beqz a5, 5f
    bnez a6, 3f
    nsau a8, a4                     // normalized: the first bit goes to bit 24 of a4
    addi a8, a8, -7
    ssl a8
    sll a2, a2
    movi.n a6, 1
    sub a6, a6, a8
3:  bnez a7, 4f
    nsau a8, a5
    addi a8, a8, -7
    ssl a8
    sll a3, a3
    movi.n a7, 1
    sub a7, a7, a8
4:  j mul_single
1:  slli a8, a2, 9                  // a2 is infinite or no number
    bnez a8, 10f
    bne a7, a9, 6f
    slli a8, a3, 9
    bnez a8, 7f
6:  beqz a5, 8f
    j 9f
2:  slli a8, a3, 9                  // a3 is
    bnez a8, 7f
    beqz a4, 8f
9:  mov.n a2, a10
    movi.n a4, 1
    j add_end_single
7:  mov.n a2, a3
8:  slli a2, a9, 23                 // infinity times zero; or a3, which is no number
    movi.n a4, 1
    slli a4, a4, 22
    or a2, a2, a4
    ret.n
5:  extui a2, a10, 31, 1
    slli a2, a2, 31
    ret.n
10: j quiet_single
