/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/report.h"

#include "io/json.h"
#include "src/exact_math.h"
#include "src/weka_format.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SUMMARY_WIDTH = 12, SUMMARY_DECIMALS = 4 };

static void put_aligned(const bs_evaluation *e, double x, FILE *out)
{
  char text[BS_NUMBER_TEXT];
  bs_format_aligned(e->weka, x, SUMMARY_WIDTH, SUMMARY_DECIMALS, text);
  fputs(text, out);
}

static void put_count(const bs_evaluation *e, const char *label, size_t count,
                      FILE *out)
{
  fprintf(out, "%-35s", label);
  put_aligned(e, (double)count, out);
  fputs("     ", out);
  put_aligned(e, 100 * (double)count / (double)e->n, out);
  fputs(" %\n", out);
}

static void put_figure(const bs_evaluation *e, const char *label, double x,
                       const char *unit, FILE *out)
{
  fprintf(out, "%-35s", label);
  put_aligned(e, x, out);
  fprintf(out, "%s\n", unit);
}

void bs_report_summary(const bs_evaluation *e, FILE *out)
{
  put_count(e, "Correctly Classified Instances", e->correct, out);
  put_count(e, "Incorrectly Classified Instances", e->incorrect, out);
  put_figure(e, "Kappa statistic", e->kappa, "", out);
  put_figure(e, "Mean absolute error", e->mae, "", out);
  put_figure(e, "Root mean squared error", e->rmse, "", out);
  put_figure(e, "Relative absolute error", e->rae, " %", out);
  put_figure(e, "Root relative squared error", e->rrse, " %", out);
  if (e->unclassified > 0)
    put_count(e, "UnClassified Instances", e->unclassified, out);
  put_figure(e, "Total Number of Instances", (double)e->n, "", out);
}

/* A row of 3.6's table: numbers aligned at the point. Only an area can be
 * undefined there, but an average over no row at all is NaN and printed so. */
static void put_row_36(const bs_class_figures *k, bool average, FILE *out)
{
  const double value[6] = {k->tp_rate, k->fp_rate,   k->precision,
                           k->recall,  k->f_measure, k->roc_area};
  static const char *const gap[6] = {"", "   ", "    ", "   ", "   ", "    "};
  char text[BS_NUMBER_TEXT];
  for (int i = 0; i < 6; i++) {
    bs_format_aligned(BS_WEKA_36, value[i], 7, 3, text);
    fprintf(out, "%s%s", gap[i],
            isnan(value[i]) && !average ? "  ?    " : text);
  }
}

/* A row of 3.8's table: three decimals, to the left of the column. */
static void put_row_38(const bs_class_figures *k, FILE *out)
{
  static const int width[BS_CLASS_FIGURES] = {9, 9, 11, 9, 11, 9, 10, 10};
  char text[BS_NUMBER_TEXT];
  for (int i = 0; i < BS_CLASS_FIGURES; i++) {
    const double value = (&k->tp_rate)[i];
    bs_format_padded(value, 3, text);
    fprintf(out, "%-*s", width[i], isnan(value) ? "?" : text);
  }
}

void bs_report_details(const bs_evaluation *e, char *const *class_name,
                       FILE *out)
{
  const bool old = e->weka == BS_WEKA_36;
  fprintf(out, "=== Detailed Accuracy By Class ===\n\n%s\n",
          old ? "               TP Rate   FP Rate   Precision   Recall  "
                "F-Measure   ROC Area  Class"
              : "                 TP Rate  FP Rate  Precision  Recall   "
                "F-Measure  MCC      ROC Area  PRC Area  Class");
  for (int i = 0; i < e->c; i++) {
    fprintf(out, "%*s", old ? 15 : 17, "");
    if (old)
      put_row_36(&e->per_class[i], false, out);
    else
      put_row_38(&e->per_class[i], out);
    fprintf(out, "%s%s\n", old ? "    " : "", class_name[i]);
  }
  fprintf(out, "%-*s", old ? 15 : 17, "Weighted Avg.");
  if (old)
    put_row_36(&e->weighted, true, out);
  else
    put_row_38(&e->weighted, out);
  fputc('\n', out);
}

/* a, b, .. z, aa, ab, ..: letters as digits without a zero. */
static void class_letters(int i, char text[16])
{
  char *p = text + 15;
  *p = '\0';
  for (i++; i > 0; i = (i - 1) / 26)
    *--p = (char)('a' + (i - 1) % 26);
  memmove(text, p, strlen(p) + 1);
}

/* Width of a column. Weka takes it from quotients of logarithms, and these are
 * a little too small for 1000 and other powers: the same is done here. */
