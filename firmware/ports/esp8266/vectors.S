/* SPDX-License-Identifier: MIT
 * vectors.S: where the ROM enters, the exception vectors (VECBASE is the start of the IRAM), setjmp, and the ways to
 * functions of the mask ROM for code that calls them directly (libm: the ROM is out of reach of CALL0).
 *
 * An exception saves what a C function may change, frame_t of esp8266.h, on the stack of the program; interrupts need
 * less of it. Handlers run with exceptions allowed again, so that they may be interrupted by one of their own.
 */
#define F_PC 0
#define F_PS 4
#define F_SAR 8
#define F_A0 12
#define F_A2 16
#define F_A1 72
#define F_CAUSE 76
#define F_ADDRESS 80
#define F_SIZE 96

    .section .vectors, "ax"
    .align 16
    .global vectors
vectors:
    .org vectors + 0x10 /* debug, level 2 */
    wsr a0, excsave1
    movi a0, 0x102
    j stop
    .org vectors + 0x20 /* NMI, level 3 */
    wsr a0, excsave1
    movi a0, 0x103
    j stop
    .org vectors + 0x30 /* PS.UM is 0 */
    wsr a0, excsave1
    j user
    .org vectors + 0x50
    wsr a0, excsave1
    j user
    .org vectors + 0x70 /* one while handling another */
    wsr a0, excsave1
    movi a0, 0x100
    j stop

    .section .iram.text, "ax"
    .literal_position
    .align 4
user:
    addi a1, a1, -F_SIZE
    s32i a2, a1, F_A2
    rsr a0, excsave1
    s32i a0, a1, F_A0
    rsr a0, epc1
    rsr a2, ps
    s32i a0, a1, F_PC
    s32i a2, a1, F_PS
    rsr a0, sar
    rsr a2, exccause
    s32i a0, a1, F_SAR
    .irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11
    s32i a\n, a1, F_A2 + 4 * (\n - 2)
    .endr
    bnei a2, 4, other
    movi.n a0, 0x21 /* user mode, level 1: no more interrupts */
    wsr a0, ps
    rsync
    call0 interrupts
return:
    l32i a0, a1, F_PS /* with EXCM: no interrupt from here on */
    l32i a2, a1, F_PC
    wsr a0, ps
    rsync
    wsr a2, epc1
    l32i a0, a1, F_SAR
    l32i a3, a1, F_A2 + 4
    wsr a0, sar
    .irp n, 4, 5, 6, 7, 8, 9, 10, 11
    l32i a\n, a1, F_A2 + 4 * (\n - 2)
    .endr
    l32i a2, a1, F_A2
    l32i a0, a1, F_A0
    addi a1, a1, F_SIZE
    rfe

other:
    .irp n, 12, 13, 14, 15
    s32i a\n, a1, F_A2 + 4 * (\n - 2)
    .endr
    s32i a2, a1, F_CAUSE
    addi a0, a1, F_SIZE
    s32i a0, a1, F_A1
    rsr a0, excvaddr
    s32i a0, a1, F_ADDRESS
    l32i a0, a1, F_PS
    movi.n a2, 0x20
    extui a0, a0, 0, 4 /* the level as it was */
    or a0, a0, a2
    wsr a0, ps
    rsync
    mov.n a2, a1
    call0 exception
    .irp n, 12, 13, 14, 15
    l32i a\n, a1, F_A2 + 4 * (\n - 2)
    .endr
    j return

    /* What nothing returns from: a0 is the number for the report, on a stack begun anew. */
    .align 4
stop:
    wsr a1, excsave2
    movi a1, _stack_top
    addi a1, a1, -F_SIZE
    s32i a0, a1, F_CAUSE
    rsr a0, excsave1
    s32i a0, a1, F_A0
    s32i a2, a1, F_A2
    rsr a0, depc
    s32i a0, a1, F_PC
    rsr a0, excvaddr
    s32i a0, a1, F_ADDRESS
    rsr a0, excsave2
    s32i a0, a1, F_A1
    movi a0, 0x2f
    wsr a0, ps
    rsync
    mov.n a2, a1
    call0 exception
    j stop

    /* The ROM calls this with its own stack and, on the real chip, interrupts of its own on. */
    .align 4
    .global start
start:
    rsil a0, 15
    movi a1, _stack_top
    movi a0, vectors
    wsr a0, vecbase
    movi.n a0, 0
    wsr a0, intenable
    movi a0, 0x2f
    wsr a0, ps
    rsync
    call0 begin
    j .

/* ---- core/exc.h: setjmp of what the ABI keeps ---- */
    .section .iram.text, "ax"
    .align 4
    .global jump_set
jump_set:
    s32i a0, a2, 0
    s32i a1, a2, 4
    s32i a12, a2, 8
    s32i a13, a2, 12
    s32i a14, a2, 16
    s32i a15, a2, 20
    movi.n a2, 0
    ret.n

    .align 4
    .global jump_to
jump_to:
    l32i a0, a2, 0
    l32i a1, a2, 4
    l32i a12, a2, 8
    l32i a13, a2, 12
    l32i a14, a2, 16
    l32i a15, a2, 20
    movi.n a2, 1
    ret.n

/* ---- functions that Debian's libgcc leaves to the ROM ---- */
    .macro rom name, address
    .section .text.rom_\name, "ax"
    .literal_position
    .align 4
    .global \name
    .type \name, @function
\name:
    movi a8, \address
    jx a8
    .endm
    rom __addsf3, 0x4000c180
    rom __subsf3, 0x4000c268
    rom __mulsf3, 0x4000c3dc
    rom __fixunssfsi, 0x4000c4c4
    rom __floatunsisf, 0x4000e2a4
    rom __floatsisf, 0x4000e2ac
    rom __adddf3, 0x4000c538
    rom __subdf3, 0x4000c688
    rom __muldf3, 0x4000c8f0
    rom __divdf3, 0x4000cb94
    rom __fixdfsi, 0x4000ccb8
    rom __fixunsdfsi, 0x4000cd00
    rom __truncdfsf2, 0x4000cd5c
    rom __extendsfdf2, 0x4000cdfc
    rom __floatunsidf, 0x4000e2e8
    rom __floatsidf, 0x4000e2f0
    rom __muldi3, 0x40000650
    rom __umulsidi3, 0x4000dcf0
    rom __divdi3, 0x4000ce60
    rom __udivdi3, 0x4000d310
    rom __umoddi3, 0x4000d770
    rom __divsi3, 0x4000dc88
    rom __udivsi3, 0x4000e21c
    rom __umodsi3, 0x4000e268
