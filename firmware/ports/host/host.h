/* SPDX-License-Identifier: MIT
 * host.h: what the host port's files share.
 */
#ifndef ADDER_HOST_H
#define ADDER_HOST_H

#include <stdbool.h>

/* A prompt on the terminal: '\n' is sent as "\r\n". */
void host_terminal(bool on);
void host_on_interrupt(void (*handler)(void)); /* Ctrl-C */
bool host_stdin_wait(int timeout_ms); /* a byte can be read, or the input has ended */

#endif
