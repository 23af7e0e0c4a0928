// SPDX-License-Identifier: GPL-2.0-or-later
// Links to the host: standard input and output, a pseudo-terminal, a TCP port with or without RFC 2217.
// See link.h.
#include "link.h"
#include "host/rfc2217.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CTRL_RIGHT_BRACKET = 0x1D, OUT_MAX = 4096, IN_MAX = 512, DEFAULT_BAUD = 115200 };

typedef enum { LINK_NONE, LINK_STDIO, LINK_PTY, LINK_TCP, LINK_RFC2217 } link_kind_t;

struct link {
    link_kind_t kind;
    int in, out;          // descriptors, -1 = none
    int slave;            // of the pseudo-terminal: kept open so that clients may come and go
    GSocket *listener, *client;
    char *where;
    struct termios saved; // of the terminal
    bool raw, eof, quit, held_cr;
    uint8_t buffer[OUT_MAX];
    size_t buffered;
    rfc2217_t telnet;
    uint8_t raw_in[IN_MAX]; // from the client of RFC 2217, not yet taken apart
    size_t raw_got, raw_taken;
    GByteArray *held;       // data for a client that takes none now
};

// ---- Opening ----------------------------------------------------------------------------------------

static void open_stdio(link_t *l)
{
    l->kind = LINK_STDIO;
    l->in = STDIN_FILENO;
    l->out = STDOUT_FILENO;
    if (isatty(l->in) && tcgetattr(l->in, &l->saved) == 0) {
        struct termios raw = l->saved;
        cfmakeraw(&raw);
        raw.c_oflag = l->saved.c_oflag;
        l->raw = tcsetattr(l->in, TCSADRAIN, &raw) == 0;
    }
}

static bool open_pty(link_t *l, GError **error)
{
    l->kind = LINK_PTY;
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    const char *name = fd >= 0 && !grantpt(fd) && !unlockpt(fd) ? ptsname(fd) : NULL;
    l->slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    struct termios raw;
    if (l->slave < 0 || tcgetattr(l->slave, &raw) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot open a pseudo-terminal: %s", g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    cfmakeraw(&raw);
    tcsetattr(l->slave, TCSANOW, &raw);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    l->in = l->out = fd;
    l->where = g_strdup_printf("pty %s", name);
    return true;
}

static bool open_tcp(link_t *l, link_kind_t kind, const char *spec, GError **error)
{
    const char *port_text = strchr(spec, ':') + 1;
    g_autofree char *scheme = g_strndup(spec, port_text - spec - 1);
    guint64 port;
    l->kind = kind;
    if (!g_ascii_string_to_unsigned(port_text, 10, 0, 65535, &port, NULL)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "--serial %s:PORT wants a port from 0 to 65535, not '%s'", scheme, port_text);
        return false;
    }
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(loopback, port);
    l->listener = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                               error);
    if (!l->listener)
        return false;
    g_socket_set_blocking(l->listener, FALSE);
    if (!g_socket_bind(l->listener, address, TRUE, error) ||
        !g_socket_listen(l->listener, error)) {
        g_prefix_error(error, "serial port on %s: ", spec);
        return false;
    }
    g_autoptr(GSocketAddress) local = g_socket_get_local_address(l->listener, NULL);
    l->where = g_strdup_printf("%s%s127.0.0.1:%u", scheme, kind == LINK_TCP ? " " : "://",
                               g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local)));
    return true;
}

static bool open_rfc2217(link_t *l, const char *spec, GError **error)
{
    rfc2217_init(&l->telnet, DEFAULT_BAUD);
    l->held = g_byte_array_new();
    return open_tcp(l, LINK_RFC2217, spec, error);
}

