// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 I2C: event sequences of the master, their times, acknowledge rules, errors, requests.
#include "rig.h"
#include "xfer.h"

enum { I2C = 0x40005400, CR1 = 0x00, CR2 = 0x04, OAR1 = 0x08, DR = 0x10, SR1 = 0x14, SR2 = 0x18,
       CCR = 0x1C, TRISE = 0x20 };
enum { PE = 1, START = 1 << 8, STOP = 1 << 9, ACK = 1 << 10, POS = 1 << 11, SWRST = 1 << 15 };
enum { ITERREN = 1 << 8, ITEVTEN = 1 << 9, ITBUFEN = 1 << 10, DMAEN = 1 << 11, LAST = 1 << 12 };
enum { SB = 1, ADDR = 2, BTF = 4, RXNE = 64, TXE = 128, AF = 1 << 10 };
enum { MSL = 1, BUSY = 2, TRA = 4 };

static const soc_t soc = {
    .name = "i2c",
    .clks = (const soc_clk_t[]){{"pclk1", 42000000}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-i2c", "i2c1", I2C, "pclk1"}, {NULL}},
};

// A device at 0x18: the first written byte is the place of those that follow and of reads.
typedef struct {
    i2c_target_t target;
    uint8_t memory[256], place;
    bool first;
    unsigned starts, stops, reads, refuse_after; // refuse_after: written bytes taken, 0 = all
    unsigned written;
} device_t;

static bool device_start(void *ctx, uint8_t address, bool read)
{
    device_t *d = ctx;
    d->first = true;
    d->written = 0;
    d->starts += address == 0x18;
    return address == 0x18;
}

static bool device_write(void *ctx, uint8_t byte)
{
    device_t *d = ctx;
    if (d->first)
        d->place = byte;
    else
        d->memory[d->place++] = byte;
    d->first = false;
    return !d->refuse_after || ++d->written <= d->refuse_after;
}

static uint8_t device_read(void *ctx)
{
    device_t *d = ctx;
    d->reads++;
    return d->memory[d->place++];
}

static void device_stop(void *ctx) { ((device_t *)ctx)->stops++; }

// i2c1 on pins 0 and 1, the device on 2 and 3; pin 4 may hold SDA. 400 kHz with a duty of 1:2:
// 3 * 35 cycles of 42 MHz.
static machine_t *i2c_machine(device_t *d)
{
    machine_t *m = rig_new(&soc);
    pin_connect(rig_pin(m, 0), rig_pin(m, 2));
    pin_connect(rig_pin(m, 1), rig_pin(m, 3));
    pin_connect(rig_pin(m, 1), rig_pin(m, 4));
    rig_pull_up(m, 0);
    rig_pull_up(m, 1);
    *d = (device_t){.target = {.start = device_start, .write = device_write, .read = device_read,
                               .stop = device_stop, .ctx = d}};
    for (unsigned i = 0; i < 256; i++)
        d->memory[i] = i ^ 0xA0;
    i2c_target_attach(&d->target, rig_pin(m, 2), rig_pin(m, 3));
    rig_start(m);
    rig_route(m, 0, "i2c1.scl", true);
    rig_route(m, 1, "i2c1.sda", true);
    wr(m, I2C + CR2, 42);
    wr(m, I2C + CCR, 1 << 15 | 35);
    wr(m, I2C + TRISE, 13);
    wr(m, I2C + CR1, PE);
    return m;
}

enum { BIT = 2500000 }; // ps; 105 cycles of 42 MHz are exactly 2.5 us

static void after_bits(machine_t *m, unsigned bits)
{
    rig_run(m, machine_now_ps(m) + (uint64_t)bits * BIT);
}

// Start and address; ends with ADDR set (or AF).
static void address(machine_t *m, uint8_t byte)
{
    wr(m, I2C + CR1, rd(m, I2C + CR1) | START);
    rig_run(m, machine_now_ps(m) + BIT - 1);
    g_assert_cmphex(rd(m, I2C + SR1) & SB, ==, 0);
    rig_run(m, machine_now_ps(m) + 1);
    g_assert_cmphex(rd(m, I2C + SR1) & SB, ==, SB);
    g_assert_cmphex(rd(m, I2C + CR1) & START, ==, 0);
    wr(m, I2C + DR, byte);
    g_assert_cmphex(rd(m, I2C + SR1) & SB, ==, 0);
    rig_run(m, machine_now_ps(m) + 9 * BIT - 1);
    g_assert_cmphex(rd(m, I2C + SR1) & (ADDR | AF), ==, 0);
    rig_run(m, machine_now_ps(m) + 1);
}

static void test_transmit(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    g_assert_cmphex(rd(m, I2C + SR2), ==, 0);
    address(m, 0x30);
    g_assert_cmphex(rd(m, I2C + SR1), ==, ADDR);
    g_assert_cmphex(rd(m, I2C + SR2), ==, MSL | BUSY | TRA);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE); // EV8_1
    wr(m, I2C + DR, 0x10);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE);
    wr(m, I2C + DR, 0x5A);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE); // EV8
    rig_run(m, machine_now_ps(m) + 9 * BIT - 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE);
    rig_run(m, machine_now_ps(m) + 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE | BTF); // EV8_2
    g_assert_cmphex(d.memory[0x10], ==, 0x5A);
    after_bits(m, 100); // stretched
    wr(m, I2C + DR, 0xA5);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE);
    wr(m, I2C + CR1, PE | STOP);
    after_bits(m, 9);
    g_assert_cmphex(d.memory[0x11], ==, 0xA5);
    g_assert_cmpuint(d.stops, ==, 0);
    after_bits(m, 1);
    g_assert_cmpuint(d.stops, ==, 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    g_assert_cmphex(rd(m, I2C + SR2), ==, 0);
    g_assert_cmphex(rd(m, I2C + CR1), ==, PE);
    machine_free(m);
}

