/* SPDX-License-Identifier: MIT
 * disk_log.c: see disk_log.h.
 */
#include "disk_log.h"
#include <string.h>

enum { MAGIC = 0x676f4c41, WORDS = DISK_LOG_BLOCK / 4, SLOTS = DISK_LOG_SLOTS, FIRST = DISK_LOG_FIRST };

typedef struct head {
    uint32_t magic, number, zero, check;
} head_t;

typedef struct record {
    uint32_t block; /* and the group's length in the last one */
    uint32_t group; /* 0: a copy of an older one, which counts by itself */
    uint32_t sum, check;
} record_t;

/* FNV-1a by words. */
static uint32_t sum_of(const void *data, unsigned words)
{
    const uint32_t *p = data;
    uint32_t sum = 0x811c9dc5;
    for (unsigned i = 0; i < words; i++)
        sum = (sum ^ p[i]) * 0x01000193;
    return sum;
}

static bool is_blank(const void *data, unsigned words)
{
    const uint32_t *p = data;
    for (unsigned i = 0; i < words; i++)
        if (p[i] != 0xffffffff)
            return false;
    return true;
}

/* ---- places: sector of the log * SLOTS + slot; slot 0 is never one ---- */

static unsigned place_of(uint32_t number, unsigned slot) { return number % DISK_LOG_SECTORS * SLOTS + slot; }

static const uint8_t *sector_data(const disk_log_t *l, uint32_t number)
{
    return l->flash.log + place_of(number, 0) * DISK_LOG_BLOCK;
}

static const record_t *record_at(const disk_log_t *l, unsigned place)
{
    const uint8_t *sector = l->flash.log + place / SLOTS * DISK_LOG_SECTOR;
    return (const record_t *)(const void *)(sector + place % SLOTS * sizeof(record_t));
}

static const uint8_t *data_at(const disk_log_t *l, unsigned place) { return l->flash.log + place * DISK_LOG_BLOCK; }

static unsigned block_of(const record_t *r) { return r->block & 0xffff; }

static bool valid(const disk_log_t *l, unsigned place)
{
    const record_t *r = record_at(l, place);
    return r->check == sum_of(r, 3) && block_of(r) < l->flash.blocks && r->sum == sum_of(data_at(l, place), WORDS);
}

static bool has_head(const disk_log_t *l, uint32_t number)
{
    const head_t *h = (const head_t *)(const void *)sector_data(l, number);
    return number && h->magic == MAGIC && h->number == number && h->check == sum_of(h, 3);
}

/* ---- reading ---- */

static void take(disk_log_t *l, unsigned place, unsigned count)
{
    for (unsigned i = place + 1 - count; i <= place; i++)
        l->where[block_of(record_at(l, i))] = (uint16_t)i;
}

/* A group lies in one sector, in neighbouring slots. */
static void scan(disk_log_t *l, uint32_t number)
{
    unsigned run = 0, place = place_of(number, FIRST);
    uint32_t group = 0;
    l->slot = FIRST;
    for (unsigned slot = FIRST; slot < SLOTS; slot++, place++) {
        const record_t *r = record_at(l, place);
        if (is_blank(r, sizeof *r / 4) && is_blank(data_at(l, place), WORDS)) {
            run = 0;
            continue;
        }
        l->slot = (uint16_t)(slot + 1);
        if (!valid(l, place)) {
            run = 0;
            continue;
        }
        run = r->group == group ? run + 1 : 1;
        group = r->group;
        if (group >= l->group)
            l->group = group + 1;
        unsigned length = r->block >> 16;
        if (length && length == run)
            take(l, place, length);
        if (length)
            run = 0;
    }
}

