// SPDX-License-Identifier: GPL-2.0-or-later
// Boards and diagrams: the pyboard as it is, names of pins, and every kind of wrong file with the
// message that it gets.
#include "board.h"
#include "serial.h"

#include <glib/gstdio.h>
#include <string.h>

// ---- Files that are made here -------------------------------------------------------------------

typedef struct {
    char *dir, *path;
} file_t;

static file_t file_new(const char *name, const char *text)
{
    file_t f;
    f.dir = g_dir_make_tmp("solderless-XXXXXX", NULL);
    f.path = g_build_filename(f.dir, name, NULL);
    g_assert_true(g_file_set_contents(f.path, text, -1, NULL));
    return f;
}

static void file_free(file_t *f)
{
    g_remove(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

// The message without the folder: "diagram.json:3: what".
static void assert_message(const GError *error, const file_t *f, const char *expected)
{
    g_assert_nonnull(error);
    if (!g_str_has_prefix(error->message, f->dir))
        g_error("'%s' does not begin with the file", error->message);
    const char *message = error->message + strlen(f->dir) + 1;
    if (strchr(expected, '*')) // the words are json-glib's
        g_assert_true(g_pattern_match_simple(expected, message));
    else
        g_assert_cmpstr(message, ==, expected);
}

#define PYB "{\"id\":\"pyb\",\"type\":\"board-pyboard\"}"
#define LED "{\"id\":\"led1\",\"type\":\"wokwi-led\"}"

static const struct {
    const char *text, *expected;
} bad_diagrams[] = {
    {"", "diagram.json:1: expected an object in braces"},
    {"[1]", "diagram.json:1: expected an object in braces"},
    {"{\n \"parts\": [\n", "diagram.json:3: unexpected end of file*"},
    {"{}", "diagram.json:1: 'parts' is missing"},
    {"{\n\"parts\": {}}", "diagram.json:2: 'parts' must be a list"},
    {"{\"parts\": [\n" PYB ",\n7]}", "diagram.json:3: a part must be an object"},
    {"{\"parts\": [\n" PYB ",\n{\"type\":\"led\"}]}", "diagram.json:3: 'id' is missing"},
    {"{\"parts\": [\n{\"id\":\n5,\"type\":\"led\"}]}", "diagram.json:3: 'id' must be a string"},
    {"{\"parts\": [{\"id\":\"a:b\",\"type\":\"led\"}]}",
     "diagram.json:1: 'a:b' cannot be the id of a part"},
    {"{\"parts\": [\n" PYB ",\n{\"id\":\"x\",\n\"type\":\"wokwi-flux\"}]}",
     "diagram.json:4: unknown part type 'wokwi-flux'; `solderless parts` lists them"},
    {"{\"parts\": [\n{\"id\":\"x\",\"type\":\"board-nothing\"}]}",
     "diagram.json:2: unknown board 'board-nothing'; there is: *board-pyboard*"},
    {"{\"parts\": [\n{\"id\":\"x\",\"type\":\"stm32-usart\"}]}",
     "diagram.json:2: 'stm32-usart' is inside chips and cannot be placed"},
    {"{\"parts\": [" PYB ",\n" LED ",\n\n" LED "]}",
     "diagram.json:4: there are two parts with the id 'led1'"},
    {"{\n\n\"parts\": [" LED "]}", "diagram.json:3: there is no board among the parts, such as "
     "{\"id\": \"pyb\", \"type\": \"board-pyboard\"}"},
    {"{\"parts\": [" PYB ",{\"id\":\"l\",\"type\":\"led\",\n\"attrs\":[]}]}",
     "diagram.json:2: 'attrs' must be an object"},
    {"{\"parts\": [" PYB ",{\"id\":\"l\",\"type\":\"led\",\n\"attrs\":{\n\"color\":[1]}}]}",
     "diagram.json:3: attribute 'color' must be a string"},
    {"{\"parts\": [" PYB ",{\"id\":\"l\",\"type\":\"led\",\n\"left\":\"x\"}]}",
     "diagram.json:2: 'left' must be a number"},
    {"{\"parts\": [" PYB ",{\"id\":\"l\",\"type\":\"led\",\n\"hide\":{}}]}",
     "diagram.json:2: 'hide' must be true or false"},
    {"{\"parts\": [" PYB "],\n\"connections\":{}}", "diagram.json:2: 'connections' must be a list"},
    {"{\"parts\": [" PYB "],\"connections\":[\n\"x\"]}",
     "diagram.json:2: a connection must be a list: [\"led1:A\", \"r1:1\", \"green\"]"},
    {"{\"parts\": [" PYB "],\"connections\":[\n[\"pyb:X1\"]]}",
     "diagram.json:2: a connection needs two ends"},
    {"{\"parts\": [" PYB "],\"connections\":[[\"pyb:X1\",\n3]]}",
     "diagram.json:2: the second end of a connection must be a string"},
    {"{\"parts\": [" PYB "],\"connections\":[[\"pyb:X1\",\"pyb\"]]}",
     "diagram.json:1: 'pyb' is not of the form part:pin"},
    {"{\"parts\": [" PYB "],\"connections\":[[\"pyb:X1\",\"pyb:X2\",\"\",[],5]]}",
     "diagram.json:1: a connection has at most four items"},
    {"{\"parts\": [" PYB "," LED "],\"connections\":[\n\n[\"led1:A\",\"pyb:X99\",\"\",[]]]}",
     "diagram.json:3: 'pyb' has no pin 'X99'"},
    {"{\"parts\": [" PYB "," LED "],\"connections\":[\n[\"led1:K\",\"pyb:X1\",\"\",[]]]}",
     "diagram.json:2: part 'led1' (wokwi-led) has no pin 'K'"},
    {"{\"parts\": [" PYB "],\"connections\":[\n[\"led7:A\",\"pyb:X1\",\"\",[]]]}",
     "diagram.json:2: there is no part 'led7'"},
    {"{\"parts\": [" PYB "],\"connections\":[[\"$serialMonitor:CTS\",\"pyb:X1\"]]}",
     "diagram.json:1: '$serialMonitor' has no pin 'CTS'"},
    {"{\"parts\": [" PYB ",{\"id\":\"b\",\"type\":\"board-pyboard\"}],\"connections\":[\n"
     "[\"pyb:X1\",\"b:X1\"]]}",
     "diagram.json:2: 'pyb:X1' belongs to board 'pyb' and 'b:X1' to board 'b': boards meet by radio, "
     "not by wires"},
    {"{\"parts\": [" PYB "," LED ",{\"id\":\"b\",\"type\":\"board-pyboard\"}],\"connections\":[\n"
     "[\"pyb:X1\",\"led1:A\"],\n[\"led1:C\",\"b:X1\"]]}",
     "diagram.json:3: 'led1:C' belongs to board 'pyb' and 'b:X1' to board 'b': boards meet by radio, "
     "not by wires"},
    {"{\"parts\": [" PYB ",{\"id\":\"b\",\"type\":\"board-pyboard\"}],\"connections\":[\n"
     "[\"b:X1\",\"b:X99\"]]}",
     "diagram.json:2: 'b' has no pin 'X99'"},
};

static void wrong_diagrams(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_diagrams); i++) {
        g_autoptr(GError) error = NULL;
        file_t f = file_new("diagram.json", bad_diagrams[i].text);
        g_assert_null(diagram_load(f.path, &error));
        assert_message(error, &f, bad_diagrams[i].expected);
        file_free(&f);
    }
}

