/* SPDX-License-Identifier: BSD-3-Clause */
/* OneR: rules followed by hand. */
#include "src/oner.h"
#include "tests/unit/unit.h"

#include <string.h>

/* Rule of n values that are in ascending order already. */
static bs_oner_rule *rule_of(size_t n, int c, const double *x,
                             const uint16_t *y, int min_bucket)
{
  bs_oner_column column = {.n = n,
                           .c = c,
                           .feature = 3,
                           .value = (double *)x,
                           .label = (uint16_t *)y};
  bs_oner_rule *rule;
  ck_assert_int_eq(
      bs_oner_rule_create(&column, BS_ONER_ALL_ROWS, min_bucket, &rule), BS_OK);
  return rule;
}

static void print_is(const bs_oner_rule *rule, const char *want)
{
  static char *const names[] = {"Iris-setosa", "Iris-versicolor",
                                "Iris-virginica"};
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  bs_oner_rule_print(rule, "petalwidth", names, out);
  fclose(out);
  ck_assert_str_eq(text, want);
  free(text);
}

START_TEST(a_bucket_closes_once_a_class_has_enough_rows)
{
  static const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  static const uint16_t y[] = {0, 1, 0, 0, 0, 1, 1, 1, 0};
  /* 1 to 5 gather until class 0 has 3 rows, and go on while it is met; then
   * 6 to 8 have three of class 1; 9 is a bucket of its own. */
  bs_oner_rule *rule = rule_of(9, 2, x, y, 3);
  ck_assert_uint_eq(rule->buckets, 3);
  ck_assert(rule->boundary[0] == 5.5 && rule->boundary[1] == 8.5);
  ck_assert_uint_eq(rule->label[0], 0);
  ck_assert_uint_eq(rule->label[1], 1);
  ck_assert_uint_eq(rule->label[2], 0);
  ck_assert_uint_eq(rule->correct, 8);
  ck_assert_uint_eq(rule->rows, 9);
  ck_assert_int_eq(rule->feature, 3);
  bs_oner_rule_destroy(&rule);
}
END_TEST

START_TEST(neighbours_that_say_the_same_become_one)
{
  static const double x[] = {1, 2, 3, 4, 5, 6, 7};
  static const uint16_t y[] = {0, 0, 1, 0, 0, 1, 0};
  /* With 2: {1 2} | {3 4 5}, top class 0 | {6 7}, a tie, so class 0. */
  bs_oner_rule *rule = rule_of(7, 2, x, y, 2);
  ck_assert_uint_eq(rule->buckets, 1);
  ck_assert_uint_eq(rule->label[0], 0);
  ck_assert_uint_eq(rule->correct, 5);
  print_is(rule, "petalwidth:\n\tnot ?\t-> Iris-setosa\n"
                 "(5/7 instances correct)\n");
  bs_oner_rule_destroy(&rule);
}
END_TEST

START_TEST(rows_of_one_value_stay_together)
{
  static const double x[] = {-0.0, 0.0, 0.0, 1, 1, 1};
  static const uint16_t y[] = {1, 0, 1, 2, 2, 0};
  bs_oner_rule *rule = rule_of(6, 3, x, y, 1);
  ck_assert_uint_eq(rule->buckets, 2);
  ck_assert(rule->boundary[0] == 0.5);
  ck_assert_uint_eq(rule->label[0], 1);
  ck_assert_uint_eq(rule->label[1], 2);
  ck_assert_uint_eq(bs_oner_rule_predict(rule, 0.49), 1);
  ck_assert_uint_eq(bs_oner_rule_predict(rule, 0.5), 2);
  ck_assert_uint_eq(bs_oner_rule_predict(rule, -1e300), 1);
  bs_oner_rule_destroy(&rule);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(a_bucket_closes_once_a_class_has_enough_rows),
      BS_UNIT(neighbours_that_say_the_same_become_one),
      BS_UNIT(rows_of_one_value_stay_together),
  };
  return bs_unit_run("oner", tests, sizeof tests / sizeof *tests);
}
