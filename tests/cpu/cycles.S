// SPDX-License-Identifier: GPL-2.0-or-later
// Pieces of code whose cycles test_cm_cycles.c asserts: from NAME to NAME_end. On entry r8 points to
// RAM, r9 to the part of core.h; the other registers are those of the table there.
    .syntax unified
    .cpu cortex-m4
    .fpu fpv4-sp-d16
    .thumb

    .section .vectors, "a"
    .word 0x20008000
    .word start + 1
    .word 0, fault + 1
    .rept 12
    .word fault + 1
    .endr
    .word handler + 1

    .text
    .global start
start:
    ldr r8, =0x20000100
    ldr r9, =0x40000000
    ldr r0, =0xE000ED88     // the FPU, on
    ldr r1, =0x00F00000
    str r1, [r0]
    ldr r0, =0xE000EDFC     // the cycle counter, on
    ldr r1, =0x01000000
    str r1, [r0]
    ldr r0, =0xE0001000
    movs r1, #1
    str r1, [r0]
    ldr r0, =0xE000E100     // interrupt 0, on
    str r1, [r0]
    dsb
    isb
    .global ready
ready:
    b .
fault:
    b fault

    .global handler
handler:                    // what the exception interrupted, and when
    ldr r0, [sp, #24]
    str r0, [r9, #0]
    str r0, [r9, #12]
    bx lr
    .ltorg

// `piece NAME` starts one on a line of flash; `done NAME` ends it.
    .macro piece name
    .balign 16
    .global \name
\name:
    .endm
    .macro done name
    .global \name\()_end
\name\()_end:
    b .
    .endm

    piece loop
    movs r0, #10
1:  subs r0, #1
    bne 1b
    done loop

    piece nops_loop
    movs r0, #10
1:  nop
    nop
    nop
    subs r0, #1
    bne 1b
    done nops_loop

    piece ldr_ldr
    ldr r0, [r8]
    ldr r1, [r8, #4]
    done ldr_ldr

    piece ldr_add
    ldr r0, [r8]
    adds r0, #1
    done ldr_add

    piece ldr_str
    ldr r0, [r8]
    str r0, [r8, #4]
    done ldr_str

    piece str_ldr
    str r0, [r8]
    ldr r1, [r8, #4]
    done str_ldr

    piece ldr_chain
    str r8, [r8]
    nop
    ldr r0, [r8]
    ldr r1, [r0]
    done ldr_chain

    piece made_address
    add r1, r8, #4
    ldr r0, [r1]
    done made_address

    piece str_register
    movs r1, #4
    nop
    str r0, [r8, r1]
    done str_register

    piece ldm4
    ldm r8, {r0-r3}
    done ldm4

    piece push_pop
    push {r0-r3}
    pop {r0-r3}
    done push_pop

    piece ldrd
    ldrd r0, r1, [r8]
    done ldrd

    piece multiply
    muls r2, r0
    mla r3, r0, r1, r2
    umull r4, r5, r0, r1
    done multiply

    piece udiv
    udiv r2, r0, r1
    done udiv

    piece sdiv
    sdiv r2, r0, r1
    done sdiv

    piece it_true
    cmp r0, r0
    it eq
    ldreq r1, [r8]
    done it_true

    piece it_false
    cmp r0, r0
    it ne
    ldrne r1, [r8]
    done it_false

    piece ite_divide
    cmp r0, r1
    ite hi
    udivhi r2, r0, r1
    udivls r2, r1, r0
    done ite_divide

    piece call
    bl 1f
    b 2f
1:  bx lr
2:
    done call

    piece unaligned_target
    b 1f
    nop
    nop
1:  add.w r0, r0, #1
    done unaligned_target

    piece table_branch
    movs r0, #0
    tbb [pc, r0]
1:  .byte (2f - 1b) / 2, 0
2:
    done table_branch

    piece vdiv
    vdiv.f32 s0, s1, s2
    done vdiv

    piece vadd_free
    vadd.f32 s0, s1, s2
    vadd.f32 s3, s1, s2
    done vadd_free

    piece vadd_chain
    vadd.f32 s0, s1, s2
    vadd.f32 s3, s0, s2
    done vadd_chain

    piece vfma
    vfma.f32 s0, s1, s2
    done vfma

    piece part_read
    ldr r0, [r9]
    done part_read

    piece part_write
    str r0, [r9]
    done part_write

    piece cycle_counter         // r3 = cycles between two reads: 3 + 2 of the load
    ldr r1, =0xE0001004
    nop
    ldr r2, [r1]
    nop
    nop
    nop
    ldr r3, [r1]
    subs r3, r2
    done cycle_counter
    .ltorg

    piece lines16               // two lines of eight instructions; the block ends with them
    .rept 14
    nop
    .endr
    b 1f
    nop
1:
    done lines16

    piece lines32               // two lines of four
    .rept 7
    add.w r0, r0, #1
    .endr
    b 1f
    .balign 16
1:
    done lines32

    piece line_loop             // one line, again and again
    movs r0, #4
1:  nop
    nop
    subs r0, #1
    bne 1b
    done line_loop

    piece far_loop              // two lines by turns
    movs r0, #4
    b 2f
1:  subs r0, #1
    beq 3f
    b 2f
    .balign 16
    nop
    nop
2:  nop
    b 1b
3:
    done far_loop

    piece literal
    ldr r0, =0x12345678
    ldr r1, =0x12345678
    b 1f
    .balign 16
    .ltorg
    .balign 16
1:
    done literal

    .balign 1024
    piece long                  // nearly a translation page without a branch
    .rept 120
    vfma.f32 s0, s1, s2
    push {r0-r1}
    pop {r0-r1}
    .endr
    b 1f
    nop
1:
    done long

    .balign 1024
    .skip 1022
    .global across
across:                         // a 32-bit instruction, and an IT block, across page edges
    ldr.w r0, [r8]
    b 1f
    .balign 1024
    .skip 1018
1:  cmp r0, r0
    itttt eq                    // the edge is behind it and its first instruction
    moveq r0, #1
    ldreq r1, [r8]
    moveq r2, #3
    moveq r3, #4
    .global across_end
across_end:
    b .

// One of each kind, for an interrupt at each cycle of it.
    piece mixed
    movs r0, #100
    ldr r1, [r8]
    ldr r2, [r8, #4]
    movs r3, #7
    udiv r4, r0, r3
    cmp r0, r3
    itte hi
    ldrhi r5, [r8]
    strhi r5, [r8, #4]
    movls r5, #1
    str r0, [r9]
    push {r0-r3}
    vdiv.f32 s0, s1, s2
    pop {r0-r3}
    ldr r6, [r9]
    subs r0, #99
    bne 1f
1:  mul r2, r3
    done mixed
