// SPDX-License-Identifier: GPL-2.0-or-later
// Paths: what makes the hook of *fast* short. It runs some hundred million times in a second of the host's.
//
// A block that is entered often begins a path: the blocks that come next, this once. While the program takes
// the same way again, the hook has only to compare an address; the cycles are added up and all else is done
// when it leaves the path (cm_path_leave), which call-backs do first. Where it goes to another path instead,
// a link remembers that; the hook goes over it without leaving. A step may have several links, the last one
// taken at hand.
//
// A path may be used when it ends before the deadline. Nothing on it stalls while the flash caches hold the
// lines that it needs. When one goes, the gates (of steps, of links) that need it are shut: their address is
// made odd, so that it never compares equal. Where the program comes to a shut gate, that is opened if its
// lines are there, else the block is entered in the long way. A line's times of use are made up for when they
// matter, which is when the line that was not used for longest must go: `behind` says whether they are right.
//
// Instructions that take longer than their least while a path is followed (cm_path_late) move its start.
//
// All paths are forgotten when that changes which they rest on: the flash's timing or contents, traps,
// breakpoints. Blocks in RAM may change, and are in none.
#include "cortexm_native.h"

#define HOT 8          // entries of a block before a path begins with it
#define MOST_LINES 128 // of a path
#define MOST_WAIT 16   // wait states, and one
#define NOWHERE UINT32_MAX // no block's address, even or made odd

void cm_path_init(cortexm_t *c)
{
    c->no_step.gate.address = c->no_link.gate.address = NOWHERE;
    c->no_step.link = &c->no_link;
    c->at = &c->no_step;
    // Large, and not touched before it is used.
    cm_paths_t *ps = c->paths = g_aligned_alloc(1, sizeof *c->paths, 64);
    ps->paths = ps->needs = ps->period = 1;
    ps->steps = ps->lines = ps->uses = ps->links = ps->making = ps->used_n = 0;
    for (unsigned data = 0; data < 2; data++)
        ps->needed[data] = NULL, ps->behind[data] = NULL;
}

void cm_path_add_lines(cortexm_t *c, unsigned n)
{
    for (unsigned data = 0; data < 2; data++) {
        c->paths->needed[data] = g_new0(uint16_t, n);
        c->paths->behind[data] = g_new0(uint32_t, n);
    }
}

void cm_path_clear(cortexm_t *c)
{
    for (unsigned data = 0; data < 2 && c->paths; data++) {
        g_free(c->paths->needed[data]);
        g_free(c->paths->behind[data]);
    }
    g_clear_pointer(&c->paths, g_aligned_free);
}

// ---- Times of use -----------------------------------------------------------------------------------

// Path p began at `start` and was followed up to step `end`. Makes right the stamps of the lines that it came to
// from number `done` on. Its first block may have got its own.
static void used(cortexm_t *c, const cm_path_t *p, uint64_t start, unsigned end, unsigned done)
{
    const cm_paths_t *ps = c->paths;
    int32_t at = start - c->flash.base;
    const cm_path_line_t *l = &ps->line[p->line + done], *last = &ps->line[p->line + p->steps[end].lines];
    for (; l < last; l++) {
        const cm_use_t *u = &ps->use[l->first_use + l->uses - 1];
        while (u->step >= end)
            u--;
        cm_cache_t *cache = &c->flash.cache[l->data];
        int32_t *stamp = &cache->stamp[cache->where[l->line]];
        if (u->step || start != p->entered)
            *stamp = MAX(*stamp, at + (int32_t)u->cum);
    }
}

// From the time when it was last left to earlier ones that had come further.
static void catch_up(cortexm_t *c, cm_path_t *p)
{
    unsigned done = 0;
    while (p->leaves) {
        unsigned end = 0;
        uint64_t left = 0;
        for (uint64_t all = p->leaves; all; all &= all - 1) {
            unsigned i = __builtin_ctzll(all);
            if (p->steps[i].left > left) {
                left = p->steps[i].left;
                end = i;
            }
        }
        for (uint64_t all = p->leaves & ((UINT64_C(2) << end) - 1); all; all &= all - 1)
            p->steps[__builtin_ctzll(all)].left = 0; // what came before tells no more
        p->leaves &= ~((UINT64_C(2) << end) - 1);
        used(c, p, left, end, done);
        done = p->steps[end].lines;
    }
    p->marked = 0;
}

