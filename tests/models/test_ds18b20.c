// SPDX-License-Identifier: GPL-2.0-or-later
// DS18B20 and the 1-Wire slave: reset and presence, slots, ROM commands with two sensors on one
// wire, conversion times, formats, scratchpad, EEPROM, parasite power, supply, wrong times.
#include "../stand.h"
#include "xfer.h"
#include <string.h>

#define US PS_PER_US
#define MS PS_PER_MS

typedef struct {
    stand_t *r;
    part_t *a, *b;
    pin_t *dq, *vcc;
} wire_t;

static wire_t wire_new(const char *attrs, const char *second)
{
    wire_t t = {.r = stand_new()};
    t.a = stand_part(t.r, "ds18b20", "a", attrs);
    t.dq = stand_pin(t.r, "probe:dq");
    t.vcc = stand_pin(t.r, "probe:vcc");
    stand_wire(t.r, "probe:dq", "probe:up");
    stand_wire(t.r, "probe:dq", "a:DQ");
    stand_wire(t.r, "probe:vcc", "a:VCC");
    stand_wire(t.r, "probe:gnd", "a:GND");
    if (second) {
        t.b = stand_part(t.r, "wokwi-ds18b20", "b", second);
        stand_wire(t.r, "probe:dq", "b:DQ");
        stand_wire(t.r, "probe:vcc", "b:VCC");
        stand_wire(t.r, "probe:gnd", "b:GND");
    }
    stand_start(t.r);
    pin_drive(stand_pin(t.r, "probe:up"), DRIVE_PULL, NET_VDD_MV);
    pin_set(stand_pin(t.r, "probe:gnd"), false);
    pin_set(t.vcc, true);
    stand_run(t.r, MS);
    return t;
}

static void low(wire_t *t, uint64_t ps)
{
    pin_set(t->dq, false);
    stand_run(t->r, ps);
    pin_release(t->dq);
}

static bool reset(wire_t *t)
{
    low(t, 480 * US);
    stand_run(t->r, 70 * US);
    bool present = !pin_level(t->dq);
    stand_run(t->r, 410 * US);
    return present;
}

static bool get_bit(wire_t *t)
{
    low(t, 2 * US);
    stand_run(t->r, 11 * US);
    bool bit = pin_level(t->dq);
    stand_run(t->r, 50 * US);
    return bit;
}

static void put_bit(wire_t *t, bool bit)
{
    low(t, (bit ? 6 : 60) * US);
    stand_run(t->r, (bit ? 60 : 6) * US);
}

static void put(wire_t *t, unsigned byte)
{
    for (int i = 0; i < 8; i++)
        put_bit(t, byte >> i & 1);
}

static uint8_t get(wire_t *t)
{
    unsigned byte = 0;
    for (int i = 0; i < 8; i++)
        byte |= (unsigned)get_bit(t) << i;
    return (uint8_t)byte;
}

static void match(wire_t *t, const uint8_t rom[8])
{
    g_assert_true(reset(t));
    put(t, 0x55);
    for (int i = 0; i < 8; i++)
        put(t, rom[i]);
}

static void skip(wire_t *t, unsigned function)
{
    g_assert_true(reset(t));
    put(t, 0xCC);
    put(t, function);
}

static void scratchpad(wire_t *t, uint8_t to[9])
{
    skip(t, 0xBE);
    for (int i = 0; i < 9; i++)
        to[i] = get(t);
    g_assert_cmphex(onewire_crc(to, 9), ==, 0);
}

static int temperature(wire_t *t)
{
    uint8_t s[9];
    scratchpad(t, s);
    return (int16_t)(s[0] | s[1] << 8);
}

// CRC of the application note's example: 02 1C B8 01 00 00 00 gives A2.
static void crc(void)
{
    static const uint8_t note[] = {0x02, 0x1C, 0xB8, 0x01, 0, 0, 0, 0xA2};
    g_assert_cmphex(onewire_crc(note, 7), ==, 0xA2);
    g_assert_cmphex(onewire_crc(note, 8), ==, 0);
}

static void presence_times(void)
{
    wire_t t = wire_new(NULL, NULL);
    low(&t, 480 * US);
    stand_run(t.r, 30 * US - 1);
    g_assert_true(pin_level(t.dq));
    stand_run(t.r, 1);
    g_assert_false(pin_level(t.dq));
    stand_run(t.r, 120 * US - 1);
    g_assert_false(pin_level(t.dq));
    stand_run(t.r, 1);
    g_assert_true(pin_level(t.dq));
    low(&t, 480 * US - 1); // one picosecond short of a reset
    stand_run(t.r, 70 * US);
    g_assert_true(pin_level(t.dq));
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==,
                    "a: a low of 480.0 us is neither a slot nor a reset");
    stand_free(t.r);
}

