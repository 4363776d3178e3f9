/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of merit: bit for bit what Weka's Evaluation returns. */
#include "src/evaluation.h"
#include "src/zeror.h"
#include "tests/unit/nine_rows.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

/* Equal, or both undefined. */
static void same(double got, double want)
{
  if (isnan(want))
    ck_assert_double_nan(got);
  else
    ck_assert_msg(got == want, "%.17g instead of %.17g", got, want);
}

static bs_evaluation *evaluate(const bs_predictions *p, bs_weka weka)
{
  bs_evaluation *e;
  ck_assert_int_eq(bs_evaluation_create(p, weka, &e), BS_OK);
  return e;
}

START_TEST(overall_figures_are_wekas)
{
  bs_evaluation *e = evaluate(&nine_rows, BS_WEKA_38);
  ck_assert_uint_eq(e->correct, 4);
  ck_assert_uint_eq(e->incorrect, 3);
  ck_assert_uint_eq(e->unclassified, 2);
  same(e->kappa, 0.34374999999999994);
  same(e->mae, 0.22142857142857145);
  same(e->rmse, 0.36699119837203137);
  same(e->rae, 88.14560439560441);
  same(e->rrse, 103.98660338452147);
  bs_evaluation_destroy(&e);
}
END_TEST

START_TEST(class_figures_of_38_have_undefined_ones)
{
  static const double want[5][BS_CLASS_FIGURES] = {
      {1, 0.5, 0.6, 1, 0.7499999999999999, 0.5477225575051661, 0.7,
       0.5944444444444443},
      {0, 0, NAN, 0, NAN, NAN, 0.7222222222222222, 0.47619047619047616},
      {1, 0.16666666666666666, 0.5, 1, 0.6666666666666666, 0.6454972243679028,
       0.6785714285714286, 0.3611111111111111},
      {NAN, 0, NAN, NAN, NAN, NAN, NAN, NAN},
      {0.5714285714285714, 0.2380952380952381, NAN, 0.5714285714285714, NAN,
       NAN, 0.7064625850340135, 0.5104308390022675}};
  bs_evaluation *e = evaluate(&nine_rows, BS_WEKA_38);
  for (int i = 0; i < 5; i++) {
    const bs_class_figures *k = i < 4 ? &e->per_class[i] : &e->weighted;
    for (int j = 0; j < BS_CLASS_FIGURES; j++)
      same((&k->tp_rate)[j], want[i][j]);
  }
  bs_evaluation_destroy(&e);
}
END_TEST

START_TEST(class_figures_of_36_are_0_where_undefined_but_for_areas)
{
  static const double want[5][5] = {
      {1, 0.5, 0.6, 1, 0.7499999999999999},
      {0, 0, 0, 0, 0},
      {1, 0.16666666666666666, 0.5, 1, 0.6666666666666666},
      {0, 0, 0, 0, 0},
      {0.5714285714285714, 0.2380952380952381, 0.32857142857142857,
       0.5714285714285714, 0.4166666666666666}};
  bs_evaluation *e = evaluate(&nine_rows, BS_WEKA_36);
  for (int i = 0; i < 5; i++) {
    const bs_class_figures *k = i < 4 ? &e->per_class[i] : &e->weighted;
    for (int j = 0; j < 5; j++)
      same((&k->tp_rate)[j], want[i][j]);
  }
  same(e->per_class[1].mcc, 0);
  same(e->per_class[3].roc_area, NAN);
  same(e->weighted.roc_area, 0.7064625850340135);
  bs_evaluation_destroy(&e);
}
END_TEST

START_TEST(shares_count_unclassified_rows_as_wrong)
{
  bs_evaluation *e = evaluate(&nine_rows, BS_WEKA_38);
  same(e->accuracy, 4.0 / 9);
  /* 3 of 4 benign, 0 of 3 gafgyt, 1 of 2 mirai found. */
  same(e->balanced_accuracy, (3.0 / 4 + 0 + 1.0 / 2) / 3);
  /* 2 tp / (rows + predictions): 6 / (4 + 5), 0, 2 / (2 + 2). */
  same(e->macro_f1, (6.0 / 9 + 0 + 2.0 / 4) / 3);
  bs_evaluation_destroy(&e);
}
END_TEST