link_t *link_open(const char *spec, GError **error)
{
    link_t *l = g_new0(link_t, 1);
    l->in = l->out = l->slave = -1;
    bool ok = true;
    if (!strcmp(spec, "stdio"))
        open_stdio(l);
    else if (!strcmp(spec, "pty"))
        ok = open_pty(l, error);
    else if (g_str_has_prefix(spec, "tcp:"))
        ok = open_tcp(l, LINK_TCP, spec, error);
    else if (g_str_has_prefix(spec, "rfc2217:"))
        ok = open_rfc2217(l, spec, error);
    else if (strcmp(spec, "none") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "--serial wants stdio, pty, tcp:PORT, rfc2217:PORT or none, not '%s'", spec);
        ok = false;
    }
    if (!ok)
        g_clear_pointer(&l, link_close);
    return l;
}

void link_close(link_t *l)
{
    if (!l)
        return;
    link_flush(l);
    if (l->raw)
        tcsetattr(l->in, TCSADRAIN, &l->saved);
    if (l->kind == LINK_PTY) {
        if (l->in >= 0)
            close(l->in);
        if (l->slave >= 0)
            close(l->slave);
    }
    g_clear_object(&l->client);
    g_clear_object(&l->listener);
    rfc2217_clear(&l->telnet);
    if (l->held)
        g_byte_array_unref(l->held);
    g_free(l->where);
    g_free(l);
}

// ---- Asking -----------------------------------------------------------------------------------------

const char *link_where(const link_t *l) { return l->where; }
bool link_quit(const link_t *l) { return l->quit; }
bool link_eof(const link_t *l) { return l->eof; }
bool link_is_terminal(const link_t *l) { return l->raw; }
bool link_is_script(const link_t *l) { return l->kind == LINK_STDIO && !l->raw; }

unsigned link_poll_fds(const link_t *l, GPollFD *fds, unsigned max)
{
    int fd = l->listener ? g_socket_get_fd(l->client ? l->client : l->listener) : l->in;
    if (fd < 0 || l->eof || !max)
        return 0;
    fds[0] = (GPollFD){.fd = fd, .events = G_IO_IN};
    return 1;
}

// ---- Bytes in ---------------------------------------------------------------------------------------

static void put(link_t *l, const uint8_t *bytes, size_t n);

static void put_replies(link_t *l)
{
    put(l, l->telnet.replies->data, l->telnet.replies->len);
    g_byte_array_set_size(l->telnet.replies, 0);
    link_flush(l);
}

static bool accept_client(link_t *l)
{
    l->client = g_socket_accept(l->listener, NULL, NULL);
    if (!l->client)
        return false;
    g_socket_set_blocking(l->client, FALSE);
    g_socket_set_option(l->client, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, NULL);
    if (l->kind == LINK_RFC2217) {
        l->raw_got = l->raw_taken = l->buffered = 0;
        rfc2217_open(&l->telnet);
        put_replies(l);
    }
    return l->client;
}

static size_t read_tcp(link_t *l, uint8_t *to, size_t n)
{
    if (!l->client && !accept_client(l))
        return 0;
    g_autoptr(GError) error = NULL;
    gssize got = g_socket_receive(l->client, (char *)to, n, NULL, &error);
    if (got > 0)
        return got;
    if (got == 0 || !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_clear_object(&l->client); // gone: the next one may come
    return 0;
}

static size_t read_rfc2217(link_t *l, uint8_t *to, size_t n)
{
    size_t data = 0;
    if (!l->client && (l->telnet.lines || l->telnet.brk))
        return 0; // what the last one left comes first: see link_control
    while (!data && !l->telnet.has_control) {
        if (l->raw_taken == l->raw_got) {
            l->raw_taken = 0;
            l->raw_got = read_tcp(l, l->raw_in, IN_MAX);
        }
        size_t rest = MIN(l->raw_got - l->raw_taken, n);
        if (!rest)
            break;
        l->raw_taken += rfc2217_read(&l->telnet, l->raw_in + l->raw_taken, rest, to, &data);
        put_replies(l);
    }
    return data;
}

bool link_control(link_t *l, serial_control_t *to)
{
    if (l->kind != LINK_RFC2217)
        return false;
    return rfc2217_control(&l->telnet, to) || (!l->client && rfc2217_closed(&l->telnet, to));
}

static size_t read_fd(link_t *l, uint8_t *to, size_t n)
{
    GPollFD fd = {.fd = l->in, .events = G_IO_IN};
    if (l->in < 0 || l->eof || g_poll(&fd, 1, 0) <= 0)
        return 0;
    ssize_t got = read(l->in, to, n);
    if (l->kind == LINK_STDIO && (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)))
        l->eof = true;
    return got > 0 ? got : 0;
}

