/* OneR: rules followed by hand, and iris as Weka has it. */
#include "src/evaluation.h"
#include "src/oner.h"
#include "src/weka_sort.h"
#include "tests/unit/iris.h"
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

START_TEST(more_hits_win_then_the_lower_feature)
{
  bs_oner_rule a = {.feature = 4, .correct = 10}, b = {.feature = 2};
  ck_assert(bs_oner_rule_better(&a, NULL));
  ck_assert(bs_oner_rule_better(&a, &b) && !bs_oner_rule_better(&b, &a));
  b.correct = 10;
  ck_assert(bs_oner_rule_better(&b, &a) && !bs_oner_rule_better(&a, &b));
}
END_TEST

/* Petal length and width of iris, ready for a task. */
typedef struct flowers {
  double x[2 * 150];
  uint16_t y[150];
  uint32_t order[2][150];
  bs_sorted_column sorted[2];
  int column[2];
  bs_presort presort;
  bs_dataset data;
  bs_folds *folds;
  bs_oner_task task;
} flowers;

static void make_flowers(flowers *i, int threads)
{
  memset(i, 0, sizeof *i);
  for (int r = 0; r < 150; r++) {
    i->x[r] = iris_petallength[r] / 10.0;
    i->x[150 + r] = iris_petalwidth[r] / 10.0;
    i->y[r] = (uint16_t)(r / 50);
  }
  for (int j = 0; j < 2; j++) {
    bs_weka_sort_all(i->x + 150 * j, i->order[j], 150);
    i->sorted[j].order = i->order[j];
    i->column[j] = j;
  }
  i->presort.n = i->data.n = 150;
  i->presort.d = i->presort.columns = i->data.d = 2;
  i->presort.column = i->column;
  i->presort.sorted = i->sorted;
  i->data.c = 3;
  i->data.x = i->x;
  i->data.y = i->y;
  ck_assert_int_eq(bs_folds_create(i->y, 150, 10, 1, false, &i->folds), BS_OK);
  i->task = (bs_oner_task){&i->data, &i->presort, i->folds, BS_ONER_MIN_BUCKET,
                           threads};
}

START_TEST(merits_on_iris_are_wekas)
{
  static const int feature[2] = {0, 1};
  for (int threads = 1; threads <= 3; threads++) {
    flowers i;
    double merit[2];
    make_flowers(&i, threads);
    ck_assert_int_eq(bs_oner_merits(&i.task, feature, 2, merit), BS_OK);
    ck_assert(merit[0] == 92.666666666666657);
    ck_assert(merit[1] == 95.333333333333343);
    bs_folds_destroy(&i.folds);
  }
}
END_TEST

/* Folds 0, 6, 8 and 9 choose petal length. */
START_TEST(rules_on_iris_are_wekas)
{
  static const int feature[2] = {1, 0};
  static const int chosen[11] = {0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1};
  static const uint64_t confusion[9] = {50, 0, 0, 0, 44, 6, 0, 6, 44};
  flowers i;
  bs_oner_rule *best[11] = {NULL};
  bs_predictions *p;
  bs_evaluation *e;
  make_flowers(&i, 2);
  ck_assert_int_eq(bs_oner_train(&i.task, feature, 2, best), BS_OK);
  for (int f = 0; f < 11; f++)
    ck_assert_int_eq(best[f]->feature, chosen[f]);
  ck_assert_uint_eq(best[10]->correct, 144);
  ck_assert_uint_eq(best[10]->buckets, 3);
  ck_assert(best[10]->boundary[0] == 0.8 && best[10]->boundary[1] == 1.75);
  print_is(best[10], "petalwidth:\n\t< 0.8\t-> Iris-setosa\n"
                     "\t< 1.75\t-> Iris-versicolor\n"
                     "\t>= 1.75\t-> Iris-virginica\n"
                     "(144/150 instances correct)\n");
  ck_assert_int_eq(bs_oner_predict(&i.data, i.folds, best, &p), BS_OK);
  ck_assert_int_eq(bs_evaluation_create(p, BS_WEKA_38, &e), BS_OK);
  ck_assert_mem_eq(e->confusion, confusion, sizeof confusion);
  ck_assert(e->mae == 0.053333333333333337);
  ck_assert(e->rmse == 0.23094010767585033);
  ck_assert(e->rae == 12.00000000000003);
  ck_assert(e->rrse == 48.989794855663625);
  ck_assert(e->weighted.roc_area == 0.93999999999999995);
  bs_evaluation_destroy(&e);
  bs_predictions_destroy(&p);
  for (int f = 0; f < 11; f++)
    bs_oner_rule_destroy(&best[f]);
  bs_folds_destroy(&i.folds);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(a_bucket_closes_once_a_class_has_enough_rows),
      BS_UNIT(neighbours_that_say_the_same_become_one),
      BS_UNIT(rows_of_one_value_stay_together),
      BS_UNIT(more_hits_win_then_the_lower_feature),
      BS_UNIT(merits_on_iris_are_wekas),
      BS_UNIT(rules_on_iris_are_wekas),
  };
  return bs_unit_run("oner", tests, sizeof tests / sizeof *tests);
}
