// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes back to back at the prompt of Adder on the pyboard while its flash disk is written: nothing is lost, also
// while a sector is erased, which makes all else stand still for a second. What a file that is still open holds is
// written half a second after the last write, at the prompt of people; while a tool has the prompt (raw mode)
// it is not, because a tool may send as much as it likes.
#include "bare.h"

static const char *image;
enum { FLASH_SR = 0x40023C0C, SR_BSY = 1 << 16 };

static bool busy(bare_t *b)
{
    uint32_t sr = 0;
    g_assert_true(bus_peek(b->m->bus, FLASH_SR, &sr, sizeof sr));
    return sr & SR_BSY;
}

static unsigned steps(bare_t *b)
{
    part_t *flash = machine_part(b->m, "flash");
    return (unsigned)part_prop_get(flash, part_prop_find(flash, "steps"));
}

static void start(bare_t *b)
{
    g_autoptr(GError) error = NULL;
    bare_init(b, "pyboard", image);
    g_assert_true(machine_start(b->m, &error));
    bare_run(b, 3 * PS_PER_S); // the first start makes the file system
    g_assert_true(g_str_has_suffix(b->got->str, "\r\n>>> "));
}

static void say(bare_t *b, const char *text)
{
    g_string_truncate(b->got, 0);
    serial_send(b->serial, text, strlen(text));
}

// Runs until the board has said all of this and no more.
static void expect(bare_t *b, const char *answer)
{
    uint64_t limit = machine_now_ps(b->m) + 5 * PS_PER_S;
    while (b->got->len < strlen(answer) && machine_now_ps(b->m) < limit)
        bare_run(b, PS_PER_MS);
    g_assert_cmpstr(b->got->str, ==, answer);
    g_assert_cmpstr(b->reports->str, ==, "");
}

static void ask(bare_t *b, const char *text, const char *answer)
{
    say(b, text);
    expect(b, answer);
}

// A file with new contents in every round, left open; a line some time later. In some rounds the line meets the write.
static void friendly(void)
{
    bare_t b = {0};
    unsigned met = 0;
    start(&b);
    ask(&b, "f = open('x', 'wb')\r", "f = open('x', 'wb')\r\n>>> ");
    g_autoptr(GString) line = g_string_new("len('");
    for (unsigned i = 0; i < 400; i++)
        g_string_append_c(line, "etaoinshrdlu0123456789 .,"[(i * i + i / 7) % 25]);
    g_string_append(line, "')");
    g_autofree char *answer = g_strdup_printf("%s\r\n400\r\n>>> ", line->str);
    g_string_append_c(line, '\r');
    for (unsigned round = 0; round < 8; round++) {
        g_autofree char *change = g_strdup_printf("n = f.write(b'%c' * 600)", 'a' + round);
        g_autofree char *echo = g_strdup_printf("%s\r\n>>> ", change);
        g_autofree char *keys = g_strdup_printf("%s\r", change);
        ask(&b, keys, echo);
        bare_run(&b, (460 + 4 * round) * PS_PER_MS);
        unsigned before = steps(&b);
        say(&b, line->str);
        expect(&b, answer);
        met += steps(&b) != before;
        bare_run(&b, 2 * PS_PER_S);
    }
    g_assert_cmpuint(met, >=, 4);
    bare_clear(&b);
}

static void enter_raw(bare_t *b)
{
    ask(b, "\r\x03", "\r\n>>> \r\n>>> ");
    ask(b, "\r\x01", "\r\n>>> \r\nraw REPL; CTRL-B to exit\r\n>");
    ask(b, "f = open('x', 'wb')\x04", "OK\x04\x04>");
}

// As mpremote copies a file; the computer takes its time in the middle of every window.
static void paste_mode(void)
{
    bare_t b = {0};
    start(&b);
    enter_raw(&b);
    for (unsigned round = 0; round < 6; round++) {
        g_autoptr(GString) text = g_string_new("n = f.write(b'");
        for (unsigned i = 0; i < 650; i++)
            g_string_append_c(text, (char)('a' + (i * 7 + round) % 26));
        g_string_append(text, "')");
        serial_send(b.serial, "\x05", 1);
        ask(&b, "A\x01", "R\x01"); // and two bytes of which one is 0
        bare_run(&b, PS_PER_MS);
        g_assert_cmpmem(b.got->str, b.got->len, "R\x01\x00\x01", 4);
        for (unsigned at = 0; at < text->len; at += 128) {
            g_autofree char *part = g_strndup(text->str + at, 128);
            say(&b, part);
            if (at % 256 && at + 128 < text->len)
                expect(&b, "\x01");
            bare_run(&b, (300 + 200 * round) * PS_PER_MS);
        }
        ask(&b, "\x04", "\x04\x04\x04>");
    }
    ask(&b, "f.close()\x04", "OK\x04\x04>");
    ask(&b, "d = open('x', 'rb').read()\nprint(len(d), all(d[i] == 97 + (i % 650 * 7 + i // 650) % 26 "
            "for i in range(len(d))))\x04", "OK3900 True\r\n\x04\x04>");
    bare_clear(&b);
}

