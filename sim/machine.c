// SPDX-License-Identifier: GPL-2.0-or-later
// The machine: builds a chip from its table and advances it. See machine.h.
//
// An event at time T is handled at the first instruction boundary that is not before T; inside its
// call-back the machine's time is T itself.
#include "machine.h"
#include <stdlib.h>
#include <string.h>

// More things than any board does at one picosecond.
enum { STILL_MAX = 1000000 };

G_DEFINE_QUARK(solderless-machine-error, machine_error)

// ---- Time -------------------------------------------------------------------------------------------

static bool cpu_counts(const machine_t *m) { return m->cpu && m->cpu_clk->num; }

// The first CPU cycle that completes at or after `ps`.
static uint64_t cycle_at_or_after(const machine_t *m, uint64_t ps)
{
    return ps == PS_NEVER ? UINT64_MAX : clk_tick_from(m->cpu_clk, ps);
}

static uint64_t cpu_ps(const machine_t *m)
{
    return clk_ps(m->cpu_clk, m->cpu->cls->cycles(m->cpu));
}

uint64_t machine_now_ps(const machine_t *m)
{
    return m->cpu && m->cpu->in_run && !m->in_event ? cpu_ps(m) : m->now_ps;
}

static void earlier(void *ctx, uint64_t when_ps)
{
    machine_t *m = ctx;
    if (m->cpu && m->cpu->in_run && when_ps < m->until_ps)
        m->cpu->cls->cut(m->cpu, cycle_at_or_after(m, when_ps));
}

static void end_slice(machine_t *m)
{
    if (m->cpu && m->cpu->in_run)
        m->cpu->cls->cut(m->cpu, 0);
}

// ---- Building ---------------------------------------------------------------------------------------

static void clk_destroy(gpointer c)
{
    clk_clear(c);
    g_free(c);
}

static void line_destroy(gpointer l)
{
    line_clear(l);
    g_free(l);
}

static void pad_destroy(gpointer p)
{
    g_free(((pad_t *)p)->name);
    g_free(p);
}

static void cpu_line(void *ctx, int arg, bool level)
{
    cpu_t *c = ctx;
    c->cls->irq(c, arg, level);
}

static void nrst_line(void *ctx, int arg, bool level)
{
    machine_t *m = ctx;
    m->halted = level;
    if (level) {
        m->reset_wanted = true;
        end_slice(m);
    }
}

static bool add_soc_part(machine_t *m, const soc_part_t *row, GError **error)
{
    const part_class_t *cls = part_class_find(row->cls);
    if (!cls) {
        g_set_error(error, machine_error_quark(), 0, "%s: no part class '%s' for '%s'",
                    m->soc->name, row->cls, row->name);
        return false;
    }
    part_t *p = machine_add_part(m, cls, row->name, error);
    if (!p)
        return false;
    p->base = row->base;
    p->variant = row->variant;
    p->clk = row->clk ? machine_clk(m, row->clk) : NULL;
    p->on_chip = true;
    g_auto(GStrv) attrs = g_strsplit(row->attrs ? row->attrs : "", " ", -1);
    for (char **a = attrs; *a; a++) {
        char *value = strchr(*a, '=');
        if (value) {
            *value = 0;
            part_set_attr(p, *a, value + 1);
        }
    }
    return part_init(p, error);
}

static void add_memories(machine_t *m)
{
    for (const soc_mem_t *row = m->soc->mems; row && row->name; row++) {
        mem_t *mem = bus_add_mem(m->bus, row->name, row->kind, row->base, row->size);
        mem->alias = row->alias;
        mem->alias_on = row->alias_on;
        mem->window = row->window;
    }
}

