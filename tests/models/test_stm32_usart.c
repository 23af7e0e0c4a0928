// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 USART: bit times, flags and their clearing, errors, requests.
#include "rig.h"

enum { A = 0x40011000, B = 0x40004400, SR = 0, DR = 4, BRR = 8, CR1 = 12, CR2 = 16, CR3 = 20 };
enum { PE = 1, FE = 2, NF = 4, ORE = 8, IDLE = 16, RXNE = 32, TC = 64, TXE = 128, CTS = 512 };
enum { SBK = 1, RE = 4, TE = 8, IDLEIE = 16, RXNEIE = 32, TCIE = 64, PS = 512, PCE = 1024,
       M9 = 4096, UE = 8192, OVER8 = 32768 };

static const soc_t soc = {
    .name = "two usarts",
    .clks = (const soc_clk_t[]){{"pclk2", 84000000}, {"pclk1", 42000000}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-usart", "usart1", A, "pclk2"},
                                  {"stm32-usart", "usart2", B, "pclk1"},
                                  {NULL}},
};

// usart1's TX and RTS on pins 0 and 2 reach usart2's RX and CTS, and the other way round.
static machine_t *two_usarts(void)
{
    machine_t *m = rig_new(&soc);
    pin_connect(rig_pin(m, 0), rig_pin(m, 5));
    pin_connect(rig_pin(m, 1), rig_pin(m, 4));
    pin_connect(rig_pin(m, 2), rig_pin(m, 7));
    rig_pull_up(m, 0);
    rig_pull_up(m, 1);
    rig_start(m);
    const char *const pads[] = {"usart1.tx", "usart1.rx", "usart1.rts", NULL,
                                "usart2.tx", "usart2.rx", NULL, "usart2.cts"};
    for (int i = 0; i < 8; i++)
        if (pads[i])
            rig_route(m, i, pads[i], false);
    return m;
}

// Time of `cycles` of an 84 MHz clock from 0, rounded up.
static uint64_t at84(uint64_t cycles) { return (cycles * PS_PER_S + 83999999) / 84000000; }

static uint64_t setup(machine_t *m, uint32_t brr1, uint32_t brr2, uint32_t cr1)
{
    wr(m, A + BRR, brr1);
    wr(m, B + BRR, brr2);
    wr(m, A + CR1, UE | TE | RE | cr1);
    wr(m, B + CR1, UE | TE | RE | cr1);
    uint64_t after_preamble = (at84(brr1 * 11) / PS_PER_US + 1) * PS_PER_US; // on a clock edge
    rig_run(m, after_preamble);
    return after_preamble;
}

static void test_reset(void)
{
    machine_t *m = two_usarts();
    g_assert_cmphex(rd(m, A + SR), ==, TXE | TC);
    g_assert_cmphex(rd(m, A + BRR), ==, 0);
    g_assert_cmphex(rd(m, A + CR1), ==, 0);
    machine_free(m);
}

