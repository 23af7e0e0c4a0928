// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 FRC1, FRC2 and watchdog: counts, the exact time of their interrupts, the way to the core.
#include "esp8266.h"

enum { FRC1 = 0x60000600, FRC2 = 0x60000620, LOAD = 0x00, COUNT = 0x04, CTRL = 0x08, INT_CLR = 0x0C,
       ALARM = 0x10 };
enum { HOLD = 1, DIV16 = 1 << 2, DIV256 = 2 << 2, RELOAD = 1 << 6, ENABLE = 1 << 7, INT = 1 << 8 };
enum { NMI = 0x3FF00000, EDGE_INT = 0x3FF00004, CTL = 0x3FF00014, CLOCK_GATE = 0x3FF00018 };
enum { WDT = 0x60000900, WDT_OP = WDT + 4, WDT_OP_ND = WDT + 8, WDT_COUNT = WDT + 0xC,
       WDT_STAGE = WDT + 0x10, WDT_FEED = WDT + 0x14, REASON = 0x60000714 };
#define CYCLE 12500 // of 80 MHz, in ps

typedef struct {
    chip_t *c;
    unsigned n;       // rising edges of the line
    uint64_t last_ps; // of the last one
} edges_t;

static void rises(void *ctx, int arg, bool level)
{
    edges_t *e = ctx;
    e->n += level;
    if (level)
        e->last_ps = machine_now_ps(e->c->m);
}

static void watch(edges_t *e, chip_t *c, const char *line)
{
    *e = (edges_t){.c = c};
    line_listen(machine_line(c->m, line), rises, e, 0);
}

// LOAD ticks after the load, and again and again.
static void frc1_reload(void)
{
    chip_t *c = esp8266_new();
    edges_t e;
    watch(&e, c, "irq.9");
    wr(c, EDGE_INT, 1 << 1);
    wr(c, FRC1 + LOAD, 1000);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 1000);
    wr(c, FRC1 + CTRL, ENABLE | RELOAD);
    run_to(c, 400 * CYCLE);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 600);
    run_to(c, 1000 * CYCLE - 1);
    g_assert_cmpuint(e.n, ==, 0);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 1);
    run_to(c, 1000 * CYCLE);
    g_assert_cmpuint(e.n, ==, 1);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 1000);
    g_assert_cmphex(rd(c, FRC1 + CTRL) & INT, ==, INT);
    wr(c, FRC1 + INT_CLR, 1);
    g_assert_cmphex(rd(c, FRC1 + CTRL) & INT, ==, 0);
    run_to(c, 5500 * CYCLE);
    g_assert_cmpuint(e.n, ==, 5);
    g_assert_cmpuint(e.last_ps, ==, 5000 * CYCLE);
    wr(c, FRC1 + CTRL, RELOAD); // stopped: the count stays
    run_for(c, MS);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 500);
    g_assert_cmpuint(e.n, ==, 5);
    wr(c, FRC1 + CTRL, ENABLE | RELOAD);
    run_for(c, 500 * CYCLE);
    g_assert_cmpuint(e.n, ==, 6);
    chip_done(c);
}

// 23 bits without reload; the prescalers; the request that stays until it is cleared.
static void frc1_wraps(void)
{
    chip_t *c = esp8266_new();
    edges_t e;
    watch(&e, c, "irq.9");
    wr(c, EDGE_INT, 1 << 1);
    wr(c, FRC1 + LOAD, 0xFFFFFFFF);
    g_assert_cmphex(rd(c, FRC1 + LOAD), ==, 0x7FFFFF);
    wr(c, FRC1 + LOAD, 10);
    wr(c, FRC1 + CTRL, ENABLE | HOLD | DIV16);
    run_to(c, 160 * CYCLE);
    g_assert_cmpuint(e.n, ==, 1);
    g_assert_true(level(c, "irq.9"));
    g_assert_cmphex(rd(c, FRC1 + COUNT), ==, 0);
    run_to(c, 176 * CYCLE);
    g_assert_cmphex(rd(c, FRC1 + COUNT), ==, 0x7FFFFF);
    wr(c, FRC1 + INT_CLR, 1);
    g_assert_false(level(c, "irq.9"));
    run_to(c, UINT64_C(16) * (10 + 0x800000) * CYCLE - 1);
    g_assert_cmpuint(e.n, ==, 1);
    run_for(c, 1);
    g_assert_cmpuint(e.n, ==, 2);
    chip_done(c);
}