size_t link_read(link_t *l, uint8_t *to, size_t n)
{
    if (l->kind == LINK_TCP)
        return read_tcp(l, to, n);
    if (l->kind == LINK_RFC2217)
        return read_rfc2217(l, to, n);
    size_t got = read_fd(l, to, n);
    if (l->raw) {
        uint8_t *stop = memchr(to, CTRL_RIGHT_BRACKET, got);
        if (stop) {
            l->quit = true;
            got = stop - to;
        } else if (l->eof) {
            l->quit = true; // the terminal hung up
        }
    }
    return got;
}

// ---- Bytes out --------------------------------------------------------------------------------------

static void write_fd(link_t *l)
{
    size_t done = 0;
    while (done < l->buffered) {
        ssize_t n = write(l->out, l->buffer + done, l->buffered - done);
        if (n > 0) {
            done += n;
        } else if (n < 0 && errno == EAGAIN && l->kind == LINK_STDIO) {
            GPollFD fd = {.fd = l->out, .events = G_IO_OUT};
            g_poll(&fd, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            // A pseudo-terminal that nobody reads is full: those bytes are lost, as on a real wire.
            l->quit = l->kind == LINK_STDIO;
            break;
        }
    }
}

static void write_tcp(link_t *l)
{
    size_t done = 0;
    while (done < l->buffered) {
        g_autoptr(GError) error = NULL;
        gssize n = g_socket_send(l->client, (char *)l->buffer + done, l->buffered - done, NULL, &error);
        if (n > 0) {
            done += n;
        } else if (error && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            break;
        } else {
            g_clear_object(&l->client);
            done = l->buffered;
        }
    }
    l->buffered -= done; // what is left is tried again until the buffer is full
    memmove(l->buffer, l->buffer + done, l->buffered);
}

void link_flush(link_t *l)
{
    if (l->buffered && l->client) {
        write_tcp(l);
        return;
    }
    if (l->buffered && l->out >= 0)
        write_fd(l);
    l->buffered = 0;
}

// All of the bytes or none: a client that does not read loses some, the board does not wait.
static void put(link_t *l, const uint8_t *bytes, size_t n)
{
    if (l->buffered + n > OUT_MAX)
        link_flush(l);
    if (n > OUT_MAX - l->buffered)
        return;
    memcpy(l->buffer + l->buffered, bytes, n);
    l->buffered += n;
}

static void put_plain(link_t *l, uint8_t byte)
{
    // Standard output gets the host's line ends, CR LF becomes LF; a terminal adds its own CR.
    if (l->held_cr && byte != '\n')
        put(l, (const uint8_t *)"\r", 1);
    l->held_cr = byte == '\r';
    if (!l->held_cr)
        put(l, &byte, 1);
}

static void put_telnet(link_t *l, uint8_t byte)
{
    uint8_t two[2];
    put(l, two, rfc2217_escape(byte, two));
}

static void write_rfc2217(link_t *l, const uint8_t *bytes, size_t n)
{
    if (l->telnet.suspended) {
        g_byte_array_append(l->held, bytes, MIN(n, OUT_MAX - l->held->len));
        return;
    }
    for (guint i = 0; i < l->held->len; i++)
        put_telnet(l, l->held->data[i]);
    g_byte_array_set_size(l->held, 0);
    for (size_t i = 0; i < n; i++)
        put_telnet(l, bytes[i]);
}

void link_write(link_t *l, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    if (l->kind == LINK_RFC2217) {
        write_rfc2217(l, b, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (l->kind == LINK_STDIO)
            put_plain(l, b[i]);
        else
            put(l, b + i, 1);
}