static bool add_cpu(machine_t *m, GError **error)
{
    if (!m->soc->cpu)
        return true;
    const cpu_class_t *cls = cpu_class_find(m->soc->cpu);
    if (!cls) {
        g_set_error(error, machine_error_quark(), 0, "%s: no CPU engine '%s'", m->soc->name,
                    m->soc->cpu);
        return false;
    }
    m->cpu = cls->create(m, m->soc, error);
    if (!m->cpu)
        return false;
    for (unsigned i = 0; i < m->soc->irq_lines; i++) {
        g_autofree char *name = g_strdup_printf("irq.%u", i);
        line_listen(machine_line(m, name), cpu_line, m->cpu, i);
    }
    return true;
}

machine_t *machine_new(const soc_t *soc, uint32_t seed, GError **error)
{
    machine_t *m = g_new0(machine_t, 1);
    m->soc = soc;
    m->boot_address = soc->boot_address;
    m->seed = seed;
    event_queue_init(&m->events);
    m->events.earlier = earlier;
    m->events.earlier_ctx = m;
    m->bus = bus_new(m);
    m->parts = g_ptr_array_new();
    m->nets = g_ptr_array_new();
    m->clks = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, clk_destroy);
    m->lines = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, line_destroy);
    m->pads = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, pad_destroy);
    m->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    m->reported = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    m->random_state[0] = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    m->random_state[1] = ~m->random_state[0] * UINT64_C(0xBF58476D1CE4E5B9);
    line_listen(machine_line(m, "nrst.assert"), nrst_line, m, 0);

    add_memories(m);
    for (const soc_clk_t *c = soc->clks; c && c->name; c++)
        clk_set(machine_clk(m, c->name), c->hz, 1, 0);
    m->cpu_clk = machine_clk(m, soc->cpu_clk ? soc->cpu_clk : "cpu");
    for (const soc_part_t *row = soc->parts; row && row->cls; row++)
        if (!add_soc_part(m, row, error))
            goto fail;
    if (!add_cpu(m, error))
        goto fail;
    for (const soc_wire_t *w = soc->wires; w && w->from; w++)
        line_join(machine_line(m, w->from), machine_line(m, w->to));
    return m;
fail:
    machine_free(m);
    return NULL;
}

void machine_free(machine_t *m)
{
    if (!m)
        return;
    if (m->cpu)
        m->cpu->cls->destroy(m->cpu);
    for (guint i = 0; i < m->parts->len; i++) { // may still touch pins of others
        part_t *p = m->parts->pdata[i];
        if (p->cls->finish)
            p->cls->finish(p);
    }
    for (guint i = 0; i < m->nets->len; i++)
        net_free(m->nets->pdata[i]);
    for (guint i = 0; i < m->parts->len; i++)
        part_free(m->parts->pdata[i]);
    g_ptr_array_unref(m->parts);
    g_ptr_array_unref(m->nets);
    g_hash_table_unref(m->by_name);
    g_hash_table_unref(m->reported);
    g_hash_table_unref(m->pads);
    g_hash_table_unref(m->lines);
    g_hash_table_unref(m->clks);
    bus_free(m->bus);
    event_queue_clear(&m->events);
    image_free(m->image);
    image_free(m->rom);
    g_free(m);
}

part_t *machine_add_part(machine_t *m, const part_class_t *cls, const char *name, GError **error)
{
    if (g_hash_table_contains(m->by_name, name)) {
        g_set_error(error, machine_error_quark(), 0, "there are two parts named '%s'", name);
        return NULL;
    }
    part_t *p = part_new(m, cls, name);
    g_ptr_array_add(m->parts, p);
    g_hash_table_insert(m->by_name, p->name, p);
    return p;
}

static bool load_segments(machine_t *m, const image_t *image, bool rom, GError **error)
{
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        gsize n;
        const uint8_t *bytes = g_bytes_get_data(s->bytes, &n);
        uint32_t offset = 0;
        mem_t *mem = bus_mem_at(m->bus, s->address, &offset);
        if (!mem || n > mem->size - offset) {
            uint32_t at = mem ? mem->base + mem->size : s->address;
            g_set_error(error, machine_error_quark(), 0,
                        "the image puts %zu bytes at 0x%08x, but %s has no memory at 0x%08x", n,
                        s->address, m->soc->name, at);
            return false;
        }
        if (rom && mem->kind != MEM_ROM) {
            g_set_error(error, machine_error_quark(), 0,
                        "the image puts %zu bytes at 0x%08x, which is not in the ROM of %s", n, s->address,
                        m->soc->name);
            return false;
        }
        bus_poke(m->bus, s->address, bytes, n);
    }
    return true;
}