#define TOP "{\"name\":\"b\",\"title\":\"B\",\"soc\":\"stm32f405\",\"width\":33,\"height\":41,\n"
#define PINS                                                                                       \
    "\"pins\":{\"X1\":{\"target\":\"PA0\"},\"GND\":{\"x\":1,\"y\":2,\"target\":\"GND\"}},\n"

static const struct {
    const char *text, *expected;
} bad_boards[] = {
    {"{\n\"title\":\"B\"}", "board.json:1: 'name' is missing"},
    {TOP "\"colour\":1}", "board.json:2: unknown field 'colour'"},
    {"{\"name\":\"b\",\"title\":\"B\",\"width\":3,\"height\":4,\n\"soc\":\"z80\"}",
     "board.json:2: unknown chip 'z80'"},
    {"{\"name\":\"b\",\"title\":\"B\",\"soc\":\"stm32f405\",\n\"width\":\"wide\",\"height\":4}",
     "board.json:2: 'width' must be a number"},
    {TOP "\"parts\":[]}", "board.json:1: 'pins' must be an object"},
    {TOP "\"pins\":{\n\"X1\":{}}}", "board.json:3: 'target' is missing"},
    {TOP "\"pins\":{\n\"X1\":{\"x\":3,\"target\":\"PA0\"}}}", "board.json:3: 'y' is missing"},
    {TOP PINS "\"serial\":{\"tx\":\"X1\",\"rx\":\"X7\"}}",
     "board.json:3: 'serial' names a pin 'X7' that 'pins' does not have"},
    {TOP PINS "\"serial\":{\"tx\":\"X1\",\"rx\":\"X1\",\"baud\":0}}",
     "board.json:3: 'baud' must be from 1 to 20000000"},
    {TOP PINS "\"fileSystem\":{\"base\":\"0x0800000000\",\"size\":1}}",
     "board.json:3: 'base' must be a number of 32 bits, not '0x0800000000'"},
    {TOP PINS "\"fileSystem\":{\"base\":0,\"size\":1,\"log\":\"far\"}}",
     "board.json:3: 'log' must be a number of 32 bits, not 'far'"},
    {TOP PINS "\"fileSystem\":{\"base\":\n\"12 KB\",\"size\":1}}",
     "board.json:4: 'base' must be a number of 32 bits, not '12 KB'"},
    {TOP PINS "\"script\":[]}", "board.json:3: 'script' must be an object"},
    {TOP PINS "\"script\":{\"base\":0,\"magic\":\"MP\"}}", "board.json:3: 'size' is missing"},
    {TOP PINS "\"script\":{\"base\":0,\"size\":16}}", "board.json:3: 'magic' is missing"},
    {TOP PINS "\"hexIds\":[\"0x9900\",\n\"V1\"]}",
     "board.json:4: 'hexIds' has up to 7 ids from 1 to 0xffff"},
    {TOP PINS "\"hexIds\":[]}", "board.json:3: 'hexIds' must be a list of ids"},
    {TOP PINS "\"hexIds\":3}", "board.json:3: 'hexIds' must be a list of ids"},
    {TOP PINS "\"controls\":{}}", "board.json:3: 'controls' must be a list of parts"},
    {TOP PINS "\"chip\":{\"rcc\":[]}}", "board.json:3: 'rcc' must be an object of attributes"},
    {TOP PINS "\"connections\":[]}", "board.json:1: 'parts' is missing"},
    {TOP PINS "\"parts\":[\n{\"id\":\"x\",\"type\":\"board-pyboard\"}]}",
     "board.json:4: unknown board 'board-pyboard'; there is: *board-pyboard*"},
    {TOP PINS "\"parts\":[],\"connections\":[[\"board:X2\",\"chip:PA0\"]]}",
     "board.json:3: 'board' has no pin 'X2'"},
    {TOP PINS "\"parts\":[],\"connections\":[[\"led9:A\",\"chip:PA0\"]]}",
     "board.json:3: there is no part 'led9'"},
};