// A 0 is held for 30 us; a written bit is what the wire shows 30 us after the fall.
static void slot_times(void)
{
    wire_t t = wire_new("deviceID=FE0000000000 familyCode=28", NULL);
    g_assert_true(reset(&t));
    put(&t, 0x33);
    low(&t, US); // the family code's bit 0 is 0
    stand_run(t.r, 29 * US - 1);
    g_assert_false(pin_level(t.dq));
    stand_run(t.r, 1);
    g_assert_true(pin_level(t.dq));
    stand_run(t.r, 30 * US);
    unsigned rest = 0;
    for (int i = 1; i < 8; i++)
        rest |= (unsigned)get_bit(&t) << i;
    g_assert_cmphex(rest, ==, 0x28);
    // CC written with ones of 29.9 us and zeros of 30.1 us still reads; with ones of 30.1 us it is
    // 00.
    for (int late = 0; late < 2; late++) {
        g_assert_true(reset(&t));
        for (int i = 0; i < 8; i++) {
            low(&t, 0xCC >> i & 1 && !late ? 29900 * PS_PER_NS : 30100 * PS_PER_NS);
            stand_run(t.r, 40 * US);
        }
        put(&t, 0xB4);
        low(&t, 2 * US);
        stand_run(t.r, 5 * US);
        g_assert_true(pin_level(t.dq)); // not on parasite power, or asleep: nobody pulls
        stand_run(t.r, 60 * US);
        put(&t, 0xBE); // after B4 no command is taken
        g_assert_cmphex(get(&t), ==, 0xFF);
    }
    g_assert_true(reset(&t)); // a high of less than 1 us ends no slot: the next fall is not seen
    for (int i = 0; i < 8; i++) {
        put_bit(&t, 0x33 >> i & 1);
        if (i == 3) {
            low(&t, 40 * US);
            stand_run(t.r, US - 1);
            low(&t, 40 * US);
            stand_run(t.r, 10 * US);
        }
    }
    g_assert_cmphex(get(&t), ==, 0xFF); // 33 with a bit too many is no command
    stand_free(t.r);
}

static const uint8_t rom_a[7] = {0x28, 1, 2, 3, 4, 5, 6},
                     rom_b[7] = {0x28, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66};

static void rom_commands(void)
{
    wire_t t = wire_new(NULL, NULL);
    uint8_t rom[8];
    g_assert_true(reset(&t));
    put(&t, 0x33);
    for (int i = 0; i < 8; i++)
        rom[i] = get(&t);
    g_assert_cmpmem(rom, 7, rom_a, 7);
    g_assert_cmphex(rom[7], ==, onewire_crc(rom, 7));
    put(&t, 0xBE); // it is selected
    g_assert_cmphex(get(&t), ==, 0x50);
    rom[3] ^= 0x10; // somebody else
    match(&t, rom);
    put(&t, 0xBE);
    g_assert_cmphex(get(&t), ==, 0xFF);
    g_assert_true(reset(&t));
    put(&t, 0x12); // no ROM command
    put(&t, 0xBE);
    g_assert_cmphex(get(&t), ==, 0xFF);
    stand_free(t.r);
}

// One pass of a search, taking `choice` wherever both answers are there. Returns the number of such
// places, or -1 when nobody answered.
static int search(wire_t *t, unsigned command, bool choice, uint8_t rom[8])
{
    int forks = 0;
    memset(rom, 0, 8);
    g_assert_true(reset(t));
    put(t, command);
    for (int i = 0; i < 64; i++) {
        bool bit = get_bit(t), inverse = get_bit(t);
        if (bit && inverse)
            return -1;
        if (!bit && !inverse) {
            forks++;
            bit = choice;
        }
        put_bit(t, bit);
        rom[i / 8] |= (uint8_t)(bit << i % 8);
    }
    return forks;
}