// Makes stamps right.
void cm_path_catch_up(cortexm_t *c)
{
    cm_paths_t *ps = c->paths;
    for (unsigned n = 0; n < ps->used_n; n++)
        catch_up(c, &ps->path[ps->used[n]]);
    ps->used_n = 0;
    ps->period++;
}

bool cm_path_is_behind(const cortexm_t *c, uint32_t line, bool data)
{
    return c->paths->behind[data][line] == c->paths->period;
}

// The path of s is left there.
void cm_path_mark(cortexm_t *c, const cm_step_t *s)
{
    cm_paths_t *ps = c->paths;
    cm_path_t *p = &ps->path[s->path];
    unsigned step = s - p->steps;
    if (!p->leaves)
        ps->used[ps->used_n++] = s->path;
    p->leaves |= UINT64_C(1) << step;
    for (; p->marked < s->lines; p->marked++) {
        const cm_path_line_t *l = &ps->line[p->line + p->marked];
        ps->behind[l->data][l->line] = ps->period;
    }
}

// ---- Lines ------------------------------------------------------------------------------------------

typedef struct lines {
    unsigned n;
    cm_path_line_t at[MOST_LINES];
} lines_t;

static cm_path_line_t *find_line(lines_t *l, uint32_t line, bool data)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->at[i].line == line && l->at[i].data == data)
            return &l->at[i];
    return NULL;
}

