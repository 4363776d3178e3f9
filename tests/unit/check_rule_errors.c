/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors counted without writing rules down, against the rules themselves. */
#include "src/oner.h"
#include "src/rule_errors.h"
#include "src/weka_sort.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

enum { ROWS = 400, FOLDS = 7, CLASSES = 5, BITS = 3 };

static double x[ROWS], sorted[ROWS];
static uint16_t fold[ROWS], sorted_fold[ROWS], y[ROWS], sorted_y[ROWS];
static uint32_t order[ROWS], tag[ROWS];

/* By the rule of each fold, from src/oner.h; absent rows are not there. */
static uint64_t fit[FOLDS + 1];
static size_t slow_errors(int min_bucket)
{
  size_t n = 0, wrong = 0;
  for (size_t p = 0; p < ROWS; p++) {
    const uint32_t row = order[p];
    if (tag[row] == BS_TAG_NONE)
      continue;
    sorted[n] = x[row];
    sorted_y[n] = y[row];
    sorted_fold[n++] = fold[row];
  }
  bs_oner_column column = {.n = n,
                           .c = CLASSES,
                           .value = sorted,
                           .label = sorted_y,
                           .fold = sorted_fold};
  for (int f = 0; f <= FOLDS; f++) { /* the last one has no rows */
    bs_oner_rule *rule;
    ck_assert_int_eq(bs_oner_rule_create(&column, f, min_bucket, &rule), BS_OK);
    fit[f] = rule->correct;
    for (size_t i = 0; i < n; i++)
      if (sorted_fold[i] == f)
        wrong += bs_oner_rule_predict(rule, sorted[i]) != sorted_y[i];
    bs_oner_rule_destroy(&rule);
  }
  return wrong;
}

static size_t fast_errors(int min_bucket)
{
  const bs_rule_column column = {ROWS, x,       order,     tag,
                                 BITS, CLASSES, FOLDS + 1, min_bucket};
  uint64_t errors = UINT64_MAX, right[FOLDS + 1];
  ck_assert_int_eq(bs_rule_errors(&column, &errors, right), BS_OK);
  ck_assert_mem_eq(right, fit, sizeof right);
  return errors;
}

/* Rows of `values` distinct values, `kinds` classes that follow the value more
 * or less closely; a share of the rows is left out. */
static void draw(uint64_t seed, int values, int kinds, double noise,
                 double absent, double gap)
{
  bs_random r = bs_random_seeded((int64_t)seed);
  for (size_t i = 0; i < ROWS; i++) {
    const int v = (int)bs_random_below(&r, (uint32_t)values);
    x[i] = 1;
    for (int k = 0; k < v; k++)
      x[i] = gap > 0 ? x[i] + gap : nextafter(x[i], 2);
    const bool noisy = bs_random_double(&r) < noise;
    y[i] = (uint16_t)(noisy ? (int)bs_random_below(&r, (uint32_t)kinds)
                            : v * kinds / values);
    fold[i] = (uint16_t)bs_random_below(&r, FOLDS);
    tag[i] = bs_random_double(&r) < absent ? BS_TAG_NONE
                                           : (uint32_t)fold[i] << BITS | y[i];
  }
  bs_weka_sort_all(x, order, ROWS);
}

START_TEST(errors_are_those_of_the_rules)
{
  static const int values[] = {1, 2, 7, 60, 5000};
  static const double noise[] = {0, 0.05, 0.5, 1};
  size_t met = 0;
  for (uint64_t seed = 1; seed <= 20; seed++)
    for (size_t v = 0; v < 5; v++)
      for (size_t e = 0; e < 4; e++)
        for (int bucket = 1; bucket <= 17; bucket += 4) {
          draw(seed, values[v], 2 + (int)(seed % 4), noise[e],
               seed % 3 == 0 ? 0.3 : 0, 0.5);
          const size_t want = slow_errors(bucket);
          ck_assert_uint_eq(fast_errors(bucket), want);
          met += want > 0;
        }
  ck_assert_uint_gt(met, 1000);
}
END_TEST

START_TEST(cuts_between_neighbouring_doubles_round_as_the_rules_do)
{
  for (uint64_t seed = 1; seed <= 200; seed++) {
    draw(seed, 40, 3, 0.6, seed % 2 == 0 ? 0.2 : 0, 0);
    for (int bucket = 1; bucket <= 5; bucket += 2) {
      const size_t want = slow_errors(bucket);
      ck_assert_uint_eq(fast_errors(bucket), want);
    }
  }
}
END_TEST

START_TEST(a_cut_may_lie_at_infinity)
{
  /* Half of a sum beyond the largest double: no value lies right of it. */
  static const double values[] = {-1.7e308, -1.5e308, -1e308,  -1,
                                  0,        1e308,    1.5e308, 1.7e308};
  for (uint64_t seed = 1; seed <= 100; seed++) {
    draw(seed, 8, 3, 0.4, seed % 2 == 0 ? 0.2 : 0, 0.5);
    for (size_t i = 0; i < ROWS; i++)
      x[i] = values[(int)(2 * x[i]) - 2];
    bs_weka_sort_all(x, order, ROWS);
    for (int bucket = 1; bucket <= 13; bucket += 4) {
      const size_t want = slow_errors(bucket);
      ck_assert_uint_eq(fast_errors(bucket), want);
    }
  }
}
END_TEST

START_TEST(a_fold_may_hold_whole_stretches)
{
  draw(5, 30, 3, 0.3, 0, 0.5);
  for (size_t i = 0; i < ROWS; i++) { /* equal values share a fold */
    fold[i] = (uint16_t)((int)(x[i] * 2) % FOLDS);
    tag[i] = (uint32_t)fold[i] << BITS | y[i];
  }
  for (int bucket = 1; bucket <= 20; bucket++) {
    const size_t want = slow_errors(bucket);
    ck_assert_uint_eq(fast_errors(bucket), want);
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(errors_are_those_of_the_rules),
      BS_UNIT(cuts_between_neighbouring_doubles_round_as_the_rules_do),
      BS_UNIT(a_cut_may_lie_at_infinity),
      BS_UNIT(a_fold_may_hold_whole_stretches),
  };
  return bs_unit_run("rule_errors", tests, sizeof tests / sizeof *tests);
}
