// SPDX-License-Identifier: GPL-2.0-or-later
// Paths: what makes the hook of *fast* short. It runs some hundred million times in a second of the host's.
//
// A block that is entered often begins a path: the blocks that come next, this once. While the program takes
// the same way again, the hook has only to compare an address; the cycles are added up and all else is done
// when it leaves the path (cm_path_leave), which every call-back does first. Where it goes to another path
// instead, a link remembers that.
//
// A path may be used when it ends before the deadline, and while the flash caches hold all lines that it
// needs, so that nothing in it stalls. Its lines' times of use are made up for when they matter, which is when
// the line that was not used for longest must go: `behind` says whose.
//
// All paths are forgotten when that changes which they rest on: the flash's timing or contents, traps,
// breakpoints. Blocks in RAM may change, and are in none.
#include "cortexm_int.h"

#define HOT 8          // entries of a block before a path begins with it
#define MOST_LINES 128 // of a path

void cm_path_init(cortexm_t *c)
{
    c->no_step.address = c->no_step.link_address = 1;
    c->at = &c->no_step;
    c->paths = g_aligned_alloc(1, sizeof *c->paths, 64); // large, and not touched before it is used
    c->paths->paths = c->paths->inserts = 1;
    c->paths->steps = c->paths->lines = c->paths->making = c->paths->used_n = 0;
    c->paths->behind = c->paths->dbehind = 0;
}

void cm_path_clear(cortexm_t *c) { g_clear_pointer(&c->paths, g_aligned_free); }

// ---- Times of use -----------------------------------------------------------------------------------

static void used(cm_flash_t *f, const cm_block_t *b, uint64_t start)
{
    int32_t at = start - f->base;
    for (unsigned i = 0; i < b->lines; i++) {
        int32_t *stamp = &f->stamp[f->where[b->line0 + i]];
        *stamp = MAX(*stamp, at + b->line_cum[i]);
    }
    for (unsigned i = 0; i < b->literals; i++) {
        int32_t *stamp = &f->dstamp[f->dwhere[b->literal[i]]];
        *stamp = MAX(*stamp, at);
    }
}

// Makes stamps right.
void cm_path_catch_up(cortexm_t *c)
{
    cm_paths_t *ps = c->paths;
    for (unsigned n = 0; n < ps->used_n; n++) {
        cm_path_t *p = &ps->path[ps->used[n]];
        uint64_t left = 0; // who left later has used this block, too
        for (unsigned i = p->n; --i;) {
            cm_step_t *s = &p->steps[i];
            left = MAX(left, s->left);
            s->left = 0;
            if (left && s->b->mark != left) { // not used once more by the same run
                s->b->mark = left;
                used(&c->flash, s->b, left + s->cum);
            }
        }
        if (p->linked) // else the first block was entered in the long way
            used(&c->flash, p->steps[0].b, p->linked);
        p->linked = p->steps[0].left = 0;
        p->used = false;
    }
    ps->used_n = 0;
    ps->behind = ps->dbehind = 0;
}

// ---- Lines ------------------------------------------------------------------------------------------

typedef struct lines {
    unsigned n;
    cm_path_line_t at[MOST_LINES];
} lines_t;

static bool add_line(lines_t *l, uint32_t line, bool data, bool needs)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->at[i].line == line && l->at[i].data == data) {
            l->at[i].needs |= needs;
            return true;
        }
    if (l->n == MOST_LINES)
        return false;
    l->at[l->n++] = (cm_path_line_t){line, data, needs};
    return true;
}

// The lines of block b, `cum` cycles after the path's start, behind step s. A line is needed in the cache
// unless it is the current one then, or follows that and has been prefetched by then. Before the path's first
// change of lines, the current one is at least as old as the path. FALSE: they are too many.
static bool add_lines(const cortexm_t *c, lines_t *l, const cm_step_t *s, const cm_block_t *b,
                      uint32_t cum)
{
    uint32_t cur = s->b->line_last;
    uint64_t since = s->arrive;
    bool fits = true;
    for (unsigned i = 0; i < b->lines && fits; i++) {
        uint32_t line = b->line0 + i, now = cum + b->line_cum[i];
        if (line == cur) {
            fits = add_line(l, line, false, false);
            continue;
        }
        fits = add_line(l, line, false, line != cur + 1 || now < since + c->flash.lead);
        cur = line;
        since = now;
    }
    for (unsigned i = 0; i < b->literals && fits; i++)
        fits = add_line(l, b->literal[i], true, true);
    return fits;
}

