// SPDX-License-Identifier: GPL-2.0-or-later
// Parts: registers by table, pins, properties and attributes. See part.h.
#include "part.h"
#include "machine.h"
#include <math.h>
#include <string.h>

G_DEFINE_QUARK(solderless-part-error, part_error)

static bool has_alias(const part_class_t *c, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = c->alias; at && *name && (at = strstr(at, name)); at += n)
        if ((at == c->alias || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return true;
    return false;
}

const part_class_t *part_class_find(const char *name)
{
    for (const part_class_t *const *c = part_classes; *c; c++)
        if (!strcmp((*c)->name, name) || has_alias(*c, name))
            return *c;
    return NULL;
}

part_t *part_new(machine_t *m, const part_class_t *cls, const char *name)
{
    part_t *p = g_malloc0(cls->size);
    p->cls = cls;
    p->m = m;
    p->name = g_strdup(name);
    p->pins = g_ptr_array_new();
    p->attrs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return p;
}

static void pin_free(pin_t *pin)
{
    g_free(pin->name);
    g_free(pin);
}

void part_free(part_t *p)
{
    for (guint i = 0; i < p->pins->len; i++)
        pin_free(p->pins->pdata[i]);
    g_ptr_array_unref(p->pins);
    g_hash_table_unref(p->attrs);
    g_free(p->reg_row);
    g_free(p->prop);
    g_free(p->r);
    g_free(p->name);
    g_free(p);
}

static unsigned reg_count(const part_reg_t *reg) { return reg->count ? reg->count : 1; }
static unsigned reg_stride(const part_reg_t *reg) { return reg->stride ? reg->stride : 4; }

static void index_registers(part_t *p)
{
    const part_class_t *c = p->cls;
    unsigned words = c->mmio_size / 4;
    p->r = g_new0(uint32_t, words ? words : 1);
    p->reg_row = g_new0(uint16_t, words ? words : 1);
    for (const part_reg_t *reg = c->regs; reg && reg->name; reg++)
        for (unsigned n = 0; n < reg_count(reg); n++) {
            unsigned word = (reg->offset + n * reg_stride(reg)) / 4;
            g_assert(word < words && !p->reg_row[word]); // the class's own mistake
            p->reg_row[word] = reg - c->regs + 1;
        }
}

// Defaults of the properties, or what an attribute of the same name says.
static bool init_props(part_t *p, GError **error)
{
    unsigned n = 0;
    while (p->cls->props && p->cls->props[n].name)
        n++;
    p->prop = g_new0(double, n + 1);
    for (unsigned i = 0; i < n; i++) {
        const part_prop_t *prop = &p->cls->props[i];
        const char *attr = prop->name;
        if (!g_hash_table_contains(p->attrs, attr))
            attr = prop->alias;
        p->prop[i] = prop->def;
        if (prop->kind == PROP_OUTPUT || !attr || !g_hash_table_contains(p->attrs, attr))
            continue;
        if (!part_attr_double(p, attr, &p->prop[i], error))
            return false;
        p->prop[i] = CLAMP(p->prop[i], prop->min, prop->max);
    }
    return true;
}

bool part_init(part_t *p, GError **error)
{
    const part_class_t *c = p->cls;
    index_registers(p);
    if (!init_props(p, error))
        return false;
    for (const char *const *pin = c->pins; pin && *pin; pin++)
        part_add_pin(p, *pin, NULL, NULL);
    if (p->cls->mmio_size && p->base)
        bus_add_part(p->m->bus, p);
    return !c->init || c->init(p, error);
}

void part_reset(part_t *p, bool power)
{
    const part_class_t *c = p->cls;
    if (power || !c->keeps_registers)
        for (const part_reg_t *reg = c->regs; reg && reg->name; reg++)
            for (unsigned n = 0; n < reg_count(reg); n++)
                p->r[(reg->offset + n * reg_stride(reg)) / 4] = reg->reset;
    if (c->reset)
        c->reset(p, power);
}

// The row of the register at `offset` (a multiple of 4); reports and gives NULL where there is none.
static const part_reg_t *find_reg(part_t *p, uint32_t offset, unsigned *n, const char *what)
{
    unsigned row = p->reg_row[offset / 4];
    if (!row) {
        if (!p->peeking) {
            g_autofree char *text = g_strdup_printf("%s of %s+0x%03x", what, p->name, offset);
            machine_unmodelled(p->m, p->base + offset, text);
        }
        return NULL;
    }
    const part_reg_t *reg = &p->cls->regs[row - 1];
    *n = (offset - reg->offset) / reg_stride(reg);
    return reg;
}

static bool gated(part_t *p, uint32_t offset)
{
    if (!p->off)
        return false;
    if (!p->peeking)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base | 1,
                       "access to %s+0x%03x while its bus clock is off", p->name, offset);
    return true;
}

uint32_t part_mmio_read(part_t *p, uint32_t offset, unsigned size)
{
    if (gated(p, offset))
        return 0;
    p->access = size;
    if (p->cls->mmio_read)
        return p->cls->mmio_read(p, offset, size);
    unsigned n;
    const part_reg_t *reg = find_reg(p, offset & ~3u, &n, "read");
    if (!reg)
        return 0;
    uint32_t v = reg->read ? reg->read(p, reg, n) : p->r[offset / 4];
    v >>= 8 * (offset & 3);
    return size == 4 ? v : v & ((1u << 8 * size) - 1);
}

