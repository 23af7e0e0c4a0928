// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 system configuration controller (RM0090 chapter 9): which port each EXTI line comes from.
// Not modelled (reported): memory remapping, the Ethernet interface. The compensation cell is always
// ready.
//
// Lines in: those of the ports ("gpioa.0" ...). Lines out: exti.0 ... exti.15.
#include "machine.h"

enum { SYSCFG_MEMRMP = 0x00, SYSCFG_PMC = 0x04, SYSCFG_EXTICR = 0x08, SYSCFG_CMPCR = 0x20 };
enum { PORTS = 9, PINS = 16 };
enum { CMPCR_PD = 1 << 0, CMPCR_READY = 1 << 8 };

typedef struct {
    part_t p;
    line_t *in[PORTS][PINS], *out[PINS];
} stm32_syscfg_t;

static unsigned port_of(part_t *p, unsigned pin)
{
    return R(p, SYSCFG_EXTICR + pin / 4 * 4) >> pin % 4 * 4 & 15;
}

static void port_line(void *ctx, int arg, bool level)
{
    stm32_syscfg_t *s = ctx;
    unsigned port = arg / PINS, pin = arg % PINS;
    if (port_of(&s->p, pin) == port)
        line_set(s->out[pin], level);
}

static void exticr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_syscfg_t *s = (stm32_syscfg_t *)p;
    for (unsigned pin = 4 * n; pin < 4 * n + 4; pin++) {
        unsigned port = port_of(p, pin);
        line_set(s->out[pin], port < PORTS && s->in[port][pin]->level);
    }
}

static void cmpcr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t *r = &R(p, SYSCFG_CMPCR);
    *r = *r & CMPCR_PD ? CMPCR_PD | CMPCR_READY : 0;
}

static bool syscfg_init(part_t *p, GError **error)
{
    stm32_syscfg_t *s = (stm32_syscfg_t *)p;
    char name[16];
    for (unsigned i = 0; i < PORTS * PINS; i++) {
        g_snprintf(name, sizeof name, "gpio%c.%u", 'a' + (char)(i / PINS), i % PINS);
        s->in[i / PINS][i % PINS] = machine_line(p->m, name);
        line_listen(s->in[i / PINS][i % PINS], port_line, s, i);
    }
    for (unsigned i = 0; i < PINS; i++) {
        g_snprintf(name, sizeof name, "exti.%u", i);
        s->out[i] = part_line(p, name);
    }
    return true;
}

static void syscfg_reset(part_t *p, bool power)
{
    for (unsigned n = 0; n < 4; n++)
        exticr_write(p, NULL, n, 0);
}

static const part_reg_t syscfg_regs[] = {
    {"MEMRMP", SYSCFG_MEMRMP, .ro = 0xFFFFFFFC, .unimp = 3},
    {"PMC", SYSCFG_PMC, .ro = 0xFF7FFFFF, .unimp = 1 << 23},
    {"EXTICR", SYSCFG_EXTICR, .count = 4, .ro = 0xFFFF0000, .write = exticr_write},
    {"CMPCR", SYSCFG_CMPCR, .ro = 0xFFFFFFFE, .write = cmpcr_write},
    {0},
};

const part_class_t stm32_syscfg_class = {
    .name = "stm32-syscfg",
    .brief = "STM32F405 system configuration",
    .size = sizeof(stm32_syscfg_t),
    .regs = syscfg_regs,
    .mmio_size = 0x400,
    .init = syscfg_init,
    .reset = syscfg_reset,
};
