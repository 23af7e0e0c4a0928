// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 POWER, CLOCK and MPU, which share one block of addresses and one interrupt (nRF51 Series
// Reference Manual, chapters POWER, CLOCK, MPU; times: nRF51822 Product Specification, typical).
//
// Modelled: the 16 MHz and 32,768 Hz sources with their start-up times and states, calibration of the
// RC oscillator and its timer; reset reasons, GPREGRET, system OFF with its wake-up by DETECT or the
// comparator, a reset by lock-up; RAM blocks and DC/DC as values. All sources run at exactly their
// frequency, so that calibration has nothing to correct. The supply never drops: no POFWARN.
// Not modelled (reported when switched on): protection of code (RLENR0, PERR0), RAM that is off.
// PROTENSET protects blocks of flash: nvmc.c asks the lines here.
//
// Lines in: "cpu.sysresetreq", "cpu.lockup", "nrst.assert", dog, detect, anadetect.
#include "nrf51.h"
#include <string.h>

enum { HFCLKSTARTED = 0x100, LFCLKSTARTED = 0x104, POFWARN = 0x108, DONE = 0x10C, CTTO = 0x110 };
enum { POWER_RESETREAS = 0x400, CLOCK_HFCLKRUN = 0x408, CLOCK_HFCLKSTAT = 0x40C,
       CLOCK_LFCLKRUN = 0x414, CLOCK_LFCLKSTAT = 0x418, CLOCK_LFCLKSRCCOPY = 0x41C,
       POWER_RAMSTATUS = 0x428, POWER_SYSTEMOFF = 0x500, POWER_POFCON = 0x510,
       CLOCK_LFCLKSRC = 0x518, POWER_GPREGRET = 0x51C, POWER_RAMON = 0x524, MPU_PERR0 = 0x528,
       MPU_RLENR0 = 0x52C, CLOCK_CTIV = 0x538, POWER_RESET = 0x544, CLOCK_XTALFREQ = 0x550,
       POWER_RAMONB = 0x554, POWER_DCDCEN = 0x578, MPU_PROTENSET = 0x600,
       MPU_DISABLEINDEBUG = 0x608, MPU_PROTBLOCKSIZE = 0x60C, POWER_DCDCFORCE = 0xA08 };
enum { REAS_PIN = 1 << 0, REAS_DOG = 1 << 1, REAS_SREQ = 1 << 2, REAS_LOCKUP = 1 << 3,
       REAS_OFF = 1 << 16, REAS_LPCOMP = 1 << 17, REAS_DIF = 1 << 18, REAS_ALL = 0x7000F };
enum { STAT_RUNNING = 1 << 16, HF_XTAL = 1 };
enum { LF_RC, LF_XTAL, LF_SYNTH };
// The crystal's start depends on it; those of the specification's examples.
enum { HF_XTAL_START_US = 800, LF_RC_START_US = 390, LF_XTAL_START_US = 300000,
       LF_SYNTH_START_US = 0, CALIBRATION_US = 17000, WAKE_FROM_OFF_US = 12 };

typedef struct {
    nrf_t n;
    clk_t *lfclk;
    event_t hf_started, lf_started, calibrated, timeout; // saved
    event_t wake; // saved: from system OFF
    bool off;     // saved: in system OFF
} nrf51_power_t;

// ---- Clocks -------------------------------------------------------------------------------------

static void at_us(nrf51_power_t *w, event_t *e, uint64_t us)
{
    machine_at(w->n.p.m, e, machine_now_ps(w->n.p.m) + us * PS_PER_US);
}

static void hf_start(part_t *p, unsigned n)
{
    nrf51_power_t *w = (nrf51_power_t *)p;
    if (event_pending(&w->hf_started))
        return;
    // A crystal that runs already says so at once: drivers wait for it each time.
    bool runs = R(p, CLOCK_HFCLKSTAT) & HF_XTAL;
    R(p, CLOCK_HFCLKRUN) = 1;
    at_us(w, &w->hf_started, runs ? 1 : HF_XTAL_START_US);
}

