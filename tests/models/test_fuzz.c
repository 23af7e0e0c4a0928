// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs for whole chips: registers written and read in all sizes, time that passes, edges
// on pins, resets, two radios in one room. Nothing is expected but that the host survives (run it under
// sanitizers) and that time goes on. Seeds are fixed: the same run each time.
#include "chip.h"
#include "world.h"

enum { SEEDS = 24, STEPS = 30000, FOCUS = 3, WIRES = 8, CHIPS = 2 };

typedef struct fuzz fuzz_t;

typedef struct {
    const char *soc;
    const char *wires[WIRES + 1]; // pins that somebody else drives
    const char *rarely;           // the part that can switch the others off, or ""
    const char *starts;           // the first event that a reset itself schedules, or NULL
    uint32_t ram, ram_size;
    void (*prepare)(fuzz_t *f); // after a reset: clocks, and pins routed to peripherals
} subject_t;

struct fuzz {
    const subject_t *subject;
    chip_t *c;
    world_t *world;        // of all chips of the test
    GRand *rand;
    part_t *outside;       // the other end of the wires
    GPtrArray *targets;    // parts with registers
    part_t *focus[FOCUS];  // those that most accesses go to now
};

static uint32_t pick(fuzz_t *f, uint32_t n) { return g_rand_int(f->rand) % n; }

static part_t *any_part(fuzz_t *f) { return f->targets->pdata[pick(f, f->targets->len)]; }

// Numbers that registers like: few bits, small ones, all ones, addresses for a DMA.
static uint32_t value(fuzz_t *f)
{
    switch (pick(f, 9)) {
    case 0: return 0;
    case 1: return pick(f, 16);
    case 2: return 1u << pick(f, 32);
    case 3: return UINT32_MAX >> pick(f, 32);
    case 4: return f->subject->ram + pick(f, 0x100);
    case 5: return any_part(f)->base + 4 * pick(f, 32);
    case 7: return f->subject->ram + f->subject->ram_size - pick(f, 0x20);
    case 6: return g_rand_int(f->rand) & g_rand_int(f->rand);
    default: return g_rand_int(f->rand);
    }
}

// A register of the part whose name begins so; 0: it has none.
static uint32_t any_register(fuzz_t *f, const part_t *p, const char *prefix)
{
    const part_reg_t *row[64];
    unsigned rows = 0;
    for (const part_reg_t *reg = p->cls->regs; reg && reg->name && rows < G_N_ELEMENTS(row); reg++)
        if (g_str_has_prefix(reg->name, prefix))
            row[rows++] = reg;
    if (!rows)
        return 0;
    const part_reg_t *reg = row[pick(f, rows)];
    return p->base + reg->offset + pick(f, MAX(reg->count, 1)) * (reg->stride ? reg->stride : 4);
}

static uint32_t address(fuzz_t *f, unsigned size)
{
    part_t *p = pick(f, 16) ? f->focus[pick(f, FOCUS)] : any_part(f);
    if (!strcmp(p->name, f->subject->rarely) && pick(f, 16))
        p = f->focus[0];
    uint32_t at = pick(f, 32) ? any_register(f, p, "") : 0;
    return at ? at + pick(f, 4 / size) * size : p->base + pick(f, p->cls->mmio_size - 4);
}

static void prepare_stm32(fuzz_t *f)
{
    static const uint32_t enables[] = {0x30, 0x34, 0x40, 0x44};
    for (unsigned i = 0; i < G_N_ELEMENTS(enables); i++)
        wr(f->c, 0x40023800 + enables[i], UINT32_MAX);
    for (uint32_t port = 0x40020000; port <= 0x40020800; port += 0x400) {
        wr(f->c, port, 0xAAAAAAAA);
        wr(f->c, port + 0x04, value(f));
        wr(f->c, port + 0x0C, 0x55555555);
        for (uint32_t afr = 0x20; afr <= 0x24; afr += 4)
            wr(f->c, port + afr, (1 + pick(f, 8)) * 0x11111111);
    }
}

