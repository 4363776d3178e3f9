/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests and intervals against SciPy 1.10 (commands beside the figures), curves
 * by hand. */
#include "src/curve.h"
#include "src/statistics.h"
#include "tests/unit/nine_rows.h"
#include "tests/unit/unit.h"

#include <math.h>

static void near(double got, double want)
{
  ck_assert_msg(fabs(got - want) <= 1e-13 + 1e-11 * fabs(want),
                "%.17g, not %.17g", got, want);
}

START_TEST(students_p_is_scipys)
{
  /* 2 * scipy.stats.t.sf(t, df) */
  static const struct {
    double t;
    int df;
    double p;
  } cases[] = {
      {0.1, 1, 0.9365489651388929},
      {0.1, 2, 0.9294654384141402},
      {0.1, 3, 0.9266523488008058},
      {0.1, 9, 0.9225364479566812},
      {0.1, 29, 0.9210324444873738},
      {0.1, 99, 0.9205465507375823},
      {0.1, 1000, 0.9203643690236042},
      {0.7, 1, 0.6111997755715706},
      {0.7, 2, 0.5563930246328654},
      {0.7, 3, 0.5343269983047636},
      {0.7, 9, 0.5016190392161453},
      {0.7, 29, 0.4895051486144837},
      {0.7, 99, 0.48556899183105307},
      {0.7, 1000, 0.4840901139926025},
      {1.3, 1, 0.41742880032030527},
      {1.3, 2, 0.32324703181604053},
      {1.3, 3, 0.28446750872789694},
      {1.3, 9, 0.2259063726730494},
      {1.3, 29, 0.20383918366202977},
      {1.3, 99, 0.19661956964342356},
      {1.3, 1000, 0.19390052841545735},
      {2.262, 1, 0.2649953529235534},
      {2.262, 2, 0.1520798033145926},
      {2.262, 3, 0.1087249042284506},
      {2.262, 9, 0.05001284550245455},
      {2.262, 29, 0.03136701681906442},
      {2.262, 99, 0.025883545784238002},
      {2.262, 1000, 0.023911387168996226},
      {5.0, 1, 0.12566591637800234},
      {5.0, 2, 0.037749551350623724},
      {5.0, 3, 0.015392438073302296},
      {5.0, 9, 0.0007389679098032424},
      {5.0, 29, 2.5366315735423254e-05},
      {5.0, 99, 2.481396013040949e-06},
      {5.0, 1000, 6.767256364648626e-07},
      {12.0, 1, 0.05292935211917974},
      {12.0, 2, 0.00687293367715846},
      {12.0, 3, 0.001245015800789336},
      {12.0, 9, 7.699886222985645e-07},
      {12.0, 29, 9.060708333137178e-13},
      {12.0, 99, 5.130629687897491e-21},
      {12.0, 1000, 4.32405738677458e-31},
      {40.0, 1, 0.015912179824051624},
      {40.0, 2, 0.0006244146721847406},
      {40.0, 3, 3.438068078915854e-05},
      {40.0, 9, 1.8982998449339835e-11},
      {40.0, 29, 6.346877329729317e-27},
      {40.0, 99, 6.385085160287213e-63},
      {40.0, 1000, 1.0478852155173472e-209},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    near(bs_student_p(cases[i].t, cases[i].df), cases[i].p);
    near(bs_student_p(-cases[i].t, cases[i].df), cases[i].p);
  }
  ck_assert(bs_student_p(0, 9) == 1);
  ck_assert(bs_student_p(INFINITY, 9) == 0);
  ck_assert(isnan(bs_student_p(NAN, 9)));
}
END_TEST

START_TEST(a_spread_has_the_divisor_less_one)
{
  static const double x[] = {1, 2, 4};
  const bs_spread s = bs_spread_of(x, 3);
  near(s.mean, 7.0 / 3);
  near(s.sd, 1.5275252316519468); /* numpy.std(x, ddof=1) */
  ck_assert(isnan(bs_spread_of(x, 1).sd));
}
END_TEST

START_TEST(the_resampled_t_is_corrected_for_overlap)
{
  static const double a[] = {0.991, 0.987, 0.993, 0.99,  0.988,
                             0.992, 0.989, 0.995, 0.986, 0.99};
  static const double b[] = {0.985, 0.988, 0.99, 0.984, 0.986,
                             0.987, 0.989, 0.99, 0.985, 0.981};
  const bs_paired plain = bs_paired_test(a, b, 10, 0);
  near(plain.t, 3.632433087580088); /* scipy.stats.ttest_rel(a, b) */
  near(plain.p, 0.005464877096156425);
  const bs_paired fixed = bs_paired_test(a, b, 10, 1.0 / 9);
  near(fixed.t, plain.t * sqrt(0.1 / (0.1 + 1.0 / 9)));
  near(fixed.p, 0.033861166102054634);
  const bs_paired none = bs_paired_test(a, a, 10, 1.0 / 9);
  ck_assert(none.mean == 0 && none.sd == 0 && isnan(none.t) && isnan(none.p));
  const double one[] = {1, 1}, zero[] = {0, 0};
  const bs_paired sure = bs_paired_test(one, zero, 2, 0.5);
  ck_assert(isinf(sure.t) && sure.p == 0);
}
END_TEST

START_TEST(mcnemar_is_binomial_for_few_rows_and_chi_square_for_many)
{
  near(bs_mcnemar_test(3, 15).p,
       0.007537841796875); /* scipy.stats.binomtest(3, 18) */
  near(bs_mcnemar_test(24, 0).p, 1.1920928955078125e-07);
  near(bs_mcnemar_test(7, 7).p, 1);
  const bs_mcnemar many = bs_mcnemar_test(10, 30);
  near(many.chi2, 19.0 * 19 / 40);
  near(many.p, 0.002663119259138558); /* scipy.stats.chi2.sf(9.025, 1) */
  near(bs_mcnemar_test(100000, 98000).p, 7.041889795894943e-06);
  near(bs_mcnemar_test(30, 10).p, many.p);
  const bs_mcnemar none = bs_mcnemar_test(0, 0);
  ck_assert(none.p == 1 && none.chi2 == 0);
}
END_TEST