void disk_log_mount(disk_log_t *l, const disk_log_flash_t *flash)
{
    memset(l, 0, sizeof *l);
    l->flash = *flash;
    l->group = 1;
    for (unsigned i = 0; i < DISK_LOG_SECTORS; i++) {
        uint32_t number = ((const head_t *)(const void *)(flash->log + i * DISK_LOG_SECTOR))->number;
        if (number % DISK_LOG_SECTORS == i && number > l->sector && has_head(l, number))
            l->sector = number;
    }
    if (!l->sector)
        return;
    if (has_head(l, l->sector - 1))
        scan(l, l->sector - 1);
    scan(l, l->sector);
    /* What comes next may have been cut off while it was programmed, and only look blank. */
    if (l->slot < SLOTS)
        l->slot++;
}

const uint8_t *disk_log_block(const disk_log_t *l, uint32_t block)
{
    return l->where[block] ? data_at(l, l->where[block]) : l->flash.home + block * DISK_LOG_BLOCK;
}

/* ---- writing ---- */

/* The data, then what makes it count. */
static bool put(const disk_log_t *l, unsigned place, uint32_t block, uint32_t group, const uint8_t *data)
{
    const uint32_t *words = (const uint32_t *)(const void *)data;
    record_t r = {block, group, sum_of(words, WORDS), 0};
    r.check = sum_of(&r, 3);
    uint32_t at = (uint32_t)((const uint8_t *)record_at(l, place) - l->flash.log);
    return l->flash.program(l->flash.context, place * DISK_LOG_BLOCK, words, WORDS) &&
           l->flash.program(l->flash.context, at, &r.block, sizeof r / 4);
}

/* Goes on in the next sector, with what is still of use in the one before the last. Until the header is written all is as it
 * was. Of its first round the sectors may be as they came from the factory. */
static bool open_sector(disk_log_t *l)
{
    uint32_t number = l->sector + 1;
    unsigned sector = number % DISK_LOG_SECTORS, old = place_of(number + 1, FIRST), place = place_of(number, FIRST);
    bool fresh = number <= DISK_LOG_SECTORS && is_blank(sector_data(l, number), DISK_LOG_SECTOR / 4);
    if (!fresh && !l->flash.erase(l->flash.context, sector))
        return false;
    for (unsigned i = FIRST; number > 2 && i < SLOTS; i++, old++) {
        unsigned block = block_of(record_at(l, old));
        if (block >= l->flash.blocks || l->where[block] != old)
            continue;
        if (!put(l, place, block | 1u << 16, 0, data_at(l, old)))
            return false;
        place++;
    }
    head_t head = {MAGIC, number, 0, 0};
    head.check = sum_of(&head, 3);
    if (!l->flash.program(l->flash.context, sector * DISK_LOG_SECTOR, &head.magic, sizeof head / 4))
        return false;
    l->sector = number;
    l->slot = (uint16_t)(place % SLOTS);
    unsigned copied = place - place_of(number, FIRST);
    if (copied)
        take(l, place - 1, copied);
    return true;
}

bool disk_log_begin(disk_log_t *l, unsigned count)
{
    unsigned room = l->sector ? SLOTS - l->slot : 0;
    l->count = l->done = 0;
    if (!count || count > DISK_LOG_GROUP)
        return false;
    /* A sector may be full of what is still of use; then the one after it is not. */
    for (unsigned i = 0; room < count && i < 3; i++) {
        if (!open_sector(l))
            return false;
        room = SLOTS - l->slot;
    }
    l->count = (uint16_t)count;
    return room >= count;
}

bool disk_log_append(disk_log_t *l, uint32_t block, const uint8_t *data)
{
    if (l->done == l->count)
        return false;
    uint32_t length = l->done + 1 == l->count ? l->count : 0;
    unsigned place = place_of(l->sector, l->slot);
    l->slot++; /* also when it fails: it is no longer blank */
    if (!put(l, place, block | length << 16, l->group, data)) {
        l->group++;
        l->count = l->done = 0;
        return false;
    }
    l->done++;
    if (length) {
        take(l, place, length);
        l->group++;
    }
    return true;
}