static void nested_too_deep(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(1000000, '[');
    file_t f = file_new("diagram.json", text);
    g_assert_null(diagram_load(f.path, &error));
    assert_message(error, &f, "diagram.json:1: brackets are nested too deep");
    file_free(&f);
}

static void wrong_boards(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_boards); i++) {
        g_autoptr(GError) error = NULL;
        file_t f = file_new("board.json", bad_boards[i].text);
        g_assert_null(board_load_file(f.path, &error));
        assert_message(error, &f, bad_boards[i].expected);
        file_free(&f);
    }
}

// What only the chip knows shows when the machine is built.
static const struct {
    const char *text, *expected;
} unbuildable[] = {
    {TOP "\"pins\":{\n\"X1\":{\"target\":\"PZ9\"}},\"parts\":[]}",
     "board.json:3: the chip has no pin 'PZ9'"},
    {TOP PINS "\"chip\":{\"rcd\":{\"hse_hz\":8}},\"parts\":[]}",
     "board.json:3: the chip has no part 'rcd'"},
    {TOP PINS "\"parts\":[],\"connections\":[\n[\"chip:PQ1\",\"board:X1\"]]}",
     "board.json:4: the chip has no pin 'PQ1'"},
    {TOP PINS "\"parts\":[\n{\"id\":\"rcc\",\"type\":\"led\"}]}",
     "board.json:4: there are two parts named 'rcc'"},
    {TOP PINS "\"parts\":[\n{\"id\":\"r\",\"type\":\"resistor\",\"attrs\":{\"value\":\"big\"}}]}",
     "board.json:4: r: attribute 'value' is 'big', which is not a number"},
};

