// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the test images of this folder on a chip with a Cortex-M4F, memory without wait states and
// one peripheral, the box, that raises interrupt lines at chosen cycles and takes verdicts.
// Arguments: the folder of the images.
#include "cpu/cortexm_int.h"
#include "machine.h"
#include <string.h>

enum { DONE = 0x00, RAISE = 0x04, LOWER = 0x08, DELAY = 0x0C, LATER = 0x10, LINE = 0x18, GOT = 0x1C,
       WANT = 0x20, CYCLE = 0x24, NMI = 255 };

typedef enum { FAST, EXACT, STEPS } run_mode_t;

typedef struct box {
    part_t part;
    event_t later;
    unsigned line;
    bool done;
    uint64_t done_at; // cycle
} box_t;

static void set_irq(box_t *b, unsigned n, bool level)
{
    g_autofree char *name = n == NMI ? g_strdup("cpu.nmi") : g_strdup_printf("irq.%u", n);
    line_set(machine_line(b->part.m, name), level);
}

static void later(void *ctx, uint64_t now_ps) { set_irq(ctx, ((box_t *)ctx)->line, true); }

static void done_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    ((box_t *)p)->done = true;
    ((box_t *)p)->done_at = clk_ticks(p->m->cpu_clk, machine_now_ps(p->m));
    machine_pause(p->m);
}
static void raise_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    set_irq((box_t *)p, R(p, RAISE), true);
}
static void lower_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    set_irq((box_t *)p, R(p, LOWER), false);
}
static void later_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    box_t *b = (box_t *)p;
    clk_t *clk = p->m->cpu_clk;
    b->line = R(p, LATER);
    uint64_t now = clk_ticks(clk, machine_now_ps(p->m));
    machine_at(p->m, &b->later, clk_ps(clk, now + R(p, DELAY)));
}
static uint32_t cycle_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return clk_ticks(p->m->cpu_clk, machine_now_ps(p->m));
}

static const part_reg_t box_regs[] = {
    { "DONE", DONE, .write = done_write },    { "RAISE", RAISE, .write = raise_write },
    { "LOWER", LOWER, .write = lower_write }, { "DELAY", DELAY },
    { "LATER", LATER, .write = later_write }, { "LINE", LINE },
    { "GOT", GOT },                           { "WANT", WANT },
    { "CYCLE", CYCLE, .read = cycle_read },   { 0 },
};

static bool box_init(part_t *p, GError **error)
{
    event_init(&((box_t *)p)->later, "box", later, p);
    return true;
}

static const part_class_t box_class = {
    .name = "box", .brief = "test box", .size = sizeof(box_t), .regs = box_regs,
    .mmio_size = 0x400, .init = box_init,
};

static const soc_t chip = {
    .name = "test", .brief = "test chip", .cpu = "cortex-m4f", .irq_lines = 82, .priority_bits = 4,
    .fpu = true, .cpu_clk = "hclk",
    .mems = (const soc_mem_t[]){ { "flash", MEM_FLASH, 0x08000000, 0x10000, 0, true },
                                 { "ram", MEM_RAM, 0x20000000, 0x10000 }, { 0 } },
    .clks = (const soc_clk_t[]){ { "hclk", 100000000 }, { 0 } },
};

static const soc_t small_chip = {
    .name = "small", .brief = "test chip", .cpu = "cortex-m0", .irq_lines = 32, .priority_bits = 2,
    .cpu_clk = "hclk",
    .mems = (const soc_mem_t[]){ { "flash", MEM_FLASH, 0x08000000, 0x10000, 0, true },
                                 { "ram", MEM_RAM, 0x20000000, 0x10000 }, { 0 } },
    .clks = (const soc_clk_t[]){ { "hclk", 16000000 }, { 0 } },
};

typedef struct run {
    machine_t *m;
    box_t *box;
    GString *reports;
    machine_stop_t stop;
} run_t;

static void report(void *ctx, report_t kind, const char *text)
{
    g_string_append_printf(ctx, "%s\n", text);
}

static const char *folder;

