// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 real-time clock and backup registers (RM0090 chapter 26).
//
// Modelled: calendar in BCD with 12 and 24 hours and leap years, both prescalers, sub-seconds, the
// locked shadow registers and RSF, initialisation mode, write protection, hour adjustment, shift,
// alarms A and B with all masks and sub-seconds, the wake-up timer with all clocks, 20 backup
// registers.
// The backup domain lives through a system reset, not through power-on (there is no battery) or
// BDRST.
// Not modelled (reported): calibration, reference clock, time stamps, tamper detection, outputs.
//
// Attribute start=2000-01-01T00:00:00: the date at power-on. The weekday is then the true one;
// without the attribute it is the register's reset value, Monday.
// Lines in: dbp (backup domain open for writing), bdrst. Lines out: alarm, wakeup, tamper.
#include "machine.h"
#include <stdio.h>
#include <string.h>

enum { RTC_TR = 0x00, RTC_DR = 0x04, RTC_CR = 0x08, RTC_ISR = 0x0C, RTC_PRER = 0x10,
       RTC_WUTR = 0x14, RTC_CALIBR = 0x18, RTC_ALRMAR = 0x1C, RTC_ALRMBR = 0x20, RTC_WPR = 0x24,
       RTC_SSR = 0x28, RTC_SHIFTR = 0x2C, RTC_TSTR = 0x30, RTC_TSDR = 0x34, RTC_TSSSR = 0x38,
       RTC_CALR = 0x3C, RTC_TAFCR = 0x40, RTC_ALRMASSR = 0x44, RTC_ALRMBSSR = 0x48,
       RTC_BKPR = 0x50 };
enum { CR_REFCKON = 1 << 4, CR_BYPSHAD = 1 << 5, CR_FMT = 1 << 6, CR_DCE = 1 << 7,
       CR_ALRAE = 1 << 8, CR_WUTE = 1 << 10, CR_TSE = 1 << 11, CR_ALRAIE = 1 << 12,
       CR_WUTIE = 1 << 14, CR_ADD1H = 1 << 16, CR_SUB1H = 1 << 17, CR_OSEL = 3 << 21,
       CR_COE = 1 << 23 };
enum { ISR_ALRAWF = 1 << 0, ISR_WUTWF = 1 << 2, ISR_INITS = 1 << 4, ISR_RSF = 1 << 5,
       ISR_INITF = 1 << 6, ISR_INIT = 1 << 7, ISR_ALRAF = 1 << 8, ISR_WUTF = 1 << 10,
       ISR_FLAGS = 0x3F00 };
enum { TR_PM = 1 << 22, ALRM_WDSEL = 1 << 30, SHIFTR_ADD1S = 1u << 31 };
enum { DAY = 86400, DAYS_OF_CENTURY = 36525 };
#define SEVEN_CENTURIES (INT64_C(7) * DAYS_OF_CENTURY * DAY)

typedef struct {
    part_t p;
    line_t *alarm, *wakeup, *dbp;
    event_t boundary;    // saved: the calendar's next step that an alarm may wait for
    event_t wake;        // saved: the wake-up timer is due
    uint64_t epoch_tick; // saved: of rtcclk; at this one ...
    int64_t epoch_s;     // saved: ... this second since 2000-01-01 00:00:00 began
    uint64_t init_tick;  // saved: when INIT was set
    uint64_t rsf_tick;   // saved: when RSF was cleared
    uint64_t wake_tick;  // saved: when `wake` is due
    uint8_t weekday0;    // saved: weekday of day 0, 0 = Monday
    uint8_t keys;        // saved: how many of the two keys were written
    bool locked;         // saved: TR or SSR was read, DR was not yet
    int64_t locked_s;    // saved: the time that the shadow registers hold
    uint32_t locked_ss;  // saved
} stm32_rtc_t;