// Writes the place, then a repeated start to read from it.
static void seek(machine_t *m, uint8_t place)
{
    address(m, 0x30);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    wr(m, I2C + DR, place);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE | BTF);
}

// EV6_3: ACK = 0, clear ADDR, STOP = 1.
static void test_receive_one(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    seek(m, 0x20);
    address(m, 0x31);
    g_assert_cmphex(rd(m, I2C + SR1), ==, ADDR);
    g_assert_cmphex(rd(m, I2C + SR2), ==, MSL | BUSY);
    wr(m, I2C + CR1, PE | STOP);
    rig_run(m, machine_now_ps(m) + 9 * BIT - 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    rig_run(m, machine_now_ps(m) + 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0x20 ^ 0xA0);
    after_bits(m, 1);
    g_assert_cmphex(rd(m, I2C + SR2), ==, 0);
    g_assert_cmpuint(d.reads, ==, 1);
    g_assert_cmpuint(d.starts, ==, 2);
    machine_free(m);
}

// POS = 1: ACK is cleared after ADDR and means the second byte. BTF, STOP, two reads.
static void test_receive_two(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR1, PE | ACK | POS);
    address(m, 0x31);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    wr(m, I2C + CR1, PE | POS);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE | BTF);
    after_bits(m, 50);
    g_assert_cmpuint(d.reads, ==, 2);
    wr(m, I2C + CR1, PE | POS | STOP);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA0);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    after_bits(m, 1);
    g_assert_cmphex(rd(m, I2C + SR2), ==, 0);
    g_assert_cmpuint(d.reads, ==, 2);
    machine_free(m);
}

// N = 4: BTF with two bytes waiting, ACK = 0, read, STOP, read, RXNE, read (27.3.3).
static void test_receive_many(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR1, PE | ACK);
    address(m, 0x31);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA0);
    after_bits(m, 18);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE | BTF); // bytes 2 and 3
    after_bits(m, 50);
    g_assert_cmpuint(d.reads, ==, 3);
    wr(m, I2C + CR1, PE);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE);
    wr(m, I2C + CR1, PE | STOP);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA2);
    after_bits(m, 9);
    g_assert_cmphex(rd(m, I2C + SR1), ==, RXNE);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xA3);
    after_bits(m, 20);
    g_assert_cmpuint(d.reads, ==, 4);
    g_assert_cmpuint(d.stops, ==, 1);
    machine_free(m);
}