static void boards_that_do_not_fit_their_chip(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(unbuildable); i++) {
        g_autoptr(GError) error = NULL;
        file_t f = file_new("board.json", unbuildable[i].text);
        diagram_t *d = diagram_of_board("pyboard", NULL);
        board_free(d->board);
        d->board = board_load_file(f.path, &error);
        g_assert_no_error(error);
        g_assert_null(diagram_build(d, 1, &error));
        assert_message(error, &f, unbuildable[i].expected);
        diagram_free(d);
        file_free(&f);
    }
}

static void missing_files(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(diagram_load("/nonexistent/diagram.json", &error));
    g_assert_cmpstr(error->message, ==, "/nonexistent/diagram.json: No such file or directory");
    g_clear_error(&error);
    g_assert_null(board_load("../pyboard", &error));
    g_assert_true(g_pattern_match_simple("there is no board '../pyboard'; there is: *pyboard",
                                         error->message));
    g_clear_error(&error);
    g_assert_null(data_path("boards/none.json", &error));
    g_assert_nonnull(strstr(error->message, "boards/none.json: not found"));
}

// Whatever is cut off or garbled: a message, never a crash.
static void garbled(void)
{
    g_autofree char *path = data_path("boards/pyboard/board.json", NULL), *text = NULL;
    gsize n;
    g_assert_true(g_file_get_contents(path, &text, &n, NULL));
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (unsigned i = 0; i < 400; i++) {
        g_autofree char *copy = g_strndup(text, i & 1 ? n : n * i / 400);
        for (unsigned k = 0; i & 1 && k < 3; k++)
            copy[g_rand_int_range(random, 0, n)] =
                " {}[]\",:x0\n\x80"[g_rand_int_range(random, 0, 12)];
        g_autoptr(GError) error = NULL;
        file_t f = file_new("board.json", copy);
        board_t *b = board_load_file(f.path, &error);
        g_assert_true(b || g_str_has_prefix(error->message, f.path));
        board_free(b);
        file_free(&f);
    }
}

// ---- What works ---------------------------------------------------------------------------------

static void pyboard_pins(void)
{
    g_autoptr(GError) error = NULL;
    board_t *b = board_load("pyboard", &error);
    g_assert_no_error(error);
    static const struct {
        const char *name, *target;
    } rows[] = {{"X1", "PA0"},  {"X19", "PC0"},   {"Y12", "PB1"},     {"GND", "GND"},
                {"GND.3", "GND"}, {"GND.9", NULL}, {"3V3", "3V3"},     {"V+", "5V"},
                {"SW", "PB3"},  {"SW.1", "PB3"},  {"LED_BLUE", "PB4"}, {"X23", NULL}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const board_pin_t *pin = board_pin(b, rows[i].name);
        g_assert_cmpstr(pin ? pin->target : NULL, ==, rows[i].target);
    }
    for (guint i = 0; i < b->pins->len; i++) {
        const board_pin_t *pin = b->pins->pdata[i];
        g_assert_true(!pin->placed || (pin->x > 0 && pin->x < b->width && pin->y > 0 &&
                                       pin->y < b->height));
    }
    g_assert_cmpuint(b->fs_base, ==, 0x08004000);
    g_assert_cmpuint(b->fs_size, ==, 112 * 1024);
    g_assert_cmphex(b->fs_log, ==, 0x080A0000);
    g_assert_true(g_file_test(b->picture, G_FILE_TEST_EXISTS));
    board_free(b);
}