// ---- The calendar -------------------------------------------------------------------------------

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && year % 4 == 0); // 2000 to 2099
}

static unsigned bcd(unsigned n) { return n / 10 << 4 | n % 10; }
static unsigned from_bcd(unsigned b) { return (b >> 4) * 10 + (b & 15); }

static int64_t seconds_of(unsigned year, unsigned month, unsigned day, unsigned hour,
                          unsigned minute, unsigned second)
{
    int64_t days = year * 365 + (year + 3) / 4 + day - 1;
    for (unsigned m = 1; m < month && m <= 12; m++)
        days += month_days(year, m);
    return days * DAY + hour * 3600 + minute * 60 + second;
}

static uint32_t tr_of(const part_t *p, int64_t s)
{
    unsigned hour = s % DAY / 3600, pm = 0;
    if (R(p, RTC_CR) & CR_FMT) {
        pm = hour >= 12 ? TR_PM : 0;
        hour = hour % 12 ? hour % 12 : 12;
    }
    return pm | bcd(hour) << 16 | bcd(s % 3600 / 60) << 8 | bcd(s % 60);
}

static uint32_t dr_of(const stm32_rtc_t *c, int64_t s)
{
    unsigned weekday = (s / DAY + c->weekday0) % 7 + 1, days = s / DAY % DAYS_OF_CENTURY;
    unsigned year = days / 1461 * 4, month = 1;
    days %= 1461; // in four years, of which the first is the leap year
    if (days >= 366) {
        year += 1 + (days - 366) / 365;
        days = (days - 366) % 365;
    }
    while (days >= month_days(year, month))
        days -= month_days(year, month++);
    return bcd(year) << 16 | weekday << 13 | bcd(month) << 8 | bcd(days + 1);
}

// TR and DR as written in initialisation mode become the calendar.
static void take_registers(stm32_rtc_t *c)
{
    part_t *p = &c->p;
    uint32_t tr = R(p, RTC_TR), dr = R(p, RTC_DR);
    unsigned hour = from_bcd(tr >> 16 & 0x3F);
    unsigned month = from_bcd(dr >> 8 & 0x1F), day = from_bcd(dr & 0x3F);
    if (R(p, RTC_CR) & CR_FMT)
        hour = hour % 12 + (tr & TR_PM ? 12 : 0);
    c->epoch_s = seconds_of(from_bcd(dr >> 16 & 0xFF), month, day ? day : 1, hour,
                            from_bcd(tr >> 8 & 0x7F), from_bcd(tr & 0x7F));
    c->weekday0 = ((dr >> 13 & 7) + 6 + 7 - c->epoch_s / DAY % 7) % 7;
}

static uint32_t prediv_a(const part_t *p) { return (R(p, RTC_PRER) >> 16 & 0x7F) + 1; }
static uint32_t prediv_s(const part_t *p) { return (R(p, RTC_PRER) & 0x7FFF) + 1; }

static uint64_t ticks(stm32_rtc_t *c) { return clk_ticks(c->p.clk, machine_now_ps(c->p.m)); }

static bool counting(const part_t *p) { return !(R(p, RTC_ISR) & ISR_INIT); }

// The second that runs now, and the value of SSR in it.
static int64_t seconds_now(stm32_rtc_t *c, uint32_t *ss)
{
    part_t *p = &c->p;
    uint64_t now = ticks(c), period = (uint64_t)prediv_a(p) * prediv_s(p);
    uint64_t n = counting(p) && now > c->epoch_tick ? now - c->epoch_tick : 0;
    *ss = prediv_s(p) - 1 - n % period / prediv_a(p);
    return c->epoch_s + n / period;
}

// ---- Alarms and wake-up -------------------------------------------------------------------------

static void update(stm32_rtc_t *c)
{
    // The flags are bits 8 to 10, their enables 12 to 14.
    uint32_t pending = R(&c->p, RTC_ISR) & R(&c->p, RTC_CR) >> 4 & 0x700;
    line_set(c->alarm, pending & 0x300);
    line_set(c->wakeup, pending & ISR_WUTF);
}

