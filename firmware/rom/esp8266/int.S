// SPDX-License-Identifier: MIT
// Multiplication and division of integers: the names and results of libgcc's, whose copy for this core leaves them to
// the ROM. Division by zero executes ILL.
#include "regs.h"

// a2 / a3: quotient in a4, rest in a2. Uses a5, a6, a8, a9. One step of 13 bytes, 5 cycles, for each bit of the
// quotient.
.macro step k
    .if \k
    _slli a8, a3, \k
    .else
    _addi a8, a3, 0
    .endif
    add.n a4, a4, a4
    _bltu a2, a8, 9f
    sub a2, a2, a8
    addi.n a4, a4, 1
9:
.endm
function udivide
    nsau a6, a3
    nsau a5, a2
    _movi a4, 0
    sub a6, a6, a5                  // bits of the quotient less one
    _bltz a6, 2f
    _beqz a3, 3f
    _or a9, a0, a0                  // three bytes, so that label 1 is aligned
    _call0 1f                       // a0: where we are
1:  addx4 a5, a6, a6
    addx8 a5, a6, a5                // 13 * a6
    sub a5, a0, a5
    _addmi a5, a5, 512
    _addi a5, a5, 18 + 31 * 13 - 512 // to step 0, less 13 bytes for each step before it
    _jx a5
    .irp k, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1
    step \k
    .endr
steps_last:
    step 0
    jx a9
2:  beqz a3, 3f
    ret.n
3:  ill

function __udivsi3
    mov.n a7, a0
    call0 udivide
    mov.n a2, a4
    jx a7

function __umodsi3
    mov.n a7, a0
    call0 udivide
    jx a7

function __divsi3
    mov.n a7, a0
    xor a10, a2, a3
    abs a2, a2
    abs a3, a3
    call0 udivide
    neg a2, a4
    movgez a2, a4, a10
    jx a7

// 64 bits of a2 * a3 in a3:a2.
.macro product_64
    extui a4, a2, 16, 16
    extui a5, a3, 16, 16
    mul16u a6, a4, a3
    mul16u a7, a2, a5
    mul16u a8, a4, a5
    mul16u a2, a2, a3
    add.n a6, a6, a7
    bgeu a6, a7, 8f
    addmi a8, a8, 0x4000
    addmi a8, a8, 0x4000
    addmi a8, a8, 0x4000
    addmi a8, a8, 0x4000
8:  extui a3, a6, 16, 16
    slli a6, a6, 16
    add.n a2, a2, a6
    add.n a3, a3, a8
    bgeu a2, a6, 8f
    addi.n a3, a3, 1
8:
.endm

function __umulsidi3
    product_64
    ret.n

function __muldi3
    mull a10, a2, a5
    mull a11, a3, a4
    mov.n a3, a4
    product_64
    add.n a3, a3, a10
    add.n a3, a3, a11
    ret.n
