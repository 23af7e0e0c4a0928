// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 serial peripheral interfaces ("ESP8266 Technical Reference", chapter SPI; names as in the
// SDK's spi_register.h). Variant 0 is SPI0, which has the flash chip (spi_flash.c); variant 1 is
// HSPI.
//
// Modelled: user transactions with their phases command, address, dummy, MOSI, MISO in this order,
// 1 to 512 bits, full duplex, three wires (SIO), all four modes, bit and byte orders, the high half
// of W, the divider, CS0 of HSPI, the interrupt at the end (SLAVE0.trans_done); the flash commands
// of SPI0, whose clock is CTRL0's and whose reads take one, two or four wires (CTRL0). A command
// bit clears itself when the last bit is over; the chip is then still at work with an erase or
// program, see RDSR. A bit takes whole cycles of the APB clock and begins on one; there are no gaps
// between phases. The cache's own reads go the way that CTRL0 says: a line that is missing takes the
// CPU so long. Not modelled (reported): slave mode, flash commands and several data wires on HSPI.
// Not modelled: CS1 and CS2, the duty of the clock, delays (CTRL1, CTRL2), time for CS set-up and
// hold, edges on the pins of SPI0; that the cache waits for a command in progress and finds a chip
// at work (but see spi_flash.c).
//
// Pads: hspi.clk hspi.mosi hspi.miso hspi.cs. Lines: irq; power_fail of SPI0 (see spi_flash.h).
#include "spi_flash.h"
#include "xfer.h"

enum { CMD = 0x00, ADDR = 0x04, CTRL0 = 0x08, RD_STATUS = 0x10, CLOCK = 0x18, USER0 = 0x1C,
       USER1 = 0x20, USER2 = 0x24, WR_STATUS = 0x28, PIN = 0x2C, SLAVE0 = 0x30,
       W0 = 0x40, EXT2 = 0xF8 };
#define CMD_READ (1u << 31)
enum { CMD_WRSR = 1 << 26, CMD_PP = 1 << 25, CMD_USR = 1 << 18 };
enum { CTRL0_SYSCLK = 1 << 12, CTRL0_FASTRD = 1 << 13, CTRL0_DOUT = 1 << 14, CTRL0_QOUT = 1 << 20,
       CTRL0_WRSR_2B = 1 << 22, CTRL0_DIO = 1 << 23, CTRL0_QIO = 1 << 24, CTRL0_RD_LSB = 1 << 25,
       CTRL0_WR_LSB = 1 << 26 };
enum { USER0_DUPLEX = 1 << 0, USER0_OUT_EDGE = 1 << 7, USER0_RD_ORDER = 1 << 10,
       USER0_WR_ORDER = 1 << 11, USER0_WR_MODES = 0xF000, USER0_SIO = 1 << 16,
       USER0_MISO_HIGH = 1 << 24, USER0_MOSI_HIGH = 1 << 25, USER0_MOSI = 1 << 27,
       USER0_MISO = 1 << 28, USER0_DUMMY = 1 << 29, USER0_ADDR = 1 << 30 };
#define USER0_COMMAND (1u << 31)
enum { PIN_CS0_OFF = 1 << 0, PIN_IDLE_HIGH = 1 << 29 };
enum { SLAVE0_DONE = 1 << 4, SLAVE0_DONE_EN = 1 << 9, SLAVE0_COUNT = 15 << 23,
       SLAVE0_SLAVE = 1 << 30 };
#define SLAVE0_RESET (1u << 31)
enum { WORDS = 16, BUFFER = 4 * WORDS, CACHE_LINE = 32 };
enum { PROP_CUT_AT, PROP_STEPS };

typedef enum { COMMAND, ADDRESS, DUMMY, OUT, IN, PHASES } phase_t;

typedef struct {
    part_t p;
    line_t *irq;
    pad_t *clk, *mosi, *miso, *cs; // NULL on SPI0
    event_t event;    // saved: the command, or some bits of a user transaction, are over
    uint64_t tick;    // saved: of the APB clock, when `event` is due
    uint32_t running; // saved: the command bit that is at work, or 0
    phase_t phase;    // saved: of the user transaction
    unsigned at, chunk; // saved: bits of the phase that are over, bits that are on the wires
    spi_flash_t flash;  // SPI0's
} esp8266_spi_t;

static esp8266_spi_t *of(part_t *p) { return (esp8266_spi_t *)p; }
static bool has_flash(const part_t *p) { return p->variant == 0; }