// 84 MHz / 729 = 115226 Bd, 42 MHz / 365 = 115068 Bd: both "115200". 8N1 is 10 bits.
static void test_byte_time(void)
{
    machine_t *m = two_usarts();
    wr(m, A + BRR, 729);
    wr(m, B + BRR, 365);
    wr(m, B + CR1, UE | RE);
    wr(m, A + CR1, UE | TE);
    wr(m, A + DR, 0x5A); // waits for the idle preamble of 10 bits
    g_assert_cmphex(rd(m, A + SR), ==, TC);
    rig_run(m, at84(7290) - 1);
    g_assert_cmphex(rd(m, A + SR), ==, TC);
    rig_run(m, at84(7290));
    g_assert_cmphex(rd(m, A + SR), ==, TC | TXE);
    wr(m, A + SR, 0);
    wr(m, A + DR, 0xC3);
    g_assert_cmphex(rd(m, A + SR), ==, 0);
    // The receiver samples at its own rate: 10 bits of 365 cycles of 42 MHz.
    uint64_t seen = at84(7290) + 10 * (365 * PS_PER_S / 42000000);
    rig_run(m, at84(14580) - 1);
    g_assert_cmphex(rd(m, A + SR), ==, 0);
    rig_run(m, at84(14580));
    g_assert_cmphex(rd(m, A + SR), ==, TXE);
    // The next start bit comes before the receiver's stop bit is over: it tells the byte now.
    g_assert_cmpuint(seen, >, at84(14580));
    g_assert_cmphex(rd(m, B + SR), ==, RXNE | TC | TXE);
    g_assert_cmphex(rd(m, B + DR), ==, 0x5A);
    g_assert_cmphex(rd(m, B + SR), ==, TC | TXE);
    rig_run(m, at84(21870) - 1);
    g_assert_cmphex(rd(m, A + SR), ==, TXE);
    rig_run(m, at84(21870));
    g_assert_cmphex(rd(m, A + SR), ==, TXE | TC);
    seen = at84(14580) + 10 * (365 * PS_PER_S / 42000000);
    rig_run(m, seen - 1);
    g_assert_cmphex(rd(m, B + SR) & RXNE, ==, 0);
    rig_run(m, seen);
    g_assert_cmphex(rd(m, B + SR) & RXNE, ==, RXNE);
    g_assert_cmphex(rd(m, B + DR), ==, 0xC3);
    machine_free(m);
}

// Oversampling by 8: BRR bits 2:0 are eighths, bit 3 is not used.
static void test_over8(void)
{
    machine_t *m = two_usarts();
    wr(m, A + BRR, 5 << 4 | 3); // 43 cycles
    wr(m, A + CR1, UE | TE | OVER8);
    wr(m, A + DR, 1);
    rig_run(m, at84(430) - 1);
    g_assert_cmphex(rd(m, A + SR) & TXE, ==, 0);
    rig_run(m, at84(430));
    g_assert_cmphex(rd(m, A + SR) & TXE, ==, TXE);
    machine_free(m);
}

// TC goes by reading SR, then writing DR; a write of DR alone leaves it.
static void test_tc_sequence(void)
{
    machine_t *m = two_usarts();
    setup(m, 729, 364, 0);
    wr(m, A + DR, 1);
    g_assert_cmphex(rd(m, A + SR), ==, TXE | TC);
    wr(m, A + DR, 2);
    g_assert_cmphex(rd(m, A + SR), ==, 0);
    machine_free(m);
}

static void test_interrupts(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 729, 364, 0);
    wr(m, B + CR1, UE | TE | RE | RXNEIE | IDLEIE);
    g_assert_false(rig_level(m, "usart2.irq"));
    wr(m, A + DR, 0x55);
    rig_run(m, t + 88 * PS_PER_US);
    g_assert_true(rig_level(m, "usart2.irq"));
    g_assert_cmphex(rd(m, B + DR), ==, 0x55);
    g_assert_false(rig_level(m, "usart2.irq"));
    // One idle frame (10 bits of 364 cycles) after the stop bit.
    uint64_t bit = 364 * PS_PER_S / 42000000;
    rig_run(m, t + 20 * bit - 1);
    g_assert_cmphex(rd(m, B + SR) & IDLE, ==, 0);
    rig_run(m, t + 20 * bit);
    g_assert_cmphex(rd(m, B + SR) & IDLE, ==, IDLE);
    g_assert_true(rig_level(m, "usart2.irq"));
    rd(m, B + DR);
    g_assert_false(rig_level(m, "usart2.irq"));
    // And not again without a byte.
    rig_run(m, t + 100 * bit);
    g_assert_cmphex(rd(m, B + SR) & IDLE, ==, 0);
    machine_free(m);
}

