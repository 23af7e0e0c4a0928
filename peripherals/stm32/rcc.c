// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405/407 reset and clock control (RM0090 chapter 7).
//
// Modelled: HSI, HSE, LSI, LSE, PLL and PLLI2S with their start-up times, switching and prescalers, the
// timers' doubled clock, the 48 MHz clock, the RTC's clock, ready interrupts, enables and resets of
// peripherals, reset flags, the backup domain with its write protection. Clocks out of the data sheet's
// range are reported and used as programmed. Crystals never fail, so the clock security system has
// nothing to do. Not modelled: MCO1/2 and spread spectrum (reported), low-power enables (kept only).
//
// Attributes: hse_hz is the board's crystal, 0 = none; lse_hz likewise.
// Lines in: iwdg_reset, wwdg_reset (ask for a reset), dbp (backup domain is open), stop (stop mode:
// only LSI and LSE run; it ends on HSI). Lines out: irq, bdrst (backup domain held in reset);
// "<part>.clken" of each gated part is its bus clock.
#include "machine.h"

enum { RCC_CR = 0x00, RCC_PLLCFGR = 0x04, RCC_CFGR = 0x08, RCC_CIR = 0x0C, RCC_AHB1RSTR = 0x10,
       RCC_AHB2RSTR = 0x14, RCC_AHB3RSTR = 0x18, RCC_APB1RSTR = 0x20, RCC_APB2RSTR = 0x24,
       RCC_AHB1ENR = 0x30, RCC_AHB2ENR = 0x34, RCC_AHB3ENR = 0x38, RCC_APB1ENR = 0x40,
       RCC_APB2ENR = 0x44, RCC_AHB1LPENR = 0x50, RCC_AHB2LPENR = 0x54, RCC_AHB3LPENR = 0x58,
       RCC_APB1LPENR = 0x60, RCC_APB2LPENR = 0x64, RCC_BDCR = 0x70, RCC_CSR = 0x74,
       RCC_SSCGR = 0x80, RCC_PLLI2SCFGR = 0x84 };
enum { RSTR_TO_ENR = RCC_AHB1ENR - RCC_AHB1RSTR };
enum { CFGR_SW = 3, CFGR_MCO = (int)0xFF600000 };
enum { BDCR_LSEBYP = 1 << 2, BDCR_RTCSEL = 3 << 8, BDCR_RTCEN = 1 << 15, BDCR_BDRST = 1 << 16 };
enum { CSR_RMVF = 1 << 24, CSR_BOR = 1 << 25, CSR_PIN = 1 << 26, CSR_POR = 1 << 27,
       CSR_SFT = 1 << 28, CSR_IWDG = 1 << 29, CSR_WWDG = 1 << 30 };

typedef enum { SRC_HSI, SRC_HSE, SRC_PLL, SRC_PLLI2S, SRC_LSI, SRC_LSE, SRC_COUNT } src_t;

// Where a source is switched on, where its ready flag is (the next bit), the bit of its interrupt flag
// in CIR and its start-up time: typical values of the data sheet, tables 31-38; for the PLLs, which
// have a range that grows with the frequency, the middle of the maxima.
static const struct {
    const char *name;
    uint16_t reg;
    uint8_t on, cir;
    uint64_t start_ps;
} srcs[SRC_COUNT] = {
    [SRC_HSI] = {"hsi", RCC_CR, 0, 2, 2200 * PS_PER_NS},
    [SRC_HSE] = {"hse", RCC_CR, 16, 3, 2 * PS_PER_MS},
    [SRC_PLL] = {"pllvco", RCC_CR, 24, 4, 200 * PS_PER_US},
    [SRC_PLLI2S] = {"plli2s", RCC_CR, 26, 5, 200 * PS_PER_US},
    [SRC_LSI] = {"lsi", RCC_CSR, 0, 0, 15 * PS_PER_US},
    [SRC_LSE] = {"lse", RCC_BDCR, 0, 1, 2 * PS_PER_S},
};