START_TEST(folds_add_up_to_the_whole)
{
  static const uint64_t first[16] = {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1};
  bs_evaluation *e = evaluate(&nine_rows, BS_WEKA_38);
  ck_assert_mem_eq(e->fold_confusion, first, sizeof first);
  ck_assert_uint_eq(e->fold_correct[0], 2);
  ck_assert_uint_eq(e->fold_correct[1], 2);
  ck_assert_uint_eq(e->fold_train[0], 19);
  ck_assert_uint_eq(e->fold_test[0], 5);
  for (int i = 0; i < 16; i++)
    ck_assert_uint_eq(e->confusion[i],
                      e->fold_confusion[i] + e->fold_confusion[16 + i]);
  bs_evaluation_destroy(&e);
}
END_TEST

/* iris by its class column alone: 50 rows of each class, in order. */
START_TEST(zeror_on_iris_gives_wekas_figures)
{
  uint16_t y[150];
  bs_folds *folds;
  bs_predictions *p;
  for (int i = 0; i < 150; i++)
    y[i] = (uint16_t)(i / 50);
  ck_assert_int_eq(bs_folds_create(y, 150, 10, 1, false, &folds), BS_OK);
  ck_assert_int_eq(bs_zeror_cv(folds, y, 3, &p), BS_OK);
  bs_evaluation *e = evaluate(p, BS_WEKA_38);
  ck_assert_uint_eq(e->correct, 50);
  same(e->kappa, 0);
  same(e->mae, 0.44444444444444337);
  same(e->rmse, 0.47140452079103112);
  same(e->rae, 100);
  same(e->rrse, 100);
  for (int i = 0; i < 3; i++)
    same(e->per_class[i].roc_area, 0.5);
  bs_evaluation_destroy(&e);
  bs_predictions_destroy(&p);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(with_no_row_classified_the_figures_are_undefined)
{
  uint32_t dist[9] = {0};
  double none[4] = {0, 0, 0, 0};
  bs_predictions p = nine_rows;
  p.dist = dist;
  p.m = 1;
  p.prob = none;
  bs_evaluation *e = evaluate(&p, BS_WEKA_38);
  ck_assert_uint_eq(e->unclassified, 9);
  same(e->kappa, 1);
  same(e->mae, NAN);
  same(e->rrse, NAN);
  same(e->weighted.tp_rate, NAN);
  same(e->accuracy, 0);
  same(e->per_class[0].roc_area, 0.5);
  bs_evaluation_destroy(&e);
}
END_TEST

/* Naive Bayes can overflow to such rows. Their place in the curve is with the
 * surest rows: areas as Weka 3.8.7 has them for this case. */
START_TEST(rows_that_are_not_numbers_are_unclassified)
{
  size_t start[2] = {0, 4};
  uint64_t train[2] = {3, 4};
  uint16_t truth[4] = {0, 1, 0, 1};
  uint32_t dist[4] = {0, 1, 2, 2};
  double prob[8] = {0.75, 0.25, 0.5, 0.5, NAN, 0, 1, 0};
  const bs_predictions p = {2, 1, 4, start, train, truth, dist, 4, prob};
  bs_evaluation *e = evaluate(&p, BS_WEKA_38);
  ck_assert_uint_eq(e->unclassified, 2);
  ck_assert_uint_eq(e->correct, 1);
  same(e->per_class[0].roc_area, 0.75);
  same(e->per_class[0].prc_area, 0.6666666666666666);
  same(e->per_class[1].roc_area, 0.625);
  same(e->per_class[1].prc_area, 0.75);
  bs_evaluation_destroy(&e);
}
END_TEST

START_TEST(ties_go_to_the_lowest_class)
{
  const double tie[3] = {0.25, 0.375, 0.375}, none[3] = {0, 0, 0};
  ck_assert_int_eq(bs_predicted_class(tie, 3), 1);
  ck_assert_int_eq(bs_predicted_class(none, 3), -1);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(overall_figures_are_wekas),
      BS_UNIT(class_figures_of_38_have_undefined_ones),
      BS_UNIT(class_figures_of_36_are_0_where_undefined_but_for_areas),
      BS_UNIT(shares_count_unclassified_rows_as_wrong),
      BS_UNIT(folds_add_up_to_the_whole),
      BS_UNIT(zeror_on_iris_gives_wekas_figures),
      BS_UNIT(with_no_row_classified_the_figures_are_undefined),
      BS_UNIT(rows_that_are_not_numbers_are_unclassified),
      BS_UNIT(ties_go_to_the_lowest_class),
  };
  return bs_unit_run("evaluation", tests, sizeof tests / sizeof *tests);
}