static void update(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    bool on = !(R(p, SLAVE0) & SLAVE0_SLAVE);
    if (s->clk) {
        pad_drive(s->clk, on, R(p, PIN) & PIN_IDLE_HIGH);
        pad_drive(s->cs, on, !s->running || R(p, PIN) & PIN_CS0_OFF);
        bool listens = s->running && s->phase == IN && R(p, USER0) & USER0_SIO;
        pad_drive(s->mosi, on && !listens, s->mosi->level);
    }
    line_set(s->irq, R(p, SLAVE0) & SLAVE0_DONE && R(p, SLAVE0) & SLAVE0_DONE_EN);
}

static void finish(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    s->running = 0;
    R(p, CMD) = 0;
    uint32_t count = (R(p, SLAVE0) + (1 << 23)) & SLAVE0_COUNT;
    R(p, SLAVE0) = (R(p, SLAVE0) & ~SLAVE0_COUNT) | SLAVE0_DONE | count;
    update(s);
}

static void wait(esp8266_spi_t *s, uint64_t cycles)
{
    s->tick += cycles;
    machine_at(s->p.m, &s->event, clk_ps(s->p.clk, s->tick));
}

// ---- Flash commands ----------------------------------------------------------------------------

static uint32_t flash_cycles(const part_t *p)
{
    return R(p, CTRL0) & CTRL0_SYSCLK ? 1 : (R(p, CTRL0) >> 8 & 15) + 1;
}

typedef struct {
    uint32_t bit;
    uint8_t opcode;
    bool address;
    uint8_t answer; // bytes
    uint16_t to;    // register that takes it
} command_t;

static const command_t commands[] = {
    {1 << 30, 0x06, false, 0, 0},         {1 << 29, 0x04, false, 0, 0},
    {1 << 28, 0x9F, false, 3, W0},        {1 << 27, 0x05, false, 1, RD_STATUS},
    {CMD_WRSR, 0x01, false, 0, 0},        {CMD_PP, 0x02, true, 0, 0},
    {1 << 24, 0x20, true, 0, 0},          {1 << 23, 0xD8, true, 0, 0},
    {1 << 22, 0xC7, false, 0, 0},         {1 << 21, 0xB9, false, 0, 0},
    {1 << 20, 0xAB, false, 0, 0},         {1 << 19, 0xA3, false, 0, 0},
};

// How READ goes: the first row whose bit is set in CTRL0; wires of the address and of the data.
typedef struct {
    uint32_t bit;
    uint8_t opcode, address_wires, data_wires, dummy_bytes, dummy_cycles;
} read_mode_t;

static const read_mode_t *read_mode(const part_t *p)
{
    static const read_mode_t modes[] = {
        {CTRL0_QIO, 0xEB, 4, 4, 3, 6},    {CTRL0_DIO, 0xBB, 2, 2, 1, 4},
        {CTRL0_QOUT, 0x6B, 1, 4, 1, 8},   {CTRL0_DOUT, 0x3B, 1, 2, 1, 8},
        {CTRL0_FASTRD, 0x0B, 1, 1, 1, 8}, {0, 0x03, 1, 1, 0, 0},
    };
    const read_mode_t *mode = modes;
    while (mode->bit && !(R(p, CTRL0) & mode->bit))
        mode++;
    return mode;
}

// READ and PP: the byte count is the address's highest byte.
static unsigned byte_count(const part_t *p) { return MIN(R(p, ADDR) >> 24, BUFFER); }

static const command_t *command_of(uint32_t bit)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        if (commands[i].bit == bit)
            return &commands[i];
    return NULL;
}

static unsigned bytes_out(const part_t *p, uint32_t bit)
{
    if (bit == CMD_WRSR)
        return R(p, CTRL0) & CTRL0_WRSR_2B ? 2 : 1;
    return bit == CMD_PP ? byte_count(p) : 0;
}

static uint32_t read_clocks(const part_t *p, unsigned bytes)
{
    const read_mode_t *m = read_mode(p);
    return 8 + 24 / m->address_wires + m->dummy_cycles + 8 * bytes / m->data_wires;
}

static uint32_t command_clocks(const part_t *p, uint32_t bit)
{
    if (bit == CMD_READ)
        return read_clocks(p, byte_count(p));
    const command_t *c = command_of(bit);
    return 8 + (c->address ? 24 : 0) + 8 * (bytes_out(p, bit) + c->answer);
}

static uint8_t *w_byte(part_t *p, unsigned i) { return (uint8_t *)&R(p, W0) + i; }