static bool take_image(machine_t *m, image_t **to, image_t *image, bool rom, GError **error)
{
    if (!load_segments(m, image, rom, error)) {
        image_free(image);
        return false;
    }
    image_free(*to);
    *to = image;
    return true;
}

bool machine_load(machine_t *m, image_t *image, GError **error)
{
    return take_image(m, &m->image, image, false, error);
}

bool machine_load_rom(machine_t *m, image_t *image, GError **error)
{
    return take_image(m, &m->rom, image, true, error);
}

bool machine_start(machine_t *m, GError **error)
{
    for (guint i = 0; i < m->parts->len; i++) {
        part_t *p = m->parts->pdata[i];
        if (p->cls->wired && !p->cls->wired(p, error))
            return false;
    }
    machine_reset(m, true);
    m->started = true;
    return true;
}

void machine_reset(machine_t *m, bool power)
{
    m->reset_wanted = false;
    m->stall_ps = 0;
    for (guint i = 0; i < m->parts->len; i++) {
        part_t *p = m->parts->pdata[i];
        if (power || p->on_chip)
            part_reset(p, power);
    }
    if (m->cpu)
        m->cpu->cls->reset(m->cpu, power);
}

void machine_want_reset(machine_t *m)
{
    m->reset_wanted = true;
    end_slice(m);
}

// ---- Running ----------------------------------------------------------------------------------------

// Something happens at `ps`. FALSE, with a report and the end of the run: too much has happened since
// time last went on, so that it never will. `what`: an event's name, or NULL.
static bool time_goes_on(machine_t *m, uint64_t ps, const char *what)
{
    if (ps > m->still_ps) {
        m->still_ps = ps;
        m->still = 0;
    } else if (++m->still > STILL_MAX) {
        machine_report(m, REPORT_GUEST_ERROR, 0,
                       "time stands still at %.12f s: %s again and again without an end",
                       (double)ps / PS_PER_S, what ? what : "reset or sleep");
        m->fatal = true;
    }
    return !m->fatal;
}

static void run_due_events(machine_t *m)
{
    uint64_t now = m->now_ps;
    m->in_event = true;
    while (!m->fatal && event_next_ps(&m->events) <= now) {
        m->now_ps = event_next_ps(&m->events);
        m->idle = false; // it may wake the CPU
        if (time_goes_on(m, m->now_ps, m->events.heap[0]->name))
            event_pop_run(&m->events);
    }
    m->in_event = false;
    // An event that changed the CPU's clock moved the time of the cycle that we stand on.
    m->now_ps = cpu_counts(m) && !m->halted ? MAX(m->now_ps, cpu_ps(m)) : now;
}

static cpu_stop_t run_cpu(machine_t *m, uint64_t target_ps)
{
    m->until_ps = target_ps;
    m->idle = false;
    m->cpu->in_run = true;
    cpu_stop_t why = m->cpu->cls->run(m->cpu, cycle_at_or_after(m, target_ps));
    m->cpu->in_run = false;
    m->now_ps = MAX(m->now_ps, cpu_ps(m));
    return why;
}

// Time passes without instructions.
static void idle_until(machine_t *m, uint64_t target_ps)
{
    m->idle = true;
    if (target_ps == PS_NEVER) { // nothing will ever happen by itself
        m->pause = true;
        return;
    }
    if (cpu_counts(m)) {
        m->cpu->cls->skip(m->cpu, cycle_at_or_after(m, target_ps));
        target_ps = MAX(target_ps, cpu_ps(m));
    }
    m->now_ps = MAX(m->now_ps, target_ps);
}

