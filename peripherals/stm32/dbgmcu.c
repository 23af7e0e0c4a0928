// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 debug support registers (RM0090 38.16): the identity. What they freeze while a debugger halts
// the core is of no effect here: a halted machine's time stands still.
#include "machine.h"

enum { DBGMCU_IDCODE = 0x00, DBGMCU_CR = 0x04, DBGMCU_APB1_FZ = 0x08, DBGMCU_APB2_FZ = 0x0C };

static const part_reg_t dbgmcu_regs[] = {
    {"IDCODE", DBGMCU_IDCODE, .reset = 0x100F6413, .ro = 0xFFFFFFFF}, // STM32F405/407, revision 2
    {"CR", DBGMCU_CR},
    {"APB1_FZ", DBGMCU_APB1_FZ},
    {"APB2_FZ", DBGMCU_APB2_FZ},
    {0},
};

const part_class_t stm32_dbgmcu_class = {
    .name = "stm32-dbgmcu",
    .brief = "STM32F405 identity and debug registers",
    .size = sizeof(part_t),
    .regs = dbgmcu_regs,
    .mmio_size = 0x400,
};