// Those of a path's first block, which is entered in its own way.
static void add_first(lines_t *l, const cm_block_t *b)
{
    for (unsigned i = 0; i < b->lines; i++)
        add_line(l, b->line0 + i, false, false);
    for (unsigned i = 0; i < b->literals; i++)
        add_line(l, b->literal[i], true, false);
}

static unsigned slot_of(const cortexm_t *c, const cm_path_line_t *l)
{
    return (l->data ? c->flash.dwhere : c->flash.where)[l->line];
}

static void check(cortexm_t *c, cm_path_t *p)
{
    cm_paths_t *ps = c->paths;
    p->checked = ps->inserts;
    p->ready = true;
    p->absent = 0;
    p->slots = p->dslots = 0;
    for (unsigned i = p->line; i < p->line + p->lines; i++) {
        const cm_path_line_t *l = &ps->line[i];
        unsigned slot = slot_of(c, l);
        if (slot) {
            *(l->data ? &p->dslots : &p->slots) |= UINT64_C(1) << (slot - 1);
            continue;
        }
        p->ready &= !l->needs;
        if (p->absent < CM_ABSENT)
            p->absent_at[p->absent] = i;
        p->absent++;
    }
}

// Do the caches hold other lines of p than when it was checked?
static bool is_changed(const cortexm_t *c, const cm_path_t *p)
{
    const cm_paths_t *ps = c->paths;
    uint64_t lost = 0, dlost = 0;
    if (ps->inserts - p->checked > CM_CHANGES || p->absent > CM_ABSENT)
        return true;
    for (unsigned i = 0; i < p->absent; i++)
        if (slot_of(c, &ps->line[p->absent_at[i]]))
            return true;
    for (uint64_t i = p->checked; i != ps->inserts; i++) {
        unsigned slot = ps->changed[i % CM_CHANGES];
        *(slot & CM_DATA ? &dlost : &lost) |= UINT64_C(1) << (slot & 63);
    }
    return lost & p->slots || dlost & p->dslots;
}

// May p be used, as far as the caches are concerned?
static inline bool is_ready(cortexm_t *c, cm_path_t *p)
{
    if (p->checked != c->paths->inserts) {
        if (is_changed(c, p))
            check(c, p);
        p->checked = c->paths->inserts;
    }
    return p->ready;
}

// On along path p, behind its first block.
void cm_path_use(cortexm_t *c, cm_path_t *p)
{
    cm_paths_t *ps = c->paths;
    ps->behind |= p->slots;
    ps->dbehind |= p->dslots;
    if (!p->used) {
        p->used = true;
        ps->used[ps->used_n++] = p - ps->path;
    }
    c->at = p->steps + 1;
}

// ---- Making -----------------------------------------------------------------------------------------

void cm_path_forget_all(cortexm_t *c)
{
    cm_paths_t *ps = c->paths;
    cm_path_leave(c);
    ps->making = 0;
    cm_path_catch_up(c);
    for (unsigned i = 1; i < ps->paths; i++)
        ps->path[i].steps[0].b->path = 0;
    ps->paths = 1;
    ps->steps = ps->lines = 0;
    ps->inserts++;
}

// Ends the path that is being made, and makes it known.
void cm_path_end(cortexm_t *c)
{
    cm_paths_t *ps = c->paths;
    unsigned index = ps->making, n = 1, whole = 1;
    if (!index)
        return;
    ps->making = 0;
    cm_path_t *p = &ps->path[index];
    lines_t l;
    l.n = 0;
    if (c->flash.ws)
        add_first(&l, p->steps[0].b);
    for (; n < p->n; n++) {
        const cm_step_t *s = &p->steps[n];
        if (c->flash.ws && !add_lines(c, &l, &s[-1], s->b, s->cum))
            break;
        if (s->b == p->steps[0].b) // better an end where it begins
            whole = n;
    }
    p->n = whole > n / 2 ? whole : n;
    if (p->n < 3)
        return;
    for (unsigned i = 0; i < p->n; i++)
        p->need = MAX(p->need, p->steps[i].cum + p->steps[i].b->worst);
    p->steps[p->n] = (cm_step_t){.address = 1, .link_address = 1};
    p->line = ps->lines;
    p->lines = l.n;
    for (unsigned i = 0; i < l.n; i++)
        ps->line[ps->lines++] = l.at[i];
    ps->steps += p->n + 1;
    ps->paths++;
    check(c, p);
    p->steps[0].b->path = index;
}

