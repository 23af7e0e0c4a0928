/* SPDX-License-Identifier: MIT
 * port.h: what the core needs from what is around it (ports/, modules/). Nothing else.
 */
#ifndef ADDER_PORT_H
#define ADDER_PORT_H

#include "vm.h"

/* Standard output (the prompt's terminal). Text as it is; '\n' is translated by the port. */
void port_write(const char *text, size_t len);

/* Standard input: the terminal's next byte. Waits, handling what is pending (so it may raise
 * KeyboardInterrupt); -1 when there is no more, which devices never say. */
int port_read(void);
/* This byte raises KeyboardInterrupt instead of being read: 3 while a program runs, -1 for never. */
void port_interrupt_char(int c);

/* Files for import: what is at this path? */
typedef enum { PATH_NONE, PATH_FILE, PATH_DIR } path_kind_t;
path_kind_t port_path_kind(const char *path);
/* Open for reading as source text; raises OSError. port_close is called in any case. */
void port_open(reader_t *r, const char *path);
void port_close(reader_t *r);

/* The machine cannot go on (corrupt heap). Says why and stops or resets. */
_Noreturn void port_fatal(const char *why);

#endif
