/* SPDX-License-Identifier: BSD-3-Clause */
/* Logarithm, power and exponential against MPFR, which rounds correctly. */
#include "src/exact_log_table.h"
#include "src/exact_math.h"
#include "src/multi_limb.h"
#include "tests/unit/mpfr_double.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Arguments whose logarithm lies nearest to half way between two doubles, or to
 * a double, in units of 2^-113 relative and less (Lefevre and Muller). */
static const double hard[] = {0x1.62a88613629b6p+678, 0x1.26e9c4d32796p-232,
                              0x1.9476e304cd7c7p-384, 0x1.613955dc802f8p-35};
enum { HARD = sizeof hard / sizeof *hard };

static void log_is_right(double x)
{
  const double got = bs_exact_log(x), want = mpfr_double_log(x);
  ck_assert_msg(got == want, "ln %a: %a, not %a", x, got, want);
}

static void pow_is_right(double base, double exponent)
{
  const double got = bs_exact_pow(base, exponent);
  const double want = mpfr_double_pow(base, exponent);
  ck_assert_msg(got == want, "%a^%a: %a, not %a", base, exponent, got, want);
}

static void exp_is_right(double x)
{
  const double got = bs_exact_exp(x), want = mpfr_double_exp(x);
  ck_assert_msg(got == want, "e^%a: %a, not %a", x, got, want);
}

/* Uniform on (0, 1]. */
static double uniform(uint64_t *state)
{
  return (double)((next_bits(state) >> 11) + 1) * 0x1p-53;
}

/* Units of the 116th bit between a table's constant and ln(p/q). */
static double constant_error(unsigned p, unsigned q, uint64_t high,
                             uint64_t low)
{
  mpfr_t a, b;
  mpfr_init2(a, 400);
  mpfr_init2(b, 400);
  mpfr_set_ui(a, p, MPFR_RNDN);
  mpfr_div_ui(a, a, q, MPFR_RNDN);
  mpfr_log(a, a, MPFR_RNDN);
  mpfr_mul_2ui(a, a, 116, MPFR_RNDN);
  mpfr_set_uj_2exp(b, high, 64, MPFR_RNDN);
  mpfr_sub(a, a, b, MPFR_RNDN);
  mpfr_set_uj(b, low, MPFR_RNDN);
  mpfr_sub(a, a, b, MPFR_RNDN);
  const double out = mpfr_get_d(a, MPFR_RNDN);
  mpfr_clear(a);
  mpfr_clear(b);
  return fabs(out);
}

START_TEST(constants_and_reduction_are_as_the_error_bound_assumes)
{
  ck_assert(constant_error(2, 1, BS_LN2_HIGH, BS_LN2_LOW) <= 0.5);
  for (unsigned i = 0; i < 128; i++) {
    const bs_log_entry *entry = &bs_log_entries[i];
    const unsigned inverse = entry->scaled_inverse;
    ck_assert(constant_error(1024, inverse, entry->high, entry->low) <= 0.5);
    /* |(1 + i/128) inverse/1024 - 1|, all of it exact */
    ck_assert(fabs((128 + i) * inverse / 131072.0 - 1) < 0.00422);
    ck_assert(fabs((129 + i) * inverse / 131072.0 - 1) < 0.00422);
  }
}
END_TEST

START_TEST(log_is_correctly_rounded_for_random_bits)
{
  uint64_t state = 1;
  for (int i = 0; i < 100000; i++) {
    const uint64_t bits = next_bits(&state) >> 1;
    double x;
    memcpy(&x, &bits, sizeof x);
    if (x > 0 && x <= DBL_MAX)
      log_is_right(x);
  }
}
END_TEST

START_TEST(log_is_correctly_rounded_at_the_edges)
{
  const double edges[] = {1,       DBL_TRUE_MIN, 3 * DBL_TRUE_MIN,
                          DBL_MIN, DBL_MAX,      nextafter(DBL_MIN, 0)};
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
    log_is_right(edges[i]);
  for (int e = -1074; e <= 1023; e++)
    log_is_right(ldexp(1, e));
  for (int e = -3; e <= 3; e++)
    for (int i = 0; i < 128; i++) {
      const double x = ldexp(128 + i, e - 7);
      log_is_right(x);
      log_is_right(nextafter(x, 0));
      log_is_right(nextafter(x, 8));
    }
}
END_TEST

