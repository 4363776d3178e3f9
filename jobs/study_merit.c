/* SPDX-License-Identifier: BSD-3-Clause */
/* What is computed from an experiment's predictions beside Weka's figures. */
#include "io/json.h"
#include "jobs/study.h"
#include "src/curve.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

enum { BLOCKS = 50, DRAWS = 1000, SEED = 1 };

/* Blocks of neighbouring rows of a file that the bootstrap draws together. */
typedef struct blocks {
  size_t count;
  bs_block *block;
  uint32_t *of_row; /* (n) */
} blocks;

static void free_blocks(blocks *b)
{
  bs_mem_free(&b->block);
  bs_mem_free(&b->of_row);
}

static bs_status make_blocks(const bs_study *st, blocks *b)
{
  const bs_datafile *file = st->s->file;
  *b = (blocks){0, NULL, NULL};
  BS_TRY(
      bs_mem_zalloc((size_t)file->parts * BLOCKS, sizeof *b->block, &b->block));
  BS_TRY(bs_mem_alloc(file->n, sizeof *b->of_row, &b->of_row));
  for (int i = 0; i < file->parts; i++) {
    const bs_file_part *part = &file->part[i];
    const uint64_t blocks_here = part->rows < BLOCKS ? part->rows : BLOCKS;
    for (uint64_t k = 0; k < blocks_here; k++, b->count++) {
      b->block[b->count].stratum = i;
      for (uint64_t row = part->rows * k / blocks_here;
           row < part->rows * (k + 1) / blocks_here; row++)
        b->of_row[part->first + row] = (uint32_t)b->count;
    }
  }
  return BS_OK;
}

/* Was prediction i of an experiment right? */
static bool is_right(const bs_predictions *p, const int *said, size_t i)
{
  return said[p->dist[i]] == p->truth[i];
}

/* The class that each distribution says. */
static bs_status say(const bs_predictions *p, int **said)
{
  BS_TRY(bs_mem_alloc(p->m, sizeof **said, said));
  for (size_t i = 0; i < p->m; i++)
    (*said)[i] = bs_predicted_class(p->prob + i * (size_t)p->c, p->c);
  return BS_OK;
}

/* Add a trial's right rows, times sign, to the blocks. */
static bs_status add_right(const bs_study *st, int trial, double sign,
                           blocks *b)
{
  const bs_predictions *p = st->result[trial].predictions;
  const uint32_t *order = st->trial[trial].folds->order;
  int *said;
  BS_TRY(say(p, &said));
  for (size_t i = 0; i < p->n; i++) {
    bs_block *block = &b->block[b->of_row[order[i]]];
    block->above += is_right(p, said, i) ? sign : 0;
    block->below += sign > 0;
  }
  bs_mem_free(&said);
  return BS_OK;
}

static bs_status interval(const bs_study *st, int a, int b, bs_interval *out)
{
  blocks all;
  bs_status status = make_blocks(st, &all);
  if (status == BS_OK)
    status = add_right(st, a, 1, &all);
  if (status == BS_OK && b >= 0)
    status = add_right(st, b, -1, &all);
  if (status == BS_OK)
    status = bs_block_interval(all.block, all.count, DRAWS, SEED, 0.95, out);
  free_blocks(&all);
  return status;
}

bs_status bs_study_accuracy(const bs_study *st, int trial, bs_interval *out)
{
  return interval(st, trial, -1, out);
}

bs_status bs_study_difference(const bs_study *st, int a, int b,
                              bs_interval *out)
{
  return interval(st, a, b, out);
}

bs_status bs_study_mcnemar(const bs_study *st, int a, int b, bs_mcnemar *out)
{
  const bs_predictions *p = st->result[a].predictions;
  const bs_predictions *q = st->result[b].predictions;
  int *said_a = NULL, *said_b = NULL;
  uint64_t only_a = 0, only_b = 0;
  bs_status status = say(p, &said_a);
  if (status == BS_OK)
    status = say(q, &said_b);
  for (size_t i = 0; status == BS_OK && i < p->n; i++) {
    const bool right_a = is_right(p, said_a, i);
    const bool right_b = is_right(q, said_b, i);
    only_a += right_a && !right_b;
    only_b += right_b && !right_a;
  }
  *out = bs_mcnemar_test(only_a, only_b);
  bs_mem_free(&said_a);
  bs_mem_free(&said_b);
  return status;
}

bs_status bs_study_paired(const bs_study *st, int a, int b, bs_paired *out)
{
  const bs_evaluation *x = st->about[a].evaluation;
  const bs_evaluation *y = st->about[b].evaluation;
  double *share;
  const size_t folds = (size_t)x->folds;
  *out = (bs_paired){0, 0, NAN, NAN};
  if (folds < 2)
    return BS_OK;
  BS_TRY(bs_mem_alloc(2 * folds, sizeof *share, &share));
  double ratio = 0;
  for (size_t f = 0; f < folds; f++) {
    share[f] = 100 * (double)x->fold_correct[f] / (double)x->fold_test[f];
    share[folds + f] =
        100 * (double)y->fold_correct[f] / (double)y->fold_test[f];
    ratio += (double)x->fold_test[f] / (double)x->fold_train[f];
  }
  *out =
      bs_paired_test(share, share + folds, (int)folds, ratio / (double)folds);
  bs_mem_free(&share);
  return BS_OK;
}

int bs_study_verdict(const bs_interval *difference, const bs_mcnemar *mcnemar,
                     const bs_paired *paired)
{
  static const double doubt = 0.05;
  if (mcnemar->p >= doubt || paired->p >= doubt) /* NaN: no such test */
    return 0;
  return difference->low > 0 ? 1 : difference->high < 0 ? -1 : 0;
}

bs_status bs_study_alarms(const bs_study *st, int trial, double packets,
                          double base, bs_study_alarm *out)
{
  bs_curve *curve;
  const bs_evaluation *e = st->about[trial].evaluation;
  const int benign = bs_study_benign(st), c = e->c;
  uint64_t rows = 0, taken = 0, attacks = 0, found = 0;
  BS_TRY(bs_curve_create(st->result[trial].predictions, benign, true, &curve));
  for (int i = 0; i < c; i++)
    for (int k = 0; k < c; k++) {
      const uint64_t count = e->confusion[i * c + k];
      rows += i == benign ? count : 0;
      taken += i == benign && k != benign ? count : 0;
      attacks += i != benign ? count : 0;
      found += i != benign && k != benign ? count : 0;
    }
  out->fp_rate = rows > 0 ? (double)taken / (double)rows : NAN;
  out->tp_rate = attacks > 0 ? (double)found / (double)attacks : NAN;
  out->tp_rate_at_1e3 = bs_curve_tp_rate_at(curve, 1e-3);
  out->tp_rate_at_1e4 = bs_curve_tp_rate_at(curve, 1e-4);
  out->fp_rate_at_99 = bs_curve_fp_rate_at(curve, 0.99);
  out->fp_rate_at_999 = bs_curve_fp_rate_at(curve, 0.999);
  out->per_day = bs_false_alarms_per_day(out->fp_rate, packets, base);
  out->precision = bs_alarm_precision(out->tp_rate, out->fp_rate, base);
  bs_curve_destroy(&curve);
  return BS_OK;
}
