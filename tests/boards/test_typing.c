// SPDX-License-Identifier: GPL-2.0-or-later
// Typing at full speed, bytes back to back, at the prompt of Adder on the micro:bit: nothing is lost, at
// 115200 and at 9600 baud, in lines much longer than any buffer.
#include "bare.h"

static const char *image;

static void start(bare_t *b)
{
    bare_init(b, "microbit", image);
    bare_start(b, 300 * PS_PER_MS,
               "Adder v" SOLDERLESS_VERSION "; micro:bit with nRF51822\r\nType \"help()\" for more information.\r\n>>> ");
}

static void expect(bare_t *b, const char *letters, uint64_t ps, const char *says)
{
    const char *got = bare_ask(b, letters, ps);
    if (!strstr(got, says))
        g_error("typed '%s', got '%s', not '%s'", letters, got, says);
    g_assert_cmpstr(b->reports->str, ==, "");
}

// A line of n characters, all different from their neighbours, and a sum over it.
static void long_line(bare_t *b, unsigned n, unsigned baud)
{
    g_autoptr(GString) line = g_string_new("x = '");
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++) {
        char c = "etaoinshrdlu0123456789 .,"[(i * i + i / 7) % 25];
        g_string_append_c(line, c);
        sum += (i + 1) * (unsigned char)c;
    }
    g_autofree char *echo = g_strdup_printf("%s'\r\n>>> ", line->str);
    g_string_append(line, "'\r");
    expect(b, line->str, (line->len + 400) * 10 * PS_PER_S / baud, echo);
    g_autofree char *answer = g_strdup_printf("\r\n(%u, %u)\r\n>>> ", n, sum);
    expect(b, "len(x), sum((i + 1) * ord(x[i]) for i in range(len(x)))\r", PS_PER_S, answer);
}

static void full_speed(void)
{
    bare_t b = {0};
    start(&b);
    long_line(&b, 30, 115200);
    long_line(&b, 300, 115200);
    long_line(&b, 600, 115200);
    bare_clear(&b);
}

// Tools send many lines at once in raw mode, which echoes nothing. (With an echo the board has more to send
// than it gets, and a long enough paste outruns it.)
static void raw(void)
{
    bare_t b = {0};
    g_autoptr(GString) text = g_string_new("n = 0\n");
    for (unsigned i = 0; i < 100; i++)
        g_string_append_printf(text, "n += %u\n", i);
    g_string_append(text, "print('sum', n)\x04");
    start(&b);
    expect(&b, "\x01", PS_PER_S / 10, "raw REPL; CTRL-B to exit\r\n>");
    expect(&b, text->str, PS_PER_S, "OKsum 4950\r\n\x04\x04>");
    bare_clear(&b);
}

static void slow(void)
{
    bare_t b = {0};
    start(&b);
    bare_ask(&b, "import microbit; microbit.uart.init(9600)\r", PS_PER_S / 10);
    serial_control(b.serial, (serial_control_t){SERIAL_BAUD, 9600});
    expect(&b, "\r", PS_PER_S, ">>> ");
    long_line(&b, 600, 9600);
    bare_clear(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    image = argv[1];
    g_test_add_func("/typing/115200", full_speed);
    g_test_add_func("/typing/raw", raw);
    g_test_add_func("/typing/9600", slow);
    return g_test_run();
}