static run_t start(const char *name)
{
    run_t r = { .reports = g_string_new(NULL) };
    GError *error = NULL;
    r.m = machine_new(strcmp(name, "armv6m") ? &chip : &small_chip, 1, &error);
    g_assert_no_error(error);
    r.m->report = report;
    r.m->report_ctx = r.reports;
    r.box = (box_t *)machine_add_part(r.m, &box_class, "box", &error);
    g_assert_no_error(error);
    r.box->part.base = 0x40000000;
    r.box->part.on_chip = true;
    part_init(&r.box->part, &error);
    g_assert_no_error(error);
    g_autofree char *file = g_strdup_printf("%s/%s.elf", folder, name);
    image_t *image = image_load(file, NULL, &error);
    g_assert_no_error(error);
    machine_load(r.m, image, &error);
    g_assert_no_error(error);
    machine_start(r.m, &error);
    g_assert_no_error(error);
    return r;
}

static void finish(run_t *r)
{
    machine_free(r->m);
    g_string_free(r->reports, TRUE);
}

// Each step gets on.
static machine_stop_t step(machine_t *m)
{
    cpu_t *c = m->cpu;
    uint32_t pc = c->cls->pc(c);
    uint64_t cycles = c->cls->cycles(c);
    machine_stop_t stop = machine_step(m);
    g_assert_true(c->cls->pc(c) != pc || c->cls->cycles(c) != cycles);
    return stop;
}

// An image that checks itself. Returns the cycle at which it was done.
static uint64_t run_image(const char *name, run_mode_t mode)
{
    run_t r = start(name);
    ((cortexm_t *)r.m->cpu)->exact_only = mode == EXACT;
    do
        r.stop = mode == STEPS ? step(r.m) : machine_run(r.m, PS_PER_S);
    while (!r.box->done && (r.stop == MACHINE_PAUSE || r.stop == MACHINE_BREAK));
    part_t *p = &r.box->part;
    if (!r.box->done || R(p, DONE))
        g_test_message("stop %d, line %u: got 0x%x, want 0x%x\n%s", r.stop, R(p, LINE), R(p, GOT),
                       R(p, WANT), r.reports->str);
    g_assert_true(r.box->done);
    g_assert_cmpuint(R(p, DONE), ==, 0);
    uint64_t cycle = r.box->done_at;
    finish(&r);
    return cycle;
}

// The same to the cycle, whichever way the engine runs it.
static void passes(gconstpointer name)
{
    uint64_t fast = run_image(name, FAST);
    g_assert_cmpuint(run_image(name, EXACT), ==, fast);
    g_assert_cmpuint(run_image(name, STEPS), ==, fast);
}

// An image that locks up; the report names the place.
static void locks(const char *name, const char *text)
{
    run_t r = start(name);
    r.stop = machine_run(r.m, PS_PER_S);
    g_test_message("%s", r.reports->str);
    g_assert_cmpint(r.stop, ==, MACHINE_LOCKUP);
    g_assert_nonnull(strstr(r.reports->str, "locked up"));
    g_assert_nonnull(strstr(r.reports->str, text));
    finish(&r);
}

static void lockup(void) { locks("lockup", "fatal"); }
static void lockup_stack(void) { locks("lockup_stack", "hard"); }
static void nowhere(void) { locks("nowhere", "vector"); }

int main(int argc, char **argv)
{
    static const char *const images[] = { "armv6m", "bitband", "faults", "nesting", "reset", "sleep",
                                          "stacks", "switch", "timing" };
    g_test_init(&argc, &argv, NULL);
    folder = argv[1];
    for (unsigned i = 0; i < G_N_ELEMENTS(images); i++) {
        g_autofree char *path = g_strdup_printf("/exceptions/%s", images[i]);
        g_test_add_data_func(path, images[i], passes);
    }
    g_test_add_func("/exceptions/lockup", lockup);
    g_test_add_func("/exceptions/lockup_stack", lockup_stack);
    g_test_add_func("/exceptions/nowhere", nowhere);
    return g_test_run();
}
