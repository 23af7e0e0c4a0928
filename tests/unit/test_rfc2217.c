// SPDX-License-Identifier: GPL-2.0-or-later
// RFC 2217: what a client says, whole, byte by byte and garbled; and the answers.
#include "host/rfc2217.h"
#include <string.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

typedef struct {
    rfc2217_t t;
    GByteArray *data;
    GArray *controls; // of serial_control_t
} rig_t;

static void rig_open(rig_t *g)
{
    rfc2217_init(&g->t, 115200);
    rfc2217_open(&g->t);
    g_byte_array_set_size(g->t.replies, 0);
    g->data = g_byte_array_new();
    g->controls = g_array_new(FALSE, FALSE, sizeof(serial_control_t));
}

static void rig_close(rig_t *g)
{
    rfc2217_clear(&g->t);
    g_byte_array_unref(g->data);
    g_array_unref(g->controls);
}

// `piece` bytes at a time.
static void feed(rig_t *g, const uint8_t *bytes, size_t n, size_t piece)
{
    uint8_t data[64];
    for (size_t at = 0; at < n;) {
        size_t got, want = MIN(MIN(piece, n - at), sizeof data);
        size_t taken = rfc2217_read(&g->t, bytes + at, want, data, &got);
        g_assert_cmpuint(taken, <=, want);
        g_assert_cmpuint(got, <=, taken);
        g_byte_array_append(g->data, data, got);
        serial_control_t c;
        bool has = rfc2217_control(&g->t, &c);
        g_assert_true(taken == want || has);
        if (has)
            g_array_append_val(g->controls, c);
        at += taken;
    }
}

static void expect_data(rig_t *g, const uint8_t *bytes, size_t n)
{
    g_assert_cmpmem(g->data->data, g->data->len, bytes, n);
    g_byte_array_set_size(g->data, 0);
}

static void expect_replies(rig_t *g, const uint8_t *bytes, size_t n)
{
    g_assert_cmpmem(g->t.replies->data, g->t.replies->len, bytes, n);
    g_byte_array_set_size(g->t.replies, 0);
}

static void expect_control(rig_t *g, serial_what_t what, uint32_t value)
{
    g_assert_cmpuint(g->controls->len, >, 0);
    serial_control_t c = g_array_index(g->controls, serial_control_t, 0);
    g_array_remove_index(g->controls, 0);
    g_assert_cmpint(c.what, ==, what);
    g_assert_cmpuint(c.value, ==, value);
}

// A subnegotiation of the COM port option.
static void command(rig_t *g, const uint8_t *value, size_t n)
{
    feed(g, BYTES("\377\372\54"), 64);
    feed(g, value, n, 64);
    feed(g, BYTES("\377\360"), 64);
}

static void data_and_negotiation(void)
{
    static const char stream[] = "ab\377\377c\r\0d"       // data; binary is on: a zero is data
                                 "\377\375\54\377\373\54" // DO, WILL: we have offered it, no answer
                                 "\377\375\30\377\373\30" // an option that we do not know
                                 "\377\373\1"             // it wants to echo
                                 "\377\376\3\377\375\3"   // DONT, DO go-ahead
                                 "\377\361\377\360\377\366e"; // NOP, a lost SE, are-you-there
    for (size_t piece = 1; piece < sizeof stream; piece++) {
        rig_t g;
        rig_open(&g);
        feed(&g, BYTES(stream), piece);
        expect_data(&g, BYTES("ab\377c\r\0de"));
        expect_replies(&g, BYTES("\377\374\30\377\376\30\377\376\1\377\374\3\377\373\3"));
        g_assert_cmpuint(g.controls->len, ==, 0);
        rig_close(&g);
    }
}

static void not_binary(void)
{
    rig_t g;
    rig_open(&g);
    feed(&g, BYTES("\377\374\0a\r\0b\0"), 3); // WONT binary: Telnet's line ends
    expect_data(&g, BYTES("a\rb\0"));
    expect_replies(&g, BYTES("\377\376\0"));
    rig_close(&g);
}

static void offers(void)
{
    rfc2217_t t;
    rfc2217_init(&t, 115200);
    rfc2217_open(&t);
    g_assert_cmpmem(t.replies->data, t.replies->len,
                    "\377\373\0\377\375\0\377\373\1\377\373\3\377\375\3\377\373\54\377\375\54", 21);
    rfc2217_clear(&t);
}

