// SPDX-License-Identifier: GPL-2.0-or-later
// Whole boots of the chip with our ROM: what it says and does after each reset, images from flash,
// the loader on the UART.
#include "rom.h"
#include "xfer.h"

#define FLASH 0x40200000u
#define MS    PS_PER_MS

enum { STRAP_FLASH = 3, STRAP_UART = 1 };

typedef struct board {
    rom_t *r;
    uart_rx_t rx;
    uart_tx_t tx;
    pin_t *strap[3]; // GPIO2, 0, 15
    GString *got;
} board_t;

static void on_frame(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    g_string_append_c(((board_t *)ctx)->got, (char)data);
}

static pin_t *outside(part_t *p, rom_t *r, const char *name, const char *chip)
{
    g_autoptr(GError) error = NULL;
    pin_t *pin = part_add_pin(p, name, NULL, NULL);
    pin_connect(pin, machine_pin(r->m, chip, &error));
    g_assert_no_error(error);
    return pin;
}

static void set_straps(board_t *b, unsigned value)
{
    for (unsigned i = 0; i < 3; i++)
        pin_drive(b->strap[i], DRIVE_PULL, value >> i & 1 ? NET_VDD_MV : 0);
}

static void listen_at(board_t *b, uint64_t bit_ps)
{
    b->rx.format.bit_ps = bit_ps;
}

#define BIT_74880 (UINT64_C(694) * 1000000 / 52)

static board_t *board_new(unsigned straps)
{
    static const part_class_t cls = {.name = "outside", .size = sizeof(part_t)};
    board_t *b = g_new0(board_t, 1);
    b->r = rom_new();
    b->got = g_string_new(NULL);
    part_t *p = machine_add_part(b->r->m, &cls, "outside", NULL);
    pin_t *in = outside(p, b->r, "IN", "gpio:GPIO1"), *out = outside(p, b->r, "OUT", "gpio:GPIO3");
    b->strap[0] = outside(p, b->r, "S2", "gpio:GPIO2");
    b->strap[1] = outside(p, b->r, "S0", "gpio:GPIO0");
    b->strap[2] = outside(p, b->r, "S15", "gpio:GPIO15");
    pin_set(out, true);
    set_straps(b, straps);
    b->rx = (uart_rx_t){.format = {.bits = 8, .parity = 'n', .half_stops = 2, .bit_ps = BIT_74880},
                        .frame = on_frame,
                        .ctx = b};
    uart_rx_attach(&b->rx, in);
    uart_tx_attach(&b->tx, out);
    return b;
}

static void board_free(board_t *b)
{
    g_assert_cmpstr(b->r->reports->str, ==, "");
    uart_rx_attach(&b->rx, NULL);
    uart_tx_attach(&b->tx, NULL);
    rom_free(b->r);
    g_string_free(b->got, true);
    g_free(b);
}

static machine_stop_t run_ms(board_t *b, unsigned ms)
{
    return machine_run(b->r->m, machine_now_ps(b->r->m) + ms * MS);
}

// ---- Images ------------------------------------------------------------------------------------

// simcall with a2 = 1: exit, after a3 = what is in the word at 0x3FFE8000.
static const uint8_t leave[] = {
    0x00, 0x80, 0xFE, 0x3F, // literal
    0x31, 0xFF, 0xFF, // entry: l32r a3, literal
    0x38, 0x03,       // l32i.n a3, a3, 0
    0x0C, 0x12,       // movi.n a2, 1
    0x00, 0x51, 0x00, // simcall
    0x06, 0xFF, 0xFF, // j .
    0x00, 0x00, 0x00,
};

typedef struct segment {
    uint32_t address, n;
    const void *data;
} segment_t;

static void put_word(GByteArray *a, uint32_t w) { g_byte_array_append(a, (uint8_t *)&w, 4); }

static GByteArray *image_of(const segment_t *s, unsigned n, uint32_t entry)
{
    GByteArray *a = g_byte_array_new();
    uint8_t head[4] = {0xE9, (uint8_t)n, 2, 0x40}, sum = 0xEF;
    g_byte_array_append(a, head, 4);
    put_word(a, entry);
    for (unsigned i = 0; i < n; i++) {
        put_word(a, s[i].address);
        put_word(a, s[i].n);
        g_byte_array_append(a, s[i].data, s[i].n);
        for (unsigned k = 0; k < s[i].n; k++)
            sum ^= ((const uint8_t *)s[i].data)[k];
    }
    while (a->len % 16 != 15)
        g_byte_array_append(a, (uint8_t[]){0}, 1);
    g_byte_array_append(a, &sum, 1);
    return a;
}

