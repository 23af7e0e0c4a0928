// SPDX-License-Identifier: GPL-2.0-or-later
// Links: where the bytes of the board's serial connection go on the host.
//
// A link never blocks and never fails after it has been opened: a client that goes away is waited for
// again, and what the board writes meanwhile is not kept.
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "serial.h"

typedef struct link link_t;

// SPEC: "stdio", "pty", "tcp:PORT" (on the loopback address; port 0 picks one), "rfc2217:PORT" (likewise;
// Telnet by which the client also sets the port: speed, DTR, RTS, break), "none".
link_t *link_open(const char *spec, GError **error);
void link_close(link_t *l); // restores the terminal
// What to tell the user ("pty /dev/pts/3", "tcp 127.0.0.1:4000", "rfc2217://127.0.0.1:4000"), or NULL. Owned by the link.
const char *link_where(const link_t *l);
// Fills up to `max` descriptors to wait for input on; returns how many.
unsigned link_poll_fds(const link_t *l, GPollFD *fds, unsigned max);
// Bytes that have come in, at most n; 0 = none now.
size_t link_read(link_t *l, uint8_t *to, size_t n);
// What the client has set, in its place among the bytes: link_read gives none before it is taken. A client
// that is gone asserts no line any more.
bool link_control(link_t *l, serial_control_t *to);
void link_write(link_t *l, const void *bytes, size_t n);
void link_flush(link_t *l);
bool link_quit(const link_t *l);     // the user typed Ctrl-], or standard output is gone
bool link_eof(const link_t *l);      // standard input is at its end
bool link_is_terminal(const link_t *l); // stdio on a terminal, in raw mode
bool link_is_script(const link_t *l);   // stdio reading from a file or a pipe
