// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 factory information (nRF51 Series Reference Manual, chapter FICR) and the identification of
// the chip's ROM table: constants in two read-only memories, filled in once. Identifiers, keys and the
// radio's address come from the board's seed; no radio trim (OVERRIDEEN says so).
#include "machine.h"
#include <string.h>

static const struct {
    uint16_t offset;
    uint32_t value;
} words[] = {
    {0x010, 0x400},      // CODEPAGESIZE
    {0x014, 0x100},      // CODESIZE, pages
    {0x02C, 0xFF},       // PPFC: no factory code
    {0x034, 2},          // NUMRAMBLOCK
    {0x038, 0x2000},     // SIZERAMBLOCKS
    {0x03C, 0x2000},
    {0x05C, 0xFFFF00D1}, // CONFIGID: third revision of the chip, no firmware
    {0x0A0, 0xFFFFFFFF}, // DEVICEADDRTYPE: random
    {0x0AC, 0xFFFFFFFF}, // OVERRIDEEN
};

// DEVICEID, ER, IR, DEVICEADDR.
static const struct {
    uint16_t offset, count;
} random_words[] = {{0x060, 2}, {0x080, 4}, {0x090, 4}, {0x0A4, 2}};

// Peripheral id of Nordic's ROM table, which drivers read to tell the revision.
static const struct {
    uint16_t offset;
    uint32_t value;
} rom_words[] = {{0xFE0, 0x01}, {0xFE8, 0x70}};

static void put(mem_t *mem, uint32_t offset, uint32_t value)
{
    memcpy(mem->data + offset, &value, 4);
}

static bool ficr_init(part_t *p, GError **error)
{
    mem_t *mem = bus_mem_named(p->m->bus, "ficr"), *rom = bus_mem_named(p->m->bus, "romtable");
    memset(mem->data, 0xFF, mem->size);
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        put(mem, words[i].offset, words[i].value);
    for (unsigned i = 0; i < G_N_ELEMENTS(random_words); i++)
        for (unsigned n = 0; n < random_words[i].count; n++)
            put(mem, random_words[i].offset + 4 * n, machine_random(p->m));
    for (unsigned i = 0; i < G_N_ELEMENTS(rom_words); i++)
        put(rom, rom_words[i].offset, rom_words[i].value);
    return true;
}

const part_class_t nrf51_ficr_class = {
    .name = "nrf51-ficr",
    .brief = "nRF51 factory information",
    .size = sizeof(part_t),
    .init = ficr_init,
};
