/* SPDX-License-Identifier: MIT
 * journal.c: see journal.h.
 */
#include "journal.h"
#include <stddef.h>
#include <string.h>

enum { PAGE = 256, NONE = 0xffffffff, MAGIC = 0x4a6f7573 };

typedef struct header {
    uint32_t magic, number;
    uint32_t target; /* address; NONE: the group ends */
    uint32_t sum;    /* CRC-32 of the content, or how many sectors the group has */
    uint32_t check;  /* of the words before */
    uint32_t done;   /* of the last one: all ones until the group is */
    uint32_t unused[2];
} header_t;
enum { HEADER_COUNT = JOURNAL_SECTOR / sizeof(header_t) };

/* A group as mounting finds it. */
typedef struct group {
    uint32_t next; /* number that the next header of it must have */
    unsigned count;
    uint32_t targets[JOURNAL_SPARES], sums[JOURNAL_SPARES];
} group_t;

/* CRC-32 as Ethernet has it; begins and ends with ~0 and its inverse. */
static uint32_t crc32(uint32_t crc, const uint32_t *p, uint32_t words)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    for (; words--; p++) {
        crc ^= *p;
        for (unsigned i = 0; i < 8; i++)
            crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

static uint32_t check_of(const header_t *h) { return ~crc32(NONE, &h->magic, offsetof(header_t, check) / 4); }

static bool is_blank(const uint32_t *p, uint32_t words)
{
    for (; words--; p++)
        if (*p != 0xffffffff)
            return false;
    return true;
}

static uint32_t spare(const journal_t *j, uint32_t number)
{
    return j->flash.headers + (1 + number % JOURNAL_SPARES) * JOURNAL_SECTOR;
}

/* What is blank need not be written. */
static bool program_page(const journal_t *j, uint32_t address, const uint32_t *page)
{
    return is_blank(page, PAGE / 4) || j->flash.program(j->flash.context, address, page, PAGE);
}

static bool copy_sector(const journal_t *j, uint32_t from, uint32_t to)
{
    uint32_t page[PAGE / 4];
    bool ok = j->flash.erase(j->flash.context, to);
    for (uint32_t at = 0; ok && at < JOURNAL_SECTOR; at += PAGE)
        ok = j->flash.read(j->flash.context, from + at, page, PAGE) && program_page(j, to + at, page);
    return ok;
}

/* The targets, and the mark that it is done in the last header. A sector that was put again later is left out. */
static bool carry_out(const journal_t *j, const uint32_t *targets, unsigned count, uint32_t number, unsigned slot)
{
    uint32_t done = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned later = i + 1;
        while (later < count && targets[later] != targets[i])
            later++;
        if (later == count && !copy_sector(j, spare(j, number + i), targets[i]))
            return false;
    }
    return j->flash.program(j->flash.context, j->flash.headers + slot * sizeof(header_t) + offsetof(header_t, done), &done,
                            sizeof done);
}

/* ---- mounting ---- */

static bool valid(const journal_t *j, const header_t *h)
{
    return h->magic == MAGIC && h->check == check_of(h) &&
           (h->target == NONE ||
            (h->target >= j->flash.first && h->target < j->flash.end && h->target % JOURNAL_SECTOR == 0));
}

static bool all_there(const journal_t *j, const group_t *g, uint32_t number)
{
    uint32_t page[PAGE / 4];
    for (unsigned i = 0; i < g->count; i++) {
        uint32_t crc = NONE;
        for (uint32_t at = 0; at < JOURNAL_SECTOR; at += PAGE) {
            if (!j->flash.read(j->flash.context, spare(j, number + i) + at, page, PAGE))
                return false;
            crc = crc32(crc, page, PAGE / 4);
        }
        if (~crc != g->sums[i])
            return false;
    }
    return true;
}

/* One more header of a group; true: it ends the group, which is not done. */
static bool add_header(group_t *g, const header_t *h)
{
    bool follows = g->count && h->number == g->next;
    if (h->target == NONE)
        return follows && h->sum == g->count && h->done == NONE;
    if (!follows || g->count == JOURNAL_SPARES)
        g->count = 0;
    g->targets[g->count] = h->target;
    g->sums[g->count++] = h->sum;
    g->next = h->number + 1;
    return false;
}

/* Find where the journal ends, and carry out what was cut off. Only the last group may be open; a slot that is neither
 * valid nor blank was cut off itself and is passed over. */
void journal_mount(journal_t *j, const journal_flash_t *flash)
{
    header_t h;
    group_t g;
    bool open = false;
    memset(j, 0, sizeof *j);
    j->flash = *flash;
    g.count = 0;
    for (unsigned i = 0; i < HEADER_COUNT; i++) {
        if (!flash->read(flash->context, flash->headers + i * sizeof h, &h, sizeof h))
            return;
        if (is_blank(&h.magic, sizeof h / 4))
            continue;
        if (open) /* and done, without a mark */
            g.count = 0;
        j->slot = (uint16_t)(i + 1);
        open = false;
        if (!valid(j, &h)) {
            g.count = 0;
            continue;
        }
        open = add_header(&g, &h);
        if (h.target == NONE && !open)
            g.count = 0;
        j->number = h.number + 1;
    }
    if (open && all_there(j, &g, g.next - g.count))
        carry_out(j, g.targets, g.count, g.next - g.count, j->slot - 1u);
    j->number++; /* nothing goes on with a group that has no end */
}

/* ---- writing ---- */

uint32_t journal_find(const journal_t *j, uint32_t sector)
{
    for (unsigned i = j->open; i-- > 0;)
        if (j->targets[i] == sector)
            return spare(j, j->number - j->open + i);
    return sector;
}

/* The next header; its slot and number are used up also when it fails, and the group with them. */
static bool append(journal_t *j, uint32_t target, uint32_t sum)
{
    header_t h = {MAGIC, j->number, target, sum, 0, NONE, {NONE, NONE}};
    h.check = check_of(&h);
    uint32_t at = j->flash.headers + j->slot * sizeof h;
    j->number++;
    j->slot++;
    return j->flash.program(j->flash.context, at, &h, sizeof h);
}

static bool give_up(journal_t *j)
{
    j->number++;
    j->open = 0;
    return false;
}

bool journal_put(journal_t *j, uint32_t sector, const uint32_t *data)
{
    if (j->open == JOURNAL_SPARES && !journal_commit(j))
        return false;
    if (!j->open && j->slot + JOURNAL_SPARES + 1 > HEADER_COUNT) { /* all of them are done */
        if (!j->flash.erase(j->flash.context, j->flash.headers))
            return give_up(j);
        j->slot = 0;
    }
    uint32_t to = spare(j, j->number);
    bool ok = j->flash.erase(j->flash.context, to);
    for (uint32_t at = 0; ok && at < JOURNAL_SECTOR; at += PAGE)
        ok = program_page(j, to + at, data + at / 4);
    if (!ok || !append(j, sector, ~crc32(NONE, data, JOURNAL_SECTOR / 4)))
        return give_up(j);
    j->targets[j->open++] = sector;
    return true;
}

bool journal_commit(journal_t *j)
{
    unsigned count = j->open;
    if (!count)
        return true;
    uint32_t number = j->number - count;
    if (!append(j, NONE, count))
        return give_up(j);
    j->open = 0;
    return carry_out(j, j->targets, count, number, j->slot - 1u);
}