static void test_overrun(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 729, 364, 0);
    wr(m, A + DR, 0x11);
    wr(m, A + DR, 0x22);
    rig_run(m, t + 200 * PS_PER_US);
    wr(m, A + DR, 0x33);
    rig_run(m, t + 400 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | ORE), ==, RXNE | ORE);
    g_assert_cmphex(rd(m, B + DR), ==, 0x11);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | ORE), ==, 0);
    machine_free(m);
}

// ORE stays when DR is read without SR before it.
static void test_clear_needs_sr(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 729, 364, 0);
    wr(m, A + DR, 0x11);
    wr(m, A + DR, 0x22);
    rig_run(m, t + 200 * PS_PER_US);
    rd(m, B + DR);
    uint32_t sr = 0;
    g_assert_true(bus_peek(m->bus, B + SR, &sr, 4)); // a debugger's look is no read
    g_assert_cmphex(sr & (RXNE | ORE), ==, ORE);
    rd(m, B + DR);
    g_assert_cmphex(rd(m, B + SR) & ORE, ==, ORE);
    rd(m, B + DR);
    g_assert_cmphex(rd(m, B + SR) & ORE, ==, 0);
    machine_free(m);
}

// Even against odd parity. The parity bit is seen as the most significant data bit.
static void test_parity(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 729, 364, 0);
    wr(m, A + CR1, UE | TE | RE | M9 | PCE);
    wr(m, B + CR1, UE | TE | RE | M9 | PCE);
    wr(m, A + DR, 0x07);
    rig_run(m, t += 200 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | PE), ==, RXNE);
    g_assert_cmphex(rd(m, B + DR), ==, 0x107);
    wr(m, B + CR1, UE | TE | RE | M9 | PCE | PS);
    wr(m, A + DR, 0x03);
    rig_run(m, t += 200 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | PE), ==, RXNE | PE);
    g_assert_cmphex(rd(m, B + DR), ==, 0x003);
    machine_free(m);
}

static void test_nine_bits(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 729, 364, M9);
    wr(m, A + DR, 0x1A5);
    rig_run(m, t + 200 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | FE), ==, RXNE);
    g_assert_cmphex(rd(m, B + DR), ==, 0x1A5);
    machine_free(m);
}

// A break is low for 10 bits, then one stop bit; SBK goes back to 0, the receiver sees a framing
// error.
static void test_break(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 840, 420, 0); // 10 us a bit
    wr(m, A + CR1, UE | TE | RE | SBK);
    g_assert_false(pin_level(rig_pin(m, 0)));
    rig_run(m, t + 99 * PS_PER_US);
    g_assert_false(pin_level(rig_pin(m, 0)));
    g_assert_cmphex(rd(m, A + CR1) & SBK, ==, SBK);
    rig_run(m, t + 101 * PS_PER_US);
    g_assert_true(pin_level(rig_pin(m, 0)));
    g_assert_cmphex(rd(m, A + CR1) & SBK, ==, 0);
    g_assert_cmphex(rd(m, B + SR) & (RXNE | FE), ==, RXNE | FE);
    g_assert_cmphex(rd(m, B + DR), ==, 0);
    machine_free(m);
}

// A receiver at half the rate sees other bytes or errors, as the wire would show it.
static void test_wrong_rate(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 840, 840, 0);
    wr(m, A + DR, 0x55);
    rig_run(m, t + 400 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & RXNE, ==, RXNE);
    g_assert_cmphex(rd(m, B + DR), !=, 0x55);
    machine_free(m);
}

// RTS of usart1 is high while its DR is full; usart2 waits for CTS low.
static void test_flow_control(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 840, 420, 0);
    wr(m, A + CR3, 1 << 8);
    wr(m, B + CR3, 1 << 9);
    wr(m, B + DR, 1);
    wr(m, B + DR, 2); // its frame begins before the first one is complete at the other side
    rig_run(m, t += 150 * PS_PER_US);
    wr(m, B + DR, 3);
    rig_run(m, t += 300 * PS_PER_US);
    g_assert_cmphex(rd(m, B + SR) & (TXE | CTS), ==, CTS); // 3 waits
    g_assert_true(pin_level(rig_pin(m, 2)));
    g_assert_cmphex(rd(m, A + DR), ==, 1);
    g_assert_false(pin_level(rig_pin(m, 2)));
    g_assert_cmphex(rd(m, B + SR) & TXE, ==, TXE); // 3 is on its way
    rig_run(m, t += 110 * PS_PER_US);
    rd(m, A + SR);
    g_assert_cmphex(rd(m, A + DR), ==, 3);
    machine_free(m);
}

