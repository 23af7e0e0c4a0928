// SPDX-License-Identifier: GPL-2.0-or-later
// The mixed workload as an image: prints its checksum, then how many CPU cycles it took where there
// is a cycle counter, else 0.
#include "mix.h"
#include "start.h"

#define DEMCR REGISTER(0xE000EDFC)
#define DWT_CTRL REGISTER(0xE0001000)
#define DWT_CYCCNT REGISTER(0xE0001004)

int main(void)
{
    start_clock();
    DEMCR |= 1u << 24; // trace on
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
    start_print("checksum", mix_run(ROUNDS));
    start_print("cycles", DWT_CYCCNT);
    return 0;
}
