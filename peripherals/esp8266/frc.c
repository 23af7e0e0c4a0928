// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 timers FRC1 and FRC2 (registers as in the SDK's eagle_soc.h and esp-open-rtos; no
// manual).
//
// FRC1 has 23 bits and counts down: it reaches 0 LOAD ticks after it was loaded, asks for its
// interrupt, and begins again at LOAD (auto-reload) or goes on at 0x7FFFFF. FRC2 has 32 bits,
// counts up and asks for its interrupt when it reaches ALARM. Ticks are those of the APB clock by
// 1, 16 or 256, from the write of LOAD or CTRL on. CTRL bit 0: the request stays up until INT_CLR,
// else it is a pulse; bit 8 says in both cases that it came. The count keeps its value while the
// timer is off.
// Not modelled (reported): auto-reload of FRC2.
//
// Lines out: frc1, frc2 (dport.c leads them to the core).
#include "machine.h"

enum { LOAD = 0x00, COUNT = 0x04, CTRL = 0x08, INT_CLR = 0x0C, ALARM = 0x10, FRC2 = 0x20 };
enum { CTRL_HOLD = 1 << 0, CTRL_RELOAD = 1 << 6, CTRL_ENABLE = 1 << 7, CTRL_INT = 1 << 8 };
#define FRC1_MASK 0x7FFFFFu

typedef struct {
    part_t *p;
    uint32_t base; // of the registers
    line_t *line;
    event_t due;      // saved
    uint64_t epoch;   // saved: tick of the APB clock at which ...
    uint32_t counted; // saved: ... the count was this
    unsigned shift;   // saved
    bool running;     // saved
} frc_t;

typedef struct {
    part_t p;
    frc_t timer[2];
} esp8266_frc_t;

static frc_t *timer_of(part_t *p, const part_reg_t *reg)
{
    return &((esp8266_frc_t *)p)->timer[reg->offset >= FRC2];
}

static uint32_t *reg_of(const frc_t *t, uint32_t offset) { return &R(t->p, t->base + offset); }
static bool counts_down(const frc_t *t) { return t->base == 0; }
static uint64_t apb(const frc_t *t) { return clk_ticks(t->p->clk, machine_now_ps(t->p->m)); }

// From the last load to the next: of the counter that goes down.
static uint64_t period(const frc_t *t)
{
    uint32_t load = *reg_of(t, LOAD) & FRC1_MASK;
    return *reg_of(t, CTRL) & CTRL_RELOAD && load ? load : FRC1_MASK + UINT64_C(1);
}

static uint32_t count(const frc_t *t, uint64_t at)
{
    uint64_t ticks = t->running ? (at - t->epoch) >> t->shift : 0;
    if (!counts_down(t))
        return t->counted + ticks;
    if (ticks < t->counted)
        return t->counted - ticks;
    ticks = (ticks - t->counted) % period(t);
    return (ticks || *reg_of(t, CTRL) & CTRL_RELOAD ? period(t) - ticks : 0) & FRC1_MASK;
}

// Ticks from the epoch to the next request after `at`.
static uint64_t next_request(const frc_t *t, uint64_t at)
{
    uint64_t past = (at - t->epoch) >> t->shift;
    if (!counts_down(t)) {
        uint32_t left = *reg_of(t, ALARM) - (t->counted + (uint32_t)past);
        return past + (left ? left : UINT64_C(1) << 32);
    }
    uint64_t first = t->counted ? t->counted : period(t);
    return past < first ? first : first + ((past - first) / period(t) + 1) * period(t);
}

static void schedule(frc_t *t)
{
    machine_t *m = t->p->m;
    uint64_t at = apb(t);
    if (t->running && t->p->clk->num)
        machine_at(m, &t->due, clk_ps(t->p->clk, t->epoch + (next_request(t, at) << t->shift)));
    else
        machine_cancel(m, &t->due);
}