static void two_on_one_wire(void)
{
    wire_t t = wire_new("celsius=20", "deviceID=112233445566 temperature=-10.5");
    uint8_t a[8], b[8];
    // 01 and 11 part in bit 4, after which only one is left.
    g_assert_cmpint(search(&t, 0xF0, false, a), ==, 1);
    g_assert_cmpint(search(&t, 0xF0, true, b), ==, 1);
    g_assert_cmpmem(a, 7, rom_a, 7);
    g_assert_cmpmem(b, 7, rom_b, 7);
    g_assert_cmphex(onewire_crc(b, 8), ==, 0);
    skip(&t, 0x44); // both convert
    stand_run(t.r, 750 * MS);
    match(&t, a);
    put(&t, 0xBE);
    g_assert_cmphex(get(&t), ==, 0x40);
    g_assert_cmphex(get(&t), ==, 0x01);
    match(&t, b);
    put(&t, 0xBE);
    g_assert_cmphex(get(&t), ==, 0x58);
    g_assert_cmphex(get(&t), ==, 0xFF);
    // Read ROM with two of them is the AND of both: its CRC is wrong.
    g_assert_true(reset(&t));
    put(&t, 0x33);
    for (int i = 0; i < 8; i++)
        b[i] = get(&t);
    g_assert_cmphex(b[1], ==, 0x01);
    g_assert_cmphex(b[2], ==, 0x02);
    g_assert_cmphex(onewire_crc(b, 8), !=, 0);
    g_assert_cmpuint(t.r->reports->len, ==, 0);
    stand_free(t.r);
}

static void alarms(void)
{
    wire_t t = wire_new("celsius=30", "deviceID=112233445566 celsius=31");
    uint8_t rom[8];
    skip(&t, 0x4E);
    put(&t, 31);          // TH
    put(&t, (uint8_t)-5); // TL
    put(&t, 0x1F);
    g_assert_cmpint(search(&t, 0xEC, true, rom), ==, -1); // no conversion yet
    skip(&t, 0x44);
    stand_run(t.r, 94 * MS);
    g_assert_cmpint(search(&t, 0xEC, true, rom), ==, 0);
    g_assert_cmpmem(rom, 7, rom_b, 7);
    stand_set(t.a, "celsius", -4.5); // its whole degrees are -5
    stand_set(t.b, "celsius", 30.7); // and these 30
    skip(&t, 0x44);
    stand_run(t.r, 94 * MS);
    g_assert_cmpint(search(&t, 0xEC, true, rom), ==, 0);
    g_assert_cmpmem(rom, 7, rom_a, 7);
    stand_free(t.r);
}

static void formats_and_times(void)
{
    static const struct {
        double celsius;
        int16_t raw[4]; // 9 to 12 bits
    } rows[] = {{125, {0x7D0, 0x7D0, 0x7D0, 0x7D0}},
                {25.0625, {0x190, 0x190, 0x192, 0x191}},
                {0.5, {8, 8, 8, 8}},
                {-0.5, {-8, -8, -8, -8}},
                {-25.0625, {-0x190, -0x190, -0x190, -0x191}},
                {-55, {-0x370, -0x370, -0x370, -0x370}}};
    wire_t t = wire_new(NULL, NULL);
    for (unsigned bits = 0; bits < 4; bits++) {
        skip(&t, 0x4E);
        put(&t, 0x7F);
        put(&t, 0x80);
        put(&t, bits << 5);
        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
            stand_set(t.a, "celsius", 60);
            skip(&t, 0x44);
            uint64_t end = machine_now_ps(t.r->m) - 36 * US +
                           (750 * MS >> (3 - bits)); // sampled 30 after the fall
            g_assert_false(get_bit(&t));
            stand_run(t.r, end - machine_now_ps(t.r->m) - 100 * US);
            stand_set(t.a, "celsius", rows[i].celsius);
            g_assert_false(get_bit(&t)); // not yet
            stand_run(t.r, 50 * US);
            g_assert_true(get_bit(&t));
            g_assert_cmpint(temperature(&t), ==, rows[i].raw[bits]);
        }
    }
    stand_free(t.r);
}

