// SPDX-License-Identifier: GPL-2.0-or-later
// The nRF51 port's own pieces of floating point, built for the host under other names: conversions, and the multiples of pi/2.
#include <glib.h>
#include <math.h>
#define asinf                 own_asinf
#define acosf                 own_acosf
#define tanf                  own_tanf
float own_asinf(float x);
float own_acosf(float x);
float own_tanf(float x);
#define __aeabi_f2ulz         own_f2ulz
#define __aeabi_f2lz          own_f2lz
#define __aeabi_ul2f          own_ul2f
#define __aeabi_l2f           own_l2f
#define __ieee754_rem_pio2f   own_rem_pio2f
#include "../../firmware/ports/nrf51/softfloat.c"

static void test_conversions(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t u = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
        u >>= g_rand_int(rand) % 64;
        int64_t s = -(int64_t)(u >> 1);
        g_assert_cmpfloat(own_ul2f(u), ==, (float)u);
        g_assert_cmpfloat(own_l2f(s), ==, (float)s);
        float f = (float)(u >> 2) / (float)(1 << i % 20);
        g_assert_cmpuint(own_f2ulz(f), ==, (uint64_t)f);
        g_assert_cmpint(own_f2lz(-f), ==, (int64_t)-f);
    }
    g_assert_cmpuint(own_f2ulz(-1), ==, 0);
    g_assert_cmpint(own_f2lz(-3e30f), ==, INT64_MIN);
    g_assert_cmpint(own_f2lz(3e30f), ==, INT64_MAX);
}

// The sine of what is left, in the right quadrant, is the sine of the number: also of huge ones, and near the multiples.
static void check_angle(float x)
{
    float y[2];
    int32_t n = own_rem_pio2f(x, y);
    double rest = (double)y[0] + y[1];
    double by_quadrant[4] = {sin(rest), cos(rest), -sin(rest), -cos(rest)}, want = sin((double)x);
    g_assert_cmpfloat(fabs(by_quadrant[n & 3] - want), <=, 1e-9 * fabs(want) + 1e-15);
    g_assert_cmpfloat(fabs(rest), <=, 0.7855);
}

static void test_multiples(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    for (unsigned i = 0; i < 200000; i++) {
        union {
            uint32_t u;
            float f;
        } x = {g_rand_int(rand)};
        if (isfinite(x.f))
            check_angle(x.f);
        check_angle((float)g_rand_double_range(rand, -1000, 1000));
        check_angle((float)(g_rand_int_range(rand, -100000, 100000) * 1.5707963267948966));
    }
    float y[2];
    own_rem_pio2f(INFINITY, y);
    g_assert_true(isnan(y[0]));
}

// As near as a float gets, but for its last two bits.
static void near_to(float is, double want)
{
    g_assert_cmpfloat(fabs(is - want), <=, 4e-7 * fabs(want) + 1e-30);
}

static void test_by_others(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (unsigned i = 0; i < 200000; i++) {
        float x = (float)g_rand_double_range(rand, -1, 1), y = (float)g_rand_double_range(rand, -100, 100);
        near_to(own_asinf(x), asin(x));
        near_to(own_acosf(x), acos(x));
        near_to(own_tanf(y), tan(y));
    }
    near_to(own_asinf(1), M_PI / 2);
    near_to(own_acosf(-1), M_PI);
    g_assert_true(own_acosf(1) == 0);
    g_assert_true(isnan(own_asinf(1.001f)) && isnan(own_acosf(-1.001f)) && isnan(own_tanf(INFINITY)));
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/softfloat/conversions", test_conversions);
    g_test_add_func("/softfloat/multiples-of-pi", test_multiples);
    g_test_add_func("/softfloat/functions-by-others", test_by_others);
    return g_test_run();
}