static bool alarm_on(const part_t *p, unsigned n) { return R(p, RTC_CR) & CR_ALRAE << n; }
static unsigned ss_mask(const part_t *p, unsigned n)
{
    return R(p, RTC_ALRMASSR + 4 * n) >> 24 & 15;
}

static void plan_boundary(stm32_rtc_t *c)
{
    part_t *p = &c->p;
    if (!counting(p) || !(alarm_on(p, 0) || alarm_on(p, 1))) {
        machine_cancel(p->m, &c->boundary);
        return;
    }
    bool fine = (alarm_on(p, 0) && ss_mask(p, 0)) || (alarm_on(p, 1) && ss_mask(p, 1));
    uint64_t step = (uint64_t)prediv_a(p) * (fine ? 1 : prediv_s(p)), now = ticks(c);
    uint64_t n = now > c->epoch_tick ? (now - c->epoch_tick) / step + 1 : 1;
    machine_at(p->m, &c->boundary, clk_ps(p->clk, c->epoch_tick + n * step));
}

// Each field is compared unless its mask bit, the field's highest one, is set.
static bool alarm_matches(stm32_rtc_t *c, unsigned n, int64_t s, uint32_t ss)
{
    const part_t *p = &c->p;
    uint32_t alarm = R(p, RTC_ALRMAR + 4 * n), tr = tr_of(p, s), dr = dr_of(c, s);
    uint32_t days = alarm & ALRM_WDSEL ? (dr >> 13 & 7) : (dr & 0x3F), differ = 0;
    for (unsigned i = 0; i < 3; i++)
        if (!(alarm >> (8 * i + 7) & 1))
            differ |= (alarm ^ tr) & 0x7Fu << 8 * i;
    if (!(alarm >> 31))
        differ |= (alarm >> 24 & (alarm & ALRM_WDSEL ? 15 : 0x3F)) ^ days;
    unsigned bits = ss_mask(p, n);
    if (!bits)
        return !differ && ss == prediv_s(p) - 1; // when the second begins
    return !differ && !((ss ^ R(p, RTC_ALRMASSR + 4 * n)) & ((1u << bits) - 1) & 0x7FFF);
}

static void calendar_stepped(void *ctx, uint64_t now)
{
    stm32_rtc_t *c = ctx;
    uint32_t ss;
    int64_t s = seconds_now(c, &ss);
    for (unsigned n = 0; n < 2; n++)
        if (alarm_on(&c->p, n) && alarm_matches(c, n, s, ss))
            R(&c->p, RTC_ISR) |= ISR_ALRAF << n;
    plan_boundary(c);
    update(c);
}

// Ticks of rtcclk of one count of the wake-up timer, and where these begin (26.3.6).
static uint64_t wake_step(const stm32_rtc_t *c, uint64_t *origin)
{
    const part_t *p = &c->p;
    unsigned sel = R(p, RTC_CR) & 7;
    *origin = sel & 4 ? c->epoch_tick : 0;
    return sel & 4 ? (uint64_t)prediv_a(p) * prediv_s(p) : 16u >> sel;
}

static uint64_t wake_counts(const part_t *p)
{
    return (R(p, RTC_WUTR) & 0xFFFF) + 1 + ((R(p, RTC_CR) & 6) == 6 ? 0x10000 : 0);
}

static void start_wakeup(stm32_rtc_t *c)
{
    uint64_t origin, step = wake_step(c, &origin), now = ticks(c);
    uint64_t n = now > origin ? (now - origin) / step : 0; // the next edge is n + 1
    c->wake_tick = origin + (n + wake_counts(&c->p)) * step;
    machine_at(c->p.m, &c->wake, clk_ps(c->p.clk, c->wake_tick));
}