static machine_t *build(diagram_t *d)
{
    g_autoptr(GError) error = NULL;
    machine_t *m = diagram_build(d, 1, &error);
    g_assert_no_error(error);
    machine_start(m, &error);
    g_assert_no_error(error);
    return m;
}

static pin_t *pin_named(diagram_t *d, machine_t *m, const char *name)
{
    g_autoptr(GError) error = NULL;
    pin_t *pin = diagram_pin(d, m, name, &error);
    g_assert_no_error(error);
    return pin;
}

static void pyboard_alone(void)
{
    diagram_t *d = diagram_of_board("pyboard", NULL);
    machine_t *m = build(d);
    g_assert_cmpuint(d->warnings->len, ==, 0);
    g_assert_cmpstr(part_attr(machine_part(m, "rcc"), "hse_hz"), ==, "12000000");
    g_assert_cmpint(pin_mv(pin_named(d, m, "board:GND")), ==, 0);
    g_assert_cmpint(pin_mv(pin_named(d, m, "board:3V3.2")), ==, 3300);
    g_assert_cmpint(pin_mv(pin_named(d, m, "board:V+")), ==, 5000);
    g_assert_true(pin_level(pin_named(d, m, "board:X9"))); // pull-ups of the I2C bus
    g_assert_true(pin_level(pin_named(d, m, "board:X10")));
    g_assert_true(pin_named(d, m, "board:X1")->net == pin_named(d, m, "board:PA0")->net);
    g_assert_cmpstr(pin_named(d, m, "board:PA0")->net->name, ==, "board:X1");
    // The switch pulls X17 down through 4.7 kilohms.
    pin_t *x17 = pin_named(d, m, "board:X17");
    part_prop_set(machine_part(m, "usr"), 0, 1, NULL);
    g_assert_cmpint(pin_mv(x17), ==, 0);
    g_assert_cmpfloat_with_epsilon(pin_ohms(x17), 4700, 1);
    // A LED of the board lights when its pin is driven.
    part_t *led = machine_part(m, "led4");
    g_assert_cmpfloat(part_prop_get(led, part_prop_find(led, "lit")), ==, 0);
    pin_set(pin_named(d, m, "board:LED_BLUE"), true);
    g_assert_cmpfloat(part_prop_get(led, part_prop_find(led, "lit")), ==, 1);
    // Low on RST holds the chip.
    pin_set(pin_named(d, m, "board:RST"), false);
    g_assert_true(m->halted);
    pin_drive(pin_named(d, m, "board:RST"), DRIVE_PULL, NET_VDD_MV);
    g_assert_false(m->halted);
    part_prop_set(machine_part(m, "rst"), 0, 1, NULL);
    g_assert_true(m->halted);
    g_autoptr(GError) error = NULL;
    g_assert_null(diagram_pin(d, m, "board:X99", &error));
    g_assert_cmpstr(error->message, ==, "'board' has no pin 'X99'");
    machine_free(m);
    diagram_free(d);
}

