/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums that do not depend on the order, and are right. */
#include "src/exact_sum.h"
#include "src/random.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

static double sum_of(const double *x, size_t n)
{
  bs_exact_sum sum = {{0}, 0, 0};
  for (size_t i = 0; i < n; i++)
    bs_exact_sum_add(&sum, x[i]);
  return bs_exact_sum_value(&sum);
}

static double any_double(bs_random *random, int spread)
{
  double m = bs_random_double(random) * 2 - 1;
  return ldexp(m,
               (int)bs_random_below(random, (uint32_t)(2 * spread)) - spread);
}

START_TEST(one_term_is_returned_as_it_is)
{
  static const double terms[] = {0,
                                 1,
                                 -1,
                                 0.1,
                                 5e-324,
                                 -5e-324,
                                 0x1p-1022,
                                 0x1.fffffffffffffp1023,
                                 -1e300,
                                 0x1p31,
                                 0x1.fffffffffffffp31,
                                 0x1p-1074,
                                 3.7e-310};
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
    ck_assert(sum_of(&terms[i], 1) == terms[i]);
  bs_random random = bs_random_seeded(1);
  for (int i = 0; i < 20000; i++) {
    double x = any_double(&random, 1040);
    ck_assert(sum_of(&x, 1) == x);
  }
}
END_TEST

START_TEST(sums_are_rounded_correctly)
{
  /* Integers below 2^58: 64-bit arithmetic tells. */
  bs_random random = bs_random_seeded(2);
  for (int round = 0; round < 2000; round++) {
    double x[40];
    int64_t exact = 0;
    for (int i = 0; i < 40; i++) {
      int64_t v = bs_random_int(&random) * (INT64_C(1) << (round % 27));
      if (i % 3 == 0)
        v = -v / 3;
      x[i] = (double)v;
      exact += (int64_t)x[i];
    }
    ck_assert(sum_of(x, 40) == (double)exact);
  }
}
END_TEST

START_TEST(halves_round_to_even)
{
  double up[] = {0x1p53, 1}, odd[] = {0x1p53 + 2, 1},
         more[] = {0x1p53, 1, 0x1p-40};
  ck_assert(sum_of(up, 2) == 0x1p53);
  ck_assert(sum_of(odd, 2) == 0x1p53 + 4);
  ck_assert(sum_of(more, 3) == 0x1p53 + 2);
}
END_TEST

START_TEST(cancellation_leaves_what_is_left)
{
  double x[] = {1e20, 3.5, -1e20}, y[] = {1, 0x1p-60, -1};
  ck_assert(sum_of(x, 3) == 3.5);
  ck_assert(sum_of(y, 3) == 0x1p-60);
}
END_TEST

START_TEST(order_and_grouping_leave_the_bits_alone)
{
  enum { N = 500 };
  double x[N];
  bs_random random = bs_random_seeded(3);
  for (int round = 0; round < 200; round++) {
    int spread = round < 100 ? 40 : 1000;
    for (int i = 0; i < N; i++)
      x[i] = any_double(&random, spread);
    double first = sum_of(x, N);
    uint32_t order[N];
    for (uint32_t i = 0; i < N; i++)
      order[i] = i;
    for (int again = 0; again < 5; again++) {
      bs_exact_sum part[3];
      memset(part, 0, sizeof part);
      bs_random_shuffle(&random, order, N);
      for (int i = 0; i < N; i++)
        bs_exact_sum_add(&part[bs_random_below(&random, 3)], x[order[i]]);
      bs_exact_sum_join(&part[again % 3], &part[(again + 1) % 3]);
      bs_exact_sum_join(&part[(again + 2) % 3], &part[again % 3]);
      double v = bs_exact_sum_value(&part[(again + 2) % 3]);
      ck_assert(memcmp(&v, &first, sizeof v) == 0);
    }
  }
}
END_TEST

START_TEST(terms_that_are_not_finite_show)
{
  double plus[] = {1, INFINITY}, minus[] = {-INFINITY, 2, 1e308};
  double both[] = {INFINITY, -INFINITY}, nan[] = {NAN, 1, INFINITY};
  ck_assert(sum_of(plus, 2) == INFINITY);
  ck_assert(sum_of(minus, 3) == -INFINITY);
  ck_assert(isnan(sum_of(both, 2)));
  ck_assert(isnan(sum_of(nan, 3)));
}
END_TEST

START_TEST(a_sum_may_pass_the_largest_double)
{
  double x[] = {1.7e308, 1.7e308}, y[] = {1.7e308, 1.7e308, -1.7e308};
  ck_assert(sum_of(x, 2) == INFINITY);
  ck_assert(sum_of(y, 3) == 1.7e308);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(one_term_is_returned_as_it_is),
      BS_UNIT(sums_are_rounded_correctly),
      BS_UNIT(halves_round_to_even),
      BS_UNIT(cancellation_leaves_what_is_left),
      BS_UNIT(order_and_grouping_leave_the_bits_alone),
      BS_UNIT(terms_that_are_not_finite_show),
      BS_UNIT(a_sum_may_pass_the_largest_double),
  };
  return bs_unit_run("exact_sum", tests, sizeof tests / sizeof *tests);
}