static void test_no_device(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR2, 42 | ITERREN | ITEVTEN);
    address(m, 0x40);
    g_assert_cmphex(rd(m, I2C + SR1), ==, AF);
    g_assert_true(rig_level(m, "i2c1.irq_er"));
    g_assert_cmphex(rd(m, I2C + SR2), ==, MSL | BUSY);
    wr(m, I2C + SR1, 0);
    g_assert_false(rig_level(m, "i2c1.irq_er"));
    wr(m, I2C + CR1, PE | STOP);
    after_bits(m, 1);
    g_assert_cmphex(rd(m, I2C + SR2), ==, 0);
    machine_free(m);
}

static void test_data_refused(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    d.refuse_after = 1;
    address(m, 0x30);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    wr(m, I2C + DR, 1);
    wr(m, I2C + DR, 2);
    after_bits(m, 18);
    g_assert_cmphex(rd(m, I2C + SR1) & (AF | BTF), ==, AF);
    wr(m, I2C + CR1, PE | STOP);
    after_bits(m, 1);
    g_assert_cmpuint(d.stops, ==, 1);
    machine_free(m);
}

// Nobody moves on before software did its reads in the right order.
static void test_clear_sequences(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR1, PE | START);
    after_bits(m, 1);
    wr(m, I2C + DR, 0x30); // SR1 not read: not an address
    after_bits(m, 20);
    g_assert_cmphex(rd(m, I2C + SR1), ==, SB);
    wr(m, I2C + DR, 0x30);
    after_bits(m, 9);
    rd(m, I2C + SR2); // SR1 not read since ADDR
    g_assert_cmphex(rd(m, I2C + SR1), ==, ADDR);
    rd(m, I2C + SR2);
    g_assert_cmphex(rd(m, I2C + SR1), ==, TXE);
    machine_free(m);
}

// A line that is held low keeps the bus busy: START waits until it is free.
static void test_busy_bus(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    pin_set(rig_pin(m, 4), false);
    g_assert_cmphex(rd(m, I2C + SR2), ==, BUSY);
    wr(m, I2C + CR1, PE | START);
    after_bits(m, 20);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    pin_release(rig_pin(m, 4));
    after_bits(m, 1);
    g_assert_cmphex(rd(m, I2C + SR1), ==, SB);
    machine_free(m);
}

static void test_clocks(void)
{
    const struct {
        uint32_t ccr;
        unsigned cycles;
    } rows[] = {{210, 420}, {1 << 15 | 35, 105}, {1 << 15 | 1 << 14 | 4, 100}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        device_t d;
        machine_t *m = i2c_machine(&d);
        wr(m, I2C + CR1, 0);
        wr(m, I2C + CCR, rows[i].ccr);
        wr(m, I2C + CR1, PE | START);
        uint64_t ps = (rows[i].cycles * PS_PER_S + 41999999) / 42000000;
        rig_run(m, ps - 1);
        g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
        rig_run(m, ps);
        g_assert_cmphex(rd(m, I2C + SR1), ==, SB);
        machine_free(m);
    }
}

static void test_interrupts(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR2, 42 | ITEVTEN);
    address(m, 0x30);
    g_assert_true(rig_level(m, "i2c1.irq_ev"));
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    g_assert_false(rig_level(m, "i2c1.irq_ev")); // TXE counts with ITBUFEN only
    wr(m, I2C + CR2, 42 | ITEVTEN | ITBUFEN);
    g_assert_true(rig_level(m, "i2c1.irq_ev"));
    wr(m, I2C + CR2, 42 | ITEVTEN);
    wr(m, I2C + DR, 0);
    g_assert_false(rig_level(m, "i2c1.irq_ev"));
    after_bits(m, 9);
    g_assert_true(rig_level(m, "i2c1.irq_ev")); // BTF
    machine_free(m);
}