// Enable bits. Resets have the same places, except ADCRST, which is one bit for all.
static const struct {
    uint16_t enr;
    uint8_t bit;
    const char *part;
} gates[] = {
    {RCC_AHB1ENR, 0, "gpioa"},  {RCC_AHB1ENR, 1, "gpiob"},   {RCC_AHB1ENR, 2, "gpioc"},
    {RCC_AHB1ENR, 3, "gpiod"},  {RCC_AHB1ENR, 4, "gpioe"},   {RCC_AHB1ENR, 5, "gpiof"},
    {RCC_AHB1ENR, 6, "gpiog"},  {RCC_AHB1ENR, 7, "gpioh"},   {RCC_AHB1ENR, 8, "gpioi"},
    {RCC_AHB1ENR, 12, "crc"},   {RCC_AHB1ENR, 21, "dma1"},   {RCC_AHB1ENR, 22, "dma2"},
    {RCC_AHB2ENR, 6, "rng"},    {RCC_APB1ENR, 0, "tim2"},    {RCC_APB1ENR, 1, "tim3"},
    {RCC_APB1ENR, 2, "tim4"},   {RCC_APB1ENR, 3, "tim5"},    {RCC_APB1ENR, 4, "tim6"},
    {RCC_APB1ENR, 5, "tim7"},   {RCC_APB1ENR, 6, "tim12"},   {RCC_APB1ENR, 7, "tim13"},
    {RCC_APB1ENR, 8, "tim14"},  {RCC_APB1ENR, 11, "wwdg"},   {RCC_APB1ENR, 14, "spi2"},
    {RCC_APB1ENR, 15, "spi3"},  {RCC_APB1ENR, 17, "usart2"}, {RCC_APB1ENR, 18, "usart3"},
    {RCC_APB1ENR, 19, "uart4"}, {RCC_APB1ENR, 20, "uart5"},  {RCC_APB1ENR, 21, "i2c1"},
    {RCC_APB1ENR, 22, "i2c2"},  {RCC_APB1ENR, 23, "i2c3"},   {RCC_APB1ENR, 28, "pwr"},
    {RCC_APB1ENR, 29, "dac"},
    {RCC_APB2ENR, 0, "tim1"},   {RCC_APB2ENR, 1, "tim8"},    {RCC_APB2ENR, 4, "usart1"},
    {RCC_APB2ENR, 5, "usart6"}, {RCC_APB2ENR, 8, "adc"},     {RCC_APB2ENR, 9, "adc"},
    {RCC_APB2ENR, 10, "adc"},   {RCC_APB2ENR, 12, "spi1"},   {RCC_APB2ENR, 14, "syscfg"},
    {RCC_APB2ENR, 16, "tim9"},  {RCC_APB2ENR, 17, "tim10"},  {RCC_APB2ENR, 18, "tim11"},
};

typedef struct {
    part_t p;
    event_t ready[SRC_COUNT]; // saved
    uint64_t hse_hz, lse_hz;
    line_t *irq, *bdrst;
    bool dbp, stop; // saved
    uint32_t cause; // saved: CSR flags of the reset that is coming
    part_t *gated[G_N_ELEMENTS(gates)];
    line_t *clken[G_N_ELEMENTS(gates)];
} stm32_rcc_t;

static bool src_ready(part_t *p, src_t s) { return R(p, srcs[s].reg) >> (srcs[s].on + 1) & 1; }

static void update_irq(stm32_rcc_t *c)
{
    uint32_t cir = R(&c->p, RCC_CIR);
    line_set(c->irq, cir & cir >> 8 & 0x3F);
}

// ---- The clock tree ---------------------------------------------------------------------------------

typedef struct {
    uint64_t num;
    uint64_t den;
} ratio_t;

static void set_clk(part_t *p, const char *name, ratio_t f, uint64_t div)
{
    uint64_t a = f.num, b = f.den * div, num = a, den = b;
    while (b) {
        uint64_t t = a % b;
        a = b;
        b = t;
    }
    if (a) {
        num /= a;
        den /= a;
    }
    clk_set(part_clk(p, name), num, num ? den : 1, machine_now_ps(p->m));
}

static double hz(ratio_t f) { return (double)f.num / (double)f.den; }

static void limit(part_t *p, const char *what, ratio_t f, uint64_t div, double min, double max)
{
    double v = hz(f) / (double)div;
    if (f.num && (v < min || v > max))
        machine_report(p->m, REPORT_GUEST_ERROR, (uintptr_t)what,
                       "%s: %s at %.3f MHz is outside %.0f..%.0f MHz", p->name, what, v / 1e6,
                       min / 1e6, max / 1e6);
}

