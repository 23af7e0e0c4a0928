// SPDX-License-Identifier: GPL-2.0-or-later
// The fake engine and the little of a machine that the exception model uses. See cm_rig.h.
#include "cm_rig.h"
#include <string.h>

// ---- The engine -------------------------------------------------------------------------------------

static unsigned sp_in_use(rig_t *c)
{
    return !ipsr(c) && c->r[CM_CONTROL] & CONTROL_SPSEL ? CM_PSP : CM_MSP;
}

uint32_t cm_get(cortexm_t *c, unsigned reg) { return c->r[reg == CM_SP ? sp_in_use(c) : reg]; }
void cm_set(cortexm_t *c, unsigned reg, uint32_t value)
{
    if (reg == CM_XPSR)
        value |= XPSR_T; // as on the engine: the core stays in Thumb state
    c->r[reg == CM_SP ? sp_in_use(c) : reg] = value;
}
machine_t *cm_machine(const cortexm_t *c) { return (machine_t *)&c->m; }
const soc_t *cm_soc(const cortexm_t *c) { return &c->soc; }
cm_exc_t *cm_exc(const cortexm_t *c) { return c->exc; }
bool cm_v6m(const cortexm_t *c) { return c->v6m; }
uint64_t cm_now(const cortexm_t *c) { return c->now; }
void cm_add_cycles(cortexm_t *c, unsigned n) { c->now += n; }
void cm_attention(cortexm_t *c) {}
void cm_set_fp_trap(cortexm_t *c, bool on) { c->fp_trap = on; }
void cm_set_traps(cortexm_t *c, bool unaligned, bool div0)
{
    c->unaligned_trap = unaligned;
    c->div0_trap = div0;
}
void cm_wake(cortexm_t *c) { c->asleep = false; }
void cm_sleep(cortexm_t *c) { c->asleep = true; }
void cm_want_reset(cortexm_t *c) { c->reset_wanted = true; }
void cm_lockup(cortexm_t *c) { c->locked = true; }

static uint8_t *memory(rig_t *c, uint32_t address, unsigned size)
{
    if (address - 0x20000000 <= sizeof c->ram - size)
        return c->ram + (address - 0x20000000);
    if (address <= sizeof c->vectors - size && !c->vectors_gone)
        return (uint8_t *)c->vectors + address;
    return NULL;
}

bool cm_load(cortexm_t *c, uint32_t address, unsigned size, uint32_t *value)
{
    uint8_t *at = memory(c, address, size);
    *value = 0;
    if (at)
        memcpy(value, at, size);
    return at != NULL;
}

bool cm_store(cortexm_t *c, uint32_t address, unsigned size, uint32_t value)
{
    uint8_t *at = memory(c, address, size);
    if (at)
        memcpy(at, &value, size);
    return at != NULL;
}

// ---- The machine ------------------------------------------------------------------------------------

static rig_t *rig_of(const machine_t *m)
{
    return (rig_t *)((char *)m - offsetof(rig_t, m));
}

uint64_t machine_now_ps(const machine_t *m)
{
    return rig_of(m)->in_event ? m->now_ps : clk_ps(m->cpu_clk, rig_of(m)->now);
}

line_t *machine_line(machine_t *m, const char *name)
{
    rig_t *c = rig_of(m);
    return !strcmp(name, "cpu.nmi") ? &c->nmi
           : !strcmp(name, "cpu.sleeping") ? &c->sleeping
           : !strcmp(name, "cpu.lockup") ? &c->lockup : &c->deepsleep;
}

void machine_report(machine_t *m, report_t kind, uint64_t once_key, const char *format, ...)
{
    rig_of(m)->reports++;
}

void machine_unmodelled(machine_t *m, uint32_t address, const char *what)
{
    rig_of(m)->unmodelled++;
}

bool bus_read(bus_t *b, uint32_t address, unsigned size, uint32_t *value) { return false; }
bool bus_write(bus_t *b, uint32_t address, unsigned size, uint32_t value) { return false; }

// ---- The rig ----------------------------------------------------------------------------------------

rig_t *rig_new(bool v6m)
{
    rig_t *c = g_new0(rig_t, 1);
    c->v6m = v6m;
    c->soc = (soc_t){ .irq_lines = v6m ? 32 : RIG_IRQS, .priority_bits = v6m ? 2 : 4, .fpu = !v6m,
                      .systick_calib = 0x4000493E };
    event_queue_init(&c->m.events);
    clk_init(&c->clk, "cpu", PS_PER_S / CYCLE_PS);
    line_init(&c->nmi, "cpu.nmi");
    line_init(&c->deepsleep, "cpu.deepsleep");
    line_init(&c->sleeping, "cpu.sleeping");
    line_init(&c->lockup, "cpu.lockup");
    c->m.cpu = &c->cpu;
    c->m.cpu_clk = &c->clk;
    c->m.soc = &c->soc;
    c->cpu.in_run = true;
    for (unsigned n = 0; n < EXC_COUNT; n++)
        c->vectors[n] = HANDLER(n) | 1;
    for (unsigned i = 0; i < 16; i++)
        c->r[CM_R0 + i] = 0x1000 + i;
    c->r[CM_XPSR] = XPSR_T;
    c->r[CM_MSP] = STACK;
    c->r[CM_PSP] = STACK - 0x4000;
    c->r[CM_PC] = THREAD_PC;
    c->now = 1000;
    c->exc = cm_exc_create(c, &c->soc);
    cm_exc_reset(c, true);
    return c;
}

void rig_free(rig_t *c)
{
    cm_exc_destroy(c->exc);
    event_queue_clear(&c->m.events);
    clk_clear(&c->clk);
    line_clear(&c->nmi);
    line_clear(&c->deepsleep);
    line_clear(&c->sleeping);
    line_clear(&c->lockup);
    g_free(c);
}

void rig_boundary(rig_t *c)
{
    while (event_next_ps(&c->m.events) <= clk_ps(&c->clk, c->now)) {
        c->in_event = true;
        c->m.now_ps = event_next_ps(&c->m.events);
        event_pop_run(&c->m.events);
        c->in_event = false;
    }
    if (!c->asleep && cm_exc_pending(c))
        cm_exc_take(c);
}

void rig_run(rig_t *c, unsigned cycles)
{
    while (cycles--) {
        c->now++;
        rig_boundary(c);
    }
}

void rig_run_to(rig_t *c, uint64_t cycle)
{
    g_assert_cmpuint(cycle, >=, c->now);
    rig_run(c, cycle - c->now);
}

void rig_return(rig_t *c) { cm_exc_return(c, c->r[CM_LR]); }

uint32_t rig_ram(rig_t *c, uint32_t address)
{
    uint32_t v;
    g_assert_true(cm_load(c, address, 4, &v));
    return v;
}

uint32_t scs(rig_t *c, uint32_t offset)
{
    uint32_t v;
    g_assert_true(cm_scs_read(c, 0xE000E000 + offset, 4, &v));
    return v;
}

void scs_set(rig_t *c, uint32_t offset, uint32_t value)
{
    g_assert_true(cm_scs_write(c, 0xE000E000 + offset, 4, value));
}

void rig_enable(rig_t *c, unsigned irq, uint8_t priority)
{
    g_assert_true(cm_scs_write(c, 0xE000E400 + irq, 1, priority));
    scs_set(c, 0x100 + irq / 32 * 4, 1u << irq % 32);
}