static void scratchpad_and_eeprom(void)
{
    static const uint8_t fresh[] = {0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10};
    wire_t t = wire_new(NULL, NULL);
    uint8_t s[9];
    scratchpad(&t, s);
    g_assert_cmpmem(s, 8, fresh, 8);
    g_assert_cmphex(s[8], ==, 0x1C);
    g_assert_cmphex(get(&t), ==, 0xFF); // nothing behind it
    skip(&t, 0x4E);
    put(&t, 0x12);
    put(&t, 0x34);
    put(&t, 0xFF); // only the resolution of it
    put(&t, 0x99); // too many
    scratchpad(&t, s);
    g_assert_cmphex(s[2], ==, 0x12);
    g_assert_cmphex(s[3], ==, 0x34);
    g_assert_cmphex(s[4], ==, 0x7F);
    skip(&t, 0xB8); // back from the EEPROM
    g_assert_true(get_bit(&t));
    scratchpad(&t, s);
    g_assert_cmpmem(s, 8, fresh, 8);
    skip(&t, 0x4E);
    put(&t, 0x12);
    put(&t, 0x34);
    put(&t, 0x3F);
    skip(&t, 0x48);
    g_assert_false(get_bit(&t));
    stand_run(t.r, 10 * MS);
    g_assert_true(get_bit(&t));
    pin_set(t.vcc, false); // it outlives the supply
    stand_run(t.r, MS);
    pin_release(t.vcc);
    pin_set(t.vcc, true);
    scratchpad(&t, s);
    g_assert_cmphex(s[2], ==, 0x12);
    g_assert_cmphex(s[4], ==, 0x3F);
    g_assert_cmphex(s[0], ==, 0x50);
    stand_free(t.r);
}

static void parasite(void)
{
    wire_t t = wire_new("celsius=20", NULL);
    skip(&t, 0xB4);
    g_assert_true(get_bit(&t));
    pin_set(t.vcc, false);
    stand_run(t.r, MS);
    skip(&t, 0xB4);
    g_assert_false(get_bit(&t));
    skip(&t, 0x44);
    stand_run(t.r, 800 * MS); // the pull-up alone does not feed it
    g_assert_cmpint(temperature(&t), ==, 0x550);
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==,
                    "a: on parasite power it needs DQ driven high while it works");
    skip(&t, 0x44);
    pin_set(t.dq, true);
    stand_run(t.r, 750 * MS);
    pin_release(t.dq);
    g_assert_cmpint(temperature(&t), ==, 0x140);
    skip(&t, 0x44);
    pin_set(t.dq, true);
    stand_run(t.r, 300 * MS);
    pin_release(t.dq); // too early
    stand_run(t.r, 500 * MS);
    g_assert_cmpint(temperature(&t), ==, 0x550);
    skip(&t, 0x44);
    pin_set(t.dq, true);
    stand_run(t.r, 750 * MS);
    pin_release(t.dq);
    low(&t, 960 * US - 1); // a long reset: still alive; one picosecond more and it has starved
    stand_run(t.r, 480 * US);
    g_assert_cmpint(temperature(&t), ==, 0x140);
    low(&t, 960 * US);
    stand_run(t.r, 480 * US);
    g_assert_cmpint(temperature(&t), ==, 0x550);
    stand_free(t.r);
}

static void no_supply(void)
{
    wire_t t = wire_new(NULL, NULL);
    pin_release(t.vcc);
    stand_run(t.r, MS);
    g_assert_false(reset(&t));
    g_assert_false(reset(&t));
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==, "a is asked, but has no supply at VCC and GND");
    pin_set(t.vcc, true);
    g_assert_true(reset(&t));
    g_assert_cmpuint(t.r->m->events.count, ==, 0);
    stand_free(t.r);
}

static void bad_ids(void)
{
    static const char *const ids[] = {"", "12", "01020304050g", "0102030405060"};
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autoptr(GError) error = NULL;
        stand_t *r = stand_new();
        part_t *p = machine_add_part(r->m, part_class_find("board-ds18b20"), "a", NULL);
        part_set_attr(p, "deviceID", ids[i]);
        g_assert_false(part_init(p, &error));
        g_assert_nonnull(strstr(error->message, "'deviceID' must be 12 hexadecimal digits"));
        stand_free(r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ds18b20/crc", crc);
    g_test_add_func("/ds18b20/presence-times", presence_times);
    g_test_add_func("/ds18b20/slot-times", slot_times);
    g_test_add_func("/ds18b20/rom-commands", rom_commands);
    g_test_add_func("/ds18b20/two-on-one-wire", two_on_one_wire);
    g_test_add_func("/ds18b20/alarm", alarms);
    g_test_add_func("/ds18b20/formats-and-times", formats_and_times);
    g_test_add_func("/ds18b20/scratchpad-and-eeprom", scratchpad_and_eeprom);
    g_test_add_func("/ds18b20/parasite", parasite);
    g_test_add_func("/ds18b20/no-supply", no_supply);
    g_test_add_func("/ds18b20/bad-ids", bad_ids);
    return g_test_run();
}
