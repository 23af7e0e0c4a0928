// SPDX-License-Identifier: GPL-2.0-or-later
// The System Control Space without a CPU: NVIC and SCB registers, SysTick, cycle counter, sleep.
#include "cm_rig.h"

enum { CTRL = 0x10, LOAD = 0x14, VAL = 0x18 };

static void nvic(void)
{
    rig_t *c = rig_new(false);
    uint32_t v;
    scs_set(c, 0x100, 0x80000001);
    scs_set(c, 0x104, 0x10);
    scs_set(c, 0x108, 0xFFFFFFFF); // 82 lines: 18 of this word
    g_assert_cmphex(scs(c, 0x100), ==, 0x80000001);
    g_assert_cmphex(scs(c, 0x184), ==, 0x10);
    g_assert_cmphex(scs(c, 0x108), ==, 0x3FFFF);
    scs_set(c, 0x180, 1);
    g_assert_cmphex(scs(c, 0x100), ==, 0x80000000);
    scs_set(c, 0x404, 0xFFFFFFFF);
    g_assert_cmphex(scs(c, 0x404), ==, 0xF0F0F0F0); // four bits of priority
    g_assert_true(cm_scs_write(c, 0xE000E406, 1, 0x5A));
    g_assert_cmphex(scs(c, 0x404), ==, 0xF050F0F0);
    g_assert_true(cm_scs_read(c, 0xE000E406, 1, &v));
    g_assert_cmphex(v, ==, 0x50);
    // Disabled but pending: kept until it is enabled.
    scs_set(c, 0x200, 2);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    scs_set(c, 0x100, 2);
    g_assert_cmpuint(cm_exc_pending(c), ==, 17);
    scs_set(c, 0x280, 2);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    // A request that is still there cannot be cleared.
    cm_exc_irq(c, 1, true);
    scs_set(c, 0x280, 2);
    g_assert_cmphex(scs(c, 0x200), ==, 2);
    cm_exc_irq(c, 1, false);
    g_assert_cmphex(scs(c, 0x200), ==, 2); // latched
    scs_set(c, 0x280, 2);
    g_assert_cmphex(scs(c, 0x200), ==, 0);
    scs_set(c, 0xF00, 40); // STIR
    g_assert_cmphex(scs(c, 0x204), ==, 1 << 8);
    g_assert_cmphex(scs(c, 0x004), ==, 2);
    rig_free(c);
}

static void icsr(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    rig_enable(c, 2, 0x40);
    g_assert_cmphex(scs(c, 0xD04), ==, 0);
    scs_set(c, 0x200, 2);
    g_assert_cmphex(scs(c, 0xD04), ==, 1 << 22 | 17 << 12);
    c->r[CM_PRIMASK] = 1;
    g_assert_cmphex(scs(c, 0xD04), ==, 1 << 22 | 17 << 12);
    c->r[CM_BASEPRI] = 0x80;
    g_assert_cmphex(scs(c, 0xD04), ==, 1 << 22);
    c->r[CM_PRIMASK] = c->r[CM_BASEPRI] = 0;
    rig_boundary(c);
    g_assert_cmphex(scs(c, 0xD04), ==, 1 << 11 | 17); // RETTOBASE
    c->now++;
    scs_set(c, 0x200, 4);
    rig_boundary(c);
    g_assert_cmphex(scs(c, 0xD04), ==, 18);
    scs_set(c, 0xD04, 1 << 28 | 1 << 26);
    g_assert_cmphex(scs(c, 0xD04), ==, 18 | 14 << 12 | 1 << 28 | 1 << 26);
    scs_set(c, 0xD04, 1 << 27);
    g_assert_cmphex(scs(c, 0xD04), ==, 18 | 15 << 12 | 1 << 26);
    scs_set(c, 0xD04, 1 << 25);
    g_assert_cmphex(scs(c, 0xD04), ==, 18);
    scs_set(c, 0xD04, 1u << 31);
    g_assert_cmphex(scs(c, 0xD04), ==, 18 | 2 << 12 | 1u << 31);
    rig_free(c);
}