// With LAST the byte of the DMA's last transfer is refused though ACK = 1.
static void test_dma_last(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    wr(m, I2C + CR1, PE | ACK);
    address(m, 0x31);
    wr(m, I2C + CR2, 42 | DMAEN | LAST);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    for (int left = 3; left > 0; left--) {
        line_set(machine_line(m, "i2c1.last"), left == 1);
        g_assert_false(rig_level(m, "i2c1.dma_rx"));
        after_bits(m, 9);
        g_assert_true(rig_level(m, "i2c1.dma_rx"));
        rd(m, I2C + DR);
    }
    after_bits(m, 50);
    g_assert_cmpuint(d.reads, ==, 3);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    machine_free(m);
}

static void test_software_reset(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    address(m, 0x30);
    wr(m, I2C + CR1, SWRST);
    g_assert_cmphex(rd(m, I2C + CCR), ==, 0);
    g_assert_cmphex(rd(m, I2C + SR1), ==, 0);
    g_assert_cmphex(rd(m, I2C + TRISE), ==, 2);
    wr(m, I2C + CR1, 0);
    g_assert_cmphex(rd(m, I2C + CR1), ==, 0);
    machine_free(m);
}

// The program takes the pins away in the middle of a byte: nobody acknowledges, or all bits are high.
static void test_unrouted(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    pad_t *sda = machine_pad(m, "i2c1.sda");
    address(m, 0x30);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    wr(m, I2C + DR, 0x12);
    after_bits(m, 4);
    pad_route(sda, NULL, NULL, NULL, 0);
    after_bits(m, 5);
    g_assert_cmphex(rd(m, I2C + SR1) & AF, ==, AF);
    machine_free(m);

    m = i2c_machine(&d);
    sda = machine_pad(m, "i2c1.sda");
    wr(m, I2C + CR1, PE | ACK);
    address(m, 0x31);
    rd(m, I2C + SR1);
    rd(m, I2C + SR2);
    after_bits(m, 4);
    pad_route(sda, NULL, NULL, NULL, 0);
    after_bits(m, 5);
    g_assert_cmphex(rd(m, I2C + SR1) & RXNE, ==, RXNE);
    g_assert_cmphex(rd(m, I2C + DR), ==, 0xFF);
    machine_free(m);
}

// The clock stands still for a second in the middle of the address and then goes on.
static void test_stopped_clock(void)
{
    device_t d;
    machine_t *m = i2c_machine(&d);
    clk_t *clk = machine_clk(m, "pclk1");
    wr(m, I2C + CR1, PE | START);
    after_bits(m, 1);
    rd(m, I2C + SR1);
    wr(m, I2C + DR, 0x30);
    after_bits(m, 4);
    clk_set(clk, 0, 1, machine_now_ps(m));
    rig_run(m, machine_now_ps(m) + PS_PER_S);
    clk_set(clk, 42000000, 1, machine_now_ps(m));
    after_bits(m, 4);
    g_assert_cmphex(rd(m, I2C + SR1) & ADDR, ==, 0);
    after_bits(m, 1);
    g_assert_cmphex(rd(m, I2C + SR1) & ADDR, ==, ADDR);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-i2c/transmit", test_transmit);
    g_test_add_func("/stm32-i2c/receive-one", test_receive_one);
    g_test_add_func("/stm32-i2c/receive-two", test_receive_two);
    g_test_add_func("/stm32-i2c/receive-many", test_receive_many);
    g_test_add_func("/stm32-i2c/no-device", test_no_device);
    g_test_add_func("/stm32-i2c/data-refused", test_data_refused);
    g_test_add_func("/stm32-i2c/clear-sequences", test_clear_sequences);
    g_test_add_func("/stm32-i2c/busy-bus", test_busy_bus);
    g_test_add_func("/stm32-i2c/clocks", test_clocks);
    g_test_add_func("/stm32-i2c/interrupts", test_interrupts);
    g_test_add_func("/stm32-i2c/dma-last", test_dma_last);
    g_test_add_func("/stm32-i2c/software-reset", test_software_reset);
    g_test_add_func("/stm32-i2c/unrouted", test_unrouted);
    g_test_add_func("/stm32-i2c/stopped-clock", test_stopped_clock);
    return g_test_run();
}
