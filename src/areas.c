/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows share distributions, so it is enough to count rows per distribution and
 * to order distributions instead of rows. */
#include "src/areas.h"

#include "kernels/lists.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

/* The rows with exactly one probability of the class at hand. */
typedef struct group {
  uint64_t pos, neg;
} group;

/* What is needed for one class after the other; m distributions. */
typedef struct scratch {
  uint64_t *rows;  /* (m): rows that have the distribution */
  uint64_t *pos;   /* (m): those of the class */
  uint64_t *key;   /* (m): probability of the class, as a sort key */
  uint32_t *order; /* (m): distributions by ascending key */
  uint64_t *work;  /* (2 m) */
  group *group;    /* (m): by ascending probability */
} scratch;

/* The Mann-Whitney statistic (ThresholdCurve.getROCArea). All terms are
 * multiples of 1/2, exact as long as they stay below 2^53. */
static double roc_area(const group *g, size_t count, double pos, double neg)
{
  double area = 0, below = 0;
  for (size_t i = 0; i < count; i++) {
    area += (double)g[i].pos * (below + 0.5 * (double)g[i].neg);
    below += (double)g[i].neg;
  }
  return pos > 0 && neg > 0 ? area / (neg * pos) : NAN;
}

/* ThresholdCurve.getPRCArea: from the highest threshold down. Recall comes from
 * a quotient at each threshold, not from adding up shares. */
static double prc_area(const group *g, size_t count, double pos)
{
  double area = 0, recall = 0, tp = 0, fp = 0;
  if (!(pos > 0))
    return NAN;
  for (size_t i = count; i-- > 0;) {
    tp += (double)g[i].pos;
    fp += (double)g[i].neg;
    double now = tp / pos;
    area += tp / (tp + fp) * (now - recall);
    recall = now;
  }
  return area == 0 ? NAN : area;
}

/* Make the groups of class k; returns their number. */
static size_t make_groups(const bs_predictions *p, int k, scratch *s)
{
  size_t count = 0;
  memset(s->pos, 0, p->m * sizeof *s->pos);
  for (size_t i = 0; i < p->n; i++)
    s->pos[p->dist[i]] += p->truth[i] == k;
  for (size_t i = 0; i < p->m; i++) {
    const double prob = p->prob[i * (size_t)p->c + (size_t)k];
    s->key[i] = isnan(prob) ? UINT64_MAX : bs_sort_key(prob);
  }
  bs_sort_order(p->m, s->key, s->order, s->work, s->work + p->m);
  uint64_t last = UINT64_MAX;
  for (size_t i = 0; i < p->m; i++) {
    const uint32_t d = s->order[i];
    if (s->rows[d] == 0)
      continue;
    /* What is not a number is never above the group before it. */
    if (count == 0 || (s->key[d] != last && s->key[d] != UINT64_MAX))
      s->group[count++] = (group){0, 0};
    last = s->key[d];
    s->group[count - 1].pos += s->pos[d];
    s->group[count - 1].neg += s->rows[d] - s->pos[d];
  }
  return count;
}

static bs_status allocate(size_t m, scratch *s)
{
  BS_TRY(bs_mem_zalloc(m, sizeof *s->rows, &s->rows));
  BS_TRY(bs_mem_alloc(m, sizeof *s->pos, &s->pos));
  BS_TRY(bs_mem_alloc(m, sizeof *s->key, &s->key));
  BS_TRY(bs_mem_alloc(m, sizeof *s->order, &s->order));
  BS_TRY(bs_mem_alloc(2 * m, sizeof *s->work, &s->work));
  return bs_mem_alloc(m, sizeof *s->group, &s->group);
}

bs_status bs_areas(const bs_predictions *p, double *roc, double *prc)
{
  scratch s = {0};
  const bs_status st = allocate(p->m, &s);
  for (size_t i = 0; st == BS_OK && i < p->n; i++)
    s.rows[p->dist[i]]++;
  for (int k = 0; st == BS_OK && k < p->c; k++) {
    const size_t count = make_groups(p, k, &s);
    double positive = 0;
    for (size_t i = 0; i < count; i++)
      positive += (double)s.group[i].pos;
    roc[k] = roc_area(s.group, count, positive, (double)p->n - positive);
    prc[k] = prc_area(s.group, count, positive);
  }
  bs_mem_free(&s.rows);
  bs_mem_free(&s.pos);
  bs_mem_free(&s.key);
  bs_mem_free(&s.order);
  bs_mem_free(&s.work);
  bs_mem_free(&s.group);
  return st;
}