START_TEST(log_is_correctly_rounded_next_to_1_and_in_subnormals)
{
  uint64_t state = 2;
  for (int i = 0; i < 20000; i++) {
    const uint64_t bits = next_bits(&state);
    const double step = (double)(bits >> (12 + i % 52)) * 0x1p-53;
    log_is_right(1 + 2 * step);
    log_is_right(1 - step == 0 ? 0.5 : 1 - step);
    log_is_right((double)((bits >> (12 + i % 52)) + 1) * DBL_TRUE_MIN);
  }
}
END_TEST

START_TEST(log_is_correctly_rounded_where_it_is_hardest)
{
  for (int i = 0; i < HARD; i++) {
    log_is_right(hard[i]);
    log_is_right(1 / hard[i]);
  }
}
END_TEST

START_TEST(log_is_within_an_ulp_of_the_c_library)
{
  uint64_t state = 3;
  for (int i = 0; i < 100000; i++) {
    const double x = uniform(&state) * (i % 2 ? 1e9 : 2);
    const double mine = bs_exact_log(x), theirs = log(x);
    ck_assert(mine == theirs || mine == nextafter(theirs, mine));
  }
}
END_TEST

START_TEST(pow_is_correctly_rounded_for_random_arguments)
{
  uint64_t state = 4;
  for (int i = 0; i < 100000; i++) {
    const double base = uniform(&state), exponent = uniform(&state);
    pow_is_right(base, exponent);
    pow_is_right(ldexp(base, -(int)(next_bits(&state) % 1020)), exponent);
    pow_is_right(base, ldexp(exponent, -(int)(next_bits(&state) % 1020)));
  }
}
END_TEST

START_TEST(pow_is_correctly_rounded_for_roots_of_confidences)
{
  const float confidence[] = {0.25f, 0.1f, 0.5f, 0.05f, 1e-6f};
  for (int i = 0; i < 5; i++) {
    for (int n = 1; n <= 20000; n++)
      pow_is_right((double)confidence[i], 1.0 / n);
    for (double n = 20001; n < 1e17; n = floor(n * 1.01))
      pow_is_right((double)confidence[i], 1 / n);
  }
}
END_TEST

START_TEST(pow_is_exact_where_the_power_is_a_double)
{
  ck_assert(bs_exact_pow(0.25, 0.5) == 0.5);
  ck_assert(bs_exact_pow(81.0 / 256, 0.75) == 27.0 / 64);
  ck_assert(bs_exact_pow(0x1p-1072, 0.625) == 0x1p-670);
  ck_assert(bs_exact_pow(0x1p-1074, 0.5) == 0x1p-537);
  ck_assert(bs_exact_pow(1, 0.3) == 1);
  ck_assert(bs_exact_pow(0.3, 1) == 0.3);
  ck_assert(bs_exact_pow(DBL_TRUE_MIN, 1) == DBL_TRUE_MIN);
  uint64_t state = 5;
  for (int i = 0; i < 10000; i++) {
    const double root = (double)(next_bits(&state) >> 38) * 0x1p-26;
    ck_assert(bs_exact_pow(root * root, 0.5) == root);
  }
}
END_TEST

START_TEST(pow_is_correctly_rounded_at_the_edges)
{
  const double values[] = {DBL_TRUE_MIN,
                           5 * DBL_TRUE_MIN,
                           DBL_MIN,
                           nextafter(DBL_MIN, 0),
                           0x1p-900,
                           0x1p-54,
                           0x1p-53,
                           0.25,
                           0.5,
                           nextafter(0.5, 0),
                           nextafter(0.5, 1),
                           1 - 0x1p-52,
                           1 - 0x1p-53,
                           1};
  const int count = sizeof values / sizeof *values;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++)
      pow_is_right(values[i], values[j]);
  /* Subnormal results, rounded once. */
  uint64_t state = 6;
  for (int i = 0; i < 2000; i++)
    pow_is_right((double)(next_bits(&state) >> 12) * DBL_TRUE_MIN,
                 1 - ldexp(uniform(&state), -i % 50 - 6));
}
END_TEST

START_TEST(exp_is_correctly_rounded_for_random_arguments)
{
  uint64_t state = 11;
  for (int i = 0; i < 100000; i++) {
    const double x = -uniform(&state);
    exp_is_right(x);
    exp_is_right(700 * x);
    exp_is_right(ldexp(x, -(int)(next_bits(&state) % 1020)));
  }
  for (int i = 0; i < 300; i++) /* near underflow: many limbs */
    exp_is_right(-600 - 146 * uniform(&state));
}
END_TEST