static void hf_started(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    R(p, CLOCK_HFCLKSTAT) = STAT_RUNNING | HF_XTAL;
    nrf_event(p, HFCLKSTARTED);
}

static void hf_stop(part_t *p, unsigned n) // to the RC oscillator, which runs while it is needed
{
    machine_cancel(p->m, &((nrf51_power_t *)p)->hf_started);
    R(p, CLOCK_HFCLKRUN) = 0;
    R(p, CLOCK_HFCLKSTAT) = STAT_RUNNING;
}

static void lf_start(part_t *p, unsigned n)
{
    static const unsigned us[] = {LF_RC_START_US, LF_XTAL_START_US, LF_SYNTH_START_US};
    nrf51_power_t *w = (nrf51_power_t *)p;
    unsigned source = R(p, CLOCK_LFCLKSRC) & 3;
    if (R(p, CLOCK_LFCLKRUN) || source > LF_SYNTH)
        return;
    R(p, CLOCK_LFCLKRUN) = 1;
    R(p, CLOCK_LFCLKSRCCOPY) = source;
    double hz = 0;
    if (source == LF_XTAL && (!part_attr_double(p, "lfxo_hz", &hz, NULL) || hz <= 0)) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + CLOCK_LFCLKSRC,
                       "LFCLKSRC is the crystal, but this board has no 32,768 Hz crystal");
        return; // never starts
    }
    at_us(w, &w->lf_started, us[source]);
}

static void lf_started(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    R(p, CLOCK_LFCLKSTAT) = STAT_RUNNING | R(p, CLOCK_LFCLKSRCCOPY);
    clk_set(((nrf51_power_t *)p)->lfclk, 32768, 1, now);
    nrf_event(p, LFCLKSTARTED);
}

static void lf_stop(part_t *p, unsigned n)
{
    nrf51_power_t *w = (nrf51_power_t *)p;
    machine_cancel(p->m, &w->lf_started);
    R(p, CLOCK_LFCLKRUN) = 0;
    R(p, CLOCK_LFCLKSTAT) &= ~STAT_RUNNING;
    clk_set(w->lfclk, 0, 1, machine_now_ps(p->m));
}

// Needs the crystal and the RC oscillator running.
static void calibrate(part_t *p, unsigned n)
{
    if (R(p, CLOCK_HFCLKSTAT) & HF_XTAL && R(p, CLOCK_LFCLKSTAT) == STAT_RUNNING)
        at_us((nrf51_power_t *)p, &((nrf51_power_t *)p)->calibrated, CALIBRATION_US);
    else
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + 0x010,
                       "CLOCK CAL without the 16 MHz crystal and the 32 kHz RC oscillator running");
}

static void calibrated(void *ctx, uint64_t now) { nrf_event(ctx, DONE); }

static void timer_start(part_t *p, unsigned n) // in quarters of a second
{
    uint64_t quarters = R(p, CLOCK_CTIV);
    at_us((nrf51_power_t *)p, &((nrf51_power_t *)p)->timeout, quarters * 250000);
}

static void timer_stop(part_t *p, unsigned n)
{
    machine_cancel(p->m, &((nrf51_power_t *)p)->timeout);
}

static void timed_out(void *ctx, uint64_t now) { nrf_event(ctx, CTTO); }
static void latency(part_t *p, unsigned n) {} // CONSTLAT, LOWPWR: interrupts cost the same here

// ---- Resets and system OFF ----------------------------------------------------------------------

static void reason(void *ctx, int bit, bool level)
{
    if (level)
        R((part_t *)ctx, POWER_RESETREAS) |= bit;
}

static void lockup(void *ctx, int arg, bool level)
{
    machine_t *m = ((part_t *)ctx)->m;
    reason(ctx, REAS_LOCKUP, level);
    if (level && !(m->cpu && m->cpu->debugger)) // who debugs wants to see it
        machine_want_reset(m);
}