START_TEST(blocks_that_agree_leave_no_doubt)
{
  bs_block block[20];
  bs_interval in;
  for (int i = 0; i < 20; i++)
    block[i] = (bs_block){i / 10, 9, 10};
  ck_assert_int_eq(bs_block_interval(block, 20, 500, 1, 0.95, &in), BS_OK);
  ck_assert(in.low == 0.9 && in.high == 0.9);
  for (int i = 0; i < 20; i++)
    block[i].below = 0;
  ck_assert_int_eq(bs_block_interval(block, 20, 500, 1, 0.95, &in), BS_OK);
  ck_assert(isnan(in.low) && isnan(in.high));
}
END_TEST

START_TEST(the_interval_of_a_mean_is_as_wide_as_theory_says)
{
  /* A thousand blocks of 0 or 1, half each: sd of the mean is 0.5 / sqrt(1000),
   * and 95 % lie within 1.96 of them. */
  bs_block block[1000];
  bs_interval in;
  for (int i = 0; i < 1000; i++)
    block[i] = (bs_block){0, i % 2, 1};
  ck_assert_int_eq(bs_block_interval(block, 1000, 4000, 7, 0.95, &in), BS_OK);
  const double want = 1.959964 * 0.5 / sqrt(1000);
  ck_assert_double_lt(fabs((in.high - 0.5) / want - 1), 0.08);
  ck_assert_double_lt(fabs((0.5 - in.low) / want - 1), 0.08);
  /* Strata of their own vary not at all. */
  for (int i = 0; i < 1000; i++)
    block[i].stratum = i;
  ck_assert_int_eq(bs_block_interval(block, 1000, 100, 7, 0.95, &in), BS_OK);
  ck_assert(in.low == 0.5 && in.high == 0.5);
}
END_TEST

START_TEST(curves_count_rows_at_every_threshold)
{
  static const double score[] = {0.9, 0.8, 0.8, 0.7, 0.3, 0.2, 0.1};
  static const bool positive[] = {true, true, false, true, false, true, false};
  bs_curve *c;
  ck_assert_int_eq(bs_curve_of_scores(score, positive, 7, &c), BS_OK);
  ck_assert_uint_eq(c->points, 7);
  ck_assert_uint_eq(c->pos, 4);
  ck_assert_uint_eq(c->neg, 3);
  static const uint64_t tp[] = {0, 1, 2, 3, 3, 4, 4};
  static const uint64_t fp[] = {0, 0, 1, 1, 2, 2, 3};
  ck_assert_mem_eq(c->tp, tp, sizeof tp);
  ck_assert_mem_eq(c->fp, fp, sizeof fp);
  near(bs_curve_area(c), 8.5 / 12); /* pairs in order, ties half */
  near(bs_curve_tp_rate_at(c, 0), 0.25);
  near(bs_curve_tp_rate_at(c, 0.33), 0.25);
  near(bs_curve_tp_rate_at(c, 0.34), 0.75);
  near(bs_curve_fp_rate_at(c, 0.5), 1.0 / 3);
  near(bs_curve_fp_rate_at(c, 0.76), 2.0 / 3);
  near(bs_curve_fp_rate_at(c, 1), 2.0 / 3);
  bs_curve_destroy(&c);
}
END_TEST

START_TEST(an_alarm_is_whatever_is_not_benign)
{
  bs_curve *of_class, *of_rest;
  ck_assert_int_eq(bs_curve_create(&nine_rows, 0, false, &of_class), BS_OK);
  ck_assert_int_eq(bs_curve_create(&nine_rows, 0, true, &of_rest), BS_OK);
  ck_assert_uint_eq(of_class->pos, of_rest->neg);
  ck_assert_uint_eq(of_class->neg, of_rest->pos);
  ck_assert_uint_eq(of_class->points, of_rest->points);
  for (size_t i = 0; i < of_class->points; i++) { /* mirrored */
    const size_t j = of_class->points - 1 - i;
    ck_assert_uint_eq(of_class->tp[i] + of_rest->fp[j], of_class->pos);
    ck_assert_uint_eq(of_class->fp[i] + of_rest->tp[j], of_class->neg);
  }
  bs_curve_destroy(&of_class);
  bs_curve_destroy(&of_rest);
}
END_TEST

START_TEST(alarms_follow_from_rates)
{
  near(bs_false_alarms_per_day(1e-3, 100, 0.01), 1e-3 * 99 * 86400);
  near(bs_alarm_precision(1, 0.01, 0.01), 1 / 1.99);
  ck_assert(isnan(bs_alarm_precision(0, 0, 0.5)));
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(students_p_is_scipys),
      BS_UNIT(a_spread_has_the_divisor_less_one),
      BS_UNIT(the_resampled_t_is_corrected_for_overlap),
      BS_UNIT(mcnemar_is_binomial_for_few_rows_and_chi_square_for_many),
      BS_UNIT(blocks_that_agree_leave_no_doubt),
      BS_UNIT(the_interval_of_a_mean_is_as_wide_as_theory_says),
      BS_UNIT(curves_count_rows_at_every_threshold),
      BS_UNIT(an_alarm_is_whatever_is_not_benign),
      BS_UNIT(alarms_follow_from_rates),
  };
  return bs_unit_run("statistics", tests, sizeof tests / sizeof *tests);
}
