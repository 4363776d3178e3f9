/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/predictions.h"

#include "src/mem.h"
#include <string.h>

bs_status bs_predictions_create(int c, int folds, size_t n,
                                bs_predictions **out)
{
  bs_predictions *p = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *p, &p));
  p->c = c;
  p->folds = folds;
  p->n = n;
  BS_GO(st,
        bs_mem_alloc((size_t)folds + 1, sizeof *p->fold_start, &p->fold_start));
  BS_GO(st, bs_mem_alloc((size_t)folds * (size_t)c, sizeof *p->train_count,
                         &p->train_count));
  BS_GO(st, bs_mem_alloc(n, sizeof *p->truth, &p->truth));
  BS_GO(st, bs_mem_alloc(n, sizeof *p->dist, &p->dist));
  *out = p;
  return BS_OK;
done:
  bs_predictions_destroy(&p);
  return st;
}

void bs_predictions_destroy(bs_predictions **predictions)
{
  bs_predictions *p = *predictions;
  if (p == NULL)
    return;
  bs_mem_free(&p->fold_start);
  bs_mem_free(&p->train_count);
  bs_mem_free(&p->truth);
  bs_mem_free(&p->dist);
  bs_mem_free(&p->prob);
  bs_mem_free(predictions);
}

bs_status bs_predictions_of_folds(const bs_folds *folds, const uint16_t *y,
                                  int c, size_t m, bs_predictions **out)
{
  bs_status st;
  bs_predictions *p = NULL;
  *out = NULL;
  BS_GO(st,
        bs_predictions_create(c, folds->folds, folds->start[folds->folds], &p));
  p->m = m;
  BS_GO(st, bs_mem_zalloc(m * (size_t)c, sizeof *p->prob, &p->prob));
  memset(p->dist, 0, p->n * sizeof *p->dist);
  memcpy(p->fold_start, folds->start,
         ((size_t)p->folds + 1) * sizeof *p->fold_start);
  bs_folds_count(folds, y, c, p->train_count);
  for (size_t i = 0; i < p->n; i++)
    p->truth[i] = y[folds->order[i]];
  *out = p;
  return BS_OK;
done:
  bs_predictions_destroy(&p);
  return st;
}

bs_status bs_predictions_join(const bs_predictions *const *part, int folds,
                              bs_predictions **out)
{
  bs_predictions *p = NULL;
  bs_status st;
  const size_t c = (size_t)part[0]->c;
  size_t n = 0, m = 0;
  *out = NULL;
  for (int f = 0; f < folds; f++) {
    n += part[f]->n;
    m += part[f]->m;
  }
  BS_GO(st, bs_predictions_create((int)c, folds, n, &p));
  BS_GO(st, bs_mem_alloc(m * c, sizeof *p->prob, &p->prob));
  p->fold_start[0] = 0;
  for (int f = 0; f < folds; f++) {
    const bs_predictions *from = part[f];
    const size_t at = p->fold_start[f];
    p->fold_start[f + 1] = at + from->n;
    memcpy(p->train_count + (size_t)f * c, from->train_count,
           c * sizeof *p->train_count);
    memcpy(p->truth + at, from->truth, from->n * sizeof *p->truth);
    memcpy(p->prob + p->m * c, from->prob, from->m * c * sizeof *p->prob);
    for (size_t i = 0; i < from->n; i++)
      p->dist[at + i] = from->dist[i] + (uint32_t)p->m;
    p->m += from->m;
  }
  *out = p;
  return BS_OK;
done:
  bs_predictions_destroy(&p);
  return st;
}