static void gates(void)
{
    chip_t *c = esp8266_new();
    edges_t nine, nmi;
    watch(&nine, c, "irq.9");
    watch(&nmi, c, "irq.14");
    wr(c, FRC1 + LOAD, 100);
    wr(c, FRC1 + CTRL, ENABLE | RELOAD);
    run_for(c, 250 * CYCLE);
    g_assert_cmpuint(nine.n, ==, 0); // not let through
    wr(c, EDGE_INT, 1 << 1);
    run_for(c, 100 * CYCLE);
    g_assert_cmpuint(nine.n, ==, 1);
    wr(c, NMI, 0xF);
    run_for(c, 200 * CYCLE);
    g_assert_cmpuint(nine.n, ==, 1);
    g_assert_cmpuint(nmi.n, ==, 2);
    wr(c, NMI, 0);
    run_for(c, 100 * CYCLE);
    g_assert_cmpuint(nine.n, ==, 2);
    g_assert_cmpuint(nmi.n, ==, 2);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, NMI, 1);
    g_assert_true(reported(c, "a source of the NMI other than FRC1"));
    chip_free(c);
}

static void frc2_alarm(void)
{
    chip_t *c = esp8266_new();
    edges_t e;
    watch(&e, c, "irq.10");
    wr(c, EDGE_INT, 1 << 2);
    wr(c, FRC2 + LOAD, 0xFFFFFFF0);
    wr(c, FRC2 + ALARM, 0x10);
    wr(c, FRC2 + CTRL, ENABLE | DIV256);
    run_to(c, 256 * 16 * CYCLE);
    g_assert_cmphex(rd(c, FRC2 + COUNT), ==, 0);
    run_to(c, 256 * 32 * CYCLE - 1);
    g_assert_cmpuint(e.n, ==, 0);
    run_to(c, 256 * 32 * CYCLE);
    g_assert_cmpuint(e.n, ==, 1);
    g_assert_cmphex(rd(c, FRC2 + COUNT), ==, 0x10);
    wr(c, FRC2 + ALARM, 0x10); // reached already: comes with the next round
    run_for(c, 256 * 16 * CYCLE);
    g_assert_cmpuint(e.n, ==, 1);
    wr(c, FRC2 + ALARM, 0x21);
    run_for(c, 256 * CYCLE);
    g_assert_cmpuint(e.n, ==, 2);
    // The clock doubler of the core has no effect.
    wr(c, CTL, 1);
    wr(c, FRC2 + ALARM, 0x31);
    run_for(c, 256 * 16 * CYCLE - 1);
    g_assert_cmpuint(e.n, ==, 2);
    run_for(c, 1);
    g_assert_cmpuint(e.n, ==, 3);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, FRC2 + CTRL, ENABLE | RELOAD);
    g_assert_true(reported(c, "unmodelled not modelled: bits 0x00000040 of frc.FRC2_CTRL"));
    chip_free(c);
}

// 80 MHz after 52: ticks last shorter from then on.
static void clock_changes(void)
{
    chip_t *c = chip_new("esp8266ex");
    edges_t e;
    chip_start(c);
    watch(&e, c, "irq.9");
    wr(c, EDGE_INT, 1 << 1);
    wr(c, FRC1 + LOAD, 52 * 1000 + 800);
    wr(c, FRC1 + CTRL, ENABLE | RELOAD);
    run_to(c, MS);
    g_assert_cmpuint(rd(c, FRC1 + COUNT), ==, 800);
    esp8266_pll(c);
    run_to(c, MS + 10 * US - 1);
    g_assert_cmpuint(e.n, ==, 0);
    run_to(c, MS + 10 * US);
    g_assert_cmpuint(e.n, ==, 1);
    chip_done(c);
}

