/* SPDX-License-Identifier: BSD-3-Clause */
/* Merits, OneR and naive Bayes on iris as Weka has them, on any number of
 * ranks; the distribution function behind naive Bayes. */
#include "src/evaluation.h"
#include "src/learners.h"
#include "src/merits.h"
#include "src/weka_sort.h"
#include "tests/unit/iris.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <mpi.h>
#include <string.h>

static int rank;

/* Petal length and width of iris, sorted. */
static double x[2 * 150];
static uint16_t y[150];
static uint32_t order[2][150];
static bs_sorted_column sorted[2];
static int column[2] = {0, 1};
static bs_presort presort;
static bs_dataset data;

static void make_flowers(void)
{
  for (int r = 0; r < 150; r++) {
    x[r] = iris_petallength[r] / 10.0;
    x[150 + r] = iris_petalwidth[r] / 10.0;
    y[r] = (uint16_t)(r / 50);
  }
  for (int j = 0; j < 2; j++) {
    bs_weka_sort_all(x + 150 * j, order[j], 150);
    sorted[j].feature = j;
    sorted[j].order = order[j];
  }
  presort.n = data.n = 150;
  presort.d = presort.columns = data.d = 2;
  presort.column = column;
  presort.sorted = sorted;
  data.c = 3;
  data.x = x;
  data.y = y;
}

START_TEST(merits_on_iris_are_wekas)
{
  const bs_merit_spec spec[2] = {{NULL, 0, 10, 1, BS_ONER_MIN_BUCKET},
                                 {NULL, 0, 10, 1, BS_ONER_MIN_BUCKET}};
  for (int threads = 1; threads <= 3; threads++) {
    double merit[4];
    ck_assert_int_eq(bs_merits(MPI_COMM_WORLD, threads, &data, &presort, 2,
                               spec, NULL, NULL, merit),
                     BS_OK);
    for (int i = 0; i < 2; i++) {
      ck_assert(merit[2 * i] == 92.666666666666657);
      ck_assert(merit[2 * i + 1] == 95.333333333333343);
    }
  }
}
END_TEST

/* Run one learner; returns its evaluation on rank 0, NULL elsewhere. */
static bs_evaluation *run(bs_learner learner, bs_weka rules, int threads,
                          bs_learner_result *result)
{
  static const int feature[2] = {0, 1};
  bs_folds *folds;
  bs_evaluation *e = NULL;
  ck_assert_int_eq(bs_folds_create(y, 150, 10, 1, true, &folds), BS_OK);
  const bs_learner_spec spec = {
      learner, folds, true, 2, feature, rules, BS_ONER_MIN_BUCKET};
  ck_assert_int_eq(bs_learners_run(MPI_COMM_WORLD, threads, &data, &presort, 1,
                                   &spec, NULL, result),
                   BS_OK);
  if (rank == 0)
    ck_assert_int_eq(bs_evaluation_create(result->predictions, rules, &e),
                     BS_OK);
  bs_folds_destroy(&folds);
  return e;
}

/* Folds 0, 6, 8 and 9 choose petal length. */
START_TEST(oner_on_iris_is_wekas)
{
  static const int chosen[10] = {0, 1, 1, 1, 1, 1, 0, 1, 0, 0};
  static const uint64_t confusion[9] = {50, 0, 0, 0, 44, 6, 0, 6, 44};
  bs_learner_result result;
  bs_evaluation *e = run(BS_LEARNER_ONER, BS_WEKA_38, 2, &result);
  if (rank == 0) {
    ck_assert_mem_eq(result.chosen, chosen, sizeof chosen);
    ck_assert_int_eq(result.rule->feature, 1);
    ck_assert_uint_eq(result.rule->correct, 144);
    ck_assert_uint_eq(result.rule->buckets, 3);
    ck_assert(result.rule->boundary[0] == 0.8 &&
              result.rule->boundary[1] == 1.75);
    ck_assert_mem_eq(e->confusion, confusion, sizeof confusion);
    ck_assert(e->mae == 0.053333333333333337);
    ck_assert(e->rmse == 0.23094010767585033);
    ck_assert(e->rae == 12.00000000000003);
    ck_assert(e->rrse == 48.989794855663625);
    ck_assert(e->weighted.roc_area == 0.93999999999999995);
  }
  bs_evaluation_destroy(&e);
  bs_learner_result_free(&result);
}
END_TEST

