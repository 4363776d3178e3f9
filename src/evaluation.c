/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/evaluation.h"

#include "src/areas.h"
#include "src/mem.h"
#include <math.h>
#include <stddef.h>

int bs_predicted_class(const double *prob, int c)
{
  int best = -1;
  double top = 0;
  for (int i = 0; i < c; i++) {
    if (prob[i] > top) {
      top = prob[i];
      best = i;
    }
  }
  return best;
}

/* Sums over classified rows. */
typedef struct sums {
  double abs, sq, prior_abs, prior_sq;
} sums;

/* Mean absolute and squared difference of probabilities and truth, over c. */
static void row_error(const double *prob, int c, int truth, double *abs,
                      double *sq)
{
  double a = 0, s = 0;
  for (int i = 0; i < c; i++) {
    const double d = prob[i] - (i == truth ? 1.0 : 0.0);
    a += fabs(d);
    s += d * d;
  }
  *abs = a / c;
  *sq = s / c;
}

/* What the fold's class priors would err by, for each true class. All counts
 * start at 1 (Evaluation.setPriors). */
static void prior_errors(const uint64_t *train_count, int c, double *prior,
                         double *abs, double *sq)
{
  double total = c;
  for (int i = 0; i < c; i++)
    total += (double)train_count[i];
  for (int i = 0; i < c; i++)
    prior[i] = (1.0 + (double)train_count[i]) / total;
  for (int i = 0; i < c; i++)
    row_error(prior, c, i, &abs[i], &sq[i]);
}

/* Go through the rows of fold f in order; work is (3, c). */
static void add_fold(const bs_predictions *p, int f, double *work,
                     bs_evaluation *e, sums *sum)
{
  const size_t c = (size_t)p->c;
  double *prior_abs = work + c, *prior_sq = work + 2 * c;
  uint64_t *confusion = e->fold_confusion + (size_t)f * c * c;
  prior_errors(p->train_count + (size_t)f * c, p->c, work, prior_abs, prior_sq);
  for (size_t i = p->fold_start[f]; i < p->fold_start[f + 1]; i++) {
    const double *prob = p->prob + p->dist[i] * c;
    const int truth = p->truth[i];
    const int said = bs_predicted_class(prob, p->c);
    e->truth[truth]++;
    if (said < 0) {
      e->unclassified++;
      continue;
    }
    double abs, sq;
    row_error(prob, p->c, truth, &abs, &sq);
    sum->abs += abs;
    sum->sq += sq;
    sum->prior_abs += prior_abs[truth];
    sum->prior_sq += prior_sq[truth];
    confusion[(size_t)truth * c + (size_t)said]++;
  }
}

static bs_status add_rows(const bs_predictions *p, bs_evaluation *e, sums *sum)
{
  const size_t c = (size_t)p->c;
  double *work;
  BS_TRY(bs_mem_alloc(3 * c, sizeof *work, &work));
  for (int f = 0; f < p->folds; f++) {
    const uint64_t *cell = e->fold_confusion + (size_t)f * c * c;
    add_fold(p, f, work, e, sum);
    for (size_t i = 0; i < c * c; i++)
      e->confusion[i] += cell[i];
    for (size_t i = 0; i < c; i++)
      e->fold_correct[f] += cell[i * c + i];
    for (size_t i = 0; i < c; i++)
      e->fold_train[f] += p->train_count[(size_t)f * c + i];
    e->fold_test[f] = p->fold_start[f + 1] - p->fold_start[f];
    e->correct += e->fold_correct[f];
  }
  e->incorrect = e->n - e->unclassified - e->correct;
  bs_mem_free(&work);
  return BS_OK;
}

static double row_sum(const bs_evaluation *e, int i)
{
  uint64_t sum = 0;
  for (int j = 0; j < e->c; j++)
    sum += e->confusion[i * e->c + j];
  return (double)sum;
}

static double column_sum(const bs_evaluation *e, int j)
{
  uint64_t sum = 0;
  for (int i = 0; i < e->c; i++)
    sum += e->confusion[i * e->c + j];
  return (double)sum;
}

/* Agreement beyond chance; 1 where chance alone agrees always, and where there
 * is nothing to compare. */
static double kappa(const bs_evaluation *e)
{
  const double total = (double)(e->correct + e->incorrect);
  double chance = 0;
  for (int i = 0; i < e->c; i++)
    chance += row_sum(e, i) * column_sum(e, i);
  chance /= total * total;
  const double agree = (double)e->correct / total;
  return chance < 1 ? (agree - chance) / (1 - chance) : 1;
}

static void overall(const sums *sum, bs_evaluation *e)
{
  const double all = (double)e->n;
  const double classified = (double)(e->correct + e->incorrect);
  e->kappa = kappa(e);
  e->mae = sum->abs / classified;
  e->rmse = sqrt(sum->sq / classified);
  e->rae = 100 * e->mae / (sum->prior_abs / all);
  e->rrse = 100 * e->rmse / sqrt(sum->prior_sq / all);
  e->accuracy = (double)e->correct / all;
}

static double divide(bs_weka weka, double a, double b)
{
  return b == 0 ? (weka == BS_WEKA_36 ? 0 : NAN) : a / b;
}