// ---- Watchdog -----------------------------------------------------------------------------------

static void dog(void)
{
    chip_t *c = esp8266_new();
    edges_t e;
    watch(&e, c, "irq.8");
    wr(c, EDGE_INT, 1);
    wr(c, WDT, 0x38);
    wr(c, WDT_OP, 1);
    wr(c, WDT_OP_ND, 2);
    run_for(c, 100 * MS);
    wr(c, WDT, 0x39);
    run_for(c, MS);
    uint64_t from = machine_now_ps(c->m);
    wr(c, WDT_FEED, 0x72); // not the word
    wr(c, WDT_FEED, 0x73);
    run_to(c, from + 1600 * US - 1);
    g_assert_cmpuint(e.n, ==, 0);
    run_to(c, from + 1600 * US);
    g_assert_cmpuint(e.n, ==, 1);
    g_assert_cmphex(rd(c, WDT_STAGE), ==, 1);
    run_to(c, from + 1600 * US + 3200 * US - 1);
    g_assert_cmphex(rd(c, REASON), ==, 1);
    g_assert_cmpuint(rd(c, WDT_COUNT), ==, 5);
    run_to(c, from + 1600 * US + 3200 * US);
    run_for(c, 1);
    g_assert_cmphex(rd(c, REASON), ==, 4);
    g_assert_cmphex(rd(c, WDT), ==, 0);
    g_assert_cmpstr(c->reports->str, ==, "note wdt: the watchdog resets the chip\n");
    run_for(c, PS_PER_S);
    g_assert_cmpuint(e.n, ==, 1);
    chip_free(c);
}

// The SDK's values make 1.6 s and 6.5 s. Feeding in the second stage saves; so does the clock gate.
static void dog_fed(void)
{
    chip_t *c = esp8266_new();
    edges_t e;
    watch(&e, c, "irq.8");
    wr(c, EDGE_INT, 1);
    wr(c, WDT_OP, 11);
    wr(c, WDT_OP_ND, 13);
    wr(c, WDT, 0x39);
    run_to(c, 1638 * MS);
    g_assert_cmpuint(e.n, ==, 0);
    run_to(c, 1639 * MS);
    g_assert_cmpuint(e.n, ==, 1);
    run_to(c, (1639 + 6500) * MS);
    wr(c, WDT_FEED, 0x73);
    run_for(c, 1638 * MS);
    g_assert_cmpuint(e.n, ==, 1);
    wr(c, CLOCK_GATE, 1 << 3);
    run_for(c, 100 * PS_PER_S);
    wr(c, CLOCK_GATE, 0);
    g_assert_cmpuint(e.n, ==, 1);
    run_for(c, MS);
    g_assert_cmpuint(e.n, ==, 2);
    wr(c, WDT, 0x38);
    run_for(c, 100 * PS_PER_S);
    g_assert_cmphex(rd(c, REASON), ==, 1);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, WDT, 0x3A);
    g_assert_true(reported(c, "unmodelled not modelled: bits 0x00000002 of wdt.CTL"));
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266/frc1/reload", frc1_reload);
    g_test_add_func("/esp8266/frc1/wraps", frc1_wraps);
    g_test_add_func("/esp8266/frc1/gates", gates);
    g_test_add_func("/esp8266/frc2/alarm", frc2_alarm);
    g_test_add_func("/esp8266/frc/clock", clock_changes);
    g_test_add_func("/esp8266/wdt/stages", dog);
    g_test_add_func("/esp8266/wdt/fed", dog_fed);
    return g_test_run();
}