static void scb(void)
{
    rig_t *c = rig_new(false);
    g_assert_cmphex(scs(c, 0xD00), ==, 0x410FC241);
    scs_set(c, 0xD0C, 0x00000504); // no key
    g_assert_false(c->reset_wanted);
    g_assert_cmphex(scs(c, 0xD0C), ==, 0xFA050000);
    scs_set(c, 0xD0C, 0x05FA0304);
    g_assert_true(c->reset_wanted);
    g_assert_cmphex(scs(c, 0xD0C), ==, 0xFA050300);
    scs_set(c, 0xD08, 0xFFFFFFFF);
    g_assert_cmphex(scs(c, 0xD08), ==, 0x3FFFFF80);
    scs_set(c, 0xD18, 0xFFFFFFFF);
    scs_set(c, 0xD1C, 0xFFFFFFFF);
    scs_set(c, 0xD20, 0xFFFFFFFF);
    g_assert_cmphex(scs(c, 0xD18), ==, 0x00F0F0F0);
    g_assert_cmphex(scs(c, 0xD1C), ==, 0xF0000000);
    g_assert_cmphex(scs(c, 0xD20), ==, 0xF0F000F0);
    scs_set(c, 0xD14, 0x218);
    g_assert_true(c->unaligned_trap && c->div0_trap);
    scs_set(c, 0xD24, 1 << 18 | 1 << 15); // SVC pending by hand
    g_assert_cmpuint(cm_exc_pending(c), ==, EXC_SVC);
    g_assert_cmphex(scs(c, 0xD90), ==, 0x800);
    g_assert_cmphex(scs(c, 0xF40), ==, 0x10110021);
    g_assert_cmpuint(c->unmodelled, ==, 0);
    scs_set(c, 0xD9C, 0x20000000 | 0x10 | 3); // RBAR chooses the region
    scs_set(c, 0xDA0, 0x03000027);
    g_assert_cmphex(scs(c, 0xD98), ==, 3);
    g_assert_cmphex(scs(c, 0xD9C), ==, 0x20000003);
    g_assert_cmphex(scs(c, 0xDA0), ==, 0x03000027);
    scs_set(c, 0xD94, 1);
    g_assert_cmpuint(c->unmodelled, ==, 1);
    rig_free(c);
}

static void privilege(void)
{
    rig_t *c = rig_new(false);
    uint32_t v;
    c->r[CM_CONTROL] = CONTROL_NPRIV;
    g_assert_false(cm_scs_read(c, 0xE000ED00, 4, &v));
    g_assert_false(cm_scs_write(c, 0xE000E100, 4, 1));
    g_assert_false(cm_scs_write(c, 0xE000EF00, 4, 1));
    c->r[CM_CONTROL] = 0;
    g_assert_cmphex(scs(c, 0x100), ==, 0);
    scs_set(c, 0xD14, CCR_USERSETMPEND);
    c->r[CM_CONTROL] = CONTROL_NPRIV;
    g_assert_true(cm_scs_write(c, 0xE000EF00, 4, 1));
    c->r[CM_CONTROL] = 0;
    g_assert_cmphex(scs(c, 0x200), ==, 2);
    g_assert_false(cm_scs_read(c, 0xE0050000, 4, &v)); // nothing there
    rig_free(c);
}