static ratio_t pll_source(part_t *p)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    src_t s = R(p, RCC_PLLCFGR) >> 22 & 1 ? SRC_HSE : SRC_HSI;
    if (!src_ready(p, s))
        return (ratio_t){0, 1};
    return (ratio_t){s == SRC_HSE ? c->hse_hz : 16000000, 1};
}

static ratio_t pll_vco(part_t *p, src_t s)
{
    uint32_t m = R(p, RCC_PLLCFGR) & 63;
    uint32_t n = R(p, s == SRC_PLL ? RCC_PLLCFGR : RCC_PLLI2SCFGR) >> 6 & 0x1FF;
    ratio_t in = pll_source(p);
    if (!src_ready(p, s) || m < 2)
        return (ratio_t){0, 1};
    limit(p, "PLL input", in, m, 0.95e6, 2.1e6);
    ratio_t vco = {in.num * n, in.den * m};
    limit(p, s == SRC_PLL ? "PLL VCO" : "PLLI2S VCO", vco, 1, 100e6, 432e6);
    return vco;
}

static unsigned pll_p(part_t *p) { return 2 * ((R(p, RCC_PLLCFGR) >> 16 & 3) + 1); }

// Switches to the selected source when it is ready; until then the old one goes on (7.2.6).
static ratio_t sysclk(part_t *p, ratio_t vco)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    uint32_t *cfgr = &R(p, RCC_CFGR), sw = *cfgr & CFGR_SW;
    static const src_t of[3] = {SRC_HSI, SRC_HSE, SRC_PLL};
    if (sw < 3 && src_ready(p, of[sw]))
        *cfgr = (*cfgr & ~(CFGR_SW << 2)) | sw << 2;
    switch (*cfgr >> 2 & 3) {
    case 1: return (ratio_t){c->hse_hz, 1};
    case 2: return (ratio_t){vco.num, vco.den * pll_p(p)};
    default: return (ratio_t){16000000, 1};
    }
}

static void update_rtcclk(part_t *p)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    uint32_t bdcr = R(p, RCC_BDCR), pre = R(p, RCC_CFGR) >> 16 & 31;
    uint64_t num = 0, div = 1;
    switch (bdcr & BDCR_RTCEN ? (bdcr & BDCR_RTCSEL) >> 8 : 0) {
    case 1: num = src_ready(p, SRC_LSE) ? c->lse_hz : 0; break;
    case 2: num = src_ready(p, SRC_LSI) ? 32000 : 0; break;
    case 3:
        num = src_ready(p, SRC_HSE) && pre >= 2 ? c->hse_hz : 0;
        div = MAX(pre, 1);
        break;
    }
    set_clk(p, "rtcclk", (ratio_t){num, 1}, div);
}

static void update_clocks(part_t *p)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    set_clk(p, "hsi", (ratio_t){src_ready(p, SRC_HSI) && !c->stop ? 16000000 : 0, 1}, 1);
    set_clk(p, "hse", (ratio_t){src_ready(p, SRC_HSE) ? c->hse_hz : 0, 1}, 1);
    set_clk(p, "lsi", (ratio_t){src_ready(p, SRC_LSI) ? 32000 : 0, 1}, 1);
    set_clk(p, "lse", (ratio_t){src_ready(p, SRC_LSE) ? c->lse_hz : 0, 1}, 1);
    ratio_t vco = pll_vco(p, SRC_PLL), sys = sysclk(p, vco);
    if (c->stop)
        sys.num = 0;
    set_clk(p, "pllvco", vco, 1);
    set_clk(p, "pll48", vco, MAX(R(p, RCC_PLLCFGR) >> 24 & 15, 2));
    set_clk(p, "plli2s", pll_vco(p, SRC_PLLI2S), MAX(R(p, RCC_PLLI2SCFGR) >> 28 & 7, 2));

    uint32_t cfgr = R(p, RCC_CFGR), hpre = cfgr >> 4 & 15;
    uint32_t ppre1 = cfgr >> 10 & 7, ppre2 = cfgr >> 13 & 7;
    static const uint16_t hdivs[8] = {2, 4, 8, 16, 64, 128, 256, 512};
    uint64_t hdiv = hpre & 8 ? hdivs[hpre & 7] : 1;
    uint64_t div1 = ppre1 & 4 ? 2u << (ppre1 & 3) : 1, div2 = ppre2 & 4 ? 2u << (ppre2 & 3) : 1;
    limit(p, "HCLK", sys, hdiv, 0, 168e6);
    limit(p, "PCLK1", sys, hdiv * div1, 0, 42e6);
    limit(p, "PCLK2", sys, hdiv * div2, 0, 84e6);
    set_clk(p, "sysclk", sys, 1);
    set_clk(p, "hclk", sys, hdiv);
    set_clk(p, "systick", sys, hdiv * 8);
    set_clk(p, "pclk1", sys, hdiv * div1);
    set_clk(p, "pclk2", sys, hdiv * div2);
    set_clk(p, "timclk1", sys, hdiv * MAX(div1 / 2, 1)); // 7.2: twice PCLK where that is divided
    set_clk(p, "timclk2", sys, hdiv * MAX(div2 / 2, 1));
    update_rtcclk(p);
}

