/* SPDX-License-Identifier: BSD-3-Clause */
/* Pessimistic errors against values Weka printed, and the normal quantile
 * against the error function of MPFR. */
#include "src/pruning_estimate.h"
#include "tests/unit/mpfr_double.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <math.h>
#include <string.h>

static bs_pruning prepare(float confidence)
{
  bs_pruning pruning;
  ck_assert_int_eq(bs_pruning_init(confidence, &pruning), BS_OK);
  return pruning;
}

START_TEST(estimates_are_weka_s_to_the_last_bit)
{
  static const struct {
    double n, e, want;
  } cases[] = {
      {14, 0, 1.319868700305306},    {10, 1, 1.4125615010094896},
      {100, 0.5, 1.471675241682479}, {6, 5.6, 0.40000000000000036},
      {50, 3, 1.920662451115783},    {3, 1, 1.0443103386577821},
      {2, 1, 0.7914930432372691},    {828260, 12345, 75.10313557691188},
  };
  const bs_pruning pruning = prepare(0.25f);
  ck_assert(pruning.z == 0.6744897501960816);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const double got = bs_add_errs(&pruning, cases[i].n, cases[i].e);
    ck_assert_msg(got == cases[i].want, "(%g, %g): %.17g, not %.17g",
                  cases[i].n, cases[i].e, got, cases[i].want);
    ck_assert(bs_estimated_errors(&pruning, cases[i].n, cases[i].e) ==
              cases[i].e + got);
  }
}
END_TEST

/* Upper end of the normal distribution beyond z, 120 bits. */
static void upper_tail(mpfr_t out, const mpfr_t z)
{
  mpfr_t root2;
  mpfr_init2(root2, 120);
  mpfr_sqrt_ui(root2, 2, MPFR_RNDN);
  mpfr_div(out, z, root2, MPFR_RNDN);
  mpfr_erfc(out, out, MPFR_RNDN);
  mpfr_div_2ui(out, out, 1, MPFR_RNDN);
  mpfr_clear(root2);
}

/* Relative error of z as the deviate exceeded with probability q, by one step
 * of Newton: (P(Z > z) - q)/(density(z) z). */
static double deviate_error(double z, double q)
{
  mpfr_t a, b;
  mpfr_init2(a, 120);
  mpfr_init2(b, 120);
  mpfr_set_d(a, z, MPFR_RNDN);
  upper_tail(b, a);
  mpfr_sub_d(b, b, q, MPFR_RNDN);
  mpfr_sqr(a, a, MPFR_RNDN);
  mpfr_div_2ui(a, a, 1, MPFR_RNDN);
  mpfr_exp(a, a, MPFR_RNDN);
  mpfr_mul(b, b, a, MPFR_RNDN);
  const double out = mpfr_get_d(b, MPFR_RNDN) * 2.5066282746310005 / z;
  mpfr_clear(a);
  mpfr_clear(b);
  return fabs(out);
}

START_TEST(normal_quantile_is_right_in_the_middle_and_in_both_tails)
{
  uint64_t state = 1;
  for (int i = 0; i < 3000; i++) {
    /* q from 1/2 down to 2^-954: central, near and far tail. */
    const double u = (double)((next_bits(&state) >> 11) + 1) * 0x1p-54;
    const double q = i % 3 == 0   ? u
                     : i % 3 == 1 ? ldexp(u, -(int)(next_bits(&state) % 60))
                                  : ldexp(u, -(int)(next_bits(&state) % 900));
    const double z = -bs_normal_quantile(q);
    ck_assert(z > 0 || q == 0.5);
    if (q < 0.49)
      ck_assert_msg(deviate_error(z, q) < 1e-15, "%a: %a", q, z);
    /* 1 - q is exact for q >= 2^-53 multiples of 2^-53. */
    const double p = ldexp(floor(ldexp(1 - q, 53)), -53);
    if (p < 1 && p > 0.51)
      ck_assert(deviate_error(bs_normal_quantile(p), 1 - p) < 1e-15);
  }
  ck_assert(bs_normal_quantile(0.5) == 0);
}
END_TEST

START_TEST(normal_quantile_has_no_step_where_the_formula_changes)
{
  const double borders[] = {0.13533528323661269189, 1.2664165549094176e-14};
  for (int i = 0; i < 2; i++) {
    const double below = bs_normal_quantile(borders[i] * (1 - 1e-15));
    const double above = bs_normal_quantile(borders[i] * (1 + 1e-15));
    ck_assert(below <= above && above - below < 4e-15);
  }
  ck_assert(fabs(bs_normal_quantile(1 - 0.1353352832366128) +
                 bs_normal_quantile(0.1353352832366128)) < 1e-15);
  ck_assert(fabs(bs_normal_quantile(1 - 0.1353352832366126) +
                 bs_normal_quantile(0.1353352832366126)) < 1e-15);
}
END_TEST