/* 3.8 has 0 where both are 0, and NaN only where one of them is. */
static double f_measure(double precision, double recall)
{
  if (precision == 0 && recall == 0)
    return 0;
  return 2 * precision * recall / (precision + recall);
}

static void class_figures(const bs_evaluation *e, int i, bs_class_figures *out)
{
  const double total = (double)(e->correct + e->incorrect);
  const double rows = row_sum(e, i), said = column_sum(e, i);
  const double tp = (double)e->confusion[i * e->c + i];
  const double fp = said - tp, fn = rows - tp, tn = total - rows - fp;
  out->tp_rate = divide(e->weka, tp, rows);
  out->fp_rate = divide(e->weka, fp, total - rows);
  out->precision = divide(e->weka, tp, said);
  out->recall = out->tp_rate;
  out->f_measure = f_measure(out->precision, out->recall);
  out->mcc = divide(e->weka, tp * tn - fp * fn,
                    sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)));
}

/* Average over classes with weights row_sum. 3.6 leaves undefined figures out
 * of the sum but not out of the weights. */
static void weigh(bs_evaluation *e)
{
  const double total = (double)(e->correct + e->incorrect);
  double *out = &e->weighted.tp_rate;
  for (int k = 0; k < BS_CLASS_FIGURES; k++) {
    double sum = 0;
    for (int i = 0; i < e->c; i++) {
      const double value = (&e->per_class[i].tp_rate)[k];
      const double rows = row_sum(e, i);
      if (rows > 0 && !(e->weka == BS_WEKA_36 && isnan(value)))
        sum += value * rows;
    }
    out[k] = sum / total;
  }
}

/* Means over classes as other tools define them. */
static void means(bs_evaluation *e)
{
  double recall = 0, f1 = 0;
  int with_rows = 0, met = 0;
  for (int i = 0; i < e->c; i++) {
    const double tp = (double)e->confusion[i * e->c + i];
    const double rows = (double)e->truth[i], said = column_sum(e, i);
    if (rows > 0) {
      recall += tp / rows;
      with_rows++;
    }
    if (rows + said > 0) {
      f1 += 2 * tp / (rows + said);
      met++;
    }
  }
  e->balanced_accuracy = recall / with_rows;
  e->macro_f1 = f1 / met;
}

static bs_status allocate(const bs_predictions *p, bs_evaluation **out)
{
  const size_t c = (size_t)p->c, folds = (size_t)p->folds;
  bs_evaluation *e;
  BS_TRY(bs_mem_zalloc(1, sizeof *e, out));
  e = *out;
  e->c = p->c;
  e->folds = p->folds;
  e->n = p->n;
  BS_TRY(bs_mem_zalloc(c * c, sizeof *e->confusion, &e->confusion));
  BS_TRY(bs_mem_zalloc(c, sizeof *e->truth, &e->truth));
  BS_TRY(bs_mem_zalloc(folds * c * c, sizeof *e->fold_confusion,
                       &e->fold_confusion));
  BS_TRY(bs_mem_zalloc(folds, sizeof *e->fold_train, &e->fold_train));
  BS_TRY(bs_mem_zalloc(folds, sizeof *e->fold_test, &e->fold_test));
  BS_TRY(bs_mem_zalloc(folds, sizeof *e->fold_correct, &e->fold_correct));
  return bs_mem_zalloc(c, sizeof *e->per_class, &e->per_class);
}

static bs_status per_class(const bs_predictions *p, bs_evaluation *e)
{
  const size_t c = (size_t)p->c;
  double *area;
  BS_TRY(bs_mem_alloc(2 * c, sizeof *area, &area));
  bs_status st = bs_areas(p, area, area + c);
  for (int i = 0; st == BS_OK && i < p->c; i++) {
    class_figures(e, i, &e->per_class[i]);
    e->per_class[i].roc_area = area[i];
    e->per_class[i].prc_area = area[p->c + i];
  }
  bs_mem_free(&area);
  return st;
}

bs_status bs_evaluation_create(const bs_predictions *predictions, bs_weka weka,
                               bs_evaluation **out)
{
  bs_status st;
  bs_evaluation *e = NULL;
  sums sum = {0, 0, 0, 0};
  *out = NULL;
  BS_GO(st, allocate(predictions, &e));
  e->weka = weka;
  BS_GO(st, add_rows(predictions, e, &sum));
  BS_GO(st, per_class(predictions, e));
  overall(&sum, e);
  weigh(e);
  means(e);
  *out = e;
  return BS_OK;
done:
  bs_evaluation_destroy(&e);
  return st;
}

void bs_evaluation_destroy(bs_evaluation **evaluation)
{
  bs_evaluation *e = *evaluation;
  if (e == NULL)
    return;
  bs_mem_free(&e->confusion);
  bs_mem_free(&e->truth);
  bs_mem_free(&e->fold_confusion);
  bs_mem_free(&e->fold_train);
  bs_mem_free(&e->fold_test);
  bs_mem_free(&e->fold_correct);
  bs_mem_free(&e->per_class);
  bs_mem_free(evaluation);
}
