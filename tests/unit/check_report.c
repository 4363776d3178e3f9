/* SPDX-License-Identifier: BSD-3-Clause */
/* The text of a cross-validation, byte for byte as Weka prints it. */
#include "io/report.h"
#include "tests/unit/nine_rows.h"
#include "tests/unit/unit.h"

#include <string.h>

/* Printed by Weka 3.6.14 and 3.8.7 for the same nine predictions. */
static const char text_36[] =
    "=== Stratified cross-validation ===\n"
    "\n"
    "Correctly Classified Instances           4               44.4444 %\n"
    "Incorrectly Classified Instances         3               33.3333 %\n"
    "Kappa statistic                          0.3437\n"
    "Mean absolute error                      0.2214\n"
    "Root mean squared error                  0.367 \n"
    "Relative absolute error                 88.1456 %\n"
    "Root relative squared error            103.9866 %\n"
    "UnClassified Instances                   2               22.2222 %\n"
    "Total Number of Instances                9     \n"
    "\n"
    "\n"
    "=== Detailed Accuracy By Class ===\n"
    "\n"
    "               TP Rate   FP Rate   Precision   Recall  F-Measure   ROC "
    "Area  Class\n"
    "                 1         0.5        0.6       1         0.75       0.7  "
    "    benign\n"
    "                 0         0          0         0         0          "
    "0.722    gafgyt combo\n"
    "                 1         0.167      0.5       1         0.667      "
    "0.679    mirai\n"
    "                 0         0          0         0         0          ?    "
    "    none\n"
    "Weighted Avg.    0.571     0.238      0.329     0.571     0.417      "
    "0.706\n"
    "\n"
    "\n"
    "=== Confusion Matrix ===\n"
    "\n"
    " a b c d   <-- classified as\n"
    " 3 0 0 0 | a = benign\n"
    " 2 0 1 0 | b = gafgyt combo\n"
    " 0 0 1 0 | c = mirai\n"
    " 0 0 0 0 | d = none\n"
    "\n";

static const char text_38[] =
    "=== Stratified cross-validation ===\n"
    "\n"
    "Correctly Classified Instances           4               44.4444 %\n"
    "Incorrectly Classified Instances         3               33.3333 %\n"
    "Kappa statistic                          0.3437\n"
    "Mean absolute error                      0.2214\n"
    "Root mean squared error                  0.367 \n"
    "Relative absolute error                 88.1456 %\n"
    "Root relative squared error            103.9866 %\n"
    "UnClassified Instances                   2               22.2222 %\n"
    "Total Number of Instances                9     \n"
    "\n"
    "\n"
    "=== Detailed Accuracy By Class ===\n"
    "\n"
    "                 TP Rate  FP Rate  Precision  Recall   F-Measure  MCC     "
    " ROC Area  PRC Area  Class\n"
    "                 1.000    0.500    0.600      1.000    0.750      0.548   "
    " 0.700     0.594     benign\n"
    "                 0.000    0.000    ?          0.000    ?          ?       "
    " 0.722     0.476     gafgyt combo\n"
    "                 1.000    0.167    0.500      1.000    0.667      0.645   "
    " 0.679     0.361     mirai\n"
    "                 ?        0.000    ?          ?        ?          ?       "
    " ?         ?         none\n"
    "Weighted Avg.    0.571    0.238    ?          0.571    ?          ?       "
    " 0.706     0.510     \n"
    "\n"
    "\n"
    "=== Confusion Matrix ===\n"
    "\n"
    " a b c d   <-- classified as\n"
    " 3 0 0 0 | a = benign\n"
    " 2 0 1 0 | b = gafgyt combo\n"
    " 0 0 1 0 | c = mirai\n"
    " 0 0 0 0 | d = none\n"
    "\n";

static char *printed(const bs_predictions *p, bs_weka weka, char *const *names)
{
  bs_evaluation *e;
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  ck_assert_int_eq(bs_evaluation_create(p, weka, &e), BS_OK);
  bs_report_print(e, names, "=== Stratified cross-validation ===", out);
  fclose(out);
  bs_evaluation_destroy(&e);
  return text;
}

