// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 ECB, CCM, AAR and RNG: known answers and times. Vectors: FIPS 197 appendix C.1; Bluetooth Core
// Specification 4.0, vol. 6 part C 1 (encrypted packets) and vol. 3 part H appendix D (ah).
#include "nrf51.h"

enum { ECB = 0x4000E000, CCM = 0x4000F000, RNG = 0x4000D000, AT = NRF_RAM + 0x200 };
enum { ENDKSGEN = CCM + 0x100, ENDCRYPT = CCM + 0x104, CCM_ERROR = CCM + 0x108 };
enum { VALRDY = RNG + 0x100, VALUE = RNG + 0x508 };

static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void test_ecb(void)
{
    static const uint8_t cipher[16] = {0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30,
                                       0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5, 0x5A};
    uint8_t block[16], got[16];
    chip_t *c = nrf51_new();
    for (unsigned i = 0; i < 16; i++)
        block[i] = i * 0x11;
    poke(c, AT, key, 16);
    poke(c, AT + 16, block, 16);
    wr(c, ECB + 0x504, AT);
    task(c, ECB);
    event_comes(c, ECB + 0x100, 8500 * PS_PER_NS);
    peek(c, AT + 32, got, 16);
    g_assert_cmpmem(got, 16, cipher, 16);
    task(c, ECB); // stopped
    task(c, ECB + 4);
    g_assert_true(event(c, ECB + 0x104));
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, ECB + 0x100));
    wr(c, ECB + 0x504, 0x20003FE0); // the cipher text would lie behind the memory
    task(c, ECB);
    run_for(c, PS_PER_MS);
    g_assert_true(event(c, ECB + 0x104));
    g_assert_true(reported(c, "ecb: there is no memory at 0x20004000"));
    chip_free(c);
}

// The master's LL_START_ENC_RSP of the specification.
static const uint8_t config[33] = {
    0x99, 0xAD, 0x1B, 0x52, 0x26, 0xA3, 0x7E, 0x3E, 0x05, 0x8E, 0x3B, 0x8E, 0x27, 0xC2, 0xC6, 0x66,
    0, 0, 0, 0, 0, 0, 0, 0, 1, // counter, direction
    0x24, 0xAB, 0xDC, 0xBA, 0xBE, 0xBA, 0xAF, 0xDE};

static void ccm_setup(chip_t *c, unsigned mode, const void *packet, unsigned n)
{
    poke(c, AT, config, sizeof config);
    poke(c, AT + 0x40, packet, n);
    wr(c, CCM + 0x508, AT);
    wr(c, CCM + 0x50C, AT + 0x40);
    wr(c, CCM + 0x510, AT + 0x80);
    wr(c, CCM + 0x504, mode);
    wr(c, CCM + 0x500, 2);
}

static void test_ccm(void)
{
    static const uint8_t clear[4] = {0x0F, 1, 0, 6};
    static const uint8_t crypt[8] = {0x0F, 5, 0, 0x9F, 0xCD, 0xA7, 0xF4, 0x48};
    uint8_t got[8];
    chip_t *c = nrf51_new();
    ccm_setup(c, 0, clear, 4);
    wr(c, CCM + 0x200, 1); // ENDKSGEN, CRYPT
    task(c, CCM);
    event_comes(c, ENDKSGEN, 50 * US);
    event_comes(c, ENDCRYPT, 67 * US);
    peek(c, AT + 0x80, got, 8);
    g_assert_cmpmem(got, 8, crypt, 8);
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        uint8_t packet[8];
        memcpy(packet, crypt, 8);
        packet[7] ^= wrong;
        ccm_setup(c, 1, packet, 8);
        task(c, CCM);
        run_for(c, PS_PER_MS);
        g_assert_true(event(c, ENDCRYPT));
        g_assert_cmpuint(rd(c, CCM + 0x400), ==, !wrong);
        peek(c, AT + 0x80, got, 4);
        g_assert_cmpmem(got, 4, clear, 4);
    }
    chip_done(c);
}

