// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs for the whole chip: registers written and read in all sizes, time that passes, edges
// on pins, resets. Nothing is expected but that the host survives (run it under sanitizers) and that
// time goes on. Seeds are fixed: the same run each time.
#include "chip.h"

enum { SEEDS = 24, STEPS = 20000, FOCUS = 3, WIRES = 8 };

typedef struct {
    chip_t *c;
    GRand *rand;
    part_t *outside;       // pins that somebody else drives
    GPtrArray *targets;    // parts with registers
    part_t *focus[FOCUS];  // those that most accesses go to now
} fuzz_t;

static uint32_t pick(fuzz_t *f, uint32_t n) { return g_rand_int(f->rand) % n; }

static part_t *any_part(fuzz_t *f) { return f->targets->pdata[pick(f, f->targets->len)]; }

// Numbers that registers like: few bits, small ones, all ones, addresses for a DMA.
static uint32_t value(fuzz_t *f)
{
    switch (pick(f, 8)) {
    case 0: return 0;
    case 1: return pick(f, 16);
    case 2: return 1u << pick(f, 32);
    case 3: return UINT32_MAX >> pick(f, 32);
    case 4: return 0x20000000 + pick(f, 0x100);
    case 5: return any_part(f)->base + 4 * pick(f, 32);
    case 6: return g_rand_int(f->rand) & g_rand_int(f->rand);
    default: return g_rand_int(f->rand);
    }
}

static uint32_t address(fuzz_t *f, unsigned size)
{
    part_t *p = pick(f, 16) ? f->focus[pick(f, FOCUS)] : any_part(f);
    if (!strcmp(p->name, "rcc") && pick(f, 16)) // or its clocks are off most of the time
        p = f->focus[0];
    unsigned rows = 0;
    while (p->cls->regs && p->cls->regs[rows].name)
        rows++;
    if (!rows || pick(f, 32) == 0)
        return p->base + pick(f, p->cls->mmio_size - 4);
    const part_reg_t *reg = &p->cls->regs[pick(f, rows)];
    unsigned n = pick(f, MAX(reg->count, 1)), stride = reg->stride ? reg->stride : 4;
    return p->base + reg->offset + n * stride + pick(f, 4 / size) * size;
}

// Another handful of parts, with clocks and with pins routed to peripherals.
static void turn_to(fuzz_t *f)
{
    static const uint32_t enables[] = {0x30, 0x34, 0x40, 0x44};
    machine_reset(f->c->m, pick(f, 4) == 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(enables); i++)
        wr(f->c, 0x40023800 + enables[i], UINT32_MAX);
    for (unsigned i = 0; i < FOCUS; i++)
        f->focus[i] = any_part(f);
    for (uint32_t port = 0x40020000; port <= 0x40020800; port += 0x400) {
        wr(f->c, port, 0xAAAAAAAA);
        wr(f->c, port + 0x04, value(f));
        wr(f->c, port + 0x0C, 0x55555555);
        for (uint32_t afr = 0x20; afr <= 0x24; afr += 4)
            wr(f->c, port + afr, (1 + pick(f, 8)) * 0x11111111);
    }
}

static void pass(fuzz_t *f)
{
    static const uint64_t spans[] = {1, 10 * PS_PER_NS, PS_PER_US, PS_PER_US, 20 * PS_PER_US,
                                     200 * PS_PER_US};
    uint64_t until = machine_now_ps(f->c->m) + spans[pick(f, G_N_ELEMENTS(spans))];
    g_assert_cmpint(machine_run(f->c->m, until), ==, MACHINE_TIME);
    g_assert_cmpuint(machine_now_ps(f->c->m), ==, until);
}

static void outside_edge(fuzz_t *f)
{
    pin_t *pin = f->outside->pins->pdata[pick(f, WIRES)];
    drive_t drive = pick(f, DRIVE_STRONG + 1);
    pin_drive(pin, drive, pick(f, 2) * NET_VDD_MV);
}

static void one_step(fuzz_t *f)
{
    machine_t *m = f->c->m;
    unsigned what = pick(f, 256), size = pick(f, 4) ? 4 : 1u << pick(f, 2);
    uint32_t at = address(f, size), v = value(f);
    if (what < 150)
        bus_write(m->bus, at, size, v);
    else if (what < 200)
        bus_read(m->bus, at, size, &v);
    else if (what < 210)
        bus_peek(m->bus, at, &v, size);
    else if (what < 225)
        outside_edge(f);
    else if (what < 255 || pick(f, 4))
        pass(f);
    else
        turn_to(f);
}

static fuzz_t *fuzz_new(uint32_t seed)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    static const char *const wires[WIRES] = {"gpioa:PA0", "gpioa:PA1", "gpioa:PA3", "gpiob:PB6",
                                             "gpiob:PB7", "gpioa:PA12", "gpioc:PC0", "gpiob:PB14"};
    fuzz_t *f = g_new0(fuzz_t, 1);
    GError *error = NULL;
    f->c = chip_new("stm32f405");
    f->rand = g_rand_new_with_seed(seed);
    f->targets = g_ptr_array_new();
    machine_t *m = f->c->m;
    for (guint i = 0; i < m->parts->len; i++)
        if (((part_t *)m->parts->pdata[i])->cls->mmio_size)
            g_ptr_array_add(f->targets, m->parts->pdata[i]);
    f->outside = machine_add_part(m, &outside, "outside", &error);
    g_assert_no_error(error);
    for (unsigned i = 0; i < WIRES; i++)
        pin_connect(part_add_pin(f->outside, wires[i], NULL, NULL), chip_pin(f->c, wires[i]));
    chip_start(f->c);
    turn_to(f);
    return f;
}

static void fuzz_free(fuzz_t *f)
{
    chip_free(f->c);
    g_rand_free(f->rand);
    g_ptr_array_unref(f->targets);
    g_free(f);
}

static void test_registers(gconstpointer seed)
{
    fuzz_t *f = fuzz_new(GPOINTER_TO_UINT(seed));
    for (unsigned i = 0; i < STEPS; i++) {
        one_step(f);
        g_string_truncate(f->c->reports, 0);
    }
    // Power-on leaves nothing scheduled from before.
    for (unsigned i = 0; i < WIRES; i++)
        pin_release(f->outside->pins->pdata[i]);
    machine_reset(f->c->m, true);
    event_queue_t *q = &f->c->m->events;
    g_assert_cmpstr(q->count ? q->heap[0]->name : "nothing", ==, "nothing");
    fuzz_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 1; i <= SEEDS; i++) {
        g_autofree char *path = g_strdup_printf("/fuzz/registers/%u", i);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_registers);
    }
    return g_test_run();
}