// One stop of the CPU turned into the machine's; TRUE when machine_run is to return `*stop`.
static bool stopped(machine_t *m, cpu_stop_t why, uint64_t target_ps, machine_stop_t *stop)
{
    switch (why) {
    case CPU_DEADLINE:
        return false;
    case CPU_SLEEP:
        m->host_idle++;
        if (!m->pause && !m->reset_wanted)
            idle_until(m, MIN(target_ps, event_next_ps(&m->events)));
        return false;
    case CPU_LOCKUP:
        if (m->reset_wanted)
            return false;
        if (event_next_ps(&m->events) == PS_NEVER || !m->cpu->lockup_may_end) {
            *stop = MACHINE_LOCKUP;
            return true;
        }
        idle_until(m, MIN(target_ps, event_next_ps(&m->events)));
        return false;
    case CPU_RESET:
        line_pulse(machine_line(m, "cpu.sysresetreq"));
        m->reset_wanted = true;
        return false;
    case CPU_BREAK:
        *stop = MACHINE_BREAK;
        return true;
    case CPU_EXIT:
        m->exit_code = m->cpu->exit_code;
        *stop = MACHINE_EXIT;
        return true;
    }
    return false;
}

machine_stop_t machine_run(machine_t *m, uint64_t until_ps)
{
    machine_stop_t stop = MACHINE_TIME;
    m->pause = false;
    m->still = 0;
    for (;;) {
        run_due_events(m);
        if (m->fatal || !time_goes_on(m, m->now_ps, NULL))
            return MACHINE_FATAL;
        if (m->reset_wanted)
            machine_reset(m, false);
        if (m->pause)
            return MACHINE_PAUSE;
        if (m->now_ps >= until_ps)
            return MACHINE_TIME;
        uint64_t target = MIN(until_ps, event_next_ps(&m->events));
        if (m->stall_ps > m->now_ps)
            idle_until(m, MIN(target, m->stall_ps));
        else if (!cpu_counts(m) || m->halted)
            idle_until(m, target);
        else if (stopped(m, run_cpu(m, target), target, &stop))
            return stop;
    }
}

machine_stop_t machine_step(machine_t *m)
{
    machine_stop_t stop = MACHINE_BREAK;
    m->pause = false;
    run_due_events(m);
    if (m->reset_wanted)
        machine_reset(m, false);
    if (!cpu_counts(m) || m->halted || m->stall_ps > m->now_ps) {
        uint64_t end = m->stall_ps > m->now_ps ? m->stall_ps : PS_NEVER;
        idle_until(m, MIN(end, event_next_ps(&m->events)));
        return MACHINE_BREAK;
    }
    m->until_ps = event_next_ps(&m->events);
    m->cpu->in_run = true;
    cpu_stop_t why = m->cpu->cls->step(m->cpu);
    m->cpu->in_run = false;
    m->now_ps = MAX(m->now_ps, cpu_ps(m));
    stopped(m, why, m->until_ps, &stop);
    return m->fatal ? MACHINE_FATAL : stop;
}

bool machine_asleep(const machine_t *m)
{
    bool stalled = m->stall_ps > m->now_ps && m->stall_ps != PS_NEVER;
    return m->idle && !stalled && event_next_ps(&m->events) == PS_NEVER;
}

uint64_t machine_wakes_ps(const machine_t *m)
{
    uint64_t next = event_next_ps(&m->events);
    if (m->stall_ps > m->now_ps)
        next = MIN(next, m->stall_ps);
    else if (!m->idle || m->reset_wanted)
        next = m->now_ps;
    return MAX(m->now_ps, next);
}

void machine_stall(machine_t *m, uint64_t until_ps)
{
    m->stall_ps = MAX(m->stall_ps, until_ps);
    end_slice(m);
}

void machine_pause(machine_t *m)
{
    m->pause = true;
    end_slice(m);
}

// ---- Names ------------------------------------------------------------------------------------------

part_t *machine_part(machine_t *m, const char *name)
{
    return g_hash_table_lookup(m->by_name, name);
}