static const segment_t segments[] = {
    {0x40100000, sizeof leave, leave},
    {0x3FFE8000, 28, "\x2A\0\0\0 twenty-eight bytes of it"},
    {0x3FFE9000, 8, "8 bytes."},
};

static void put_image(board_t *b, bool spoilt)
{
    g_autoptr(GByteArray) a = image_of(segments, 3, 0x40100004);
    a->data[50] ^= spoilt;
    g_assert_true(bus_poke(b->r->m->bus, FLASH, a->data, a->len));
}

#define BANNER(cause, mode)                                                                        \
    "\r\n ets Jan  8 2013,rst cause:" #cause ", boot mode:(" #mode ",6)\r\n\r\n"

static void from_flash(void)
{
    uint8_t sum = 0xEF;
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < segments[i].n; k++)
            sum ^= ((const uint8_t *)segments[i].data)[k];
    g_assert_cmphex(sum, ==, 0xCE); // as below
    board_t *b = board_new(STRAP_FLASH);
    put_image(b, false);
    rom_start(b->r);
    g_assert_cmpint(run_ms(b, 500), ==, MACHINE_EXIT);
    g_assert_cmpint(b->r->m->exit_code, ==, 42);
    run_ms(b, 20); // what is in the FIFO
    g_assert_cmpstr(b->got->str, ==,
                    BANNER(1, 3) "load 0x40100000, len 20, room 16 \r\ntail 4\r\nchksum 0xed\r\n"
                    "load 0x3ffe8000, len 28, room 4 \r\ntail 8\r\nchksum 0x81\r\n"
                    "load 0x3ffe9000, len 8, room 16 \r\ntail 8\r\nchksum 0xce\r\ncsum 0xce\r\n");
    board_free(b);
}

static void spoilt(void)
{
    board_t *b = board_new(STRAP_FLASH);
    put_image(b, true);
    rom_start(b->r);
    g_assert_cmpint(run_ms(b, 500), ==, MACHINE_TIME);
    g_assert_true(g_str_has_suffix(b->got->str, "\r\ncsum err\r\n"));
    board_free(b);
    b = board_new(STRAP_FLASH);
    rom_start(b->r);
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(1, 3) "ets_main.c 181 \r\n");
    board_free(b);
}

// A head of a segment that does not fit in its block of sixteen bytes.
static void split_head(void)
{
    static const segment_t two[] = {{0x40100000, sizeof leave, leave},
                                    {0x3FFE8010, 8, "12345678"},
                                    {0x3FFE8000, 4, "\1\0\0\0"}};
    board_t *b = board_new(STRAP_FLASH);
    g_autoptr(GByteArray) a = image_of(two, 3, 0x40100004);
    g_assert_true(bus_poke(b->r->m->bus, FLASH, a->data, a->len));
    rom_start(b->r);
    g_assert_cmpint(run_ms(b, 500), ==, MACHINE_EXIT);
    g_assert_cmpint(b->r->m->exit_code, ==, 1);
    run_ms(b, 20);
    g_assert_nonnull(strstr(b->got->str, "load 0x3ffe8010, len 8, room 4 \r\ntail 4\r\n"));
    board_free(b);
    static const segment_t long_tail[] = {{0x40100000, sizeof leave, leave},
                                          {0x3FFE8010, 16, "1234567812345678"},
                                          {0x3FFE8000, 4, "\1\0\0\0"}};
    b = board_new(STRAP_FLASH);
    g_autoptr(GByteArray) c = image_of(long_tail, 3, 0x40100004);
    g_assert_true(bus_poke(b->r->m->bus, FLASH, c->data, c->len));
    rom_start(b->r);
    g_assert_cmpint(run_ms(b, 500), ==, MACHINE_EXIT);
    run_ms(b, 20);
    g_assert_nonnull(strstr(b->got->str, "tail 12\r\n"));
    g_assert_nonnull(
        strstr(b->got->str, "ho 0 tail 12 room 4\r\nload 0x3ffe8000, len 4, room 12 \r\n"));
    board_free(b);
}

