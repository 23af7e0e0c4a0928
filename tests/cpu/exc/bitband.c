// SPDX-License-Identifier: GPL-2.0-or-later
// Bit-band aliases of RAM and of a peripheral, in all widths.
#include "guest.h"

static volatile uint32_t word;

static volatile uint32_t *alias(volatile void *at, unsigned bit)
{
    uint32_t a = (uint32_t)at;
    return (volatile uint32_t *)((a & 0xF0000000) + 0x02000000 + (a & 0xFFFFF) * 32 + bit * 4);
}

void image(void)
{
    word = 0x80000001;
    EQ(*alias(&word, 0), 1);
    EQ(*alias(&word, 1), 0);
    EQ(*alias(&word, 31), 1);
    *alias(&word, 4) = 1;
    EQ(word, 0x80000011);
    *alias(&word, 31) = 0xFE; // only bit 0 counts
    EQ(word, 0x00000011);
    *(volatile uint8_t *)alias(&word, 17) = 0xFF;
    EQ(word, 0x00020011);
    *(volatile uint16_t *)alias(&word, 30) = 1;
    EQ(word, 0x40020011);
    EQ(*(volatile uint8_t *)alias(&word, 30), 1);
    // In the middle of a block with other stores, and in a loop.
    for (unsigned i = 0; i < 32; i++) {
        word = ~0u;
        *alias(&word, i) = 0;
        EQ(word, ~(1u << i));
    }
    BOX_DELAY = 0;
    *alias(&BOX_DELAY, 7) = 1;
    EQ(BOX_DELAY, 0x80);
    BOX_DELAY = 0x180;
    *alias(&BOX_DELAY, 7) = 0;
    EQ(BOX_DELAY, 0x100);
    EQ(*alias(&BOX_DELAY, 8), 1);
}