static void wake_up(void *ctx, int bit, bool level)
{
    nrf51_power_t *w = ctx;
    if (!level || !w->off || event_pending(&w->wake))
        return;
    reason(ctx, bit, true);
    at_us(w, &w->wake, WAKE_FROM_OFF_US);
}

static void woken(void *ctx, uint64_t now) { machine_want_reset(((part_t *)ctx)->m); }

// Everything but what can wake is off; pins keep their state.
static void system_off(part_t *p)
{
    nrf51_power_t *w = (nrf51_power_t *)p;
    w->off = true;
    machine_stall(p->m, PS_NEVER);
    hf_stop(p, 0);
    lf_stop(p, 0);
    machine_cancel(p->m, &w->calibrated);
    machine_cancel(p->m, &w->timeout);
    for (guint i = 0; i < p->m->parts->len; i++) {
        part_t *other = p->m->parts->pdata[i];
        if (other->on_chip && other != p && strcmp(other->cls->name, "nrf51-gpio") &&
            strcmp(other->cls->name, "nrf51-lpcomp"))
            part_reset(other, false);
    }
    wake_up(w, REAS_OFF, part_line(p, "detect")->level);
}

// ---- Registers ----------------------------------------------------------------------------------

static void off_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (p->written & 1)
        system_off(p);
}

static void ramon_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (~R(p, POWER_RAMON) & 3)
        machine_unmodelled(p->m, p->base + POWER_RAMON, "a RAM block switched off by POWER.RAMON");
    R(p, POWER_RAMSTATUS) = R(p, POWER_RAMON) & 3;
}

// Bits can only be set, until the next reset.
static void protect_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    R(p, MPU_PROTENSET + 4 * n) = old | p->written;
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{0x000, hf_start}, {0x004, hf_stop}, {0x008, lf_start},
                                  {0x00C, lf_stop}, {0x010, calibrate}, {0x014, timer_start},
                                  {0x018, timer_stop}, {0x078, latency, 2}, {0}},
};

static bool power_init(part_t *p, GError **error)
{
    nrf51_power_t *w = (nrf51_power_t *)p;
    nrf_init(p, &desc);
    w->lfclk = part_clk(p, "lfclk");
    event_init(&w->hf_started, "16 MHz crystal started", hf_started, w);
    event_init(&w->lf_started, "32 kHz clock started", lf_started, w);
    event_init(&w->calibrated, "32 kHz calibrated", calibrated, w);
    event_init(&w->timeout, "calibration timer", timed_out, w);
    event_init(&w->wake, "wake-up from system OFF", woken, w);
    line_listen(machine_line(p->m, "nrst.assert"), reason, w, REAS_PIN);
    line_listen(machine_line(p->m, "cpu.sysresetreq"), reason, w, REAS_SREQ);
    line_listen(machine_line(p->m, "cpu.lockup"), lockup, w, 0);
    line_listen(part_line(p, "dog"), reason, w, REAS_DOG);
    line_listen(part_line(p, "detect"), wake_up, w, REAS_OFF);
    line_listen(part_line(p, "anadetect"), wake_up, w, REAS_LPCOMP);
    return true;
}

static void power_reset(part_t *p, bool power)
{
    nrf51_power_t *w = (nrf51_power_t *)p;
    event_t *events[] = {&w->hf_started, &w->lf_started, &w->calibrated, &w->timeout, &w->wake};
    uint32_t reasons = R(p, POWER_RESETREAS), retained = R(p, POWER_GPREGRET);
    for (unsigned i = 0; i < G_N_ELEMENTS(events); i++)
        machine_cancel(p->m, events[i]);
    for (const part_reg_t *reg = p->cls->regs; reg->name; reg++)
        for (unsigned n = 0; n < MAX(reg->count, 1); n++)
            R(p, reg->offset + 4 * n) = reg->reset;
    if (!power) {
        R(p, POWER_RESETREAS) = reasons;
        R(p, POWER_GPREGRET) = retained;
    }
    w->off = false;
    clk_set(w->lfclk, 0, 1, machine_now_ps(p->m));
    nrf_reset(p);
}