// A crash of the program is told.
static void crash(void)
{
    static const uint8_t bad[] = {0x0C, 0x03, 0x38, 0x03,
                                  0x06, 0xFF, 0xFF, 0x00}; // movi.n a3, 0; l32i.n a3, a3, 0; j .
    static const segment_t one = {0x40100000, sizeof bad, bad};
    board_t *b = board_new(STRAP_FLASH);
    g_autoptr(GByteArray) a = image_of(&one, 1, 0x40100000);
    g_assert_true(bus_poke(b->r->m->bus, FLASH, a->data, a->len));
    rom_start(b->r);
    g_assert_cmpint(run_ms(b, 200), ==, MACHINE_TIME);
    g_assert_true(g_str_has_suffix(
        b->got->str, "Fatal exception (28): \r\nepc1=0x40100002, epc2=0x00000000, epc3=0x00000000, "
                     "excvaddr=0x00000000, depc=0x00000000\r\n"));
    board_free(b);
}

// ---- Reasons and straps ------------------------------------------------------------------------

static void reasons(void)
{
    board_t *b = board_new(STRAP_FLASH);
    rom_start(b->r);
    run_ms(b, 100);
    g_string_truncate(b->got, 0);
    line_set(machine_line(b->r->m, "nrst.assert"), true);
    run_ms(b, 1);
    line_set(machine_line(b->r->m, "nrst.assert"), false);
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(2, 3) "ets_main.c 181 \r\n");
    g_string_truncate(b->got, 0);
    line_pulse(machine_line(b->r->m, "wdt.reset"));
    machine_want_reset(b->r->m);
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(4, 3) "wdt reset\r\nets_main.c 181 \r\n");
    g_string_truncate(b->got, 0);
    rom_jump(b->r, 0x40000080); // as programs do that restart
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(4, 3) "wdt reset\r\nets_main.c 181 \r\n");
    g_string_truncate(b->got, 0);
    rom_jump(b->r, 0x4000264C); // software_reset
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(3, 3) "ets_main.c 181 \r\n");
    board_free(b);
}

static void straps(void)
{
    board_t *b = board_new(7);
    rom_start(b->r);
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(1, 7) "waiting for host\r\n");
    board_free(b);
    b = board_new(STRAP_UART);
    rom_start(b->r);
    run_ms(b, 100);
    g_assert_cmpstr(b->got->str, ==, BANNER(1, 1));
    board_free(b);
}

// ---- The loader --------------------------------------------------------------------------------

static void send_byte(board_t *b, uint8_t byte)
{
    uart_frame_t f = {
        .data = byte, .bits = 8, .parity = 'n', .half_stops = 2, .bit_ps = b->rx.format.bit_ps};
    uart_tx_send(&b->tx, &f, machine_now_ps(b->r->m));
    machine_run(b->r->m, machine_now_ps(b->r->m) + uart_frame_ps(&f));
}

static void send(board_t *b, uint8_t command, const void *data, unsigned n, uint32_t checksum)
{
    uint8_t head[8] = {0, command, (uint8_t)n, (uint8_t)(n >> 8)};
    memcpy(head + 4, &checksum, 4);
    send_byte(b, 0xC0);
    for (unsigned i = 0; i < 8 + n; i++) {
        uint8_t c = i < 8 ? head[i] : ((const uint8_t *)data)[i - 8];
        if (c == 0xC0 || c == 0xDB) {
            send_byte(b, 0xDB);
            c = c == 0xC0 ? 0xDC : 0xDD;
        }
        send_byte(b, c);
    }
    send_byte(b, 0xC0);
}

// The first packet in what came, without its escapes; taken away. NULL: none.
static GByteArray *receive(board_t *b)
{
    char *start = memchr(b->got->str, 0xC0, b->got->len);
    if (!start)
        return NULL;
    char *end = memchr(start + 1, 0xC0, b->got->str + b->got->len - start - 1);
    if (!end)
        return NULL;
    GByteArray *a = g_byte_array_new();
    for (char *p = start + 1; p < end; p++) {
        uint8_t c = (uint8_t)*p;
        if (c == 0xDB)
            c = (uint8_t)*++p == 0xDC ? 0xC0 : 0xDB;
        g_byte_array_append(a, &c, 1);
    }
    g_string_erase(b->got, 0, end + 1 - b->got->str);
    return a;
}