void part_mmio_write(part_t *p, uint32_t offset, unsigned size, uint32_t value)
{
    if (gated(p, offset))
        return;
    p->access = size;
    if (p->cls->mmio_write) {
        p->cls->mmio_write(p, offset, size, value);
        return;
    }
    unsigned n, shift = 8 * (offset & 3);
    const part_reg_t *reg = find_reg(p, offset & ~3u, &n, "write");
    if (!reg)
        return;
    uint32_t lanes = (size == 4 ? UINT32_MAX : (1u << 8 * size) - 1) << shift;
    uint32_t raw = (value << shift) & lanes;
    uint32_t plain = lanes & ~(reg->ro | reg->w1c | reg->w0c);
    uint32_t *slot = &p->r[offset / 4], old = *slot;
    uint32_t now = (old & ~plain) | (raw & plain);
    now &= ~(raw & lanes & reg->w1c);
    now &= ~(~raw & lanes & reg->w0c);
    if (raw & reg->unimp) {
        g_autofree char *text = g_strdup_printf("bits 0x%08x of %s.%s", raw & reg->unimp, p->name,
                                                reg->name);
        machine_unmodelled(p->m, p->base + (offset & ~3u), text);
    }
    *slot = now;
    p->written = raw;
    p->lanes = lanes;
    if (reg->write)
        reg->write(p, reg, n, old);
}

pin_t *part_add_pin(part_t *p, const char *name, pin_fn_t changed, void *ctx)
{
    pin_t *pin = g_new0(pin_t, 1);
    pin->name = g_strdup(name);
    pin->part = p;
    pin->index = p->pins->len;
    pin->changed = changed;
    pin->ctx = ctx;
    g_ptr_array_add(p->pins, pin);
    net_new(p->m, pin);
    return pin;
}

pin_t *part_pin(part_t *p, const char *name)
{
    for (guint i = 0; i < p->pins->len; i++) {
        pin_t *pin = p->pins->pdata[i];
        if (!strcmp(pin->name, name))
            return pin;
    }
    return NULL;
}

line_t *part_line(part_t *p, const char *signal)
{
    g_autofree char *name = g_strdup_printf("%s.%s", p->name, signal);
    return machine_line(p->m, name);
}

pad_t *part_pad(part_t *p, const char *signal, void (*input)(void *, pad_t *, bool), void *ctx)
{
    g_autofree char *name = g_strdup_printf("%s.%s", p->name, signal);
    pad_t *pad = machine_pad(p->m, name);
    pad->input = input;
    pad->ctx = ctx;
    return pad;
}

clk_t *part_clk(part_t *p, const char *clk_name) { return machine_clk(p->m, clk_name); }

int part_prop_find(const part_t *p, const char *name)
{
    for (int i = 0; p->cls->props && p->cls->props[i].name; i++) {
        const part_prop_t *prop = &p->cls->props[i];
        if (!strcmp(prop->name, name) || (prop->alias && !strcmp(prop->alias, name)))
            return i;
    }
    return -1;
}

double part_prop_get(part_t *p, unsigned index)
{
    const part_prop_t *prop = &p->cls->props[index];
    return prop->read ? prop->read(p, index) : p->prop[index];
}

bool part_prop_set(part_t *p, unsigned index, double value, GError **error)
{
    const part_prop_t *prop = &p->cls->props[index];
    if (prop->kind == PROP_OUTPUT || isnan(value)) {
        g_set_error(error, part_error_quark(), 0, "%s: '%s' %s", p->name, prop->name,
                    isnan(value) ? "is not a number" : "can be looked at, not set");
        return false;
    }
    value = CLAMP(value, prop->min, prop->max);
    if (value == p->prop[index])
        return true;
    p->prop[index] = value;
    if (prop->changed)
        prop->changed(p, index);
    return true;
}

void part_set_attr(part_t *p, const char *name, const char *value)
{
    g_hash_table_replace(p->attrs, g_strdup(name), g_strdup(value));
}

const char *part_attr(const part_t *p, const char *name)
{
    const char *value = g_hash_table_lookup(p->attrs, name);
    size_t n = strlen(name);
    for (const char *const *a = p->cls->attrs; !value && a && *a; a++)
        if (!strncmp(*a, name, n) && (*a)[n] == '=')
            value = *a + n + 1;
    return value;
}

bool part_attr_axes(const part_t *p, const char *name, int axis[3], GError **error)
{
    const char *text = part_attr(p, name);
    bool ok = strlen(text) == 6;
    for (unsigned i = 0; ok && i < 3; i++) {
        char sign = text[2 * i], which = text[2 * i + 1];
        ok = (sign == '+' || sign == '-') && which >= 'x' && which <= 'z';
        axis[i] = (which - 'x' + 1) * (sign == '-' ? -1 : 1);
    }
    if (!ok)
        g_set_error(error, part_error_quark(), 0, "%s: '%s' must be such as \"+x+y+z\", not \"%s\"",
                    p->name, name, text);
    return ok;
}

bool part_attr_double(const part_t *p, const char *name, double *value, GError **error)
{
    const char *text = part_attr(p, name);
    char *end = NULL;
    if (text && *text)
        *value = g_ascii_strtod(text, &end);
    if (end && !*end && isfinite(*value))
        return true;
    g_set_error(error, part_error_quark(), 0, "%s: attribute '%s' is '%s', which is not a number",
                p->name, name, text ? text : "");
    return false;
}