static void port_settings(void)
{
    static const char stream[] = "\377\372\54\1\0\1\44\200\377\360x"   // 74880
                                 "\377\372\54\1\0\0\377\377\0\377\360" // 65280: 255 is doubled
                                 "\377\372\54\2\7\377\360y"
                                 "\377\372\54\3\3\377\360"
                                 "\377\372\54\4\3\377\360";
    for (size_t piece = 1; piece < sizeof stream; piece++) {
        rig_t g;
        rig_open(&g);
        feed(&g, BYTES(stream), piece);
        expect_data(&g, BYTES("xy"));
        expect_control(&g, SERIAL_BAUD, 74880);
        expect_control(&g, SERIAL_BAUD, 65280);
        expect_control(&g, SERIAL_BITS, 7);
        expect_control(&g, SERIAL_PARITY, 'e');
        expect_control(&g, SERIAL_HALF_STOPS, 3);
        g_assert_cmpuint(g.controls->len, ==, 0);
        expect_replies(&g, BYTES("\377\372\54\145\0\1\44\200\377\360"
                                 "\377\372\54\145\0\0\377\377\0\377\360"
                                 "\377\372\54\146\7\377\360\377\372\54\147\3\377\360\377\372\54\150\3\377\360"));
        rig_close(&g);
    }
}

static void questions_and_the_impossible(void)
{
    rig_t g;
    rig_open(&g);
    command(&g, BYTES("\1\0\0\0\0"));          // which speed?
    command(&g, BYTES("\1\200\0\0\0"));        // too fast
    command(&g, BYTES("\2\0"));
    command(&g, BYTES("\2\11"));               // 9 bits
    command(&g, BYTES("\3\4"));                // mark parity
    command(&g, BYTES("\4\0"));
    command(&g, BYTES("\5\2"));                // XON/XOFF
    command(&g, BYTES("\5\17"));               // inbound
    g_assert_cmpuint(g.controls->len, ==, 0);
    expect_replies(&g, BYTES("\377\372\54\145\0\1\302\0\377\360\377\372\54\145\0\1\302\0\377\360"
                             "\377\372\54\146\10\377\360\377\372\54\146\10\377\360\377\372\54\147\1\377\360"
                             "\377\372\54\150\1\377\360\377\372\54\151\1\377\360\377\372\54\151\16\377\360"));
    command(&g, BYTES("\0"));
    command(&g, BYTES("\0me"));
    command(&g, BYTES("\13\377\377"));         // modem state, please
    command(&g, BYTES("\12\1"));
    expect_replies(&g, BYTES("\377\372\54\144Solderless\377\360\377\372\54\157\377\377\377\360"
                             "\377\372\54\153\0\377\360\377\372\54\156\1\377\360"));
    rig_close(&g);
}

static void lines_break_purge(void)
{
    rig_t g;
    rig_open(&g);
    for (const char *c = "\10\13\12\11\14\14\7\5\4\6"; *c; c++) {
        const uint8_t value[] = {5, (uint8_t)*c};
        command(&g, value, 2);
    }
    expect_control(&g, SERIAL_LINES, SERIAL_DTR); // 8
    expect_control(&g, SERIAL_LINES, SERIAL_DTR | SERIAL_RTS); // 11; 10 asks
    expect_control(&g, SERIAL_LINES, SERIAL_RTS); // 9
    expect_control(&g, SERIAL_LINES, 0);          // 12, twice; 7 asks
    expect_control(&g, SERIAL_LINES, 0);
    expect_control(&g, SERIAL_BREAK, 1);
    expect_control(&g, SERIAL_BREAK, 0);
#define A(v) "\377\372\54\151" v "\377\360"
    expect_replies(&g, BYTES(A("\10") A("\13") A("\13") A("\11") A("\14") A("\14") A("\11") A("\5") A("\5")
                             A("\6")));
    command(&g, BYTES("\14\1"));
    g_assert_cmpuint(g.controls->len, ==, 0);
    command(&g, BYTES("\14\3"));
    expect_control(&g, SERIAL_PURGE, 0);
    expect_replies(&g, BYTES("\377\372\54\160\1\377\360\377\372\54\160\3\377\360"));
    command(&g, BYTES("\10"));
    g_assert_true(g.t.suspended);
    command(&g, BYTES("\11"));
    g_assert_false(g.t.suspended);
    rig_close(&g);
}

