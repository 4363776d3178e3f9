/* SPDX-License-Identifier: BSD-3-Clause */
/* The unstable quicksort, and the tolerant comparisons. */
#include "src/random.h"
#include "src/tolerance.h"
#include "src/weka_sort.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

START_TEST(every_size_and_number_of_ties_comes_out_sorted)
{
  enum { N = 300 };
  double v[N];
  uint32_t index[N];
  bs_random r = bs_random_seeded(5);
  for (size_t n = 0; n <= N; n++) {
    for (uint32_t kinds = 1; kinds <= N; kinds = kinds * 3 + 1) {
      unsigned char seen[N] = {0};
      for (size_t i = 0; i < n; i++)
        v[i] = bs_random_below(&r, kinds);
      bs_weka_sort_all(v, index, n);
      for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(seen[index[i]]++, 0);
        if (i > 0)
          ck_assert(v[index[i - 1]] <= v[index[i]]);
      }
    }
  }
}
END_TEST

/* The first case can be followed by hand: the middle element 2 goes to place
 * 3 as the pivot, 1 and 3 are exchanged, the pivot comes back to place 2. */
START_TEST(equal_values_come_out_in_wekas_order)
{
  static const double equal[5] = {1, 1, 1, 1, 1};
  static const uint32_t want_equal[5] = {0, 3, 2, 1, 4};
  static const double mixed[12] = {3, 1, 2, 2, 1, 3, 3, 1, 2, 1, 1, 2};
  static const uint32_t want_mixed[12] = {4, 10, 9, 1, 7, 11, 2, 3, 8, 5, 6, 0};
  uint32_t index[12];
  bs_weka_sort_all(equal, index, 5);
  ck_assert_mem_eq(index, want_equal, sizeof want_equal);
  bs_weka_sort_all(mixed, index, 12);
  ck_assert_mem_eq(index, want_mixed, sizeof want_mixed);
}
END_TEST

START_TEST(a_given_order_is_the_one_started_from)
{
  static const double v[3] = {7, 7, 7};
  uint32_t index[3] = {2, 0, 1};
  static const uint32_t want[3] = {2, 0, 1};
  bs_weka_sort(v, index, 3);
  ck_assert_mem_eq(index, want, sizeof want);
}
END_TEST

START_TEST(missing_values_come_last)
{
  static const double v[6] = {3, NAN, 1, NAN, 2, INFINITY};
  uint32_t index[6];
  bs_weka_sort_all(v, index, 6);
  ck_assert_uint_eq(index[0], 2);
  ck_assert_uint_eq(index[1], 4);
  ck_assert_uint_eq(index[2], 0);
  ck_assert_uint_eq(index[5], 5);
}
END_TEST

START_TEST(a_million_in_any_order_needs_little_stack)
{
  const size_t n = 1000000;
  double *v = malloc(n * sizeof *v);
  uint32_t *index = malloc(n * sizeof *index);
  for (int shape = 0; shape < 3; shape++) {
    for (size_t i = 0; i < n; i++)
      v[i] = shape == 0 ? (double)i : shape == 1 ? (double)(n - i) : 1.0;
    bs_weka_sort_all(v, index, n);
    size_t wrong = 0;
    for (size_t i = 1; i < n; i++)
      wrong += v[index[i - 1]] > v[index[i]];
    ck_assert_uint_eq(wrong, 0);
  }
  free(v);
  free(index);
}
END_TEST

START_TEST(comparisons_are_by_the_difference)
{
  const double below = 9e-7, above = 1.1e-6;
  ck_assert(bs_eq(0, below) && bs_eq(below, 0) && !bs_eq(0, above));
  ck_assert(bs_gr(above, 0) && !bs_gr(below, 0) && !bs_gr(0, above));
  ck_assert(bs_sm(0, above) && !bs_sm(0, below) && !bs_sm(above, 0));
  ck_assert(bs_gr_or_eq(0, below) && bs_gr_or_eq(above, 0));
  ck_assert(!bs_gr_or_eq(0, above));
  ck_assert(bs_sm_or_eq(below, 0) && bs_sm_or_eq(0, above));
  ck_assert(!bs_sm_or_eq(above, 0));
  /* A difference of exactly the tolerance is neither. */
  ck_assert(!bs_gr(BS_SMALL, 0) && !bs_sm_or_eq(BS_SMALL, 0));
  ck_assert(!bs_sm(0, BS_SMALL) && !bs_gr_or_eq(0, BS_SMALL));
  ck_assert(bs_eq(INFINITY, INFINITY) && bs_sm_or_eq(1, INFINITY));
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(every_size_and_number_of_ties_comes_out_sorted),
      BS_UNIT(equal_values_come_out_in_wekas_order),
      BS_UNIT(a_given_order_is_the_one_started_from),
      BS_UNIT(missing_values_come_last),
      BS_UNIT(a_million_in_any_order_needs_little_stack),
      BS_UNIT(comparisons_are_by_the_difference),
  };
  return bs_unit_run("weka_sort", tests, sizeof tests / sizeof *tests);
}