// Without flow control and with a rest before and within the text: three kilobytes back to back.
static void raw_mode(void)
{
    bare_t b = {0};
    start(&b);
    enter_raw(&b);
    for (unsigned round = 0; round < 8; round++) {
        g_autofree char *change = g_strdup_printf("n = f.write(b'%c' * 600)\x04", 'a' + round);
        ask(&b, change, "OK\x04\x04>");
        g_autoptr(GString) text = g_string_new("n = 0\n");
        for (unsigned i = 0; i < 300; i++)
            g_string_append_printf(text, "n += %u\n", 100 + i);
        g_string_append(text, "print('sum', n)\x04");
        bare_run(&b, (400 + 25 * round) * PS_PER_MS);
        say(&b, "#\n");
        bare_run(&b, (10 + 65 * round) * PS_PER_MS);
        ask(&b, text->str, "OKsum 74850\r\n\x04\x04>");
    }
    // Back at the prompt of people what waits is written.
    unsigned before = steps(&b);
    ask(&b, "\x02", "\r\nAdder v" SOLDERLESS_VERSION "; pyboard v1.1 with STM32F405RG\r\n"
                    "Type \"help()\" for more information.\r\n>>> ");
    bare_run(&b, 50 * PS_PER_MS);
    g_assert_cmpuint(steps(&b), >, before + 2 * 128);
    ask(&b, "7\r", "7\r\n7\r\n>>> ");
    bare_clear(&b);
}

// Writes files until a sector is being erased, and has been for some milliseconds.
static void until_erase(bare_t *b)
{
    uint64_t limit = machine_now_ps(b->m) + 60 * PS_PER_S;
    unsigned before = 0;
    for (unsigned ms = 0; ms < 5; ms = busy(b) && steps(b) == before ? ms + 1 : 0) {
        before = steps(b);
        bare_run(b, PS_PER_MS);
        g_assert_cmpuint(machine_now_ps(b->m), <, limit);
    }
}

static const char churn[] = "def churn():\n  while busy:\n    with open('x', 'w') as f: n = f.write('-' * 20000)\n"
                            "busy = True\nn = 0\n";

// Eight kilobytes arrive while nothing but the receiver is looked after; then Ctrl-C, which ends what runs.
static void erase(void)
{
    bare_t b = {0};
    start(&b);
    enter_raw(&b);
    g_autofree char *define = g_strdup_printf("%s\x04", churn);
    ask(&b, define, "OK\x04\x04>");
    ask(&b, "\x02", "\r\nAdder v" SOLDERLESS_VERSION "; pyboard v1.1 with STM32F405RG\r\n"
                    "Type \"help()\" for more information.\r\n>>> ");
    for (unsigned round = 0; round < 2; round++) {
        ask(&b, "churn()\r", "churn()\r\n");
        until_erase(&b);
        g_autoptr(GString) text = g_string_new("\x03" "n = 0\r");
        for (unsigned i = 0; i < 1100; i++)
            g_string_append(text, "n += 1\r");
        serial_send(b.serial, text->str, text->len);
        bare_run(&b, 800 * PS_PER_MS);
        g_assert_true(busy(&b)); // all of it came during the erase
        g_assert_cmpstr(b.got->str, ==, "churn()\r\n");
        bare_run(&b, 4 * PS_PER_S);
        g_assert_nonnull(strstr(b.got->str, "KeyboardInterrupt"));
        ask(&b, "n\r", "n\r\n1100\r\n>>> ");
    }
    bare_clear(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    image = argv[1];
    g_test_add_func("/write-back/friendly", friendly);
    g_test_add_func("/write-back/raw-paste", paste_mode);
    g_test_add_func("/write-back/raw", raw_mode);
    g_test_add_func("/write-back/erase", erase);
    return g_test_run();
}