static void woken(void *ctx, uint64_t now)
{
    stm32_rtc_t *c = ctx;
    uint64_t origin;
    R(&c->p, RTC_ISR) |= ISR_WUTF;
    c->wake_tick += wake_counts(&c->p) * wake_step(c, &origin);
    machine_at(c->p.m, &c->wake, clk_ps(c->p.clk, c->wake_tick));
    update(c);
}

// ---- Registers ----------------------------------------------------------------------------------

static bool initialising(stm32_rtc_t *c)
{
    return !counting(&c->p) && ticks(c) >= c->init_tick + 2;
}

// Undoes the write and tells FALSE when protection forbids it. Backup registers and flags need DBP
// only.
static bool writable(part_t *p, const part_reg_t *reg, uint32_t old, bool keys)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (c->dbp->level && (!keys || c->keys == 2))
        return true;
    R(p, reg->offset) = old;
    if (!c->dbp->level)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base, "%s.%s is written while PWR_CR.DBP is 0",
                       p->name, reg->name);
    return false;
}

static uint32_t time_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (!counting(p) && reg->offset != RTC_SSR)
        return R(p, reg->offset);
    uint32_t ss = c->locked_ss;
    int64_t s = c->locked_s;
    bool shadow = !(R(p, RTC_CR) & CR_BYPSHAD);
    if (!shadow || !c->locked)
        s = seconds_now(c, &ss);
    if (!p->peeking) {
        c->locked = shadow && reg->offset != RTC_DR;
        c->locked_s = s;
        c->locked_ss = ss;
    }
    return reg->offset == RTC_TR ? tr_of(p, s) : reg->offset == RTC_DR ? dr_of(c, s) : ss;
}

static void time_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (writable(p, reg, old, true) && !initialising((stm32_rtc_t *)p))
        R(p, reg->offset) = old;
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (!writable(p, reg, old, true))
        return;
    uint32_t cr = R(p, RTC_CR);
    if (cr & CR_ADD1H)
        c->epoch_s += 3600;
    if (cr & CR_SUB1H)
        c->epoch_s += SEVEN_CENTURIES - 3600; // the same day of the week
    R(p, RTC_CR) = cr & ~(CR_ADD1H | CR_SUB1H);
    R(p, RTC_ISR) &= ~7u;
    R(p, RTC_ISR) |= (~cr >> 8 & 3) | (cr & CR_WUTE ? 0 : ISR_WUTWF);
    if (cr & ~old & CR_WUTE)
        start_wakeup(c);
    else if (!(cr & CR_WUTE))
        machine_cancel(p->m, &c->wake);
    plan_boundary(c);
    update(c);
}

static uint32_t isr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    uint32_t ss;
    bool set = seconds_now(c, &ss) / DAY % DAYS_OF_CENTURY >= 366; // the year is not 0
    bool synchronised = counting(p) && p->clk->num && ticks(c) >= c->rsf_tick + 2;
    return R(p, RTC_ISR) | (set ? ISR_INITS : 0) | (initialising(c) ? ISR_INITF : 0) |
           (synchronised && !(R(p, RTC_CR) & CR_BYPSHAD) ? ISR_RSF : 0);
}

static void isr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (!writable(p, reg, old, false))
        return;
    update(c);
    if (c->keys != 2) {
        R(p, RTC_ISR) = (R(p, RTC_ISR) & ~ISR_INIT) | (old & ISR_INIT);
        return;
    }
    uint32_t isr = R(p, RTC_ISR);
    if (p->lanes & ISR_RSF && !(p->written & ISR_RSF)) {
        c->rsf_tick = ticks(c);
        c->locked = false;
    }
    if (isr & ~old & ISR_INIT) {
        R(p, RTC_ISR) = old; // the calendar as it was a moment ago
        uint32_t ss;
        c->epoch_s = seconds_now(c, &ss);
        R(p, RTC_TR) = tr_of(p, c->epoch_s);
        R(p, RTC_DR) = dr_of(c, c->epoch_s);
        R(p, RTC_ISR) = isr;
        c->init_tick = ticks(c);
        c->locked = false;
    } else if (old & ~isr & ISR_INIT) {
        take_registers(c);
        c->epoch_tick = ticks(c) + 4; // 26.3.5
        c->rsf_tick = ticks(c) + 2;
    }
    plan_boundary(c);
}