static void add(cortexm_t *c, cm_block_t *b, unsigned cost)
{
    cm_path_t *p = &c->paths->path[c->paths->making];
    cm_step_t *s = &p->steps[p->n];
    *s = (cm_step_t){.address = b->address, .b = b, .same = true, .link_address = 1};
    if (p->n++) {
        s->cum = s[-1].cum + cost;
        s->same = s[-1].same;
        s->arrive = s[-1].arrive;
        if (b->lines && (b->lines > 1 || b->line0 != s[-1].b->line_last)) {
            s->same = false;
            s->arrive = s->cum + b->last_cum;
        }
    }
}

static void begin(cortexm_t *c, cm_block_t *b)
{
    cm_paths_t *ps = c->paths;
    if (ps->paths == CM_PATHS || ps->lines + MOST_LINES > G_N_ELEMENTS(ps->line) ||
        ps->steps + CM_PATH_STEPS + 1 > G_N_ELEMENTS(ps->step))
        cm_path_forget_all(c);
    ps->making = ps->paths;
    ps->path[ps->making] = (cm_path_t){.steps = &ps->step[ps->steps]};
    add(c, b, 0);
}

static bool may_be_in(const cortexm_t *c, const cm_block_t *b)
{
    return !b->copy && (b->lines || !c->flash.ws) && b->lines <= 16;
}

static void link_to(cortexm_t *c, cm_step_t *from, cm_path_t *to, cm_block_t *b, unsigned cost)
{
    lines_t l;
    l.n = 0;
    if (cost > UINT16_MAX || b->last_cum > UINT16_MAX || b->lines > 8 ||
        (c->flash.ws && !add_lines(c, &l, &from[-1], b, from[-1].cum + cost)))
        return;
    from->to = to;
    from->link_address = b->address;
    from->link_cost = cost;
    from->link_arrive = b->last_cum;
    from->link_same = !b->lines || (b->lines == 1 && b->line0 == from[-1].b->line_last);
    from->link_needs = 0;
    for (unsigned i = 0; i < l.n; i++)
        if (l.at[i].needs && !l.at[i].data)
            from->link_needs |= 1u << (l.at[i].line - b->line0);
    from->link_checked = 0;
}

// Block b was entered in the long way, `cost` cycles, stalls left out, after the one before it began. `from`:
// what a path expected there, or &no_step.
void cm_path_entered(cortexm_t *c, cm_step_t *from, cm_block_t *b, unsigned cost)
{
    cm_paths_t *ps = c->paths;
    if (ps->making) {
        if (may_be_in(c, b))
            add(c, b, cost);
        if (!may_be_in(c, b) || ps->path[ps->making].n == CM_PATH_STEPS)
            cm_path_end(c);
    } else if (b->path) {
        cm_path_t *path = &ps->path[b->path];
        if (from != &c->no_step)
            link_to(c, from, path, b, cost);
        if (is_ready(c, path) && c->cycles + path->need <= c->gate)
            cm_path_use(c, path);
    } else if (++b->hits == HOT && may_be_in(c, b)) { // again when that has gone round
        begin(c, b);
    }
}

// The link of s may be stale: its path has changed, or its first block may stall on entry.
bool cm_path_check_link(cortexm_t *c, cm_step_t *s)
{
    cm_path_t *to = s->to;
    const cm_block_t *b = to->steps[0].b;
    if (!is_ready(c, to))
        return false;
    for (unsigned i = 0; s->link_needs >> i; i++)
        if (s->link_needs >> i & 1 && !c->flash.where[b->line0 + i])
            return false;
    for (unsigned i = 0; i < b->literals && c->flash.ws; i++)
        if (!c->flash.dwhere[b->literal[i]])
            return false;
    if (to->used) {
        c->paths->behind |= to->slots;
        c->paths->dbehind |= to->dslots;
    }
    s->link_checked = c->paths->inserts;
    return true;
}