static const part_reg_t power_regs[] = {
    NRF_TASK("HFCLKSTART", 0x000),
    NRF_TASK("HFCLKSTOP", 0x004),
    NRF_TASK("LFCLKSTART", 0x008),
    NRF_TASK("LFCLKSTOP", 0x00C),
    NRF_TASK("CAL", 0x010),
    NRF_TASK("CTSTART", 0x014),
    NRF_TASK("CTSTOP", 0x018),
    NRF_TASK("CONSTLAT", 0x078),
    NRF_TASK("LOWPWR", 0x07C),
    NRF_EVENT("HFCLKSTARTED", HFCLKSTARTED),
    NRF_EVENT("LFCLKSTARTED", LFCLKSTARTED),
    NRF_EVENT("POFWARN", POFWARN),
    NRF_EVENT("DONE", DONE),
    NRF_EVENT("CTTO", CTTO),
    NRF_INTEN(0x1F),
    {"RESETREAS", POWER_RESETREAS, .ro = ~(uint32_t)REAS_ALL, .w1c = REAS_ALL},
    {"HFCLKRUN", CLOCK_HFCLKRUN, .ro = ~0u},
    {"HFCLKSTAT", CLOCK_HFCLKSTAT, .reset = STAT_RUNNING, .ro = ~0u},
    {"LFCLKRUN", CLOCK_LFCLKRUN, .ro = ~0u},
    {"LFCLKSTAT", CLOCK_LFCLKSTAT, .ro = ~0u},
    {"LFCLKSRCCOPY", CLOCK_LFCLKSRCCOPY, .ro = ~0u},
    {"RAMSTATUS", POWER_RAMSTATUS, .reset = 3, .ro = ~0u},
    {"SYSTEMOFF", POWER_SYSTEMOFF, .ro = ~0u, .write = off_write},
    {"POFCON", POWER_POFCON, .ro = ~7u},
    {"LFCLKSRC", CLOCK_LFCLKSRC, .ro = ~3u},
    {"GPREGRET", POWER_GPREGRET, .ro = ~0xFFu},
    {"RAMON", POWER_RAMON, .reset = 3, .ro = ~0x30003u, .write = ramon_write},
    {"PERR0", MPU_PERR0, .unimp = ~0u},
    {"RLENR0", MPU_RLENR0, .reset = ~0u, .ro = ~0u}, // from UICR.CLENR0, erased
    {"CTIV", CLOCK_CTIV, .ro = ~0x7Fu},
    {"RESET", POWER_RESET, .ro = ~1u},
    {"XTALFREQ", CLOCK_XTALFREQ, .reset = 0xFF, .ro = ~0xFFu},
    {"RAMONB", POWER_RAMONB, .reset = 0, .ro = ~0x30003u},
    {"DCDCEN", POWER_DCDCEN, .ro = ~1u},
    {"PROTENSET", MPU_PROTENSET, .count = 2, .ro = ~0u, .write = protect_write},
    {"DISABLEINDEBUG", MPU_DISABLEINDEBUG, .reset = 1, .ro = ~1u},
    {"PROTBLOCKSIZE", MPU_PROTBLOCKSIZE, .ro = ~3u},
    {"DCDCFORCE", POWER_DCDCFORCE, .ro = ~3u},
    {0},
};

static const char *const power_attrs[] = {"lfxo_hz=0", NULL};

const part_class_t nrf51_power_class = {
    .name = "nrf51-power",
    .brief = "nRF51 POWER, CLOCK and MPU",
    .size = sizeof(nrf51_power_t),
    .regs = power_regs,
    .mmio_size = NRF_SIZE,
    .attrs = power_attrs,
    .init = power_init,
    .reset = power_reset,
    .keeps_registers = true,
};