static void gone(void)
{
    rig_t g;
    serial_control_t c;
    rig_open(&g);
    command(&g, BYTES("\5\10"));
    command(&g, BYTES("\5\13"));
    command(&g, BYTES("\5\5"));
    feed(&g, BYTES("\377\372\54\5"), 64); // in the middle of a command
    g_assert_true(rfc2217_closed(&g.t, &c));
    g_assert_true(c.what == SERIAL_LINES && c.value == 0); // both at once: no reset on the way
    g_assert_true(rfc2217_closed(&g.t, &c));
    g_assert_true(c.what == SERIAL_BREAK && c.value == 0);
    g_assert_false(rfc2217_closed(&g.t, &c));
    rfc2217_open(&g.t);
    feed(&g, BYTES("next"), 64);
    expect_data(&g, BYTES("next"));
    rig_close(&g);
}

static void wrong_commands(void)
{
    rig_t g;
    rig_open(&g);
    command(&g, BYTES(""));
    command(&g, BYTES("\1\0\0"));      // too short
    command(&g, BYTES("\5"));
    command(&g, BYTES("\6\0"));        // a server's
    command(&g, BYTES("\143\1"));      // unknown
    command(&g, BYTES("\5\24"));
    feed(&g, BYTES("\377\372\30\1\377\360"), 64); // of another option
    feed(&g, BYTES("\377\372\54"), 64);
    for (int i = 0; i < 1000; i++) // endless
        feed(&g, BYTES("\5"), 64);
    feed(&g, BYTES("\377\360"), 64);
    feed(&g, BYTES("\377\372\54\5\377\375\30ok"), 64); // cut off by another command
    g_assert_cmpuint(g.controls->len, ==, 0);
    expect_data(&g, BYTES("ok"));
    expect_replies(&g, BYTES("\377\374\30"));
    rig_close(&g);
}

// Pieces of commands, in any order, between bytes of any value.
static void put_garbage(GRand *rand, GByteArray *to)
{
    static const struct { const char *bytes; guint n; } pieces[] = {
        {"\377\372\54", 3}, {"\377\372\54\1\0\1\302\0", 8}, {"\377\372\54\2", 4}, {"\377\372\54\5", 4},
        {"\377\360", 2}, {"\377", 1}, {"\377\373", 2}, {"\377\377", 2}, {"\0", 1}};
    while (to->len < 300) {
        const guint8 any = (guint8)(g_rand_int_range(rand, 0, 3) ? g_rand_int_range(rand, 0, 16)
                                                                 : g_rand_int_range(rand, 0, 256));
        int i = g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces));
        g_byte_array_append(to, (const guint8 *)pieces[i].bytes, pieces[i].n);
        if (g_rand_boolean(rand))
            g_byte_array_append(to, &any, 1);
    }
}

static void garbage(void)
{
    GRand *rand = g_rand_new_with_seed(2217);
    unsigned controls = 0;
    for (int round = 0; round < 2000; round++) {
        rig_t g;
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        rig_open(&g);
        put_garbage(rand, bytes);
        feed(&g, bytes->data, bytes->len, (size_t)g_rand_int_range(rand, 1, 64));
        for (guint i = 0; i < g.controls->len; i++) {
            const serial_control_t *c = &g_array_index(g.controls, serial_control_t, i);
            g_assert_true(c->what != SERIAL_BAUD || (c->value >= 1 && c->value <= SERIAL_BAUD_MAX));
            g_assert_true(c->what != SERIAL_BITS || (c->value >= 5 && c->value <= 8));
            g_assert_true(c->what != SERIAL_LINES || c->value <= 3);
        }
        controls += g.controls->len;
        g_assert_cmpuint(g.t.replies->len, <, 4096);
        rig_close(&g);
    }
    g_assert_cmpuint(controls, >, 1000); // or the garbage tests nothing
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rfc2217/data-and-negotiation", data_and_negotiation);
    g_test_add_func("/rfc2217/not-binary", not_binary);
    g_test_add_func("/rfc2217/offers", offers);
    g_test_add_func("/rfc2217/port-settings", port_settings);
    g_test_add_func("/rfc2217/questions-and-the-impossible", questions_and_the_impossible);
    g_test_add_func("/rfc2217/lines-break-purge", lines_break_purge);
    g_test_add_func("/rfc2217/gone", gone);
    g_test_add_func("/rfc2217/wrong-commands", wrong_commands);
    g_test_add_func("/rfc2217/garbage", garbage);
    return g_test_run();
}
