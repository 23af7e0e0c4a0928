/* SPDX-License-Identifier: MIT
 * microbit_font.c: pictures of the characters from '!' to '~', five rows of five dots: the uppermost left dot is bit 24.
 */
#include "microbit.h"

static const uint32_t glyphs[] = {
    0x0421004, 0x0a50000, 0x0afabea, 0x0ea38ae, 0x1991133, 0x0c9324d, 0x0420000, 0x0221082, 0x0821088, 0x0051140,
    0x0023880, 0x0000088, 0x0003800, 0x0000080, 0x0111110, 0x0c94a4c, 0x046108e, 0x1c1321e, 0x1e1124c, 0x0654be2,
    0x1f8783e, 0x0223a2e, 0x1f11110, 0x0e8ba2e, 0x0e8b888, 0x0020080, 0x0020088, 0x0222082, 0x00701c0, 0x0820888,
    0x0e89804, 0x0e8d66c, 0x0c97a52, 0x1c9725c, 0x0e8420e, 0x1c94a5c, 0x1e8721e, 0x1e87210, 0x0e84e2e, 0x1297a52,
    0x1c4211c, 0x1f10a4c, 0x12a6292, 0x108421e, 0x11dd631, 0x11cd671, 0x0c94a4c, 0x1c97210, 0x0c94986, 0x1c97251,
    0x0e8305c, 0x1f21084, 0x1294a4c, 0x118c544, 0x118d771, 0x1293252, 0x1151084, 0x1e2221e, 0x0c4210c, 0x1041041,
    0x0c2108c, 0x0450000, 0x000001f, 0x0820000, 0x0074a4f, 0x108725c, 0x007420e, 0x0213a4e, 0x0c9720e, 0x0647108,
    0x0e9384c, 0x1087252, 0x0802108, 0x020084c, 0x10a6292, 0x0842106, 0x00dd631, 0x00e4a52, 0x0064a4c, 0x00e4b90,
    0x00749c2, 0x0074210, 0x0032098, 0x084390f, 0x0094a4f, 0x008c544, 0x008c6bb, 0x0093192, 0x008a898, 0x00f111e,
    0x0623086, 0x0421084, 0x0c2188c, 0x0003060,
};
enum { FIRST = '!', BLANK_WIDTH = 2 };

unsigned font_row(unsigned c, unsigned y)
{
    if (c == ' ')
        return 0;
    if (c < FIRST || c >= FIRST + COUNT_OF(glyphs))
        c = '?';
    return glyphs[c - FIRST] >> (20 - 5 * y) & 31;
}

void font_trim(unsigned c, unsigned *first, unsigned *width)
{
    unsigned all = 0;
    for (unsigned y = 0; y < 5; y++)
        all |= font_row(c, y);
    *first = 0;
    *width = BLANK_WIDTH;
    if (!all)
        return;
    while (!(all >> (4 - *first) & 1))
        ++*first;
    *width = 5 - *first;
    while (!(all >> (5 - *first - *width) & 1))
        --*width;
}
