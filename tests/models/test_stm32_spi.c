// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 SPI: word times, flags and their clearing, modes, NSS, CRC, requests.
#include "rig.h"
#include "xfer.h"

enum { SPI = 0x40013000, CR1 = 0x00, CR2 = 0x04, SR = 0x08, DR = 0x0C, CRCPR = 0x10, RXCRCR = 0x14,
       TXCRCR = 0x18 };
enum { CPHA = 1, CPOL = 2, MSTR = 4, SPE = 64, LSB = 128, SSI = 256, SSM = 512, RXONLY = 1 << 10,
       DFF = 1 << 11, CRCNEXT = 1 << 12, CRCEN = 1 << 13, BIDIOE = 1 << 14, BIDI = 1 << 15,
       ON = MSTR | SPE | SSI | SSM };
enum { RXNE = 1, TXE = 2, CRCERR = 16, MODF = 32, OVR = 64, BSY = 128 };

static const soc_t soc = {
    .name = "spi",
    .clks = (const soc_clk_t[]){{"pclk2", 84000000}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-spi", "spi1", SPI, "pclk2"}, {NULL}},
};

enum { SCK, MOSI, MISO, NSS };

static machine_t *spi_machine(bool loop)
{
    machine_t *m = rig_new(&soc);
    if (loop)
        pin_connect(rig_pin(m, MOSI), rig_pin(m, MISO));
    rig_start(m);
    rig_route(m, SCK, "spi1.sck", false);
    rig_route(m, MOSI, "spi1.mosi", false);
    rig_route(m, MISO, "spi1.miso", false);
    return m;
}

static uint64_t at84(uint64_t cycles) { return (cycles * PS_PER_S + 83999999) / 84000000; }

// MOSI joined to MISO; two words without a gap, 8 bits of 84 MHz / 2 each.
static void test_loop_back(void)
{
    machine_t *m = spi_machine(true);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE);
    wr(m, SPI + CR1, ON);
    wr(m, SPI + DR, 0xA5);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | BSY);
    wr(m, SPI + DR, 0x3C);
    g_assert_cmphex(rd(m, SPI + SR), ==, BSY);
    rig_run(m, at84(16) - 1);
    g_assert_cmphex(rd(m, SPI + SR), ==, BSY);
    rig_run(m, at84(16));
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE | BSY);
    g_assert_cmphex(rd(m, SPI + DR), ==, 0xA5);
    rig_run(m, at84(32) - 1);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | BSY);
    rig_run(m, at84(32));
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE);
    g_assert_cmphex(rd(m, SPI + DR), ==, 0x3C);
    machine_free(m);
}

// 16 bits, LSB first, divider 256.
static void test_sixteen_bits(void)
{
    machine_t *m = spi_machine(true);
    wr(m, SPI + CR1, ON | DFF | LSB | 7 << 3);
    wr(m, SPI + DR, 0xBEEF);
    rig_run(m, at84(16 * 256) - 1);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | BSY);
    rig_run(m, at84(16 * 256));
    g_assert_cmphex(rd(m, SPI + DR), ==, 0xBEEF);
    machine_free(m);
}

// A device that answers with the inverted byte before.
typedef struct {
    spi_target_t target;
    uint8_t got[8];
    unsigned n;
} device_t;

static void device_byte(void *ctx, uint8_t mosi)
{
    device_t *d = ctx;
    d->got[d->n++ % 8] = mosi;
    d->target.reply = ~mosi;
}