START_TEST(text_of_36_is_wekas)
{
  char *text = printed(&nine_rows, BS_WEKA_36, nine_class);
  ck_assert_str_eq(text, text_36);
  free(text);
}
END_TEST

START_TEST(text_of_38_is_wekas)
{
  char *text = printed(&nine_rows, BS_WEKA_38, nine_class);
  ck_assert_str_eq(text, text_38);
  free(text);
}
END_TEST

/* One row of each of c classes, all told right, but class 0 has `first`. */
static char *matrix(int c, size_t first)
{
  const size_t n = first + (size_t)c - 1;
  size_t start[2] = {0, n};
  uint64_t *train = calloc((size_t)c, sizeof *train);
  uint16_t *truth = calloc(n, sizeof *truth);
  uint32_t *dist = calloc(n, sizeof *dist);
  double *prob = calloc((size_t)(c * c), sizeof *prob);
  char **names = calloc((size_t)c, sizeof *names);
  for (int i = 0; i < c; i++) {
    prob[i * c + i] = 1;
    names[i] = nine_class[i % 4];
    if (i > 0)
      truth[first + (size_t)i - 1] = (uint16_t)i;
  }
  for (size_t i = 0; i < n; i++)
    dist[i] = truth[i];
  const bs_predictions p = {c,     1,    n,         start, train,
                            truth, dist, (size_t)c, prob};
  char *text = printed(&p, BS_WEKA_36, names);
  free(train);
  free(truth);
  free(dist);
  free(prob);
  free(names);
  return text;
}

START_TEST(the_27th_class_is_aa)
{
  char *text = matrix(27, 1);
  ck_assert_ptr_nonnull(strstr(text, "  x  y  z aa   <-- classified as\n"));
  ck_assert_ptr_nonnull(strstr(text, " 1 | aa = mirai\n"));
  free(text);
}
END_TEST

/* Weka takes 1000 for a number of three digits. */
START_TEST(a_thousand_overflows_its_column_as_in_weka)
{
  char *text = matrix(2, 1000);
  ck_assert_ptr_nonnull(strstr(text, "   a   b   <-- classified as\n"
                                     " 1000   0 |   a = benign\n"
                                     "   0   1 |   b = gafgyt combo\n"));
  free(text);
}
END_TEST

START_TEST(json_has_null_where_undefined)
{
  bs_evaluation *e;
  ck_assert_int_eq(bs_evaluation_create(&nine_rows, BS_WEKA_38, &e), BS_OK);
  json_t *all = bs_report_json(e, nine_class), *none, *cell;
  json_t *fold = bs_report_fold_json(e, 1);
  ck_assert_ptr_nonnull(all);
  ck_assert(json_real_value(json_object_get(all, "mae")) ==
            0.22142857142857145);
  ck_assert_int_eq(json_integer_value(json_object_get(all, "unclassified")), 2);
  none = json_array_get(json_object_get(all, "per_class"), 3);
  ck_assert_str_eq(json_string_value(json_object_get(none, "name")), "none");
  ck_assert(json_is_null(json_object_get(none, "roc_area")));
  ck_assert(json_is_null(
      json_object_get(json_object_get(all, "weighted"), "precision")));
  cell =
      json_array_get(json_array_get(json_object_get(all, "confusion"), 1), 2);
  ck_assert_int_eq(json_integer_value(cell), 1);
  ck_assert_int_eq(json_integer_value(json_object_get(fold, "train")), 19);
  ck_assert_int_eq(json_integer_value(json_object_get(fold, "test")), 4);
  json_decref(fold);
  json_decref(all);
  bs_evaluation_destroy(&e);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(text_of_36_is_wekas),
      BS_UNIT(text_of_38_is_wekas),
      BS_UNIT(the_27th_class_is_aa),
      BS_UNIT(a_thousand_overflows_its_column_as_in_weka),
      BS_UNIT(json_has_null_where_undefined),
  };
  return bs_unit_run("report", tests, sizeof tests / sizeof *tests);
}