// Peripherals enabled and on pins, a radio that can be understood, and PPI from any event to any task.
static void prepare_nrf51(fuzz_t *f)
{
    enum { POWER = 0x40000000, RADIO = 0x40001000, PPI = 0x4001F000, GPIO = 0x50000000 };
    if (world_count(f->world) > 1)
        f->focus[0] = machine_part(f->c->m, "radio");
    wr(f->c, POWER + 0x518, 2 * pick(f, 2)); // LFCLKSRC: RC or synthesised
    wr(f->c, POWER, 1);
    wr(f->c, POWER + 0x008, 1);
    for (uint32_t n = 0; n < 32; n++)
        wr(f->c, GPIO + 0x700 + 4 * n, value(f));
    for (unsigned i = 0; i < FOCUS; i++) {
        uint32_t base = f->focus[i]->base;
        if (base == GPIO || base == POWER || base == RADIO)
            continue;
        wr(f->c, base + 0x500, pick(f, 8)); // ENABLE
        for (uint32_t psel = 0x508; psel <= 0x514; psel += 4)
            wr(f->c, base + psel, pick(f, 40));
        wr(f->c, base + 0x304, value(f));
    }
    static const uint32_t radio[][2] = {
        {0x504, 0x20000100}, {0x508, 7}, {0x514, 0x10108}, {0x518, 0x10440}, {0x51C, 0x75626974},
        {0x530, 1}, {0x534, 2}, {0x538, 0x11021}};
    for (unsigned i = 0; i < G_N_ELEMENTS(radio); i++)
        wr(f->c, RADIO + radio[i][0], radio[i][1]);
    wr(f->c, RADIO + 0x200, g_rand_int(f->rand));
    for (uint32_t n = 0; n < 16; n++) {
        wr(f->c, PPI + 0x510 + 8 * n, any_register(f, f->focus[pick(f, FOCUS)], "EVENTS_"));
        wr(f->c, PPI + 0x514 + 8 * n,
           any_register(f, pick(f, 2) ? f->focus[pick(f, FOCUS)] : any_part(f), "TASKS_"));
    }
    wr(f->c, PPI + 0x500, value(f));
}

// UARTs, HSPI and I2S on pins, timers that run, lists of buffers for the DMA, a flash chip that takes the
// next write.
static void prepare_esp8266(fuzz_t *f)
{
    enum { UART0 = 0x60000000, UART1 = 0x60000F00, SPI0 = 0x60000200, GPIO = 0x60000300, FRC = 0x60000600,
           IO_MUX = 0x60000800, SLC = 0x60000B00, I2S = 0x60000E00, DPORT = 0x3FF00000, LISTS = 16 };
    bus_t *bus = f->c->m->bus;
    uint32_t ram = f->subject->ram;
    for (uint32_t n = 4; n <= 0x40; n += 4) {
        uint32_t function = pick(f, 5);
        bus_write(bus, IO_MUX + n, 4, (function & 3) << 4 | function >> 2 << 8 | pick(f, 2) << 7);
    }
    for (uint32_t uart = UART0; uart <= UART1; uart += UART1 - UART0) {
        bus_write(bus, uart + 0x14, 4, 1 + pick(f, 64)); // CLKDIV
        bus_write(bus, uart + 0x18, 4, pick(f, 2) | pick(f, 16) << 8);
        bus_write(bus, uart + 0x20, 4, value(f) & ~(3u << 17));
        bus_write(bus, uart + 0x24, 4, 1u << 31 | pick(f, 4) << 24 | value(f));
        bus_write(bus, uart + 0x0C, 4, 0x1FF);
    }
    for (uint32_t n = 0; n < 16; n++)
        bus_write(bus, GPIO + 0x28 + 4 * n, 4, value(f));
    bus_write(bus, GPIO + 0x0C, 4, value(f));
    for (uint32_t timer = FRC; timer <= FRC + 0x20; timer += 0x20) {
        bus_write(bus, timer, 4, pick(f, 2000));
        bus_write(bus, timer + 8, 4, 1 << 7 | value(f));
    }
    bus_write(bus, DPORT + 4, 4, 7);
    for (unsigned i = 0; i < LISTS; i++) {
        uint32_t length = pick(f, 64), at = ram + 12 * i;
        bus_write(bus, at, 4, pick(f, 4) << 30 | length << 12 | (length + pick(f, 8)));
        bus_write(bus, at + 4, 4, pick(f, 8) ? ram + 0x400 + 4 * pick(f, 0x400) : value(f));
        bus_write(bus, at + 8, 4, pick(f, 8) ? ram + 12 * pick(f, LISTS) : value(f));
    }
    bus_write(bus, SPI0, 4, 1 << 30); // WREN
    bus_write(bus, SLC, 4, 1 << 12);
    bus_write(bus, I2S + 0x20, 4, 1 << 12 | (pick(f, 2) << 14) | (pick(f, 2) << 17));
    bus_write(bus, SLC + 0x24, 4, 1 << 29 | (ram & 0xFFFFF));
    bus_write(bus, SLC + 0x28, 4, 1 << 29 | ((ram + 12 * 8) & 0xFFFFF));
    bus_write(bus, I2S + 0x08, 4, pick(f, 1 << 28) & ~0x3Fu);
}