static bool add_line(lines_t *l, uint32_t line, bool data, bool needs)
{
    cm_path_line_t *old = find_line(l, line, data);
    if (old) {
        old->needs |= needs;
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

// Opens a gate if all that it needs is in the caches.
bool cm_path_open(cortexm_t *c, cm_gate_t *gate)
{
    cm_need_t *need = &c->paths->need[gate->first];
    for (unsigned i = 0; i < gate->n; i++)
        if (!c->flash.cache[need[i].data].where[need[i].line])
            return false;
    for (unsigned i = 0; i < gate->n; i++) {
        uint16_t *first = &c->paths->needed[need[i].data][need[i].line];
        if (need[i].is_listed)
            continue;
        need[i].is_listed = true;
        need[i].next = *first;
        *first = gate->first + i;
    }
    gate->address &= ~1u;
    return true;
}

// A line leaves its cache.
void cm_path_gone(cortexm_t *c, uint32_t line, bool data)
{
    cm_need_t *need;
    uint16_t *first = &c->paths->needed[data][line];
    for (unsigned i = *first; i; i = need->next) {
        need = &c->paths->need[i];
        need->is_listed = false;
        need->gate->address |= 1;
    }
    *first = 0;
}

// What gate needs of l.
static void add_needs(cortexm_t *c, cm_gate_t *gate, const lines_t *l)
{
    cm_paths_t *ps = c->paths;
    gate->first = ps->needs;
    for (unsigned i = 0; i < l->n; i++)
        if (l->at[i].needs)
            ps->need[ps->needs++] = (cm_need_t){.gate = gate, .line = l->at[i].line, .data = l->at[i].data};
    gate->n = ps->needs - gate->first;
    if (gate->n)
        gate->address |= 1; // until the program comes here
}

// What step s needs that no step before it does: while the path is followed, nothing leaves the caches.
static void add_step_needs(cortexm_t *c, lines_t *all, cm_step_t *s)
{
    lines_t l;
    l.n = 0;
    add_lines(c, &l, &s[-1], s->b, s->cum);
    for (unsigned i = 0; i < l.n; i++) {
        cm_path_line_t *of_all = find_line(all, l.at[i].line, l.at[i].data);
        l.at[i].needs &= of_all && of_all->needs;
        if (l.at[i].needs)
            of_all->needs = false;
    }
    add_needs(c, &s->gate, &l);
}

// ---- Off a path -------------------------------------------------------------------------------------

// Does entering b behind `before` leave the current line what it is?
static bool keeps_line(const cm_block_t *before, const cm_block_t *b)
{
    return !b->lines || (b->lines == 1 && b->line0 == before->line_last);
}

// Since when the current line is that, when step s of a path runs that began at `start`.
static uint64_t line_since(const cortexm_t *c, const cm_step_t *s, uint64_t start)
{
    const cm_path_t *path = c->paths->path;
    if (c->late_start == start && c->late_arrive == s->arrive)
        return c->late_since;
    const cm_block_t *first = path[s->path].steps[0].b;
    if (!s->same)
        return start + s->arrive;
    if (!c->came)
        return c->flash.cur_time; // as it was entered
    const cm_step_t *before = c->came - 1;
    if (!keeps_line(before->b, first))
        return start + first->last_cum;
    if (c->late_start == c->came->left && c->late_arrive == before->arrive)
        return c->late_since;
    if (!before->same)
        return c->came->left + before->arrive;
    return c->came->left + path[before->path].steps[0].b->last_cum; // see link_to
}

void cm_path_left(cortexm_t *c)
{
    cm_step_t *s = c->at, *now = s - 1;
    uint64_t start = c->cycles, before = s->left;
    s->left = start;
    if (!before)
        cm_path_mark(c, s);
    if (c->flash.ws)
        c->flash.cur_time = line_since(c, now, start);
    c->cycles = start + now->cum;
    c->blk = now->b;
    c->place = CM_BLOCK_START;
    if (c->probe_at == s && c->probe_start == start)
        c->next = c->probed = c->probe_ins;
    c->at = &c->no_step;
}

// The instruction that is about to run takes so many cycles more than its least: the path's start moves. That
// makes its times of use later, but not their order. FALSE: it is to be left.
bool cm_path_late(cortexm_t *c, unsigned cycles)
{
    const cm_step_t *s = c->at - 1;
    uint64_t start = c->cycles + cycles;
    cm_path_t *p = &c->paths->path[s->path];
    if (start + p->need > c->gate)
        return false;
    if (p->entered == c->cycles)
        p->entered = start;
    c->late_since = line_since(c, s, c->cycles);
    c->late_start = c->cycles = start;
    c->late_arrive = s->arrive;
    return true;
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
    for (unsigned i = 1; i < ps->needs; i++)
        ps->needed[ps->need[i].data][ps->need[i].line] = 0;
    ps->paths = ps->needs = 1;
    ps->steps = ps->lines = ps->uses = ps->links = 0;
    c->came = c->probe_at = NULL;
}

// Notes the uses of the lines that path p has. FALSE: they are too many.
static bool add_uses(cortexm_t *c, const cm_path_t *p, lines_t *lines)
{
    cm_paths_t *ps = c->paths;
    unsigned most = ps->uses + CM_PATH_USES;
    for (cm_path_line_t *l = lines->at; l < &lines->at[lines->n]; l++) {
        l->first_use = ps->uses;
        for (unsigned n = 0; n < p->n; n++) {
            const cm_step_t *s = &p->steps[n];
            const cm_block_t *b = s->b;
            bool has = !l->data && l->line - b->line0 < b->lines;
            for (unsigned i = 0; i < b->literals && l->data && !has; i++)
                has = b->literal[i] == l->line;
            if (!has)
                continue;
            if (ps->uses == most)
                return false;
            ps->use[ps->uses++] = (cm_use_t){n, s->cum + (l->data ? 0 : b->line_cum[l->line - b->line0])};
        }
        l->uses = ps->uses - l->first_use;
    }
    return true;
}

// Ends the path that is being made, and makes it known.
void cm_path_end(cortexm_t *c)
{
    cm_paths_t *ps = c->paths;
    unsigned index = ps->making, n = 1, whole = 1, uses = ps->uses;
    if (!index)
        return;
    ps->making = 0;
    cm_path_t *p = &ps->path[index];
    lines_t all;
    all.n = 0;
    if (c->flash.ws)
        add_first(&all, p->steps[0].b);
    for (; n < p->n; n++) {
        cm_step_t *s = &p->steps[n];
        s->lines = all.n;
        if (c->flash.ws && !add_lines(c, &all, &s[-1], s->b, s->cum))
            break;
        if (s->b == p->steps[0].b) // better an end where it begins
            whole = n;
    }
    p->n = whole > n / 2 ? whole : n;
    if (p->n < n)
        all.n = p->steps[p->n].lines;
    if (p->n < 3 || !add_uses(c, p, &all)) {
        ps->uses = uses;
        return;
    }
    for (unsigned i = 0; i < p->n; i++)
        p->need = MAX(p->need, p->steps[i].cum + p->steps[i].b->worst);
    for (unsigned i = 1; i < p->n && c->flash.ws; i++)
        add_step_needs(c, &all, &p->steps[i]);
    p->steps[p->n] = (cm_step_t){.gate = {.address = NOWHERE}, .link = &c->no_link, .path = index,
                                   .lines = all.n};
    p->line = ps->lines;
    p->lines = all.n;
    for (unsigned i = 0; i < all.n; i++)
        ps->line[ps->lines++] = all.at[i];
    ps->steps += p->n + 1;
    ps->paths++;
    p->steps[0].b->path = index;
}

static void add(cortexm_t *c, cm_block_t *b, unsigned cost)
{
    cm_path_t *p = &c->paths->path[c->paths->making];
    cm_step_t *s = &p->steps[p->n];
    *s = (cm_step_t){.gate = {.address = b->address}, .b = b, .same = true, .link = &c->no_link,
                     .arrive = b->lines ? b->last_cum : 0, .path = c->paths->making};
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
        ps->steps + CM_PATH_STEPS + 1 > G_N_ELEMENTS(ps->step) || ps->links == G_N_ELEMENTS(ps->link) ||
        ps->uses + CM_PATH_USES > G_N_ELEMENTS(ps->use) || ps->needs + MOST_LINES > CM_NEEDS)
        cm_path_forget_all(c);
    ps->making = ps->paths;
    ps->path[ps->making] = (cm_path_t){.steps = &ps->step[ps->steps]};
    add(c, b, 0);
}

static bool may_be_in(const cortexm_t *c, const cm_block_t *b)
{
    return !b->copy && (b->lines || !c->flash.ws) && b->lines <= 16;
}

static void link_to(cortexm_t *c, cm_step_t *from, const cm_path_t *to, const cm_block_t *b, unsigned cost)
{
    cm_paths_t *ps = c->paths;
    const cm_step_t *before = from - 1;
    uint32_t delta = before->cum + cost;
    lines_t l;
    l.n = 0;
    if ((from->gate.address & ~1u) == b->address || ps->links == G_N_ELEMENTS(ps->link))
        return; // it is waiting for a line; many
    for (const cm_link_t *old = from->links; old; old = old->next)
        if ((old->gate.address & ~1u) == b->address)
            return;
    if (c->flash.ws && !add_lines(c, &l, before, b, delta))
        return;
    // line_since goes back to the start of this path: the line that came before that must be long past.
    const cm_block_t *first = ps->path[before->path].steps[0].b;
    if (c->flash.ws && before->same && keeps_line(before->b, b) && first->lines == 1 && delta < MOST_WAIT)
        return;
    if (ps->needs + l.n > CM_NEEDS)
        return;
    cm_link_t *link = &ps->link[ps->links++];
    *link = (cm_link_t){.gate = {.address = b->address}, .delta = delta, .need = to->need, .to = to->steps + 1,
                        .next = from->links};
    add_needs(c, &link->gate, &l);
    from->link = from->links = link;
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
        if (c->cycles + path->need <= c->gate) {
            c->came = NULL;
            path->entered = c->cycles;
            c->at = path->steps + 1;
        }
    } else if (++b->hits == HOT && may_be_in(c, b)) { // again when that has gone round
        cm_native_hot(c, b);
        if (!(b->flags & BF_NATIVE))
            begin(c, b);
    }
}