static void test_device(void)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        device_t d = {.target = {.mode = mode, .reply = 0x77, .byte = device_byte, .ctx = &d}};
        machine_t *m = rig_new(&soc);
        for (int i = 0; i < 4; i++)
            pin_connect(rig_pin(m, i), rig_pin(m, 8 + i));
        spi_target_attach(&d.target, rig_pin(m, 8), rig_pin(m, 9), rig_pin(m, 10), rig_pin(m, 11));
        rig_start(m);
        rig_route(m, SCK, "spi1.sck", false);
        rig_route(m, MOSI, "spi1.mosi", false);
        rig_route(m, MISO, "spi1.miso", false);
        wr(m, SPI + CR1, ON | mode);
        pin_set(rig_pin(m, NSS), true);
        pin_set(rig_pin(m, NSS), false);
        wr(m, SPI + DR, 0x12);
        rig_run(m, PS_PER_US);
        g_assert_cmphex(rd(m, SPI + DR), ==, 0x77);
        wr(m, SPI + DR, 0x34);
        rig_run(m, 2 * PS_PER_US);
        g_assert_cmphex(rd(m, SPI + DR), ==, 0xED);
        g_assert_cmpuint(d.n, ==, 2);
        g_assert_cmphex(d.got[1], ==, 0x34);
        machine_free(m);
    }
}

// The clock idles at CPOL as soon as the interface is on.
static void test_idle_level(void)
{
    machine_t *m = spi_machine(false);
    wr(m, SPI + CR1, ON | CPOL);
    g_assert_true(pin_level(rig_pin(m, SCK)));
    wr(m, SPI + CR1, 0);
    g_assert_cmpint(rig_pin(m, SCK)->drive, ==, DRIVE_NONE);
    machine_free(m);
}

// OVR goes by reading DR, then SR; the word that was lost is the new one.
static void test_overrun(void)
{
    machine_t *m = spi_machine(true);
    wr(m, SPI + CR1, ON);
    wr(m, SPI + DR, 1);
    wr(m, SPI + DR, 2);
    rig_run(m, PS_PER_US);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE | OVR);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE | OVR);
    g_assert_cmphex(rd(m, SPI + DR), ==, 1);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | OVR);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE);
    machine_free(m);
}

static void test_mode_fault(void)
{
    machine_t *m = spi_machine(false);
    wr(m, SPI + CR2, 1 << 5);
    wr(m, SPI + CR1, MSTR | SPE | SSM); // SSI = 0: NSS is low inside
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | MODF);
    g_assert_cmphex(rd(m, SPI + CR1), ==, SSM);
    g_assert_true(rig_level(m, "spi1.irq"));
    wr(m, SPI + CR1, SSM | SSI);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE);
    g_assert_false(rig_level(m, "spi1.irq"));
    // By the pin.
    rig_pull_up(m, NSS);
    rig_route(m, NSS, "spi1.nss", false);
    wr(m, SPI + CR1, MSTR | SPE);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE);
    pin_connect(rig_pin(m, NSS), rig_pin(m, 12));
    pin_set(rig_pin(m, 12), false);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | MODF);
    machine_free(m);
}

static void test_nss_output(void)
{
    machine_t *m = spi_machine(false);
    rig_pull_up(m, NSS);
    rig_route(m, NSS, "spi1.nss", false);
    wr(m, SPI + CR2, 1 << 2);
    g_assert_true(pin_level(rig_pin(m, NSS)));
    wr(m, SPI + CR1, MSTR | SPE);
    g_assert_false(pin_level(rig_pin(m, NSS)));
    wr(m, SPI + CR1, MSTR);
    g_assert_true(pin_level(rig_pin(m, NSS)));
    machine_free(m);
}

// CRC-8 with the polynomial 0x07 of "123456789" is 0xF4; the loop brings it back as the last word.
static void test_crc(void)
{
    machine_t *m = spi_machine(true);
    wr(m, SPI + CRCPR, 7);
    wr(m, SPI + CR1, ON | CRCEN);
    for (unsigned i = 0; i < 9; i++) {
        wr(m, SPI + DR, '1' + i);
        if (i == 8)
            wr(m, SPI + CR1, ON | CRCEN | CRCNEXT);
        rig_run(m, machine_now_ps(m) + at84(17)); // to the next clock edge, then 16
        g_assert_cmphex(rd(m, SPI + DR), ==, '1' + i);
    }
    g_assert_cmphex(rd(m, SPI + TXCRCR), ==, 0xF4);
    g_assert_cmphex(rd(m, SPI + RXCRCR), ==, 0xF4);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | BSY);
    rig_run(m, machine_now_ps(m) + at84(17));
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE);
    g_assert_cmphex(rd(m, SPI + DR), ==, 0xF4);
    machine_free(m);
}

