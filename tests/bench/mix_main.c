// SPDX-License-Identifier: GPL-2.0-or-later
// The mixed workload as an image: prints its checksum, then how many CPU cycles it took where there
// is a cycle counter, else 0.
#include "mix.h"
#include "start.h"

int main(void)
{
    start_clock();
    uint32_t before = start_cycles();
    start_print("checksum", mix_run(ROUNDS));
    start_print("cycles", start_cycles() - before);
    return 0;
}
