/* SPDX-License-Identifier: MIT
 * wait.h: sleeping in natives: what is pending is handled meanwhile, and Ctrl-C ends it.
 */
#ifndef ADDER_WAIT_H
#define ADDER_WAIT_H

#include <stdint.h>

void wait_us(uint64_t us);

#endif