clk_t *machine_clk(machine_t *m, const char *name)
{
    clk_t *c = g_hash_table_lookup(m->clks, name);
    if (!c) {
        c = g_new0(clk_t, 1);
        clk_init(c, name, 0);
        g_hash_table_insert(m->clks, c->name, c);
    }
    return c;
}

line_t *machine_line(machine_t *m, const char *name)
{
    line_t *l = g_hash_table_lookup(m->lines, name);
    if (!l) {
        l = g_new0(line_t, 1);
        line_init(l, name);
        g_hash_table_insert(m->lines, l->name, l);
    }
    return l;
}

pad_t *machine_pad(machine_t *m, const char *name)
{
    pad_t *p = g_hash_table_lookup(m->pads, name);
    if (!p) {
        p = g_new0(pad_t, 1);
        p->name = g_strdup(name);
        g_hash_table_insert(m->pads, p->name, p);
    }
    return p;
}

pin_t *machine_pin(machine_t *m, const char *name, GError **error)
{
    const char *colon = strchr(name, ':');
    g_autofree char *part_name = colon ? g_strndup(name, colon - name) : g_strdup(name);
    part_t *p = machine_part(m, part_name);
    pin_t *pin = p && colon ? part_pin(p, colon + 1) : NULL;
    if (!pin) {
        if (!colon)
            g_set_error(error, machine_error_quark(), 0, "'%s' is not of the form part:pin", name);
        else if (!p)
            g_set_error(error, machine_error_quark(), 0, "there is no part '%s'", part_name);
        else
            g_set_error(error, machine_error_quark(), 0, "part '%s' (%s) has no pin '%s'",
                        part_name, p->cls->name, colon + 1);
    }
    return pin;
}

uint32_t machine_random(machine_t *m)
{
    // xorshift128+ (Vigna, 2014)
    uint64_t a = m->random_state[0], b = m->random_state[1];
    m->random_state[0] = b;
    a ^= a << 23;
    m->random_state[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return (m->random_state[1] + b) >> 32;
}

// ---- Reports ----------------------------------------------------------------------------------------

static bool first_time(machine_t *m, uint64_t key)
{
    if (!key)
        return true;
    gint64 k = key;
    if (g_hash_table_contains(m->reported, &k))
        return false;
    g_hash_table_add(m->reported, g_memdup2(&k, sizeof k));
    return true;
}

void machine_report(machine_t *m, report_t kind, uint64_t once_key, const char *format, ...)
{
    if (!m->report || !first_time(m, once_key ? once_key << 2 | kind : 0))
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *full = NULL;
    if (m->cpu && m->cpu->in_run && !m->in_event) {
        char where[128];
        uint32_t pc = m->cpu->cls->pc(m->cpu);
        full = g_strdup_printf("%s, at 0x%08x (%s)", text, pc,
                               machine_where(m, pc, where, sizeof where));
    }
    m->report(m->report_ctx, kind, full ? full : text);
}

void machine_unmodelled(machine_t *m, uint32_t address, const char *what)
{
    // Reads, writes and single bits of one register are different news.
    uint64_t key = address | (uint64_t)g_str_hash(what) << 32;
    machine_report(m, REPORT_UNMODELLED, key ? key : 1, "not modelled: %s (0x%08x)", what, address);
    if (m->strict) {
        m->fatal = true;
        end_slice(m);
    }
}

const char *machine_where(machine_t *m, uint32_t address, char *to, size_t n)
{
    uint32_t offset = 0;
    const mem_t *mem = bus_mem_at(m->bus, address, &offset);
    const image_t *image = mem && mem->kind == MEM_ROM && m->rom ? m->rom : m->image;
    offset = 0;
    const char *symbol = image ? image_symbol_at(image, address, &offset) : NULL;
    if (!symbol)
        g_snprintf(to, n, "no symbol");
    else if (offset)
        g_snprintf(to, n, "%s+0x%x", symbol, offset);
    else
        g_snprintf(to, n, "%s", symbol);
    return to;
}
