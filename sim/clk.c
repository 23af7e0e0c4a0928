// SPDX-License-Identifier: GPL-2.0-or-later
// Clocks: see clk.h. 128-bit products keep the conversions exact over the whole range of time.
#include "clk.h"
#include "event.h"
#include <assert.h>

typedef struct {
    clk_fn_t fn;
    void *ctx;
} clk_listener_t;

typedef unsigned __int128 u128_t;

void clk_init(clk_t *c, const char *name, uint64_t hz)
{
    *c = (clk_t){.name = g_strdup(name), .num = hz, .den = 1};
    c->listeners = g_array_new(FALSE, FALSE, sizeof(clk_listener_t));
}

void clk_clear(clk_t *c)
{
    g_clear_pointer(&c->name, g_free);
    g_clear_pointer(&c->listeners, g_array_unref);
}

uint64_t clk_ticks(const clk_t *c, uint64_t ps)
{
    if (ps <= c->epoch_ps)
        return c->epoch_ticks;
    u128_t per = (u128_t)PS_PER_S * c->den;
    u128_t x = (u128_t)(ps - c->epoch_ps) * c->num;
    if (x <= UINT64_MAX && per <= UINT64_MAX)
        return c->epoch_ticks + (uint64_t)x / (uint64_t)per;
    return c->epoch_ticks + (uint64_t)(x / per);
}

uint64_t clk_tick_from(const clk_t *c, uint64_t ps)
{
    uint64_t n = clk_ticks(c, ps);
    return clk_ps(c, n) < ps ? n + 1 : n;
}

uint64_t clk_ps(const clk_t *c, uint64_t ticks)
{
    if (ticks <= c->epoch_ticks)
        return c->epoch_ps;
    if (!c->num)
        return PS_NEVER;
    u128_t x = (u128_t)(ticks - c->epoch_ticks) * PS_PER_S * c->den;
    u128_t ps = x <= UINT64_MAX ? (uint64_t)x / c->num + ((uint64_t)x % c->num != 0)
                                : (x + c->num - 1) / c->num;
    ps += c->epoch_ps;
    return ps >= PS_NEVER ? PS_NEVER : (uint64_t)ps;
}

uint64_t clk_span_ps(const clk_t *c, uint64_t ticks)
{
    return c->num ? (uint64_t)((u128_t)ticks * PS_PER_S * c->den / c->num) : 0;
}

void clk_set(clk_t *c, uint64_t num, uint32_t den, uint64_t now_ps)
{
    assert(den);
    if ((u128_t)num * c->den == (u128_t)c->num * den)
        return;
    for (guint i = 0; i < c->listeners->len; i++) {
        clk_listener_t *l = &g_array_index(c->listeners, clk_listener_t, i);
        l->fn(l->ctx, c, true, now_ps);
    }
    c->epoch_ticks = clk_ticks(c, now_ps);
    c->epoch_ps = now_ps;
    c->num = num;
    c->den = den;
    for (guint i = 0; i < c->listeners->len; i++) {
        clk_listener_t *l = &g_array_index(c->listeners, clk_listener_t, i);
        l->fn(l->ctx, c, false, now_ps);
    }
}

void clk_listen(clk_t *c, clk_fn_t fn, void *ctx)
{
    clk_listener_t l = {fn, ctx};
    g_array_append_val(c->listeners, l);
}

double clk_hz(const clk_t *c) { return (double)c->num / c->den; }