// ---- Sources ----------------------------------------------------------------------------------------

static void set_ready(part_t *p, src_t s, bool ready)
{
    uint32_t bit = 1u << (srcs[s].on + 1);
    if (ready)
        R(p, srcs[s].reg) |= bit;
    else
        R(p, srcs[s].reg) &= ~bit;
}

static bool has_source(part_t *p, src_t s)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    return s == SRC_HSE ? c->hse_hz > 0 : s == SRC_LSE ? c->lse_hz > 0 : true;
}

// After a write: starts what was switched on, stops what was switched off.
static void update_sources(part_t *p)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    for (src_t s = 0; s < SRC_COUNT; s++) {
        bool on = R(p, srcs[s].reg) >> srcs[s].on & 1, ready = src_ready(p, s);
        if (!on) {
            machine_cancel(p->m, &c->ready[s]);
            set_ready(p, s, false);
        } else if (!ready && !event_pending(&c->ready[s])) {
            if (has_source(p, s))
                machine_at(p->m, &c->ready[s], machine_now_ps(p->m) + srcs[s].start_ps);
            else
                machine_report(p->m, REPORT_WARNING, p->base | s,
                               "%s: %s is switched on, but the board has no crystal there",
                               p->name, srcs[s].name);
        }
    }
    update_clocks(p);
}

static void became_ready(stm32_rcc_t *c, src_t s)
{
    part_t *p = &c->p;
    set_ready(p, s, true);
    R(p, RCC_CIR) |= 1u << srcs[s].cir;
    update_clocks(p);
    update_irq(c);
}

static void hsi_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_HSI); }
static void hse_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_HSE); }
static void pll_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_PLL); }
static void plli2s_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_PLLI2S); }
static void lsi_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_LSI); }
static void lse_ready(void *ctx, uint64_t now) { became_ready(ctx, SRC_LSE); }

// ---- Registers --------------------------------------------------------------------------------------

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    // Hardware keeps the oscillators that the system clock comes from (7.3.1).
    uint32_t sws = R(p, RCC_CFGR) >> 2 & 3, keep = sws == 0 ? 1u : sws == 1 ? 1u << 16 : 1u << 24;
    if (sws == 2)
        keep |= R(p, RCC_PLLCFGR) >> 22 & 1 ? 1u << 16 : 1u;
    if (old & ~R(p, RCC_CR) & keep)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base,
                       "%s: the clock that the system runs on cannot be switched off", p->name);
    R(p, RCC_CR) |= old & keep;
    update_sources(p);
}

static void pllcfgr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    bool i2s = reg->offset == RCC_PLLI2SCFGR;
    if (R(p, RCC_CR) >> (i2s ? 26 : 24) & 1 && R(p, reg->offset) != old) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + reg->offset,
                       "%s: %s can be written only while the PLL is off", p->name, reg->name);
        R(p, reg->offset) = old;
    }
    update_clocks(p);
}

static void cfgr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update_clocks(p);
}

static void cir_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    R(p, RCC_CIR) &= ~(p->written >> 16 & 0xBF);
    update_irq((stm32_rcc_t *)p);
}

static void rstr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    uint32_t rise = R(p, reg->offset) & ~old;
    for (unsigned i = 0; i < G_N_ELEMENTS(gates); i++)
        if (c->gated[i] && gates[i].enr == reg->offset + RSTR_TO_ENR && rise >> gates[i].bit & 1)
            part_reset(c->gated[i], false);
}