// Values as they come seldom start anything where a bit of its own does.
static void run_task(fuzz_t *f)
{
    uint32_t at = any_register(f, f->focus[pick(f, FOCUS)], "TASKS_");
    if (at)
        wr(f->c, at, 1);
}

// Another handful of parts.
static void turn_to(fuzz_t *f)
{
    machine_reset(f->c->m, pick(f, 4) == 0);
    for (unsigned i = 0; i < FOCUS; i++)
        f->focus[i] = any_part(f);
    f->subject->prepare(f);
}

static void pass(fuzz_t *f)
{
    static const uint64_t spans[] = {1, 10 * PS_PER_NS, PS_PER_US, PS_PER_US, 20 * PS_PER_US,
                                     200 * PS_PER_US};
    uint64_t until = world_now_ps(f->world) + spans[pick(f, G_N_ELEMENTS(spans))];
    if (pick(f, 64) == 0)
        until += 2000 * PS_PER_US;
    g_assert_cmpint(world_run(f->world, until, NULL), ==, MACHINE_TIME);
    g_assert_cmpuint(world_now_ps(f->world), ==, until);
}

static void outside_edge(fuzz_t *f)
{
    pin_t *pin = f->outside->pins->pdata[pick(f, f->outside->pins->len)];
    drive_t drive = pick(f, DRIVE_STRONG + 1);
    pin_drive(pin, drive, pick(f, 2) * NET_VDD_MV);
}

static void one_step(fuzz_t *f)
{
    machine_t *m = f->c->m;
    unsigned what = pick(f, 256), size = pick(f, 4) ? 4 : 1u << pick(f, 2);
    uint32_t at = address(f, size), v = value(f);
    if (what < 40)
        run_task(f);
    else if (what < 150)
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

static fuzz_t *fuzz_new(const subject_t *subject, world_t *w, GRand *rand)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    fuzz_t *f = g_new0(fuzz_t, 1);
    GError *error = NULL;
    f->subject = subject;
    f->c = chip_new(subject->soc);
    f->world = w;
    f->rand = rand;
    f->targets = g_ptr_array_new();
    machine_t *m = f->c->m;
    world_add(w, m);
    for (guint i = 0; i < m->parts->len; i++)
        if (((part_t *)m->parts->pdata[i])->cls->mmio_size)
            g_ptr_array_add(f->targets, m->parts->pdata[i]);
    f->outside = machine_add_part(m, &outside, "outside", &error);
    g_assert_no_error(error);
    for (unsigned i = 0; subject->wires[i]; i++)
        pin_connect(part_add_pin(f->outside, subject->wires[i], NULL, NULL),
                    chip_pin(f->c, subject->wires[i]));
    chip_start(f->c);
    turn_to(f);
    return f;
}

