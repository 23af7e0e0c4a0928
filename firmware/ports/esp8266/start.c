/* SPDX-License-Identifier: MIT
 * start.c: from the ROM's loader to main(), and exceptions. What is not an interrupt prints registers on the prompt's
 * UART and resets the chip; except that a byte or half word may be loaded from memory that knows only words (IRAM,
 * flash, ROM): the compiler makes such loads by words (-mforce-l32), but code without that and machine.mem8 may do it
 * in the plain way, and pay some 200 cycles.
 */
#include "esp8266.h"

extern uint32_t _bss_start, _bss_end, _stack_bottom;

int main(void);
void interrupts(void);
void exception(frame_t *f);

/* ---- start ---- */

/* The crystal of 26 MHz times 40 / 13: 80 MHz. The ROM has set the PLL for one of 40 MHz, so the chip came up with 52. */
static IN_IRAM void pll_write(uint32_t reg, uint32_t value)
{
    I2C_PLL = PLL_SLAVE | reg << I2C_REG_POS | value << I2C_DATA_POS | I2C_WRITE;
    wait_for(&I2C_PLL, I2C_BUSY, 0, 10000);
}

IN_IRAM void begin(void)
{
    for (uint32_t *to = &_bss_start; to < &_bss_end;)
        *to++ = 0;
    /* The collector takes what looks like a pointer in the stack for one: nothing of before a reset may be left there. */
    for (uint32_t *to = &_stack_bottom; to < (uint32_t *)__builtin_frame_address(0);)
        *to++ = 0;
    WDT_CTRL &= ~1u;
    wait_for(&UART_STATUS(0), UART_STATUS_COUNT << UART_STATUS_TX_POS, 0, 1000000); /* what the ROM said */
    pll_write(1, 0x88);
    pll_write(2, 0x91);
    DPORT_CPU_CLOCK &= ~1u;
    Cache_Read_Disable();
    Cache_Read_Enable(0, 0, 1);
    main();
    hal_reset();
}

/* ---- interrupts ---- */

IN_IRAM void interrupts(void)
{
    uint32_t pending;
    while ((pending = READ_SR(interrupt) & READ_SR(intenable)) != 0) {
        WRITE_SR(intclear, pending & (1u << INT_FRC1 | 1u << INT_FRC2 | 1u << INT_WDT)); /* edges */
        if (pending & 1u << INT_FRC1)
            frc1_handler();
        if (pending & 1u << INT_UART)
            uart_handler();
        if (pending & 1u << INT_GPIO)
            pin_handler();
        if (pending & 1u << INT_FRC2)
            frc2_handler();
    }
}

uint32_t hal_irq_disable(void) { return irq_off(); }
void hal_irq_restore(uint32_t state) { irq_back((state & 15) | 0x20); }

/* ---- exceptions ---- */

enum { CAUSE_LOAD_STORE = 3 };

/* The instruction's place may be at any byte. */
static IN_IRAM uint32_t code_at(uint32_t pc)
{
    const uint32_t *p = (const uint32_t *)(pc & ~3u);
    uint32_t shift = (pc & 3) * 8;
    return shift ? p[0] >> shift | p[1] << (32 - shift) : p[0];
}

/* L8UI, L16UI, L16SI; false: it was something else. */
static IN_IRAM bool narrow_load(frame_t *f)
{
    uint32_t w = code_at(f->pc), t = w >> 4 & 15;
    uint32_t kind = w & 0xf00f;
    if (kind != 0x0002 && kind != 0x1002 && kind != 0x9002)
        return false;
    uint32_t value = *(const uint32_t *)(f->address & ~3u) >> (f->address & 3) * 8;
    value = kind == 0x0002 ? value & 0xff : kind == 0x1002 ? value & 0xffff : (uint32_t)(int16_t)value;
    uint32_t *regs = &f->a0;
    if (t != 1)
        regs[t ? t - 1 : 0] = value;
    f->pc += 3;
    return t != 1;
}

static void put_hex(const char *name, uint32_t value)
{
    char text[9];
    for (unsigned i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    text[8] = 0;
    console_panic(name);
    console_panic(text);
}

static _Noreturn __attribute__((noinline)) void report(const frame_t *f)
{
    put_hex("\r\nfault: exception ", f->cause);
    put_hex(" pc=", f->pc);
    put_hex(" addr=", f->address);
    put_hex(" sp=", f->a1);
    put_hex(" a0=", f->a0);
    put_hex(" a2=", f->a2);
    put_hex(" a3=", f->a3);
    put_hex(" a4=", f->a4);
    put_hex(" a5=", f->a5);
    console_panic("\r\n");
    hal_reset();
}

IN_IRAM void exception(frame_t *f)
{
    if (f->cause == CAUSE_LOAD_STORE && narrow_load(f))
        return;
    report(f);
}