static void flash_read(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    const read_mode_t *mode = read_mode(p);
    spi_flash_bits(&s->flash, mode->opcode, 8);
    spi_flash_bits(&s->flash, R(p, ADDR), 24);
    spi_flash_bits(&s->flash, 0, 8 * mode->dummy_bytes);
    for (unsigned i = 0; i < byte_count(p); i++)
        *w_byte(p, i) = spi_flash_bits(&s->flash, 0, 8);
}

static void flash_command(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    const command_t *c = command_of(s->running);
    spi_flash_bits(&s->flash, c->opcode, 8);
    if (c->address)
        spi_flash_bits(&s->flash, R(p, ADDR), 24);
    for (unsigned i = 0; i < bytes_out(p, s->running); i++)
        spi_flash_bits(&s->flash, c->bit == CMD_PP ? *w_byte(p, i) : R(p, RD_STATUS) >> 8 * i, 8);
    uint32_t answer = 0;
    for (unsigned i = 0; i < c->answer; i++)
        answer |= spi_flash_bits(&s->flash, 0, 8) << 8 * i;
    if (c->answer)
        R(p, c->to) = answer;
}

// How long the cache waits for a line: the same read, and a little that makes the measured 2.15 us of
// the 2.1 us that four wires at 40 MHz take.
static void tell_line_time(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    mem_t *mem = s->flash.mem;
    double hz = clk_hz(p->clk);
    if (!mem || hz <= 0)
        return;
    uint32_t ns = (uint32_t)(read_clocks(p, CACHE_LINE) * flash_cycles(p) * 1e9 / hz) + 50;
    if (mem->timing.line_ns == ns)
        return;
    mem->timing.line_ns = ns;
    bus_timing_changed(p->m->bus, mem);
}

static bool selected(const part_t *p) { return !(R(p, PIN) & PIN_CS0_OFF); }

// ---- User transactions -------------------------------------------------------------------------

static uint32_t user_cycles(const part_t *p)
{
    uint32_t clock = R(p, CLOCK);
    return clock >> 31 ? 1 : ((clock >> 18 & 0x1FFF) + 1) * ((clock >> 12 & 63) + 1);
}

static unsigned phase_bits(const part_t *p, phase_t phase)
{
    uint32_t user0 = R(p, USER0), user1 = R(p, USER1);
    switch (phase) {
    case COMMAND: return user0 & USER0_COMMAND ? (R(p, USER2) >> 28) + 1 : 0;
    case ADDRESS: return user0 & USER0_ADDR ? (user1 >> 26) + 1 : 0;
    case DUMMY: return user0 & USER0_DUMMY ? (user1 & 255) + 1 : 0;
    case OUT: return user0 & USER0_MOSI ? (user1 >> 17 & 511) + 1 : 0;
    case IN: return user0 & USER0_MISO && !(user0 & USER0_DUPLEX) ? (user1 >> 8 & 511) + 1 : 0;
    default: return 0;
    }
}

// Where bit i of the data is: word of W, and bit in it.
static uint32_t *data_place(part_t *p, unsigned i, bool high, bool order, bool lsb, unsigned *bit)
{
    unsigned word = (i / 32 + (high ? WORDS / 2 : 0)) % WORDS, byte = i / 8 % 4;
    *bit = 8 * (order ? 3 - byte : byte) + (lsb ? i % 8 : 7 - i % 8);
    return &R(p, W0 + 4 * word);
}

static bool bit_out(part_t *p, phase_t phase, unsigned i)
{
    uint32_t user0 = R(p, USER0);
    bool lsb = R(p, CTRL0) & CTRL0_WR_LSB;
    unsigned bit;
    if (phase == COMMAND) // its low byte goes first
        return R(p, USER2) >> (lsb ? i : (i & 8) + 7 - i % 8) & 1;
    if (phase == ADDRESS && i < 32)
        return R(p, ADDR) >> (lsb ? i : 31 - i) & 1;
    if (phase == ADDRESS) // as in the ESP32
        return R(p, WR_STATUS) >> (lsb ? i - 32 : 63 - i) & 1;
    if (phase != OUT)
        return false;
    uint32_t *w = data_place(p, i, user0 & USER0_MOSI_HIGH, user0 & USER0_WR_ORDER, lsb, &bit);
    return *w >> bit & 1;
}