static void load(frc_t *t, uint32_t value)
{
    t->epoch = apb(t);
    t->counted = counts_down(t) ? value & FRC1_MASK : value;
}

static void set_line(frc_t *t)
{
    line_set(t->line, *reg_of(t, CTRL) & CTRL_INT && *reg_of(t, CTRL) & CTRL_HOLD);
}

static void due(void *ctx, uint64_t now)
{
    frc_t *t = ctx;
    *reg_of(t, CTRL) |= CTRL_INT;
    schedule(t);
    if (*reg_of(t, CTRL) & CTRL_HOLD)
        set_line(t);
    else
        line_pulse(t->line);
}

// ---- Registers ----------------------------------------------------------------------------------

static void load_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    frc_t *t = timer_of(p, reg);
    load(t, *reg_of(t, LOAD));
    schedule(t);
}

static uint32_t count_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    frc_t *t = timer_of(p, reg);
    return count(t, apb(t));
}

static void ctrl_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    static const uint8_t shifts[4] = {0, 4, 8, 8};
    frc_t *t = timer_of(p, reg);
    uint32_t *ctrl = reg_of(t, CTRL), new = *ctrl, way = CTRL_ENABLE | CTRL_RELOAD | 3 << 2;
    if ((old ^ new) & way) {
        *ctrl = old;
        uint32_t now = count(t, apb(t));
        *ctrl = new;
        load(t, now);
        t->running = new & CTRL_ENABLE;
        t->shift = shifts[new >> 2 & 3];
    }
    schedule(t);
    set_line(t);
}

static void int_clr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    frc_t *t = timer_of(p, reg);
    *reg_of(t, INT_CLR) = 0;
    if (p->written & 1)
        *reg_of(t, CTRL) &= ~(uint32_t)CTRL_INT;
    set_line(t);
}

static void alarm_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    schedule(timer_of(p, reg));
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    for (unsigned i = 0; !before && i < 2; i++)
        schedule(&((esp8266_frc_t *)ctx)->timer[i]);
}

static bool frc_init(part_t *p, GError **error)
{
    static const char *const names[] = {"frc1", "frc2"};
    for (unsigned i = 0; i < 2; i++) {
        frc_t *t = &((esp8266_frc_t *)p)->timer[i];
        t->p = p;
        t->base = i * FRC2;
        t->line = part_line(p, names[i]);
        event_init(&t->due, names[i], due, t);
    }
    clk_listen(p->clk, clock_changed, p);
    return true;
}

static void frc_reset(part_t *p, bool power)
{
    for (unsigned i = 0; i < 2; i++) {
        frc_t *t = &((esp8266_frc_t *)p)->timer[i];
        t->running = false;
        t->shift = 0;
        load(t, 0);
        schedule(t);
        set_line(t);
    }
}

#define TIMER(name, base, mask, none) \
    {name "_LOAD", (base) + LOAD, .ro = ~(mask), .write = load_write}, \
    {name "_COUNT", (base) + COUNT, .ro = ~0u, .read = count_read}, \
    {name "_CTRL", (base) + CTRL, .ro = ~0xCDu, .unimp = none, .write = ctrl_write}, \
    {name "_INT_CLR", (base) + INT_CLR, .ro = ~1u, .write = int_clr_write}
static const part_reg_t frc_regs[] = {
    TIMER("FRC1", 0, FRC1_MASK, 0),
    TIMER("FRC2", FRC2, ~0u, CTRL_RELOAD),
    {"FRC2_ALARM", FRC2 + ALARM, .write = alarm_write},
    {0},
};

const part_class_t esp8266_frc_class = {
    .name = "esp8266-frc",
    .brief = "ESP8266 timers FRC1 and FRC2",
    .size = sizeof(esp8266_frc_t),
    .regs = frc_regs,
    .mmio_size = 0x100,
    .init = frc_init,
    .reset = frc_reset,
};