// A command and its answer: status and error, and its value.
static unsigned command(board_t *b, uint8_t op, const void *data, unsigned n, uint32_t checksum,
                        uint32_t *value)
{
    send(b, op, data, n, checksum);
    GByteArray *a = NULL;
    for (unsigned i = 0; i < 4000 && !(a = receive(b)); i++)
        run_ms(b, 1);
    g_assert_nonnull(a);
    g_assert_cmpuint(a->len, ==, 10);
    g_assert_cmphex(a->data[0] | a->data[1] << 8 | a->data[2] << 16, ==, 1 | op << 8 | 2 << 16);
    if (value)
        memcpy(value, a->data + 4, 4);
    unsigned status = (unsigned)a->data[8] << 8 | a->data[9];
    g_byte_array_unref(a);
    return status;
}

static void synchronize(board_t *b)
{
    uint8_t data[36] = {7, 7, 0x12, 0x20};
    memset(data + 4, 0x55, 32);
    for (unsigned tries = 0; tries < 7; tries++) {
        g_string_truncate(b->got, 0);
        send(b, 8, data, sizeof data, 0);
        machine_run(b->r->m, machine_now_ps(b->r->m) + 8 * 14 * 10 * b->rx.format.bit_ps);
        unsigned answers = 0;
        for (GByteArray *a; (a = receive(b)); answers++) {
            g_assert_cmphex(a->data[1], ==, 8);
            g_assert_cmpmem(a->data + 4, 4, data, 4); // not 0, by which esptool knows the ROM
            g_byte_array_unref(a);
        }
        if (answers) {
            g_assert_cmpuint(answers, ==, 8);
            g_assert_cmpuint(tries, <=, 1); // the first one gives the rate
            return;
        }
    }
    g_assert_not_reached();
}

static board_t *board_synced(unsigned baud)
{
    board_t *b = board_new(STRAP_UART);
    rom_start(b->r);
    run_ms(b, 50);
    listen_at(b, PS_PER_S / baud);
    synchronize(b);
    return b;
}

static uint32_t read_register(board_t *b, uint32_t address)
{
    uint32_t value;
    g_assert_cmphex(command(b, 0x0A, &address, 4, 0, &value), ==, 0);
    return value;
}

static void registers(void)
{
    static const unsigned bauds[] = {9600, 57600, 74880, 115200, 230400, 460800, 921600};
    for (unsigned i = 0; i < G_N_ELEMENTS(bauds); i++) {
        board_t *b = board_synced(bauds[i]);
        g_assert_cmphex(read_register(b, 0x40001000), ==, 0xFFF0C101);
        uint32_t write[] = {0x60000730, 0xC0DB1234, 0xFFFFFFFF, 10};
        g_assert_cmphex(command(b, 9, write, 16, 0, NULL), ==, 0);
        g_assert_cmphex(read_register(b, 0x60000730), ==, 0xC0DB1234);
        write[1] = 0x56789ABC, write[2] = 0xFF00;
        g_assert_cmphex(command(b, 9, write, 16, 0, NULL), ==, 0);
        g_assert_cmphex(read_register(b, 0x60000730), ==, 0xC0DB9A34);
        board_free(b);
    }
}

static uint32_t checksum(const void *data, unsigned n)
{
    uint8_t sum = 0xEF;
    for (unsigned i = 0; i < n; i++)
        sum ^= ((const uint8_t *)data)[i];
    return sum;
}

static unsigned block(board_t *b, uint8_t op, uint32_t sequence, const void *data, unsigned n,
                      uint32_t sum)
{
    uint8_t packet[0x1800 + 16] = {0};
    uint32_t head[4] = {n, sequence, 0, 0};
    memcpy(packet, head, 16);
    memcpy(packet + 16, data, n);
    return command(b, op, packet, 16 + n, sum, NULL);
}