static void bit_in(part_t *p, unsigned i, bool level)
{
    uint32_t user0 = R(p, USER0);
    unsigned bit;
    uint32_t *w = data_place(p, i, user0 & USER0_MISO_HIGH, user0 & USER0_RD_ORDER,
                             R(p, CTRL0) & CTRL0_RD_LSB, &bit);
    *w = (*w & ~(1u << bit)) | (uint32_t)level << bit;
}

// The clock's idle level is CPOL; bit 7 of USER0 is the edge itself at which data changes.
static unsigned spi_mode(const part_t *p)
{
    bool cpol = R(p, PIN) & PIN_IDLE_HIGH, edge = R(p, USER0) & USER0_OUT_EDGE;
    return cpol << 1 | (cpol != edge);
}

static uint8_t on_pads(esp8266_spi_t *s, uint8_t word, unsigned bits)
{
    part_t *p = &s->p;
    bool sio = R(p, USER0) & USER0_SIO;
    pin_t *out = s->phase == IN ? NULL : s->mosi->pin;
    pin_t *in = sio ? s->mosi->pin : s->miso->pin;
    if (!s->clk->pin)
        return in && pin_level(in) ? 0xFF : 0;
    uint8_t got = spi_transfer(s->clk->pin, out, in, word, bits, spi_mode(p), false,
                               clk_span_ps(p->clk, user_cycles(p)));
    if (s->phase != IN) // MOSI stays at the last bit
        pad_drive(s->mosi, true, word & 1);
    return got;
}

// The bits that are on the wires are over.
static void exchange(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    unsigned n = s->chunk;
    bool takes = s->phase == IN || (s->phase == OUT && R(p, USER0) & USER0_DUPLEX);
    uint8_t word = 0, got = 0;
    for (unsigned i = 0; i < n; i++)
        word = word << 1 | bit_out(p, s->phase, s->at + i);
    if (s->clk)
        got = on_pads(s, word, n);
    else
        got = selected(p) ? spi_flash_bits(&s->flash, word, n) : 0xFF;
    for (unsigned i = 0; i < n && takes; i++)
        bit_in(p, s->at + i, got >> (n - 1 - i) & 1);
    s->at += n;
}

static void next_chunk(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    while (s->phase < PHASES && s->at >= phase_bits(p, s->phase)) {
        s->phase++;
        s->at = 0;
    }
    update(s);
    if (s->phase == PHASES) {
        if (has_flash(p) && selected(p))
            spi_flash_deselect(&s->flash);
        finish(s);
        return;
    }
    s->chunk = MIN(phase_bits(p, s->phase) - s->at, 8);
    wait(s, (uint64_t)s->chunk * user_cycles(p));
}

static void start_user(esp8266_spi_t *s)
{
    part_t *p = &s->p;
    uint32_t wires = CTRL0_QIO | CTRL0_DIO | CTRL0_QOUT | CTRL0_DOUT;
    if (!has_flash(p) && (R(p, USER0) & USER0_WR_MODES || R(p, CTRL0) & wires))
        machine_unmodelled(p->m, p->base + USER0, "HSPI with two or four data wires");
    if (R(p, USER0) & USER0_ADDR && phase_bits(p, ADDRESS) > 32)
        machine_unmodelled(p->m, p->base + USER1, "SPI addresses of more than 32 bits");
    s->phase = COMMAND;
    s->at = 0;
    if (has_flash(p) && selected(p))
        spi_flash_select(&s->flash);
    next_chunk(s);
}

// ---- Commands ----------------------------------------------------------------------------------

static void done(void *ctx, uint64_t now)
{
    esp8266_spi_t *s = ctx;
    if (s->running == CMD_USR) {
        exchange(s);
        next_chunk(s);
        return;
    }
    if (selected(&s->p)) {
        spi_flash_select(&s->flash);
        if (s->running == CMD_READ)
            flash_read(s);
        else
            flash_command(s);
        spi_flash_deselect(&s->flash);
    }
    finish(s);
}

static void cmd_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_spi_t *s = of(p);
    uint32_t wanted = R(p, CMD);
    R(p, CMD) = s->running;
    if (s->running && wanted & ~s->running)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base | 1,
                       "%s: a command while another is at work: no effect", p->name);
    if (s->running || !wanted)
        return;
    if (!has_flash(p) && wanted != CMD_USR) {
        machine_unmodelled(p->m, p->base + CMD, "flash commands on HSPI");
        return;
    }
    if (R(p, SLAVE0) & SLAVE0_SLAVE) // it waits for a master, who never comes
        return;
    s->running = 1u << (g_bit_storage(wanted) - 1);
    R(p, CMD) = s->running;
    s->tick = clk_tick_from(p->clk, machine_now_ps(p->m));
    if (s->running == CMD_USR)
        start_user(s);
    else
        wait(s, (uint64_t)command_clocks(p, s->running) * flash_cycles(p));
}

