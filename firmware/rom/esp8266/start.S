// SPDX-License-Identifier: MIT
// Vectors, start-up, exceptions and level-1 interrupts.
//
// A vector that serves user mode (ours at 0x40000050, or a program's own) leaves a0 in EXCSAVE1, takes 256 bytes of
// stack, saves a2-a4 there and jumps to xtos_exc_handlers[EXCCAUSE]. The frame: EPC1, PS, SAR, mask of priorities,
// a0, a2 ... a15 (from 20 on), EXCCAUSE (76).
#include "regs.h"
#define EPC1_AT  0
#define PS_AT    4
#define SAR_AT   8
#define VPRI_AT  12
#define A0_AT    16
#define A2_AT    20
#define A3_AT    24
#define A4_AT    28
#define CAUSE_AT 76
#define FRAME    256

// ---- Vectors ------------------------------------------------------------------------------------------------------
function _DebugExceptionVector
    waiti 2
0:  j 0b
function _NMIExceptionVector
    waiti 3
0:  j 0b
function _KernelExceptionVector
    break 1, 0
0:  j 0b
function _DoubleExceptionVector
    break 1, 4
0:  j 0b
function _UserExceptionVector
    wsr a0, excsave1
    addmi a1, a1, -FRAME
    s32i.n a2, a1, A2_AT
    s32i.n a3, a1, A3_AT
    s32i.n a4, a1, A4_AT
    movi a2, xtos_exc_handlers
    rsr a3, exccause
    addx4 a2, a3, a2
    l32i.n a2, a2, 0
    jx a2

// ---- Start-up -----------------------------------------------------------------------------------------------------
function _ResetVector
    j _ResetHandler

function _ResetHandler
    movi.n a0, 0
    wsr a0, intenable
    wsr a0, litbase
    rsr a2, prid
    extui a2, a2, 0, 8
0:  bnez a2, 0b                     // there is one core
    movi a2, 0x40000000
    wsr a2, vecbase
    rsil a3, 1
    movi a3, 0x2222211F             // a nibble for each region: the lowest is illegal
    movi.n a4, 0
    movi a5, 0x20000000
1:  extui a6, a3, 0, 4
    witlb a6, a4
    wdtlb a6, a4
    srli a3, a3, 4
    add.n a4, a4, a5
    bnez a4, 1b
    isync
    dsync
    movi a2, _rom_store_table       // {from, to, what} ..., 0
2:  l32i.n a3, a2, 0
    l32i.n a4, a2, 4
    l32i.n a5, a2, 8
    beqz.n a3, 4f
    addi a2, a2, 12
3:  l32i.n a6, a5, 0
    addi.n a5, a5, 4
    s32i.n a6, a3, 0
    addi.n a3, a3, 4
    bltu a3, a4, 3b
    j 2b
4:  j _start

    .section .store, "a"
    .align 4
    .global _rom_store_table
_rom_store_table:
    .word 0x3FFFC000, 0x3FFFC858, 0x4000E388
    .word 0x3FFFC858, 0x3FFFDAAC, 0x4000EBE0
    .word 0x3FFFDAAC, 0x3FFFDAB0, 0x4000FE34
    .word 0, 0, 0

function _start
    movi a1, 0x40000000
    movi a2, 0x20                   // user mode, interrupts by INTENABLE
    wsr a2, ps
    rsync
    movi a2, 0x3FFFDAB0
    movi a3, 0x3FFFEB30
    movi.n a4, 0
0:  s32i.n a4, a2, 0
    addi.n a2, a2, 4
    bltu a2, a3, 0b
    call0 main
1:  j 1b

// The word by which esptool knows the chip.
    .section .text.chip_word, "ax"
    .align 4
    .global chip_word
chip_word:
    .word 0xFFF0C101

// ---- Exceptions ---------------------------------------------------------------------------------------------------
function _xtos_cause3_handler
    j _xtos_c_wrapper_handler