// One wire: the transmitter hears itself, and leaves the wire alone between frames.
static void test_half_duplex(void)
{
    machine_t *m = two_usarts();
    wr(m, A + BRR, 840);
    wr(m, A + CR3, 1 << 3);
    wr(m, A + CR1, UE | TE | RE);
    rig_run(m, 150 * PS_PER_US);
    g_assert_cmpint(rig_pin(m, 0)->drive, ==, DRIVE_PULL);
    wr(m, A + DR, 0x42);
    rig_run(m, 255 * PS_PER_US);
    g_assert_cmphex(rd(m, A + DR), ==, 0x42);
    g_assert_cmpint(rig_pin(m, 0)->drive, ==, DRIVE_PULL);
    machine_free(m);
}

static void test_dma_requests(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 840, 420, 0);
    wr(m, A + CR3, 1 << 7);
    wr(m, B + CR3, 1 << 6);
    g_assert_true(rig_level(m, "usart1.dma_tx"));
    wr(m, A + DR, 0x42); // goes to the shift register at once
    g_assert_true(rig_level(m, "usart1.dma_tx"));
    wr(m, A + DR, 0x43);
    g_assert_false(rig_level(m, "usart1.dma_tx"));
    g_assert_false(rig_level(m, "usart2.dma_rx"));
    rig_run(m, t + 101 * PS_PER_US);
    g_assert_true(rig_level(m, "usart1.dma_tx"));
    g_assert_true(rig_level(m, "usart2.dma_rx"));
    rd(m, B + DR);
    g_assert_false(rig_level(m, "usart2.dma_rx"));
    machine_free(m);
}

// A new clock frequency moves the end of the frame that is being sent.
static void test_clock_change(void)
{
    machine_t *m = two_usarts();
    uint64_t t = setup(m, 840, 420, 0);
    wr(m, A + SR, 0);
    wr(m, A + DR, 0);
    rig_run(m, t + 50 * PS_PER_US);
    clk_set(machine_clk(m, "pclk2"), 42000000, 1, machine_now_ps(m));
    rig_run(m, t + 149 * PS_PER_US);
    g_assert_cmphex(rd(m, A + SR) & TC, ==, 0);
    rig_run(m, t + 151 * PS_PER_US);
    g_assert_cmphex(rd(m, A + SR) & TC, ==, TC);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-usart/reset", test_reset);
    g_test_add_func("/stm32-usart/byte-time", test_byte_time);
    g_test_add_func("/stm32-usart/over8", test_over8);
    g_test_add_func("/stm32-usart/tc-sequence", test_tc_sequence);
    g_test_add_func("/stm32-usart/interrupts", test_interrupts);
    g_test_add_func("/stm32-usart/overrun", test_overrun);
    g_test_add_func("/stm32-usart/clear-needs-sr", test_clear_needs_sr);
    g_test_add_func("/stm32-usart/parity", test_parity);
    g_test_add_func("/stm32-usart/nine-bits", test_nine_bits);
    g_test_add_func("/stm32-usart/break", test_break);
    g_test_add_func("/stm32-usart/wrong-rate", test_wrong_rate);
    g_test_add_func("/stm32-usart/flow-control", test_flow_control);
    g_test_add_func("/stm32-usart/half-duplex", test_half_duplex);
    g_test_add_func("/stm32-usart/dma-requests", test_dma_requests);
    g_test_add_func("/stm32-usart/clock-change", test_clock_change);
    return g_test_run();
}