static void update_gates(stm32_rcc_t *c)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(gates); i++) {
        bool on = R(&c->p, gates[i].enr) >> gates[i].bit & 1;
        if (!c->gated[i])
            continue;
        for (unsigned k = 0; k < G_N_ELEMENTS(gates); k++) // parts with several enables
            if (c->gated[k] == c->gated[i])
                on |= R(&c->p, gates[k].enr) >> gates[k].bit & 1;
        c->gated[i]->off = !on;
        line_set(c->clken[i], on);
    }
}

static void enr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, reg->offset) != old)
        update_gates((stm32_rcc_t *)p);
}

static void bdcr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    uint32_t *bdcr = &R(p, RCC_BDCR);
    if (!c->dbp) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + RCC_BDCR,
                       "%s: BDCR is write-protected (PWR_CR.DBP is 0)", p->name);
        *bdcr = old;
        return;
    }
    if (*bdcr & BDCR_BDRST)
        *bdcr = BDCR_BDRST;
    else if (old & BDCR_RTCSEL && (*bdcr ^ old) & BDCR_RTCSEL) // 7.3.20: only a reset changes it
        *bdcr = (*bdcr & ~BDCR_RTCSEL) | (old & BDCR_RTCSEL);
    line_set(c->bdrst, *bdcr & BDCR_BDRST);
    update_sources(p);
}

static void csr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, RCC_CSR) & CSR_RMVF)
        R(p, RCC_CSR) &= 0x00FFFFFF;
    update_sources(p);
}

// ---- The part ---------------------------------------------------------------------------------------

static void dbp_line(void *ctx, int arg, bool level) { ((stm32_rcc_t *)ctx)->dbp = level; }

// 7.2.6 and 5.3.5: what is fast stops; HSI is the system clock afterwards.
static void stop_line(void *ctx, int arg, bool level)
{
    stm32_rcc_t *c = ctx;
    part_t *p = &c->p;
    c->stop = level;
    if (level) {
        R(p, RCC_CFGR) &= ~(CFGR_SW | CFGR_SW << 2);
        R(p, RCC_CR) &= ~(1u << 16 | 1u << 24 | 1u << 26);
        R(p, RCC_CR) |= 3;
        machine_cancel(p->m, &c->ready[SRC_HSI]);
    }
    update_sources(p);
}

static void software_reset(void *ctx, int arg, bool level)
{
    if (level)
        ((stm32_rcc_t *)ctx)->cause |= CSR_SFT;
}

static void watchdog_reset(void *ctx, int flag, bool level)
{
    stm32_rcc_t *c = ctx;
    if (level) {
        c->cause |= flag;
        machine_want_reset(c->p.m);
    }
}

static bool rcc_init(part_t *p, GError **error)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    static const event_fn_t fns[SRC_COUNT] = {hsi_ready,    hse_ready, pll_ready,
                                              plli2s_ready, lsi_ready, lse_ready};
    for (src_t s = 0; s < SRC_COUNT; s++)
        event_init(&c->ready[s], srcs[s].name, fns[s], c);
    c->irq = part_line(p, "irq");
    c->bdrst = part_line(p, "bdrst");
    line_listen(part_line(p, "dbp"), dbp_line, c, 0);
    line_listen(part_line(p, "stop"), stop_line, c, 0);
    line_listen(part_line(p, "iwdg_reset"), watchdog_reset, c, CSR_IWDG);
    line_listen(part_line(p, "wwdg_reset"), watchdog_reset, c, CSR_WWDG);
    line_listen(machine_line(p->m, "cpu.sysresetreq"), software_reset, c, 0);
    return true;
}

static bool rcc_wired(part_t *p, GError **error)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    double hse, lse;
    if (!part_attr_double(p, "hse_hz", &hse, error) || !part_attr_double(p, "lse_hz", &lse, error))
        return false;
    c->hse_hz = hse > 0 ? (uint64_t)hse : 0;
    c->lse_hz = lse > 0 ? (uint64_t)lse : 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(gates); i++) {
        c->gated[i] = machine_part(p->m, gates[i].part);
        if (c->gated[i])
            c->clken[i] = part_line(c->gated[i], "clken");
    }
    return true;
}