static void systick_counts(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, LOAD, 9);
    scs_set(c, VAL, 5);
    scs_set(c, CTRL, 5);
    g_assert_cmpuint(scs(c, VAL), ==, 0);
    static const unsigned expected[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8 };
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        c->now++;
        g_assert_cmpuint(scs(c, VAL), ==, expected[i]);
        c->cpu.in_run = false; // a debugger's look changes nothing
        g_assert_cmphex(scs(c, CTRL), ==, i < 9 ? 5 : 0x10005);
        c->cpu.in_run = true;
    }
    g_assert_cmphex(scs(c, CTRL), ==, 0x10005);
    g_assert_cmphex(scs(c, CTRL), ==, 5);
    c->now += 8; // at 0 again
    g_assert_cmphex(scs(c, CTRL), ==, 0x10005);
    c->now += 3;
    scs_set(c, LOAD, 99); // from the next reload on
    g_assert_cmpuint(scs(c, VAL), ==, 7);
    c->now += 8;
    g_assert_cmpuint(scs(c, VAL), ==, 99);
    scs_set(c, VAL, 1); // any write clears, and COUNTFLAG too
    g_assert_cmphex(scs(c, CTRL), ==, 5);
    g_assert_cmpuint(scs(c, VAL), ==, 0);
    c->now += 10;
    scs_set(c, CTRL, 4); // stops where it is
    c->now += 1000;
    g_assert_cmpuint(scs(c, VAL), ==, 90);
    g_assert_cmphex(scs(c, 0x1C), ==, 0x4000493E);
    rig_free(c);
}

static void systick_interrupt(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, LOAD, 99);
    scs_set(c, VAL, 0);
    scs_set(c, CTRL, 7);
    uint64_t start = c->now;
    for (unsigned i = 1; i <= 3; i++) {
        rig_run_to(c, start + 100 * i - 1);
        g_assert_cmpuint(ipsr(c), ==, 0);
        c->now++;
        rig_boundary(c);
        g_assert_cmpuint(c->now, ==, start + 100 * i + 12);
        g_assert_cmpuint(ipsr(c), ==, EXC_SYSTICK);
        rig_return(c);
    }
    // HCLK / 8, and a clock that becomes slower: the count is in cycles either way.
    scs_set(c, CTRL, 3);
    uint32_t value = scs(c, VAL);
    start = c->now / 8 * 8;
    clk_set(&c->clk, PS_PER_S / CYCLE_PS / 4, 1, machine_now_ps(&c->m));
    rig_run_to(c, start + 8 * value - 1);
    g_assert_cmpuint(ipsr(c), ==, 0);
    rig_run(c, 1);
    g_assert_cmpuint(ipsr(c), ==, EXC_SYSTICK);
    g_assert_cmpuint(c->now, ==, start + 8 * value + 12);
    // LOAD 0 stops it after the wrap.
    scs_set(c, LOAD, 0);
    rig_return(c);
    rig_run(c, 4000);
    g_assert_cmpuint(ipsr(c), ==, EXC_SYSTICK);
    rig_return(c);
    rig_run(c, 4000);
    g_assert_cmpuint(ipsr(c), ==, 0);
    rig_free(c);
}

// A store that began before the wrap stops the counter after it: the interrupt still comes.
static void systick_straddled(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, LOAD, 49);
    scs_set(c, CTRL, 7);
    c->now += 51;
    scs_set(c, CTRL, 0);
    g_assert_cmpuint(cm_exc_pending(c), ==, EXC_SYSTICK);
    rig_free(c);
}

static uint32_t dwt(rig_t *c, uint32_t offset)
{
    uint32_t v;
    g_assert_true(cm_scs_read(c, 0xE0001000 + offset, 4, &v));
    return v;
}

static void cycle_counter(void)
{
    rig_t *c = rig_new(false);
    cm_scs_write(c, 0xE0001000, 4, 1); // no effect without TRCENA
    c->now += 10;
    g_assert_cmpuint(dwt(c, 4), ==, 0);
    scs_set(c, 0xDFC, DEMCR_TRCENA);
    g_assert_cmphex(dwt(c, 0), ==, 0x40000000);
    cm_scs_write(c, 0xE0001000, 4, 1);
    c->now += 10;
    g_assert_cmpuint(dwt(c, 4), ==, 10);
    cm_scs_write(c, 0xE0001004, 4, 0xFFFFFFFE);
    c->now += 5;
    g_assert_cmpuint(dwt(c, 4), ==, 3); // wraps
    rig_enable(c, 0, 0);
    g_assert_true(cm_exc_sleep(c, false));
    c->asleep = true;
    c->now += 1000;
    g_assert_cmpuint(dwt(c, 4), ==, 3); // stands still asleep
    cm_exc_irq(c, 0, true);
    g_assert_false(c->asleep);
    c->now += 7;
    g_assert_cmpuint(dwt(c, 4), ==, 10);
    cm_exc_reset(c, false);
    c->now += 1;
    g_assert_cmpuint(dwt(c, 4), ==, 11);
    cm_scs_write(c, 0xE0001000, 4, 0);
    c->now += 100;
    g_assert_cmpuint(dwt(c, 4), ==, 11);
    rig_free(c);
}

