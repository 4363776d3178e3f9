/* Rows share distributions, so it is enough to count rows per distribution and
 * to order distributions instead of rows. */
#include "src/areas.h"

#include "src/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows with one probability of the class at hand. */
typedef struct group {
  double prob;
  uint64_t pos, neg;
} group;

static int by_prob(const void *a, const void *b)
{
  double x = ((const group *)a)->prob, y = ((const group *)b)->prob;
  return (x > y) - (x < y);
}

/* Merge neighbours with exactly the same probability; returns their number. */
static size_t merge(group *g, size_t count)
{
  size_t k = 0;
  for (size_t i = 0; i < count; i++) {
    if (k > 0 && g[k - 1].prob == g[i].prob) {
      g[k - 1].pos += g[i].pos;
      g[k - 1].neg += g[i].neg;
    } else {
      g[k++] = g[i];
    }
  }
  return k;
}

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

/* Groups of class k; rows[i] is the number of rows with distribution i. */
static size_t make_groups(const bs_predictions *p, int k, const uint64_t *rows,
                          uint64_t *pos, group *g)
{
  size_t count = 0;
  memset(pos, 0, p->m * sizeof *pos);
  for (size_t i = 0; i < p->n; i++)
    pos[p->dist[i]] += p->truth[i] == k;
  for (size_t i = 0; i < p->m; i++) {
    if (rows[i] == 0)
      continue;
    const double prob = p->prob[i * (size_t)p->c + (size_t)k];
    g[count++] = (group){prob, pos[i], rows[i] - pos[i]};
  }
  qsort(g, count, sizeof *g, by_prob);
  return merge(g, count);
}

bs_status bs_areas(const bs_predictions *p, double *roc, double *prc)
{
  bs_status st;
  uint64_t *rows = NULL, *pos = NULL;
  group *g = NULL;
  BS_GO(st, bs_mem_zalloc(p->m, sizeof *rows, &rows));
  BS_GO(st, bs_mem_alloc(p->m, sizeof *pos, &pos));
  BS_GO(st, bs_mem_alloc(p->m, sizeof *g, &g));
  for (size_t i = 0; i < p->n; i++)
    rows[p->dist[i]]++;
  for (int k = 0; k < p->c; k++) {
    const size_t count = make_groups(p, k, rows, pos, g);
    double positive = 0;
    for (size_t i = 0; i < count; i++)
      positive += (double)g[i].pos;
    roc[k] = roc_area(g, count, positive, (double)p->n - positive);
    prc[k] = prc_area(g, count, positive);
  }
done:
  bs_mem_free(&rows);
  bs_mem_free(&pos);
  bs_mem_free(&g);
  return st;
}
