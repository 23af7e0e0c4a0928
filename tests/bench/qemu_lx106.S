// SPDX-License-Identifier: GPL-2.0-or-later
// Where QEMU's "sim" machine starts an LX106.
    .section .qemu, "ax"
    .align 4
    j go
    .align 4
place:
    .long start
go:
    l32r a0, place
    jx a0