// Calls xtos_c_handlers[EXCCAUSE](frame, cause) with interrupts off.
function _xtos_c_wrapper_handler
    call0 save
    rsr a3, exccause
    s32i a3, a1, CAUSE_AT
    movi.n a2, 0x21                 // no exception any more, level 1
    wsr a2, ps
    rsync
    movi a4, xtos_c_handlers
    addx4 a4, a3, a4
    l32i.n a4, a4, 0
    mov.n a2, a1
    callx0 a4
    j _xtos_return_from_exc

// The rest of the frame. a0 is in EXCSAVE1; uses a2.
function save
    .irp n, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    s32i a\n, a1, A4_AT + 4 * (\n - 4)
    .endr
    rsr a2, excsave1
    s32i.n a2, a1, A0_AT
    rsr a2, epc1
    s32i.n a2, a1, EPC1_AT
    rsr a2, ps
    addi a2, a2, -16                // without EXCM
    s32i.n a2, a1, PS_AT
    rsr a2, sar
    s32i.n a2, a1, SAR_AT
    ret.n

function _xtos_return_from_exc
    rsil a2, 1
    l32i.n a2, a1, SAR_AT
    wsr a2, sar
    .irp n, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    l32i a\n, a1, A4_AT + 4 * (\n - 4)
    .endr
    l32i.n a0, a1, PS_AT
    addi a0, a0, 16                 // EXCM: what follows is not to be interrupted
    wsr a0, ps
    rsync
    l32i.n a0, a1, EPC1_AT
    wsr a0, epc1
    l32i.n a0, a1, A0_AT
    l32i.n a2, a1, A2_AT
    l32i.n a3, a1, A3_AT
    l32i.n a4, a1, A4_AT
    addmi a1, a1, FRAME
    rfe

// There are no windows to spill: 0 for that call, -1 for every other.
function _xtos_syscall_handler
    rsr a3, epc1
    addi.n a3, a3, 3
    wsr a3, epc1
    l32i.n a2, a1, A2_AT
    movi.n a3, -1
    movnez a2, a3, a2
    rsr a0, excsave1
    l32i.n a3, a1, A3_AT
    l32i.n a4, a1, A4_AT
    addmi a1, a1, FRAME
    rfe

function _xtos_alloca_handler
    j _xtos_unhandled_exception

function _xtos_unhandled_exception
    l32i.n a2, a1, A2_AT
    l32i.n a3, a1, A3_AT
    l32i.n a4, a1, A4_AT
    addmi a1, a1, FRAME
    rsr a0, excsave1
    break 1, 1
0:  j 0b

function _xtos_unhandled_interrupt
    break 1, 15
    ret.n

function _xtos_p_none
    ret.n

// void *(unsigned cause, void *handler): 0 for none. The old handler.
function _xtos_set_exception_handler
    movi.n a5, 63
    bltu a5, a2, 1f
    movi a4, xtos_c_handlers
    addx4 a4, a2, a4
    movi a5, xtos_exc_handlers
    addx4 a5, a2, a5
    movi a6, _xtos_p_none
    movi a7, _xtos_unhandled_exception
    moveqz a3, a6, a3
    movi a8, _xtos_c_wrapper_handler
    sub a9, a3, a6
    movnez a7, a8, a9
    l32i.n a2, a4, 0
    s32i.n a3, a4, 0
    s32i.n a7, a5, 0
    sub a9, a2, a6
    moveqz a2, a9, a9
    ret.n
1:  movi.n a2, 0
    ret.n

// ---- Level-1 interrupts -------------------------------------------------------------------------------------------
// The highest pending one first. While it is served, those with higher numbers may interrupt it.
function _xtos_l1int_handler
    call0 save
    movi a12, xtos_ints
    l32i.n a13, a12, 4
    s32i.n a13, a1, VPRI_AT
    mov.n a15, a1
    rsr a2, interrupt
    rsr a3, intenable
    and a2, a2, a3