START_TEST(naive_bayes_on_iris_is_wekas)
{
  static const double mean[3] = {0.27428571428571435, 1.3097142857142863,
                                 2.034285714285716};
  static const double sd[3] = {0.1096190062471476, 0.19152321754069876,
                               0.26459055777804563};
  for (int threads = 1; threads <= 2; threads++) {
    bs_learner_result result;
    bs_evaluation *e = run(BS_LEARNER_NB, BS_WEKA_36, threads, &result);
    if (rank == 0) {
      const bs_naive_bayes *m = result.bayes;
      ck_assert(m->precision[0] == 0.14047619047619048);
      ck_assert(m->precision[1] == 0.11428571428571428);
      ck_assert_mem_eq(m->mean + 3, mean, sizeof mean);
      ck_assert_mem_eq(m->sd + 3, sd, sizeof sd);
      ck_assert_uint_eq(e->correct, 144);
    }
    bs_evaluation_destroy(&e);
    bs_learner_result_free(&result);
  }
}
END_TEST

START_TEST(a_small_deviation_leaves_the_one_before)
{
  /* Class 0: one row alone, then rows that leave a deviation of some 0.5;
   * class 1: equal rows, so that the floor stays. */
  static const double few[6] = {0, 1, 0, 1, 3, 3};
  static const uint16_t cls[6] = {0, 0, 0, 0, 1, 1};
  static const uint32_t rows[6] = {0, 1, 2, 3, 4, 5};
  static const int feature[1] = {0};
  const bs_dataset set = {.n = 6, .d = 1, .c = 2, .x = few, .y = cls};
  bs_naive_bayes *m;
  ck_assert_int_eq(
      bs_naive_bayes_train(&set, 1, feature, rows, 6, BS_WEKA_38, &m), BS_OK);
  ck_assert(m->precision[0] == 1.5);
  ck_assert(m->sd[1] == 0.25); /* p / 6 */
  /* rint(x / 1.5) * 1.5: 0, 1.5, 0, 1.5 */
  ck_assert(m->mean[0] == 0.75 && m->sd[0] == 0.75);
  ck_assert(m->prior[0] == 5.0 / 8 && m->prior[1] == 3.0 / 8);
  bs_naive_bayes_destroy(&m);
}
END_TEST

START_TEST(the_distribution_function_is_cephes)
{
  static const double want[][2] = {{0, 0.5},
                                   {0.3, 0.6179114221889526},
                                   {0.9999, 0.8413205477862374},
                                   {1, 0.8413447460685429},
                                   {-1, 0.15865525393145707},
                                   {1.2, 0.8849303297782918},
                                   {-1.5, 0.06680720126885807},
                                   {-3, 0.0013498980316300933},
                                   {6, 0.9999999990134123},
                                   {8, 0.9999999999999993},
                                   {8.29, 0.9999999999999999},
                                   {8.3, 1},
                                   {-8, 6.22096057427174e-16},
                                   {-18, 9.740948918936876e-73},
                                   {-37.6, 1.074811249586866e-309},
                                   {-37.7, 0}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    ck_assert_msg(bs_normal_probability(want[i][0]) == want[i][1],
                  "Phi(%g) is %.17g", want[i][0],
                  bs_normal_probability(want[i][0]));
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(merits_on_iris_are_wekas),
      BS_UNIT(oner_on_iris_is_wekas),
      BS_UNIT(naive_bayes_on_iris_is_wekas),
      BS_UNIT(a_small_deviation_leaves_the_one_before),
      BS_UNIT(the_distribution_function_is_cephes),
  };
  MPI_Init(&argc, &argv);
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  make_flowers();
  int code = bs_unit_run("learners", tests, sizeof tests / sizeof *tests);
  MPI_Finalize();
  return code;
}