// Power-on leaves nothing scheduled from before.
static void switch_on(fuzz_t *f)
{
    for (unsigned i = 0; i < f->outside->pins->len; i++)
        pin_release(f->outside->pins->pdata[i]);
    machine_reset(f->c->m, true);
    event_queue_t *q = &f->c->m->events;
    const char *starts = f->subject->starts ? f->subject->starts : "nothing";
    g_assert_cmpstr(q->count ? q->heap[0]->name : "nothing", ==, starts);
}

static void fuzz_free(fuzz_t *f) // its machine is the world's
{
    g_ptr_array_unref(f->targets);
    g_string_free(f->c->reports, TRUE);
    g_free(f->c);
    g_free(f);
}

static void fuzz_run(const subject_t *subject, unsigned chips, uint32_t seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    world_t *w = world_new();
    fuzz_t *f[CHIPS];
    for (unsigned i = 0; i < chips; i++)
        f[i] = fuzz_new(subject, w, rand);
    for (unsigned i = 0; i < STEPS; i++) {
        one_step(f[i % chips]);
        g_string_truncate(f[i % chips]->c->reports, 0);
    }
    for (unsigned i = 0; i < chips; i++)
        switch_on(f[i]);
    world_free(w);
    for (unsigned i = 0; i < chips; i++)
        fuzz_free(f[i]);
}

static void test_stm32(gconstpointer seed)
{
    static const subject_t subject = {
        .soc = "stm32f405",
        .wires = {"gpioa:PA0", "gpioa:PA1", "gpioa:PA3", "gpiob:PB6", "gpiob:PB7", "gpioa:PA12",
                  "gpioc:PC0", "gpiob:PB14"},
        .rarely = "rcc",
        .ram = 0x20000000,
        .ram_size = 128 * 1024,
        .prepare = prepare_stm32,
    };
    fuzz_run(&subject, 1, GPOINTER_TO_UINT(seed));
}

static void test_nrf51(gconstpointer seed)
{
    static const subject_t subject = {
        .soc = "nrf51822",
        .wires = {"gpio:P0.00", "gpio:P0.01", "gpio:P0.02", "gpio:P0.03", "gpio:P0.04", "gpio:P0.10",
                  "gpio:P0.17", "gpio:P0.31"},
        .rarely = "power",
        .ram = 0x20000000,
        .ram_size = 16 * 1024,
        .prepare = prepare_nrf51,
    };
    fuzz_run(&subject, 1 + GPOINTER_TO_UINT(seed) % CHIPS, GPOINTER_TO_UINT(seed));
}

static void test_esp8266(gconstpointer seed)
{
    static const subject_t subject = {
        .soc = "esp8266ex",
        .wires = {"saradc:TOUT", "gpio:GPIO2", "gpio:GPIO3", "gpio:GPIO12", "gpio:GPIO13", "gpio:GPIO14",
                  "gpio:GPIO15", "rtc:GPIO16"},
        .rarely = "",
        .starts = "boot straps",
        .ram = 0x3FFE8000,
        .ram_size = 96 * 1024,
        .prepare = prepare_esp8266,
    };
    fuzz_run(&subject, 1, GPOINTER_TO_UINT(seed));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 1; i <= SEEDS; i++) {
        g_autofree char *stm32 = g_strdup_printf("/fuzz/stm32f405/%u", i);
        g_autofree char *nrf51 = g_strdup_printf("/fuzz/nrf51822/%u", i);
        g_test_add_data_func(stm32, GUINT_TO_POINTER(i), test_stm32);
        g_autofree char *esp8266 = g_strdup_printf("/fuzz/esp8266ex/%u", i);
        g_test_add_data_func(nrf51, GUINT_TO_POINTER(i), test_nrf51);
        g_test_add_data_func(esp8266, GUINT_TO_POINTER(i), test_esp8266);
    }
    return g_test_run();
}