START_TEST(the_confidence_is_a_float)
{
  const bs_pruning pruning = prepare(0.1f);
  ck_assert(pruning.confidence == 0.10000000149011612);
  ck_assert(pruning.z == bs_normal_quantile(1 - 0.10000000149011612));
  ck_assert(deviate_error(pruning.z, 0.10000000149011612) < 1e-15);
}
END_TEST

START_TEST(rows_without_errors_are_charged_a_root_of_the_confidence)
{
  const float confidence[] = {0.25f, 0.1f, 0.5f, 1e-9f};
  for (int i = 0; i < 4; i++) {
    const bs_pruning pruning = prepare(confidence[i]);
    for (double n = 1; n < 3000; n++)
      ck_assert(bs_add_errs(&pruning, n, 0) ==
                n * (1 - mpfr_double_pow(pruning.confidence, 1 / n)));
  }
}
END_TEST

START_TEST(estimates_grow_with_errors_and_with_confidence_sought)
{
  const float falling[] = {0.5f, 0.4f,  0.25f,  0.13f,
                           0.1f, 1e-3f, 1e-13f, 1e-15f};
  for (double e = 0; e <= 40; e += 0.5) {
    double last = -1;
    for (int i = 0; i < 8; i++) {
      const bs_pruning pruning = prepare(falling[i]);
      const double extra = bs_add_errs(&pruning, 50, e);
      ck_assert(extra > last && e + extra < 50);
      ck_assert(e == 0 || bs_estimated_errors(&pruning, 50, e) >
                              bs_estimated_errors(&pruning, 50, e - 0.5));
      last = extra;
    }
  }
}
END_TEST

START_TEST(no_rows_no_errors)
{
  const bs_pruning pruning = prepare(0.25f);
  ck_assert(bs_estimated_errors(&pruning, 0, 0) == 0);
}
END_TEST

START_TEST(nearly_all_wrong_adds_the_rest_at_most)
{
  const bs_pruning pruning = prepare(0.25f);
  ck_assert(bs_add_errs(&pruning, 10, 9.5) == 0.5);
  ck_assert(bs_add_errs(&pruning, 10, 10) == 0);
  ck_assert(bs_add_errs(&pruning, 1, 1) == 0);
  /* e < 1 of one row: between the estimates for 0 and for 1. */
  ck_assert(bs_add_errs(&pruning, 1, 0) == 0.75);
  ck_assert(bs_add_errs(&pruning, 1, 0.5) == 0.375);
}
END_TEST

START_TEST(confidence_above_a_half_adds_nothing)
{
  const bs_pruning pruning = prepare(0.50001f);
  ck_assert(bs_add_errs(&pruning, 10, 2) == 0);
  ck_assert(bs_add_errs(&pruning, 10, 0) == 0);
  ck_assert(bs_estimated_errors(&pruning, 10, 2) == 2);
  const bs_pruning one = prepare(1);
  ck_assert(bs_add_errs(&one, 10, 2) == 0);
  const bs_pruning half = prepare(0.5f);
  ck_assert(half.z == 0);
  ck_assert(bs_add_errs(&half, 10, 0) > 0);
}
END_TEST

START_TEST(a_confidence_without_a_normal_deviate_is_refused)
{
  const float wrong[] = {0, -0.1f, 1.5f, NAN, INFINITY, 0x1p-54f, 1e-30f};
  bs_pruning pruning = {3, 4};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ck_assert_int_eq(bs_pruning_init(wrong[i], &pruning), BS_ERR_USAGE);
    ck_assert(strstr(bs_error_text(), "pruning confidence") != NULL);
    ck_assert(pruning.confidence == 3 && pruning.z == 4);
  }
  const bs_pruning least = prepare(0x1.8p-54f);
  ck_assert(least.z > 8 && least.z < 8.3);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(estimates_are_weka_s_to_the_last_bit),
      BS_UNIT(normal_quantile_is_right_in_the_middle_and_in_both_tails),
      BS_UNIT(normal_quantile_has_no_step_where_the_formula_changes),
      BS_UNIT(the_confidence_is_a_float),
      BS_UNIT(rows_without_errors_are_charged_a_root_of_the_confidence),
      BS_UNIT(estimates_grow_with_errors_and_with_confidence_sought),
      BS_UNIT(no_rows_no_errors),
      BS_UNIT(nearly_all_wrong_adds_the_rest_at_most),
      BS_UNIT(confidence_above_a_half_adds_nothing),
      BS_UNIT(a_confidence_without_a_normal_deviate_is_refused),
  };
  mpfr_like_double();
  const int code =
      bs_unit_run("pruning_estimate", tests, sizeof tests / sizeof *tests);
  mpfr_free_cache();
  return code;
}