// As esptool loads its stub.
static void to_memory(void)
{
    board_t *b = board_synced(115200);
    uint32_t begin[4] = {sizeof leave, 2, 12, 0x40100000}, value = 33;
    g_assert_cmphex(command(b, 5, begin, 16, 0, NULL), ==, 0);
    g_assert_cmphex(block(b, 7, 0, leave, 12, checksum(leave, 12) ^ 1), ==, 0x107);
    g_assert_cmphex(block(b, 7, 0, leave, 12, checksum(leave, 12)), ==, 0);
    g_assert_cmphex(block(b, 7, 0, leave, 12, checksum(leave, 12)), ==, 0x105);
    g_assert_cmphex(block(b, 7, 1, leave + 12, 8, checksum(leave + 12, 8)), ==, 0);
    uint32_t end[2] = {1, 0};
    g_assert_cmphex(command(b, 6, end, 8, 0, NULL), ==, 0);
    uint32_t begin2[4] = {4, 1, 4, 0x3FFE8000};
    g_assert_cmphex(command(b, 5, begin2, 16, 0, NULL), ==, 0);
    g_assert_cmphex(block(b, 7, 0, &value, 4, checksum(&value, 4)), ==, 0);
    uint32_t run[2] = {0, 0x40100004};
    send(b, 6, run, 8, 0);
    g_assert_cmpint(run_ms(b, 100), ==, MACHINE_EXIT);
    g_assert_cmpint(b->r->m->exit_code, ==, 33);
    g_autoptr(GByteArray) answer = receive(b); // sent before it ran
    g_assert_nonnull(answer);
    board_free(b);
}

static void to_flash(void)
{
    board_t *b = board_synced(115200);
    g_autoptr(GByteArray) a = image_of(segments, 3, 0x40100004);
    uint8_t old[16], is[256];
    memset(old, 0x5A, sizeof old);
    g_assert_true(bus_poke(b->r->m->bus, FLASH + 0x20, old, sizeof old));
    uint32_t begin[4] = {a->len, 1, 0x400, 0};
    g_assert_cmphex(command(b, 2, begin, 16, 0, NULL), ==, 0);
    g_assert_cmphex(block(b, 3, 0, a->data, a->len, checksum(a->data, a->len)), ==, 0);
    g_assert_true(bus_peek(b->r->m->bus, FLASH, is, a->len));
    g_assert_cmpmem(is, a->len, a->data, a->len);
    static const struct {
        uint32_t from, n, to; // how much is really erased
    } areas[] = {{0x10000, 0x1000, 0x12000},
                 {0x1E000, 0x1000, 0x20000},
                 {0x1E000, 0x2000, 0x22000},
                 {0x1E000, 0x12000, 0x32000}};
    for (unsigned i = 0; i < G_N_ELEMENTS(areas); i++) {
        g_autofree uint8_t *all = g_malloc(0x30000);
        memset(all, 0, 0x30000);
        g_assert_true(bus_poke(b->r->m->bus, FLASH + 0x8000, all, 0x30000));
        uint32_t area[4] = {areas[i].n, 1, 0x400, areas[i].from};
        g_assert_cmphex(command(b, 2, area, 16, 0, NULL), ==, 0);
        g_assert_true(bus_peek(b->r->m->bus, FLASH + 0x8000, all, 0x30000));
        for (uint32_t at = 0x8000; at < 0x38000; at++)
            g_assert_cmphex(all[at - 0x8000], ==,
                            at >= areas[i].from && at < areas[i].to ? 0xFF : 0);
    }
    uint32_t params[6] = {0, 0x400000, 0x10000, 0x1000, 0x100, 0xFFFF};
    g_assert_cmphex(command(b, 0x0B, params, 24, 0, NULL), ==, 0);
    g_assert_cmphex(command(b, 0x0C, params, 24, 0, NULL), ==, 0x105); // no such command
    g_assert_cmphex(command(b, 0x0A, params, 2, 0, NULL), ==, 0x105);  // too short
    uint32_t stay = 1, run = 0;
    g_assert_cmphex(command(b, 4, &stay, 4, 0, NULL), ==, 0);
    send(b, 4, &run, 4, 0);
    g_assert_cmpint(run_ms(b, 500), ==, MACHINE_EXIT);
    g_assert_cmpint(b->r->m->exit_code, ==, 42);
    board_free(b);
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
        {"from-flash", from_flash}, {"spoilt", spoilt},       {"split-head", split_head},
        {"crash", crash},           {"reasons", reasons},     {"straps", straps},
        {"registers", registers},   {"to-memory", to_memory}, {"to-flash", to_flash},
    };
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/rom/boot/%s", tests[i].name);
        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