0:  beqz a2, 2f
    nsau a3, a2
    movi.n a4, 31
    sub a4, a4, a3                  // its number
    ssl a4
    movi.n a5, 1
    sll a5, a5
    wsr a5, intclear                // edges; levels have to be taken away at their source
    slli a6, a4, 3
    movi a7, XTOS_INT_MASKS_0
    sub a7, a7, a6
    l32i.n a7, a7, 0                // what may come meanwhile
    and a7, a7, a13
    l32i.n a8, a12, 0
    s32i.n a7, a12, 4
    and a8, a8, a7
    wsr a8, intenable
    movi.n a7, 0x20
    movi a8, XTOS_INT_HANDLERS_0
    sub a8, a8, a6
    l32i.n a9, a8, 0
    l32i.n a2, a8, 4
    mov.n a3, a1
    wsr a7, ps
    rsync
    callx0 a9
    rsil a2, 1
    rsr a2, interrupt
    l32i.n a3, a12, 0
    and a3, a3, a13
    and a2, a2, a3
    j 0b
2:  s32i.n a13, a12, 4
    l32i.n a3, a12, 0
    and a3, a3, a13
    wsr a3, intenable
    j _xtos_return_from_exc

// unsigned (unsigned mask): the old mask.
function _xtos_ints_on
    movi a4, xtos_ints
    rsil a7, 15
    l32i.n a3, a4, 0
    or a5, a3, a2
    j set_ints
function _xtos_ints_off
    movi a4, xtos_ints
    rsil a7, 15
    l32i.n a3, a4, 0
    or a5, a3, a2
    xor a5, a5, a2
    j set_ints
function set_ints
    l32i.n a6, a4, 4
    s32i.n a5, a4, 0
    and a5, a5, a6
    wsr a5, intenable
    rsync
    wsr a7, ps
    rsync
    mov.n a2, a3
    ret.n

// unsigned (unsigned mask of priorities): the old one.
function _xtos_set_vpri
    movi a4, xtos_ints
    rsil a7, 15
    l32i.n a3, a4, 4
    l32i.n a5, a4, 0
    s32i.n a2, a4, 4
    and a5, a5, a2
    wsr a5, intenable
    rsync
    wsr a7, ps
    rsync
    mov.n a2, a3
    ret.n

function _xtos_restore_intlevel
    wsr a2, ps
    rsync
    ret.n

// unsigned (unsigned level): the old PS.
function _xtos_set_intlevel
    rsil a3, 15
    srli a4, a3, 4
    slli a4, a4, 4
    extui a2, a2, 0, 4
    or a4, a4, a2
    wsr a4, ps
    rsync
    mov.n a2, a3
    ret.n

function _xtos_set_min_intlevel
    rsil a3, 15
    extui a5, a3, 0, 4
    extui a2, a2, 0, 4
    bgeu a2, a5, 0f
    mov.n a2, a5
0:  srli a4, a3, 4
    slli a4, a4, 4
    or a4, a4, a2
    wsr a4, ps
    rsync
    mov.n a2, a3
    ret.n

function ets_intr_lock
    rsil a2, 3
    extui a2, a2, 0, 4
    movi a3, saved_intlevel
    s32i.n a2, a3, 0
    ret.n
function ets_intr_unlock
    rsil a2, 0
    ret.n

function xthal_get_ccount
    rsr a2, ccount
    ret.n
function xthal_set_ccompare
    bnez a2, 0f                     // there is one
    wsr a3, ccompare0
    esync
0:  ret.n
function xthal_get_ccompare
    mov.n a3, a2
    rsr a2, ccompare0
    beqz.n a3, 0f
    movi.n a2, 0
0:  ret.n
function xthal_get_interrupt
    rsr a2, interrupt
    ret.n
function xthal_set_intclear
    wsr a2, intclear
    ret.n

// From an entry of a function that is not there: a0 is eight bytes behind its start, the caller's is on the stack.
function rom_missing
    addi a2, a0, -8
    s32i.n a12, a1, 4
    call0 rom_tell_missing
    l32i.n a12, a1, 4
    l32i.n a0, a1, 0
    addi a1, a1, 16
    movi.n a2, 0
    ret.n