// Receive only: words come as long as the interface is on.
static void test_receive_only(void)
{
    machine_t *m = spi_machine(false);
    pin_connect(rig_pin(m, MISO), rig_pin(m, 8));
    pin_set(rig_pin(m, 8), true);
    wr(m, SPI + CR1, ON | RXONLY);
    for (unsigned i = 1; i <= 3; i++) {
        rig_run(m, at84(16 * i));
        g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE | BSY);
        g_assert_cmphex(rd(m, SPI + DR), ==, 0xFF);
    }
    wr(m, SPI + CR1, 0);
    rig_run(m, at84(100));
    g_assert_cmphex(rd(m, SPI + SR) & BSY, ==, 0);
    machine_free(m);
}

// One wire, sending: nothing is received.
static void test_one_wire(void)
{
    machine_t *m = spi_machine(true);
    wr(m, SPI + CR1, ON | BIDI | BIDIOE);
    wr(m, SPI + DR, 0x55);
    rig_run(m, PS_PER_US);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE);
    machine_free(m);
}

static void test_requests(void)
{
    machine_t *m = spi_machine(true);
    wr(m, SPI + CR2, 1 | 2 | 1 << 6);
    g_assert_true(rig_level(m, "spi1.dma_tx"));
    wr(m, SPI + DR, 0x11); // waits for SPE
    g_assert_false(rig_level(m, "spi1.dma_tx"));
    wr(m, SPI + CR1, ON);
    g_assert_true(rig_level(m, "spi1.dma_tx"));
    rig_run(m, PS_PER_US);
    g_assert_true(rig_level(m, "spi1.dma_rx"));
    g_assert_true(rig_level(m, "spi1.irq"));
    g_assert_cmphex(rd(m, SPI + DR), ==, 0x11);
    g_assert_false(rig_level(m, "spi1.dma_rx"));
    g_assert_false(rig_level(m, "spi1.irq"));
    machine_free(m);
}

// The clock stands still in the middle of a word and then goes on.
static void test_stopped_clock(void)
{
    machine_t *m = spi_machine(true);
    clk_t *clk = machine_clk(m, "pclk2");
    wr(m, SPI + CR1, ON);
    wr(m, SPI + DR, 0xA5);
    rig_run(m, at84(10));
    clk_set(clk, 0, 1, machine_now_ps(m));
    rig_run(m, PS_PER_S);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | BSY);
    clk_set(clk, 84000000, 1, machine_now_ps(m));
    rig_run(m, PS_PER_S + at84(6) + 1);
    g_assert_cmphex(rd(m, SPI + SR), ==, TXE | RXNE);
    g_assert_cmphex(rd(m, SPI + DR), ==, 0xA5);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-spi/loop-back", test_loop_back);
    g_test_add_func("/stm32-spi/sixteen-bits", test_sixteen_bits);
    g_test_add_func("/stm32-spi/device", test_device);
    g_test_add_func("/stm32-spi/idle-level", test_idle_level);
    g_test_add_func("/stm32-spi/overrun", test_overrun);
    g_test_add_func("/stm32-spi/mode-fault", test_mode_fault);
    g_test_add_func("/stm32-spi/nss-output", test_nss_output);
    g_test_add_func("/stm32-spi/crc", test_crc);
    g_test_add_func("/stm32-spi/receive-only", test_receive_only);
    g_test_add_func("/stm32-spi/one-wire", test_one_wire);
    g_test_add_func("/stm32-spi/requests", test_requests);
    g_test_add_func("/stm32-spi/stopped-clock", test_stopped_clock);
    return g_test_run();
}