static void prer_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    time_write(p, reg, n, old);
}

// Alarms and the wake-up reload can be written while they are off, or in initialisation mode.
static void alarm_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    uint32_t free = reg->offset == RTC_WUTR                                        ? ISR_WUTWF
                    : reg->offset == RTC_ALRMAR || reg->offset == RTC_ALRMASSR ? ISR_ALRAWF
                                                                               : ISR_ALRAWF << 1;
    if (writable(p, reg, old, true) && !(R(p, RTC_ISR) & free) && !initialising(c))
        R(p, reg->offset) = old;
}

static void wpr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    uint8_t key = p->written;
    R(p, RTC_WPR) = 0;
    c->keys = c->keys == 1 && key == 0x53 ? 2 : key == 0xCA;
}

static void shiftr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (writable(p, reg, old, true)) {
        c->epoch_tick += (uint64_t)(p->written & 0x7FFF) * prediv_a(p);
        c->epoch_s += p->written & SHIFTR_ADD1S ? 1 : 0;
        plan_boundary(c);
    }
    R(p, RTC_SHIFTR) = 0;
}

static void guarded_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    writable(p, reg, old, reg->offset != RTC_TAFCR);
}

static void backup_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    const part_reg_t one = {reg->name, reg->offset + 4 * n};
    writable(p, &one, old, false);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_rtc_t *c = ctx;
    if (before)
        return;
    plan_boundary(c);
    if (R(&c->p, RTC_CR) & CR_WUTE)
        machine_at(c->p.m, &c->wake, clk_ps(clk, c->wake_tick));
}

// ---- The part -----------------------------------------------------------------------------------

static bool parse_start(stm32_rtc_t *c, const char *text, GError **error)
{
    unsigned v[6];
    int used = 0;
    int n = sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u%n", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5],
                   &used);
    if (n != 6 || text[used] || v[0] < 2000 || v[0] > 2099 || v[1] < 1 || v[1] > 12 || v[2] < 1 ||
        v[2] > month_days(v[0], v[1]) || v[3] > 23 || v[4] > 59 || v[5] > 59) {
        g_set_error(error, machine_error_quark(), 0,
                    "%s: start '%s' is not a date like 2024-02-29T12:34:56", c->p.name, text);
        return false;
    }
    c->epoch_s = seconds_of(v[0] - 2000, v[1], v[2], v[3], v[4], v[5]);
    c->weekday0 = 5; // 2000-01-01 was a Saturday
    return true;
}

static void erase(stm32_rtc_t *c)
{
    part_t *p = &c->p;
    machine_cancel(p->m, &c->boundary);
    machine_cancel(p->m, &c->wake);
    c->epoch_tick = c->init_tick = c->rsf_tick = clk_ticks(p->clk, machine_now_ps(p->m));
    c->epoch_s = 0;
    c->weekday0 = 0;
    c->keys = 0;
    c->locked = false;
    update(c);
}

static void backup_reset(void *ctx, int arg, bool level)
{
    stm32_rtc_t *c = ctx;
    if (!level)
        return;
    for (const part_reg_t *reg = c->p.cls->regs; reg->name; reg++)
        for (unsigned n = 0; n < MAX(reg->count, 1); n++)
            R(&c->p, reg->offset + 4 * n) = reg->reset;
    erase(c);
}

