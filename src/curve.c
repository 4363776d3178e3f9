/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/curve.h"

#include "src/mem.h"
#include <math.h>
#include <stdlib.h>

/* Rows of one score. */
typedef struct group {
  double score;
  uint64_t pos, neg;
} group;

static int descending(const void *a, const void *b)
{
  const double x = ((const group *)a)->score, y = ((const group *)b)->score;
  return (x < y) - (x > y);
}

static bs_status make(group *g, size_t count, bs_curve **out)
{
  bs_curve *c = NULL;
  bs_status st;
  *out = NULL;
  qsort(g, count, sizeof *g, descending);
  BS_GO(st, bs_mem_zalloc(1, sizeof *c, &c));
  BS_GO(st, bs_mem_alloc(count + 1, sizeof *c->threshold, &c->threshold));
  BS_GO(st, bs_mem_alloc(count + 1, sizeof *c->tp, &c->tp));
  BS_GO(st, bs_mem_alloc(count + 1, sizeof *c->fp, &c->fp));
  c->threshold[0] = INFINITY;
  c->tp[0] = c->fp[0] = 0;
  c->points = 1;
  for (size_t i = 0; i < count; i++) {
    c->pos += g[i].pos;
    c->neg += g[i].neg;
    if (c->threshold[c->points - 1] != g[i].score)
      c->threshold[c->points++] = g[i].score;
    c->tp[c->points - 1] = c->pos;
    c->fp[c->points - 1] = c->neg;
  }
  *out = c;
  return BS_OK;
done:
  bs_curve_destroy(&c);
  return st;
}

bs_status bs_curve_create(const bs_predictions *p, int k, bool rest,
                          bs_curve **out)
{
  group *g;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(p->m, sizeof *g, &g));
  for (size_t i = 0; i < p->m; i++) {
    const double prob = p->prob[i * (size_t)p->c + (size_t)k];
    g[i].score = rest ? 1 - prob : prob;
  }
  for (size_t i = 0; i < p->n; i++) {
    group *of = &g[p->dist[i]];
    const bool positive = (p->truth[i] == k) != rest;
    of->pos += positive;
    of->neg += !positive;
  }
  /* Distributions that no row has make no point. */
  size_t count = 0;
  for (size_t i = 0; i < p->m; i++)
    if (g[i].pos + g[i].neg > 0)
      g[count++] = g[i];
  const bs_status st = make(g, count, out);
  bs_mem_free(&g);
  return st;
}

bs_status bs_curve_of_scores(const double *score, const bool *positive,
                             size_t n, bs_curve **out)
{
  group *g;
  *out = NULL;
  BS_TRY(bs_mem_alloc(n, sizeof *g, &g));
  for (size_t i = 0; i < n; i++)
    g[i] = (group){score[i], positive[i], !positive[i]};
  const bs_status st = make(g, n, out);
  bs_mem_free(&g);
  return st;
}

void bs_curve_destroy(bs_curve **curve)
{
  bs_curve *c = *curve;
  if (c == NULL)
    return;
  bs_mem_free(&c->threshold);
  bs_mem_free(&c->tp);
  bs_mem_free(&c->fp);
  bs_mem_free(curve);
}

double bs_curve_tp_rate_at(const bs_curve *c, double fp_rate)
{
  uint64_t best = 0;
  if (c->pos == 0 || c->neg == 0)
    return NAN;
  for (size_t i = 0; i < c->points; i++)
    if ((double)c->fp[i] / (double)c->neg <= fp_rate)
      best = c->tp[i];
  return (double)best / (double)c->pos;
}

double bs_curve_fp_rate_at(const bs_curve *c, double tp_rate)
{
  if (c->pos == 0 || c->neg == 0)
    return NAN;
  size_t i = 0;
  while ((double)c->tp[i] / (double)c->pos < tp_rate)
    i++;
  return (double)c->fp[i] / (double)c->neg;
}

double bs_curve_area(const bs_curve *c)
{
  double area = 0;
  if (c->pos == 0 || c->neg == 0)
    return NAN;
  for (size_t i = 1; i < c->points; i++)
    area += (double)(c->fp[i] - c->fp[i - 1]) *
            ((double)c->tp[i - 1] + (double)(c->tp[i] - c->tp[i - 1]) / 2);
  return area / ((double)c->pos * (double)c->neg);
}