static void sleep_until(rig_t *c, bool wfe) { c->asleep = cm_exc_sleep(c, wfe); }

static void wfi(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    cm_exc_irq(c, 2, true); // not enabled: does not wake
    sleep_until(c, false);
    g_assert_true(c->asleep);
    g_assert_false(c->deepsleep.level);
    cm_exc_irq(c, 1, true);
    g_assert_false(c->asleep);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, 17);
    // In the handler the same priority does not wake; a higher one does, PRIMASK or not.
    rig_enable(c, 2, 0x80);
    scs_set(c, 0xD10, SCR_SLEEPDEEP);
    sleep_until(c, false);
    g_assert_true(c->asleep);
    g_assert_true(c->deepsleep.level);
    c->r[CM_PRIMASK] = 1;
    rig_enable(c, 3, 0x40);
    cm_exc_irq(c, 3, true);
    g_assert_false(c->asleep);
    g_assert_false(c->deepsleep.level);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0); // masked: it goes on behind the WFI
    sleep_until(c, false); // and does not sleep while it pends
    g_assert_false(c->asleep);
    c->r[CM_BASEPRI] = 0x40; // BASEPRI does count
    c->r[CM_PRIMASK] = 0;
    sleep_until(c, false);
    g_assert_true(c->asleep);
    rig_free(c);
}

static void wfe(void)
{
    rig_t *c = rig_new(false);
    cm_exc_sev(c);
    sleep_until(c, true);
    g_assert_false(c->asleep); // the event register was set; now it is not
    sleep_until(c, true);
    g_assert_true(c->asleep);
    cm_exc_event(c);
    g_assert_false(c->asleep);
    sleep_until(c, true);
    g_assert_true(c->asleep);
    cm_exc_irq(c, 4, true); // disabled
    g_assert_true(c->asleep);
    scs_set(c, 0xD10, SCR_SEVONPEND);
    cm_exc_irq(c, 5, true);
    g_assert_false(c->asleep);
    rig_enable(c, 6, 0);
    scs_set(c, 0x200, 1 << 6);
    rig_boundary(c);
    sleep_until(c, true); // exception entry has set the event register
    g_assert_false(c->asleep);
    rig_free(c);
}

static void sleep_on_exit(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    scs_set(c, 0xD10, SCR_SLEEPONEXIT);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    rig_run(c, 5);
    rig_return(c);
    g_assert_true(c->asleep);
    g_assert_cmpuint(ipsr(c), ==, 0);
    rig_run(c, 100);
    cm_exc_irq(c, 1, true);
    g_assert_false(c->asleep);
    uint64_t before = c->now;
    rig_boundary(c);
    g_assert_cmpuint(c->now - before, ==, 12);
    scs_set(c, 0xD10, 0);
    cm_exc_irq(c, 1, false);
    rig_return(c);
    g_assert_false(c->asleep);
    rig_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scs/nvic", nvic);
    g_test_add_func("/scs/icsr", icsr);
    g_test_add_func("/scs/scb", scb);
    g_test_add_func("/scs/privilege", privilege);
    g_test_add_func("/scs/systick_counts", systick_counts);
    g_test_add_func("/scs/systick_interrupt", systick_interrupt);
    g_test_add_func("/scs/systick_straddled", systick_straddled);
    g_test_add_func("/scs/cycle_counter", cycle_counter);
    g_test_add_func("/scs/wfi", wfi);
    g_test_add_func("/scs/wfe", wfe);
    g_test_add_func("/scs/sleep_on_exit", sleep_on_exit);
    return g_test_run();
}