static bool rtc_init(part_t *p, GError **error)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    c->alarm = part_line(p, "alarm");
    c->wakeup = part_line(p, "wakeup");
    c->dbp = part_line(p, "dbp");
    part_line(p, "tamper"); // never rises
    line_listen(part_line(p, "bdrst"), backup_reset, c, 0);
    event_init(&c->boundary, "rtc calendar", calendar_stepped, c);
    event_init(&c->wake, "rtc wake-up", woken, c);
    clk_listen(p->clk, clock_changed, c);
    return true;
}

static bool rtc_wired(part_t *p, GError **error)
{
    const char *start = part_attr(p, "start");
    return !*start || parse_start((stm32_rtc_t *)p, start, error);
}

static void rtc_reset(part_t *p, bool power)
{
    stm32_rtc_t *c = (stm32_rtc_t *)p;
    if (power) {
        erase(c);
        if (*part_attr(p, "start"))
            parse_start(c, part_attr(p, "start"), NULL);
        return;
    }
    c->keys = 0; // protected again, shadow registers not yet synchronised
    c->locked = false;
    c->rsf_tick = ticks(c);
}

static const part_reg_t rtc_regs[] = {
    {"TR", RTC_TR, .ro = ~0x007F7F7Fu, .read = time_read, .write = time_write},
    {"DR", RTC_DR, .reset = 0x2101, .ro = ~0x00FFFF3Fu, .read = time_read, .write = time_write},
    {"CR", RTC_CR, .ro = ~0x00FFFFFFu, .unimp = CR_REFCKON | CR_DCE | CR_TSE | CR_OSEL | CR_COE,
     .write = cr_write},
    {"ISR", RTC_ISR, .reset = 7, .ro = ~(uint32_t)(ISR_INIT | ISR_FLAGS), .w0c = ISR_FLAGS,
     .read = isr_read, .write = isr_write},
    {"PRER", RTC_PRER, .reset = 0x007F00FF, .ro = ~0x007F7FFFu, .write = prer_write},
    {"WUTR", RTC_WUTR, .reset = 0xFFFF, .ro = ~0xFFFFu, .write = alarm_write},
    {"CALIBR", RTC_CALIBR, .ro = ~0x9Fu, .unimp = 0x1F, .write = guarded_write},
    {"ALRMAR", RTC_ALRMAR, .write = alarm_write},
    {"ALRMBR", RTC_ALRMBR, .write = alarm_write},
    {"WPR", RTC_WPR, .write = wpr_write},
    {"SSR", RTC_SSR, .ro = ~0u, .read = time_read},
    {"SHIFTR", RTC_SHIFTR, .write = shiftr_write},
    {"TSTR", RTC_TSTR, .ro = ~0u},
    {"TSDR", RTC_TSDR, .ro = ~0u},
    {"TSSSR", RTC_TSSSR, .ro = ~0u},
    {"CALR", RTC_CALR, .ro = ~0xE1FFu, .unimp = 0x81FF, .write = guarded_write},
    {"TAFCR", RTC_TAFCR, .ro = ~0x0007FFFFu, .unimp = 0xFF9F, .write = guarded_write},
    {"ALRMASSR", RTC_ALRMASSR, .ro = ~0x0F007FFFu, .write = alarm_write},
    {"ALRMBSSR", RTC_ALRMBSSR, .ro = ~0x0F007FFFu, .write = alarm_write},
    {"BKPxR", RTC_BKPR, .count = 20, .write = backup_write},
    {NULL},
};

static const char *const rtc_attrs[] = {"start=", NULL};

const part_class_t stm32_rtc_class = {
    .name = "stm32-rtc",
    .brief = "STM32F2/F4 real-time clock and backup registers",
    .size = sizeof(stm32_rtc_t),
    .regs = rtc_regs,
    .mmio_size = 0x400,
    .keeps_registers = true,
    .attrs = rtc_attrs,
    .init = rtc_init,
    .wired = rtc_wired,
    .reset = rtc_reset,
};