static int matrix_width(const bs_evaluation *e)
{
  uint64_t most = 0;
  for (int i = 0; i < e->c * e->c; i++)
    if (e->confusion[i] > most)
      most = e->confusion[i];
  const int digits =
      most > 0 ? (int)(bs_exact_log((double)most) / bs_exact_log(10)) : 0;
  const int letters = (int)(bs_exact_log(e->c) / bs_exact_log(26));
  return 1 + (digits > letters ? digits : letters);
}

void bs_report_matrix(const bs_evaluation *e, char *const *class_name,
                      FILE *out)
{
  const int width = matrix_width(e);
  char letters[16];
  fputs("=== Confusion Matrix ===\n\n", out);
  for (int i = 0; i < e->c; i++) {
    class_letters(i, letters);
    fprintf(out, " %*s", width, letters);
  }
  fputs("   <-- classified as\n", out);
  for (int i = 0; i < e->c; i++) {
    for (int j = 0; j < e->c; j++)
      fprintf(out, " %*llu", width,
              (unsigned long long)e->confusion[i * e->c + j]);
    class_letters(i, letters);
    fprintf(out, " | %*s = %s\n", width, letters, class_name[i]);
  }
}

void bs_report_print(const bs_evaluation *e, char *const *class_name,
                     const char *title, FILE *out)
{
  fprintf(out, "%s\n\n", title);
  bs_report_summary(e, out);
  fputs("\n\n", out);
  bs_report_details(e, class_name, out);
  fputs("\n\n", out);
  bs_report_matrix(e, class_name, out);
  fputc('\n', out);
}

/* (c, c) counts as an array of rows. */
static json_t *matrix_json(const uint64_t *cell, int c)
{
  json_t *rows = json_array();
  for (int i = 0; i < c; i++) {
    json_t *row = json_array();
    for (int j = 0; j < c; j++)
      json_array_append_new(row, json_integer((json_int_t)cell[i * c + j]));
    json_array_append_new(rows, row);
  }
  return rows;
}

/* Add the figures of k to an object. */
static int add_class_figures(json_t *to, const bs_class_figures *k)
{
  static const char *const name[BS_CLASS_FIGURES] = {
      "tp_rate",   "fp_rate", "precision", "recall",
      "f_measure", "mcc",     "roc_area",  "prc_area"};
  int bad = 0;
  for (int i = 0; i < BS_CLASS_FIGURES; i++)
    bad |= json_object_set_new(to, name[i], bs_json_real((&k->tp_rate)[i]));
  return bad;
}

static json_t *classes_json(const bs_evaluation *e, char *const *class_name)
{
  json_t *all = json_array();
  for (int i = 0; i < e->c; i++) {
    json_t *one = json_pack("{s:s}", "name", class_name[i]);
    if (one == NULL || add_class_figures(one, &e->per_class[i]) != 0 ||
        json_array_append(all, one) != 0) {
      json_decref(one);
      json_decref(all);
      return NULL;
    }
    json_decref(one);
  }
  return all;
}

static int add_counts(const bs_evaluation *e, json_t *to)
{
  int bad =
      json_object_set_new(to, "confusion", matrix_json(e->confusion, e->c));
  bad |= json_object_set_new(to, "unclassified",
                             json_integer((json_int_t)e->unclassified));
  bad |=
      json_object_set_new(to, "correct", json_integer((json_int_t)e->correct));
  bad |= json_object_set_new(to, "incorrect",
                             json_integer((json_int_t)e->incorrect));
  return bad;
}

static int add_figures(const bs_evaluation *e, json_t *to)
{
  const struct {
    const char *name;
    double value;
  } figure[] = {
      {"accuracy", e->accuracy}, {"balanced_accuracy", e->balanced_accuracy},
      {"macro_f1", e->macro_f1}, {"kappa", e->kappa},
      {"mae", e->mae},           {"rmse", e->rmse},
      {"rae", e->rae},           {"rrse", e->rrse},
  };
  int bad = 0;
  for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
    bad |=
        json_object_set_new(to, figure[i].name, bs_json_real(figure[i].value));
  return bad;
}

json_t *bs_report_json(const bs_evaluation *e, char *const *class_name)
{
  json_t *all = json_object(), *weighted = json_object();
  int bad = add_counts(e, all);
  bad |= add_figures(e, all);
  bad |= json_object_set_new(all, "per_class", classes_json(e, class_name));
  bad |= add_class_figures(weighted, &e->weighted);
  bad |= json_object_set_new(all, "weighted", weighted);
  if (bad) {
    json_decref(all);
    return NULL;
  }
  return all;
}

json_t *bs_report_fold_json(const bs_evaluation *e, int f)
{
  const size_t cells = (size_t)e->c * (size_t)e->c;
  return json_pack(
      "{s:I, s:I, s:I, s:o}", "train", (json_int_t)e->fold_train[f], "test",
      (json_int_t)e->fold_test[f], "correct", (json_int_t)e->fold_correct[f],
      "confusion", matrix_json(e->fold_confusion + (size_t)f * cells, e->c));
}