// The backup domain and the reset flags outlive a system reset; CSR's oscillator does not.
static void rcc_reset(part_t *p, bool power)
{
    stm32_rcc_t *c = (stm32_rcc_t *)p;
    uint32_t bdcr = R(p, RCC_BDCR), flags = R(p, RCC_CSR) & 0xFE000000;
    for (const part_reg_t *reg = p->cls->regs; reg->name; reg++)
        R(p, reg->offset) = reg->reset;
    if (power) {
        flags = CSR_POR | CSR_PIN | CSR_BOR;
    } else {
        R(p, RCC_BDCR) = bdcr;
        flags |= CSR_PIN | c->cause; // an internal reset pulls the pin low too (7.1.1)
    }
    R(p, RCC_CSR) = flags;
    c->cause = 0;
    line_set(c->bdrst, R(p, RCC_BDCR) & BDCR_BDRST);
    machine_cancel(p->m, &c->ready[SRC_HSI]); // it runs already
    update_gates(c);
    update_sources(p);
    update_irq(c);
}

static const part_reg_t rcc_regs[] = {
    {"CR", RCC_CR, .reset = 0x00000083, .ro = 0xFAF2FF06, .write = cr_write},
    {"PLLCFGR", RCC_PLLCFGR, .reset = 0x24003010, .ro = 0xF0BC8000, .write = pllcfgr_write},
    {"CFGR", RCC_CFGR, .ro = 0x0000030C, .unimp = CFGR_MCO, .write = cfgr_write},
    {"CIR", RCC_CIR, .ro = 0xFFFFC0FF, .write = cir_write},
    {"AHB1RSTR", RCC_AHB1RSTR, .ro = 0xDD9FEE00, .write = rstr_write},
    {"AHB2RSTR", RCC_AHB2RSTR, .ro = 0xFFFFFF0E, .write = rstr_write},
    {"AHB3RSTR", RCC_AHB3RSTR, .ro = 0xFFFFFFFE, .write = rstr_write},
    {"APB1RSTR", RCC_APB1RSTR, .ro = 0xC9013600, .write = rstr_write},
    {"APB2RSTR", RCC_APB2RSTR, .ro = 0xFFF8A6CC, .write = rstr_write},
    {"AHB1ENR", RCC_AHB1ENR, .reset = 0x00100000, .ro = 0x818BEE00, .write = enr_write},
    {"AHB2ENR", RCC_AHB2ENR, .ro = 0xFFFFFF0E, .write = enr_write},
    {"AHB3ENR", RCC_AHB3ENR, .ro = 0xFFFFFFFE, .write = enr_write},
    {"APB1ENR", RCC_APB1ENR, .ro = 0xC9013600, .write = enr_write},
    {"APB2ENR", RCC_APB2ENR, .ro = 0xFFF8A0CC, .write = enr_write},
    {"AHB1LPENR", RCC_AHB1LPENR, .reset = 0x7E6791FF, .ro = 0x81986E00},
    {"AHB2LPENR", RCC_AHB2LPENR, .reset = 0x000000F1, .ro = 0xFFFFFF0E},
    {"AHB3LPENR", RCC_AHB3LPENR, .reset = 0x00000001, .ro = 0xFFFFFFFE},
    {"APB1LPENR", RCC_APB1LPENR, .reset = 0x36FEC9FF, .ro = 0xC9013600},
    {"APB2LPENR", RCC_APB2LPENR, .reset = 0x00075F33, .ro = 0xFFF8A0CC},
    {"BDCR", RCC_BDCR, .ro = 0xFFFE7CFA, .write = bdcr_write},
    {"CSR", RCC_CSR, .reset = 0x0E000000, .ro = 0xFEFFFFFE, .write = csr_write},
    {"SSCGR", RCC_SSCGR, .ro = 0x30000000, .unimp = 1u << 31},
    {"PLLI2SCFGR", RCC_PLLI2SCFGR, .reset = 0x20003000, .ro = 0x8FFF803F, .write = pllcfgr_write},
    {0},
};

static const char *const rcc_attrs[] = {"hse_hz=12000000", "lse_hz=32768", NULL};

const part_class_t stm32_rcc_class = {
    .name = "stm32-rcc",
    .brief = "STM32F405 reset and clock control",
    .size = sizeof(stm32_rcc_t),
    .regs = rcc_regs,
    .mmio_size = 0x400,
    .attrs = rcc_attrs,
    .init = rcc_init,
    .wired = rcc_wired,
    .reset = rcc_reset,
    .keeps_registers = true,
};