// ---- Registers ---------------------------------------------------------------------------------

static void stop(esp8266_spi_t *s)
{
    machine_cancel(s->p.m, &s->event);
    if (s->running == CMD_USR && has_flash(&s->p))
        spi_flash_deselect(&s->flash);
    s->running = 0;
    R(&s->p, CMD) = 0;
}

static void slave_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_spi_t *s = of(p);
    if (R(p, SLAVE0) & SLAVE0_RESET)
        stop(s);
    update(s);
}

static void ctrl_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    tell_line_time(of(p));
}

static void pin_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old) { update(of(p)); }

// The state of the machine that makes the transactions; 0: it stands still.
static uint32_t state_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return of(p)->running ? 1 : 0;
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    esp8266_spi_t *s = ctx;
    if (before)
        return;
    if (s->running)
        machine_at(s->p.m, &s->event, clk_ps(clk, s->tick));
    tell_line_time(s);
}

// ---- The part ----------------------------------------------------------------------------------

// Another step for the cut brings the power back (between two runs: see machine_reset).
static void cut_changed(part_t *p, unsigned index)
{
    of(p)->flash.cut_at = (uint32_t)part_prop_get(p, PROP_CUT_AT);
    if (of(p)->flash.off)
        machine_reset(p->m, true);
}

static double steps_read(part_t *p, unsigned index) { return of(p)->flash.steps; }

static bool spi_init(part_t *p, GError **error)
{
    esp8266_spi_t *s = of(p);
    s->irq = part_line(p, "irq");
    event_init(&s->event, "spi", done, s);
    clk_listen(p->clk, clock_changed, s);
    if (has_flash(p)) {
        mem_t *mem = bus_mem_named(p->m->bus, "flash");
        spi_flash_init(&s->flash, p->m, mem, part_line(p, "power_fail"));
        cut_changed(p, PROP_CUT_AT);
        return true;
    }
    s->clk = machine_pad(p->m, "hspi.clk");
    s->mosi = machine_pad(p->m, "hspi.mosi");
    s->miso = machine_pad(p->m, "hspi.miso");
    s->cs = machine_pad(p->m, "hspi.cs");
    return true;
}

// The flash chip has no reset: it goes on with what it does.
static void spi_reset(part_t *p, bool power)
{
    esp8266_spi_t *s = of(p);
    stop(s);
    tell_line_time(s);
    if (has_flash(p) && power)
        spi_flash_power(&s->flash);
    if (s->mosi)
        pad_drive(s->mosi, true, false);
    update(s);
}

// Reset values that nobody tells are 0.
static const part_reg_t spi_regs[] = {
    {"CMD", CMD, .ro = 0x3FFFF, .write = cmd_write},
    {"ADDR", ADDR},
    {"CTRL0", CTRL0, .write = ctrl_write},
    {"CTRL1", 0x0C},
    {"RD_STATUS", RD_STATUS},
    {"CTRL2", 0x14},
    {"CLOCK", CLOCK, .reset = 0x80003043},
    {"USER0", USER0},
    {"USER1", USER1},
    {"USER2", USER2},
    {"WR_STATUS", WR_STATUS},
    {"PIN", PIN, .write = pin_write},
    {"SLAVE0", SLAVE0, .ro = SLAVE0_COUNT, .unimp = SLAVE0_SLAVE, .write = slave_write},
    {"SLAVE", 0x34, .count = 3},
    {"W", W0, .count = WORDS},
    {"EXT0", 0xF0, .count = 2},
    {"EXT2", EXT2, .ro = ~0u, .read = state_read},
    {"EXT3", 0xFC},
    {0},
};

static const part_prop_t spi_props[] = {
    {"cut-at", "", 0, 1e9, 0, 1, PROP_RANGE, NULL, cut_changed, NULL},
    {"steps", "", 0, 1e9, 0, 1, PROP_OUTPUT, NULL, NULL, steps_read},
    {0},
};

const part_class_t esp8266_spi_class = {
    .name = "esp8266-spi",
    .brief = "ESP8266 serial peripheral interface",
    .size = sizeof(esp8266_spi_t),
    .regs = spi_regs,
    .mmio_size = 0x100,
    .props = spi_props,
    .init = spi_init,
    .reset = spi_reset,
};