// Through and back, all lengths; a length that cannot be; a start while busy.
static void test_ccm_lengths(void)
{
    uint8_t packet[34] = {2}, back[34];
    chip_t *c = nrf51_new();
    for (unsigned n = 0; n <= 28; n++) {
        for (unsigned i = 0; i < n; i++)
            packet[3 + i] = i * 7 + n;
        packet[1] = n;
        ccm_setup(c, 0, packet, 3 + n);
        task(c, CCM + 4);
        run_for(c, PS_PER_MS);
        g_assert_cmpint(event(c, CCM_ERROR), ==, n == 28);
        g_assert_cmpint(event(c, ENDCRYPT), ==, n < 28);
        if (n == 28)
            break;
        peek(c, AT + 0x80, back, sizeof back);
        ccm_setup(c, 1, back, sizeof back);
        task(c, CCM + 4);
        run_for(c, PS_PER_MS);
        g_assert_true(event(c, ENDCRYPT));
        g_assert_cmpuint(rd(c, CCM + 0x400), ==, 1);
        peek(c, AT + 0x80, back, 3 + n);
        g_assert_cmpmem(back, 3 + n, packet, 3 + n);
    }
    ccm_setup(c, 0, packet, 30);
    task(c, CCM);
    task(c, CCM + 4); // the key stream is not ready
    g_assert_true(event(c, CCM_ERROR));
    chip_done(c);
}

static void test_aar(void)
{
    static const uint8_t irk[16] = {0xEC, 0x02, 0x34, 0xA3, 0x57, 0xC8, 0xAD, 0x05,
                                    0x34, 0x10, 0x10, 0xA6, 0x0A, 0x39, 0x7D, 0x9B};
    static const uint8_t packet[9] = {0, 6, 0, 0xAA, 0xFB, 0x0D, 0x94, 0x81, 0x70};
    chip_t *c = nrf51_new();
    poke(c, AT, key, 16);
    poke(c, AT + 16, irk, 16);
    poke(c, AT + 0x40, packet, sizeof packet);
    wr(c, CCM + 0x508, AT);
    wr(c, CCM + 0x510, AT + 0x40);
    wr(c, CCM + 0x504, 2);
    wr(c, CCM + 0x500, 3);
    task(c, CCM);
    event_comes(c, CCM + 0x104, 12 * US); // RESOLVED
    g_assert_true(event(c, CCM + 0x100));
    g_assert_cmpuint(rd(c, CCM + 0x400), ==, 1);
    wr(c, CCM + 0x504, 1); // only the wrong key
    task(c, CCM);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, CCM + 0x104));
    g_assert_true(event(c, CCM + 0x108));
    chip_done(c);
}

static void test_rng_raw(void)
{
    chip_t *c = nrf51_new();
    unsigned seen[256] = {0}, different = 0;
    task(c, RNG);
    for (unsigned i = 0; i < 1000; i++) {
        event_comes(c, VALRDY, (128 + 63 * (i + 1)) * US);
        different += !seen[rd(c, VALUE)]++;
    }
    g_assert_cmpuint(different, >, 200);
    task(c, RNG + 4);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, VALRDY));
    wr(c, RNG + 0x200, 1); // stops by itself
    task(c, RNG);
    run_for(c, PS_PER_MS);
    g_assert_true(event(c, VALRDY));
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, VALRDY));
    chip_done(c);
}

// With the correction of bias: 677 us on average, not regularly; the same again with the same seed.
static void test_rng_uniform(void)
{
    uint64_t times[2][300];
    uint8_t values[2][300];
    for (unsigned run = 0; run < 2; run++) {
        chip_t *c = nrf51_new();
        wr(c, RNG + 0x504, 1);
        task(c, RNG);
        for (unsigned i = 0; i < 300; i++) {
            while (!event(c, VALRDY))
                run_for(c, 1 * US);
            times[run][i] = machine_now_ps(c->m);
            values[run][i] = rd(c, VALUE);
        }
        chip_done(c);
    }
    g_assert_cmpmem(times[0], sizeof times[0], times[1], sizeof times[1]);
    g_assert_cmpmem(values[0], 300, values[1], 300);
    uint64_t mean = (times[0][299] - times[0][0]) / 299;
    g_assert_cmpuint(mean, >, 640 * US);
    g_assert_cmpuint(mean, <, 715 * US);
    g_assert_cmpuint(times[0][2] - times[0][1], !=, times[0][1] - times[0][0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/ecb", test_ecb);
    g_test_add_func("/nrf51/ccm", test_ccm);
    g_test_add_func("/nrf51/ccm/lengths", test_ccm_lengths);
    g_test_add_func("/nrf51/aar", test_aar);
    g_test_add_func("/nrf51/rng/raw", test_rng_raw);
    g_test_add_func("/nrf51/rng/uniform", test_rng_uniform);
    return g_test_run();
}
