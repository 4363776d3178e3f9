/* SPDX-License-Identifier: BSD-3-Clause */
/* java.util.Random number for number, against figures printed by Java. */
#include "src/random.h"
#include "tests/unit/unit.h"

#include <string.h>

START_TEST(nextint_gives_javas_numbers)
{
  static const int32_t want[] = {-1155869325, 431529176, 1761283695, 1749940626,
                                 892128508};
  bs_random r = bs_random_seeded(1);
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    ck_assert_int_eq(bs_random_int(&r), want[i]);
}
END_TEST

START_TEST(bounded_nextint_gives_javas_numbers)
{
  static const uint32_t want100[] = {85, 88, 47, 13, 54, 4, 34, 6, 78, 48};
  static const uint32_t want64[] = {46, 6, 26, 26, 13, 2, 21, 42, 61, 45};
  bs_random r = bs_random_seeded(1), s = r;
  for (size_t i = 0; i < 10; i++) {
    ck_assert_uint_eq(bs_random_below(&r, 100), want100[i]);
    ck_assert_uint_eq(bs_random_below(&s, 64), want64[i]);
  }
}
END_TEST

START_TEST(nextdouble_gives_javas_numbers)
{
  static const double want[] = {0.7308781907032909, 0.41008081149220166,
                                0.20771484130971707};
  bs_random r = bs_random_seeded(1);
  for (size_t i = 0; i < 3; i++)
    ck_assert(bs_random_double(&r) == want[i]);
}
END_TEST

/* The stream of EM: ten doubles thrown away, then ten seeds. */
START_TEST(seeds_of_em_follow_ten_discarded_doubles)
{
  static const int32_t want[] = {
      2134557307, 1785100857, -38714166,  -2128779752, -463255762,
      377763062,  1493735697, 1327222584, 2016372201,  54569456};
  bs_random r = bs_random_seeded(100);
  for (int i = 0; i < 10; i++)
    bs_random_double(&r);
  for (int i = 0; i < 10; i++)
    ck_assert_int_eq(bs_random_int(&r), want[i]);
}
END_TEST

START_TEST(shuffle_gives_javas_order)
{
  static const uint32_t want[] = {6, 9, 7, 8, 4, 2, 0, 3, 1, 5};
  uint32_t v[10];
  bs_random r = bs_random_seeded(1);
  for (uint32_t i = 0; i < 10; i++)
    v[i] = i;
  bs_random_shuffle(&r, v, 10);
  ck_assert_mem_eq(v, want, sizeof want);
}
END_TEST

/* Large bounds reject up to half of the draws, so the redraws are met too. */
START_TEST(skipping_a_shuffle_leaves_the_stream_where_shuffling_does)
{
  enum { N = 70000 };
  uint32_t *v = calloc(N, sizeof *v);
  for (int64_t seed = -3; seed < 40; seed++) {
    bs_random a = bs_random_seeded(seed), b = a;
    size_t n = seed < 0 ? (size_t)(seed + 3) : N - (size_t)seed;
    bs_random_shuffle(&a, v, n);
    bs_random_skip_shuffle(&b, n);
    ck_assert_uint_eq(a.state, b.state);
  }
  free(v);
}
END_TEST

START_TEST(a_bound_just_above_a_power_of_two_redraws)
{
  /* Half of all draws are rejected: count the steps of the stream. */
  const uint32_t bound = (UINT32_C(1) << 30) + 1;
  bs_random r = bs_random_seeded(7), steps = r;
  int drawn = 0;
  for (int i = 0; i < 1000; i++)
    ck_assert_uint_lt(bs_random_below(&r, bound), bound);
  while (steps.state != r.state) {
    bs_random_bits(&steps, 31);
    drawn++;
  }
  ck_assert_int_gt(drawn, 1800);
  ck_assert_int_lt(drawn, 2200);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(nextint_gives_javas_numbers),
      BS_UNIT(bounded_nextint_gives_javas_numbers),
      BS_UNIT(nextdouble_gives_javas_numbers),
      BS_UNIT(seeds_of_em_follow_ten_discarded_doubles),
      BS_UNIT(shuffle_gives_javas_order),
      BS_UNIT(skipping_a_shuffle_leaves_the_stream_where_shuffling_does),
      BS_UNIT(a_bound_just_above_a_power_of_two_redraws),
  };
  return bs_unit_run("random", tests, sizeof tests / sizeof *tests);
}
