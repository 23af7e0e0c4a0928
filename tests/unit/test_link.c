// SPDX-License-Identifier: GPL-2.0-or-later
// Links: a real pseudo-terminal and a real TCP connection, with clients that come and go.
#include "host/link.h"
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

// Reads until `n` bytes have come; the link never blocks, so ask again while it has nothing.
static void expect_from_link(link_t *l, const char *text)
{
    char got[64] = "";
    size_t n = 0;
    for (int i = 0; i < 2000 && n < strlen(text); i++) {
        n += link_read(l, (uint8_t *)got + n, sizeof got - 1 - n);
        if (n < strlen(text))
            g_usleep(1000);
    }
    g_assert_cmpstr(got, ==, text);
}

static void write_link(link_t *l, const char *text)
{
    link_write(l, text, strlen(text));
    link_flush(l);
}

static void test_pty(void)
{
    g_autoptr(GError) error = NULL;
    link_t *l = link_open("pty", &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(link_where(l), "pty /dev/"));
    for (int round = 0; round < 2; round++) { // the second client works like the first
        int fd = open(link_where(l) + 4, O_RDWR | O_NOCTTY);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, "a\r\x03\x1d", 4), ==, 4); // raw: no key is special
        expect_from_link(l, "a\r\x03\x1d");
        write_link(l, "x\r\n");
        char got[8] = "";
        g_assert_cmpint(read(fd, got, sizeof got), ==, 3);
        g_assert_cmpstr(got, ==, "x\r\n");
        close(fd);
        g_assert_false(link_quit(l));
    }
    for (int i = 0; i < 200; i++) // nobody reads: bytes are lost, nothing blocks
        write_link(l, "0123456789012345678901234567890123456789012345678901234567890123456789");
    link_close(l);
}

static GSocketConnection *connect_to(const link_t *l)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(g_str_has_prefix(link_where(l), "tcp "));
    GSocketConnection *c =
        g_socket_client_connect_to_host(client, link_where(l) + 4, 0, NULL, &error);
    g_assert_no_error(error);
    return c;
}

static void test_tcp(void)
{
    g_autoptr(GError) error = NULL;
    link_t *l = link_open("tcp:0", &error);
    g_assert_no_error(error);
    write_link(l, "lost"); // nobody there yet
    for (int round = 0; round < 2; round++) {
        g_autoptr(GSocketConnection) c = connect_to(l);
        GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(c));
        GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(c));
        g_assert_true(g_output_stream_write_all(out, "hi\x1d", 3, NULL, NULL, NULL));
        expect_from_link(l, "hi\x1d");
        write_link(l, "ok");
        char got[3] = "";
        g_assert_true(g_input_stream_read_all(in, got, 2, NULL, NULL, NULL));
        g_assert_cmpstr(got, ==, "ok");
        g_io_stream_close(G_IO_STREAM(c), NULL, NULL);
        uint8_t byte;
        for (int i = 0; i < 5; i++) // notices that the client is gone
            g_assert_cmpuint(link_read(l, &byte, 1), ==, 0);
        write_link(l, "lost");
    }
    link_close(l);
}

static void expect_control(link_t *l, serial_what_t what, uint32_t value)
{
    serial_control_t c;
    uint8_t byte;
    bool has = false;
    for (int i = 0; i < 2000 && !has; i++) {
        g_assert_cmpuint(link_read(l, &byte, 1), ==, 0);
        has = link_control(l, &c);
        if (!has)
            g_usleep(1000);
    }
    g_assert_true(has);
    g_assert_cmpint(c.what, ==, what);
    g_assert_cmpuint(c.value, ==, value);
}

static void send_all(GOutputStream *out, const char *bytes, size_t n)
{
    g_assert_true(g_output_stream_write_all(out, bytes, n, NULL, NULL, NULL));
}

// A client that sets the port, goes away with its lines asserted, and comes back.
static void test_rfc2217(void)
{
    g_autoptr(GError) error = NULL;
    link_t *l = link_open("rfc2217:0", &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(link_where(l), "rfc2217://127.0.0.1:"));
    write_link(l, "lost");
    for (int round = 0; round < 2; round++) {
        g_autoptr(GSocketClient) client = g_socket_client_new();
        g_autoptr(GSocketConnection) c =
            g_socket_client_connect_to_host(client, link_where(l) + 10, 0, NULL, &error);
        g_assert_no_error(error);
        GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(c));
        GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(c));
        send_all(out, "hi\377\377\377\372\54\5\10\377\360there", 16);
        expect_from_link(l, "hi\377");
        expect_control(l, SERIAL_LINES, SERIAL_DTR);
        expect_from_link(l, "there");
        char got[64];
        write_link(l, "o\377k");
        g_assert_true(g_input_stream_read_all(in, got, 21 + 7 + 4, NULL, NULL, NULL)); // offers, answer, data
        g_assert_cmpmem(got + 21, 11, "\377\372\54\151\10\377\360o\377\377k", 11);
        // Held while it takes nothing, and told before what comes later.
        send_all(out, "\377\372\54\10\377\360s", 7);
        expect_from_link(l, "s");
        write_link(l, "held");
        send_all(out, "\377\372\54\11\377\360r", 7);
        expect_from_link(l, "r");
        write_link(l, "!");
        g_assert_true(g_input_stream_read_all(in, got, 5, NULL, NULL, NULL));
        g_assert_cmpmem(got, 5, "held!", 5);
        g_io_stream_close(G_IO_STREAM(c), NULL, NULL);
        expect_control(l, SERIAL_LINES, 0);
        write_link(l, "lost");
    }
    link_close(l);
}

static void test_mistakes(void)
{
    static const char *const specs[] = {"", "tcp", "tcp:", "tcp:x", "tcp:70000", "tcp:-1", "usb",
                                        "rfc2217", "rfc2217:", "rfc2217:x", "rfc2217:65536"};
    for (unsigned i = 0; i < G_N_ELEMENTS(specs); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(link_open(specs[i], &error));
        g_assert_nonnull(error);
    }
    g_autoptr(GError) error = NULL;
    link_t *first = link_open("tcp:0", NULL);
    g_autofree char *same = g_strdup_printf("tcp:%s", strrchr(link_where(first), ':') + 1);
    g_assert_null(link_open(same, &error)); // in use
    g_assert_true(g_str_has_prefix(error->message, "serial port on tcp:"));
    link_close(first);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/pty", test_pty);
    g_test_add_func("/link/tcp", test_tcp);
    g_test_add_func("/link/rfc2217", test_rfc2217);
    g_test_add_func("/link/mistakes", test_mistakes);
    return g_test_run();
}