START_TEST(exp_is_correctly_rounded_at_the_edges)
{
  static const double x[] = {0,
                             -DBL_TRUE_MIN,
                             -0x1p-54,
                             -0x1p-53,
                             -1e-17,
                             -1,
                             -0x1.62e42fefa39efp-1,
                             -708.3,
                             -708.5,
                             -709.782712893384,
                             -744,
                             -745.2,
                             -746};
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
    exp_is_right(x[i]);
    if (x[i] < 0 && x[i] > -746)
      exp_is_right(nextafter(x[i], -INFINITY));
    exp_is_right(x[i] < 0 ? nextafter(x[i], 0) : 0);
  }
}
END_TEST

START_TEST(more_limbs_are_taken_until_the_rounding_is_decided)
{
  double out;
  /* sqrt(1 - 2^-53) = 1 - 2^-54 - 2^-109 - ...: all but half way. */
  ck_assert(!bs_multi_pow(1 - 0x1p-53, 0.5, 1, &out));
  ck_assert(!bs_multi_pow(1 - 0x1p-53, 0.5, 2, &out));
  ck_assert(bs_multi_pow(1 - 0x1p-53, 0.5, 4, &out));
  ck_assert(out == 1 - 0x1p-53);
  ck_assert(bs_exact_pow(1 - 0x1p-53, 0.5) == 1 - 0x1p-53);
  for (int i = 0; i < HARD; i++) {
    ck_assert(!bs_multi_log(hard[i], 1, &out));
    ck_assert(bs_multi_log(hard[i], 4, &out));
    ck_assert(out == mpfr_double_log(hard[i]));
  }
  /* ln(1 + 2^-52) itself needs 52 bits before its first. */
  ck_assert(!bs_multi_log(1 + 0x1p-52, 2, &out));
}
END_TEST

START_TEST(any_number_of_limbs_that_decides_decides_alike)
{
  uint64_t state = 7;
  int decided = 0;
  for (int i = 0; i < 1000; i++) {
    const double x =
        ldexp(uniform(&state), (int)(next_bits(&state) % 1500) - 750);
    const double base = uniform(&state) * 0.999, exponent = base / 3 + 0.1;
    const double want_log = mpfr_double_log(x);
    const double want_pow = mpfr_double_pow(base, exponent);
    for (int limbs = 1; limbs <= 16; limbs++) {
      double out;
      if (bs_multi_log(x, limbs, &out)) {
        ck_assert(out == want_log);
        decided++;
      }
      if (bs_multi_pow(base, exponent, limbs, &out)) {
        ck_assert(out == want_pow);
        decided++;
      }
    }
  }
  ck_assert_int_ge(decided, 1000 * 2 * 14);
  double out;
  ck_assert(bs_multi_log(hard[0], BS_LIMBS_MAX, &out));
  ck_assert(out == mpfr_double_log(hard[0]));
  ck_assert(bs_multi_pow(0.3, 0.7, BS_LIMBS_MAX, &out));
  ck_assert(out == mpfr_double_pow(0.3, 0.7));
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(constants_and_reduction_are_as_the_error_bound_assumes),
      BS_UNIT(log_is_correctly_rounded_for_random_bits),
      BS_UNIT(log_is_correctly_rounded_at_the_edges),
      BS_UNIT(log_is_correctly_rounded_next_to_1_and_in_subnormals),
      BS_UNIT(log_is_correctly_rounded_where_it_is_hardest),
      BS_UNIT(log_is_within_an_ulp_of_the_c_library),
      BS_UNIT(pow_is_correctly_rounded_for_random_arguments),
      BS_UNIT(pow_is_correctly_rounded_for_roots_of_confidences),
      BS_UNIT(pow_is_exact_where_the_power_is_a_double),
      BS_UNIT(pow_is_correctly_rounded_at_the_edges),
      BS_UNIT(exp_is_correctly_rounded_for_random_arguments),
      BS_UNIT(exp_is_correctly_rounded_at_the_edges),
      BS_UNIT(more_limbs_are_taken_until_the_rounding_is_decided),
      BS_UNIT(any_number_of_limbs_that_decides_decides_alike),
  };
  mpfr_like_double();
  const int code =
      bs_unit_run("exact_math", tests, sizeof tests / sizeof *tests);
  mpfr_free_cache();
  return code;
}
