/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorting row numbers by value: against qsort, on doubles made to be hard for a
 * radix sort. */
#include "kernels/lists.h"
#include "tests/unit/draw.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 70000 };

static double x[MOST];
static uint64_t key[MOST], sorted[MOST], work[MOST];
static uint32_t got[MOST], want[MOST];

static int by_value_then_row(const void *a, const void *b)
{
  uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
  if (x[p] != x[q])
    return x[p] < x[q] ? -1 : 1;
  return (p > q) - (p < q);
}

static void expect_sorted(size_t n)
{
  for (size_t i = 0; i < n; i++) {
    key[i] = bs_sort_key(x[i]);
    want[i] = (uint32_t)i;
  }
  qsort(want, n, sizeof *want, by_value_then_row);
  memset(got, 0xff, sizeof got);
  bs_sort_order(n, key, got, sorted, work);
  ck_assert_msg(n == 0 || memcmp(got, want, n * sizeof *got) == 0, "n = %zu",
                n);
  size_t wrong = 0;
  for (size_t i = 0; i < n; i++)
    wrong += sorted[i] != key[got[i]] || bs_sort_value(sorted[i]) != x[got[i]];
  ck_assert_uint_eq(wrong, 0);
}

static const size_t sizes[] = {0,    1,    2,    23,   24,    25,    26,   63,
                               64,   65,   127,  128,  129,   1000,  4095, 4096,
                               4097, 8191, 8192, 8193, 20000, 65537, MOST};
enum { SIZES = sizeof sizes / sizeof *sizes };

static double from_bits(uint64_t bits)
{
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

START_TEST(keys_order_as_the_values_do)
{
  static const double ascending[] = {
      -DBL_MAX, -1e9,    -1 - DBL_EPSILON,    -1, -DBL_MIN, -4.9e-324, 0,
      4.9e-324, DBL_MIN, 1 - DBL_EPSILON / 2, 1,  1e9,      DBL_MAX};
  for (size_t i = 1; i < sizeof ascending / sizeof *ascending; i++)
    ck_assert_uint_lt(bs_sort_key(ascending[i - 1]), bs_sort_key(ascending[i]));
  ck_assert_uint_eq(bs_sort_key(-0.0), bs_sort_key(0.0));
}
END_TEST

START_TEST(all_finite_doubles_sort_as_by_qsort)
{
  bs_draw d = 1;
  for (int s = 0; s < SIZES; s++) {
    for (size_t i = 0; i < sizes[s]; i++)
      do
        x[i] = from_bits(draw_bits(&d));
      while (!isfinite(x[i]));
    expect_sorted(sizes[s]);
  }
}
END_TEST

START_TEST(columns_of_every_kind_sort_as_by_qsort)
{
  bs_draw d = 2;
  for (int kind = 0; kind < DRAW_KINDS; kind++)
    for (int s = 0; s < SIZES; s++) {
      draw_column(&d, kind, sizes[s], x);
      expect_sorted(sizes[s]);
    }
}
END_TEST

/* Few leading bits differ, then long runs that differ in the last bits only:
 * what the sort by windows of bits has to come back for. */
START_TEST(runs_equal_in_their_leading_bits_are_sorted_too)
{
  static const int low[] = {1, 8, 11, 20, 31, 32, 33, 34, 40, 51};
  bs_draw d = 3;
  for (size_t b = 0; b < sizeof low / sizeof *low; b++)
    for (int s = 0; s < SIZES; s++)
      for (uint32_t high = 1; high < 5000; high = high * 9 + 1) {
        if (sizes[s] > 9000 && high > 100)
          continue;
        for (size_t i = 0; i < sizes[s]; i++) {
          uint64_t top = draw_below(&d, high);
          uint64_t rest = draw_bits(&d) & ((UINT64_C(1) << low[b]) - 1);
          x[i] = from_bits(top << 51 | rest);
          if (high % 2 == 0)
            x[i] = -x[i];
        }
        expect_sorted(sizes[s]);
      }
}
END_TEST

START_TEST(equal_and_sorted_columns_keep_their_order)
{
  for (int s = 0; s < SIZES; s++) {
    size_t n = sizes[s];
    for (size_t i = 0; i < n; i++)
      x[i] = i % 2 == 0 ? 0.0 : -0.0;
    expect_sorted(n);
    for (size_t i = 0; i < n; i++)
      x[i] = (double)i;
    expect_sorted(n);
    for (size_t i = 0; i < n; i++)
      x[i] = -(double)i;
    expect_sorted(n);
    for (size_t i = 0; i < n; i++) /* one far away from a dense crowd */
      x[i] = i == n / 2 ? DBL_MAX : 1 + (double)(n - i) * DBL_EPSILON;
    expect_sorted(n);
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(keys_order_as_the_values_do),
      BS_UNIT(all_finite_doubles_sort_as_by_qsort),
      BS_UNIT(columns_of_every_kind_sort_as_by_qsort),
      BS_UNIT(runs_equal_in_their_leading_bits_are_sorted_too),
      BS_UNIT(equal_and_sorted_columns_keep_their_order),
  };
  return bs_unit_run("sort_order", tests, sizeof tests / sizeof *tests);
}