static void esp8266_pins(void)
{
    static const struct {
        const char *board, *name, *target;
    } rows[] = {{"feather-huzzah-esp8266", "SDA", "GPIO4"}, {"feather-huzzah-esp8266", "SCL", "GPIO5"},
                {"feather-huzzah-esp8266", "5", "GPIO5"},   {"feather-huzzah-esp8266", "MO", "GPIO13"},
                {"feather-huzzah-esp8266", "MI", "GPIO12"}, {"feather-huzzah-esp8266", "SCK", "GPIO14"},
                {"feather-huzzah-esp8266", "RX", "GPIO3"},  {"feather-huzzah-esp8266", "TX", "GPIO1"},
                {"feather-huzzah-esp8266", "16", "GPIO16"}, {"feather-huzzah-esp8266", "A0", "TOUT"},
                {"feather-huzzah-esp8266", "RST", "NRST"},  {"feather-huzzah-esp8266", "D1", NULL},
                {"nodemcu", "D0", "GPIO16"}, {"nodemcu", "D1", "GPIO5"},  {"nodemcu", "D2", "GPIO4"},
                {"nodemcu", "D3", "GPIO0"},  {"nodemcu", "D4", "GPIO2"},  {"nodemcu", "D5", "GPIO14"},
                {"nodemcu", "D6", "GPIO12"}, {"nodemcu", "D7", "GPIO13"}, {"nodemcu", "D8", "GPIO15"},
                {"nodemcu", "D9", "GPIO3"},  {"nodemcu", "D10", "GPIO1"}, {"nodemcu", "A0", "NC"},
                {"nodemcu", "SD3", "GPIO10"}, {"nodemcu", "GND.4", "GND"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        board_t *b = board_load(rows[i].board, NULL);
        const board_pin_t *pin = board_pin(b, rows[i].name);
        g_assert_cmpstr(pin ? pin->target : NULL, ==, rows[i].target);
        for (guint k = 0; k < b->pins->len; k++) {
            pin = b->pins->pdata[k];
            g_assert_true(!pin->placed ||
                          (pin->x > 0 && pin->x < b->width && pin->y > 0 && pin->y < b->height));
        }
        g_assert_cmphex(b->fs_base, ==, 0x40300000);
        g_assert_cmphex(b->fs_size, ==, 0x2FB000);
        g_assert_cmphex(b->fs_journal, ==, 0x402F0000);
        g_assert_true(g_file_test(b->picture, G_FILE_TEST_EXISTS));
        board_free(b);
    }
}

static void set_prop(machine_t *m, const char *part, double value)
{
    g_assert_true(part_prop_set(machine_part(m, part), 0, value, NULL));
}

// Straps, buttons, the way from the computer's lines to RST and GPIO0. No ROM is loaded, and the chip is
// held in reset for most of it.
static void esp8266_circuit(const char *name, const char *io0, const char *io2, const char *io15)
{
    diagram_t *d = diagram_of_board(name, NULL);
    machine_t *m = build(d);
    pin_t *boot = pin_named(d, m, io0), *rst = pin_named(d, m, "board:RST");
    part_t *serial = machine_part(m, "serialMonitor");
    set_prop(m, "rst", 1);
    g_assert_true(m->halted);
    g_assert_true(pin_level(boot));
    g_assert_true(pin_level(pin_named(d, m, io2)));
    g_assert_false(pin_level(pin_named(d, m, io15)));
    set_prop(m, "rst", 0);
    g_assert_false(m->halted);
    serial_control(serial, (serial_control_t){SERIAL_LINES, SERIAL_RTS});
    g_assert_true(m->halted && !pin_level(rst) && pin_level(boot));
    machine_run(m, machine_now_ps(m) + 20 * PS_PER_MS);
    serial_control(serial, (serial_control_t){SERIAL_LINES, SERIAL_DTR | SERIAL_RTS});
    g_assert_true(m->halted);
    machine_run(m, machine_now_ps(m) + 20 * PS_PER_MS);
    serial_control(serial, (serial_control_t){SERIAL_LINES, SERIAL_DTR});
    g_assert_true(!m->halted && pin_level(rst) && !pin_level(boot));
    machine_free(m);
    diagram_free(d);
}

static void feather(void)
{
    esp8266_circuit("feather-huzzah-esp8266", "board:0", "board:2", "board:15");
    diagram_t *d = diagram_of_board("feather-huzzah-esp8266", NULL);
    machine_t *m = build(d);
    set_prop(m, "rst", 1);
    pin_t *wire = pin_named(d, m, "board:A0"); // no divider here
    pin_drive(wire, DRIVE_SOURCE, 700);
    g_assert_cmpint(pin_mv(pin_named(d, m, "board:TOUT")), ==, 700);
    machine_free(m);
    diagram_free(d);
}

static void nodemcu(void)
{
    esp8266_circuit("nodemcu", "board:D3", "board:D4", "board:D8");
    diagram_t *d = diagram_of_board("nodemcu", NULL);
    machine_t *m = build(d);
    set_prop(m, "rst", 1);
    set_prop(m, "flash", 1);
    g_assert_false(pin_level(pin_named(d, m, "board:D3")));
    set_prop(m, "flash", 0);
    g_assert_true(pin_level(pin_named(d, m, "board:D3")));
    pin_drive(pin_named(d, m, "board:A0"), DRIVE_STRONG, 3200);
    g_assert_cmpint(pin_mv(pin_named(d, m, "board:TOUT")), ==, 1000); // 100 k of 320 k
    machine_free(m);
    diagram_free(d);
}

static void take(void *ctx, uint8_t byte, uint64_t now_ps) { g_string_append_c(ctx, byte); }

// The monitor is on Y1 and Y2, also where the diagram says so itself, and only there.
static void serial_connection(void)
{
    static const char *const wires[] = {
        "", "[\"pyb:Y1\",\"$serialMonitor:RX\",\"\",[]],[\"pyb:Y2\",\"$serialMonitor:TX\",\"\",[]]",
        "[\"pyb:X1\",\"$serialMonitor:RX\",\"\",[]],[\"pyb:X2\",\"$serialMonitor:TX\",\"\",[]]"};
    for (unsigned i = 0; i < G_N_ELEMENTS(wires); i++) {
        g_autofree char *text = g_strdup_printf("{\"parts\":[" PYB ",{\"id\":\"other\","
            "\"type\":\"serial-monitor\"}],\"connections\":[%s%s[\"other:TX\",\"pyb:Y1\"]]}",
            wires[i], *wires[i] ? "," : "");
        file_t f = file_new("diagram.json", text);
        diagram_t *d = diagram_load(f.path, NULL);
        machine_t *m = build(d);
        g_autoptr(GString) got = g_string_new("");
        serial_listen(machine_part(m, "serialMonitor"), take, got);
        serial_send(machine_part(m, "other"), "ok", 2); // it takes the chip's place
        m->halted = true;
        machine_run(m, machine_now_ps(m) + PS_PER_MS);
        g_assert_cmpstr(got->str, ==, i < 2 ? "ok" : "");
        machine_free(m);
        diagram_free(d);
        file_free(&f);
    }
}

// A diagram of Wokwi's kind, with all that its grammar has.
static void full_grammar(void)
{
    static const char text[] =
        "{ \"version\": 1, \"author\": \"x\", \"editor\": \"wokwi\",\n"
        "  \"parts\": [ " PYB ",\n"
        "    { \"type\": \"wokwi-led\", \"id\": \"led1\", \"top\": -20.5, \"left\": 6, "
        "\"rotate\": 90,\n"
        "      \"hide\": false, \"attrs\": { \"color\": \"green\", \"glow\": \"yes\" } },\n"
        "    { \"type\": \"wokwi-potentiometer\", \"id\": \"pot1\", "
        "\"attrs\": { \"value\": 512 } },\n"
        "    { \"type\": \"wokwi-resistor\", \"id\": \"r1\", "
        "\"attrs\": { \"value\": \"220\" } } ],\n"
        "  \"connections\": [ /* comments, \"too\": */\n"
        "    [ \"pyb:X1\", \"r1:1\", \"green\", [ \"v0\", \"*\", \"h10\" ] ],\n"
        "    [ \"r1:2\", \"led1:A\", \"\" ],\n"
        "    [ \"led1:C\", \"pyb:GND.2\" ],\n"
        "    [ \"pot1:SIG\", \"pyb:X19\", \"\", [] ],\n"
        "    [ \"pot1:VCC\", \"pyb:3V3\", \"red\", [] ], \n"
        "    [ \"pot1:GND\", \"pyb:GND\", \"black\", [] ] ],\n"
        "  \"serialMonitor\": { \"display\": \"terminal\" }, \"dependencies\": {} }\n";
    g_autoptr(GError) error = NULL;
    file_t f = file_new("diagram.json", text);
    diagram_t *d = diagram_load(f.path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(d->warnings->len, ==, 1);
    g_assert_cmpstr((char *)d->warnings->pdata[0] + strlen(f.dir) + 1, ==,
                    "diagram.json:4: part 'led1' (wokwi-led) has no attribute 'glow'");
    const diagram_part_t *row = d->parts->pdata[1];
    g_assert_cmpfloat(row->top, ==, -20.5);
    g_assert_cmpfloat(row->rotate, ==, 90);
    machine_t *m = build(d);
    part_t *own = machine_part(m, "led1"), *boards = machine_part(m, "pyb.led1");
    g_assert_false(own->on_board);
    g_assert_true(boards->on_board);
    g_assert_cmpfloat(own->left, ==, 6);
    g_assert_cmpint(pin_mv(pin_named(d, m, "pyb:X19")), ==, 1652); // 512 / 1023
    pin_set(pin_named(d, m, "pyb:X1"), true);
    g_assert_cmpfloat(part_prop_get(own, part_prop_find(own, "lit")), ==, 1);
    g_assert_cmpfloat(part_prop_get(boards, part_prop_find(boards, "lit")), ==, 0);
    machine_free(m);
    diagram_free(d);
    file_free(&f);
}

// Two machines of one diagram do not know of each other.
static void two_machines(void)
{
    diagram_t *d = diagram_of_board("pyboard", NULL);
    machine_t *a = build(d), *b = build(d);
    pin_set(pin_named(d, a, "board:X2"), true);
    g_assert_false(pin_level(pin_named(d, b, "board:X2")));
    machine_free(a);
    pin_set(pin_named(d, b, "board:X2"), true);
    machine_free(b);
    diagram_free(d);
}

// Each board gets the parts that are wired to it, and its own supplies.
static void several_boards(void)
{
    static const char text[] =
        "{ \"parts\": [ " PYB ", {\"id\":\"two\",\"type\":\"board-pyboard\"}, " LED ",\n"
        "  {\"id\":\"ext2\",\"type\":\"wokwi-led\"}, {\"id\":\"r2\",\"type\":\"wokwi-resistor\"},\n"
        "  {\"id\":\"loose\",\"type\":\"wokwi-led\"}, {\"id\":\"lit\",\"type\":\"wokwi-led\"} ],\n"
        "  \"connections\": [ [\"ext2:A\",\"r2:1\"], [\"r2:2\",\"two:X1\"], [\"pyb:X1\",\"led1:A\"],\n"
        "    [\"led1:C\",\"pyb:GND\"], [\"ext2:C\",\"pyb:GND\"], [\"pyb:GND\",\"two:GND\"],\n"
        "    [\"lit:A\",\"two:3V3\"], [\"lit:C\",\"two:GND\"] ] }";
    g_autoptr(GError) error = NULL;
    file_t f = file_new("diagram.json", text);
    diagram_t *d = diagram_load(f.path, &error);
    g_assert_no_error(error);
    g_assert_nonnull(d->next);
    g_assert_null(d->next->next);
    g_assert_cmpstr(d->next->board_id, ==, "two");
    machine_t *a = build(d), *b = build(d->next);
    g_assert_nonnull(machine_part(a, "led1"));
    g_assert_nonnull(machine_part(a, "loose"));
    g_assert_null(machine_part(a, "ext2"));
    part_t *ext2 = machine_part(b, "ext2"), *lit = machine_part(b, "lit");
    g_assert_null(machine_part(b, "loose"));
    pin_set(pin_named(d->next, b, "two:X1"), true);
    g_assert_cmpfloat(part_prop_get(ext2, part_prop_find(ext2, "lit")), ==, 1); // its ground is two's
    g_assert_cmpfloat(part_prop_get(lit, part_prop_find(lit, "lit")), ==, 1);
    machine_free(a);
    machine_free(b);
    diagram_free(d);
    file_free(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/board/wrong-diagrams", wrong_diagrams);
    g_test_add_func("/board/nested-too-deep", nested_too_deep);
    g_test_add_func("/board/wrong-boards", wrong_boards);
    g_test_add_func("/board/do-not-fit-their-chip", boards_that_do_not_fit_their_chip);
    g_test_add_func("/board/missing-files", missing_files);
    g_test_add_func("/board/garbled", garbled);
    g_test_add_func("/board/pyboard-pins", pyboard_pins);
    g_test_add_func("/board/pyboard-alone", pyboard_alone);
    g_test_add_func("/board/esp8266-pins", esp8266_pins);
    g_test_add_func("/board/feather-huzzah-esp8266", feather);
    g_test_add_func("/board/nodemcu", nodemcu);
    g_test_add_func("/board/serial-connection", serial_connection);
    g_test_add_func("/board/full-grammar", full_grammar);
    g_test_add_func("/board/two-machines", two_machines);
    g_test_add_func("/board/several-boards", several_boards);
    return g_test_run();
}
