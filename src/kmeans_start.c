/* SPDX-License-Identifier: BSD-3-Clause */
/* Where k-means starts: column ranges, first centres, working order. */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/random.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* A centre that follows is a sum of rows in units of the ranges, to which rows
 * that come are added and from which those that go are taken; Weka's is the
 * rounded sum of the values as they are. Of a cluster of s rows, with m rows in
 * all since its centre was Weka's, at most three sums are off: Weka's then,
 * that of the rows that came and went, and Weka's now, each by at most u
 * max(1, M / W) (m + 16)^2 / s of the range W, where M is the column's largest
 * magnitude and u = 2^-53 (N. Higham, Accuracy and Stability of Numerical
 * Algorithms, 4.2); at least the smallest normal number, below which errors are
 * absolute. Here u is doubled, for the rounding of the bound itself. Infinite
 * where a sum could overflow. */
static double rounding_of(const bs_runs *runs)
{
  double sum = 0;
  for (int j = 0; j < runs->rows->d; j++) {
    double low = runs->low[j], high = low + runs->width[j];
    double most = fmax(fmax(fabs(low), fabs(high)), DBL_MIN);
    double share = most / runs->width[j];
    if (runs->width[j] == 0)
      continue;
    if (!isfinite(2 * most * (double)runs->rows->n))
      return INFINITY;
    sum += share > 1 ? share * share : 1;
  }
  return 3 * DBL_EPSILON * sqrt(sum);
}

bs_status bs_runs_ranges(bs_runs *runs)
{
  const bs_columns *rows = runs->rows;
  size_t d = (size_t)rows->d;
  bs_status st = bs_mem_zalloc(d, sizeof(double), &runs->low);
  if (st == BS_OK)
    st = bs_mem_zalloc(d, sizeof(double), &runs->width);
  BS_TRY(bs_agree(runs->team->comm, st));
  bs_range own =
      bs_range_part(d, (size_t)runs->team->rank, (size_t)runs->team->size);
#pragma omp parallel for schedule(static) num_threads(runs->team->threads)
  for (size_t j = own.first; j < own.end; j++) {
    double low, high;
    runs->team->kernels->range(rows->n, rows->column[j], &low, &high);
    runs->low[j] = low;
    runs->width[j] = high - low;
  }
  bs_ranks_share(runs->team, runs->low, d);
  bs_ranks_share(runs->team, runs->width, d);
  runs->rounding = rounding_of(runs);
  return BS_OK;
}

void bs_runs_normalise(const bs_runs *runs, int k, const double *centre,
                       double *unit)
{
  int d = runs->rows->d;
  for (int i = 0; i < k; i++)
    for (int j = 0; j < d; j++) {
      size_t at = (size_t)i * (size_t)d + (size_t)j;
      unit[at] = runs->width[j] == 0
                     ? 0
                     : (centre[at] - runs->low[j]) / runs->width[j];
    }
}

/* True if the row equals one of the k centres in every column. */
static bool is_centre(const bs_columns *rows, uint32_t row, int k,
                      const double *centre)
{
  for (int i = 0; i < k; i++) {
    int j = 0;
    while (j < rows->d && rows->column[j][row] == *centre++)
      j++;
    if (j == rows->d)
      return true;
    centre += rows->d - 1 - j;
  }
  return false;
}

static int compare(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Keep which of the places drawn (count, any order) have other rows now, and
 * put \a order back. */
static bs_status keep_moved(bs_run *run, uint32_t *order, uint32_t *drawn,
                            size_t count)
{
  bs_status st;
  qsort(drawn, count, sizeof *drawn, compare);
  BS_GO(st, bs_mem_alloc(count, sizeof(uint32_t), &run->place));
  BS_GO(st, bs_mem_alloc(count, sizeof(uint32_t), &run->row));
  run->moved = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t p = drawn[i];
    if (order[p] == p)
      continue;
    run->place[run->moved] = p;
    run->row[run->moved++] = order[p];
    order[p] = p; /* met again, it does not count */
  }
done:
  for (size_t i = 0; i < count; i++)
    order[drawn[i]] = drawn[i];
  return st;
}

bs_status bs_run_start(bs_runs *runs, bs_run *run, int32_t seed,
                       uint32_t *order, uint32_t *drawn)
{
  const bs_columns *rows = runs->rows;
  bs_random random = bs_random_seeded(seed);
  size_t d = (size_t)rows->d, j = rows->n, draws = 0;
  run->k = 0;
  while (j > 0 && run->k < runs->k) {
    j--;
    size_t i = bs_random_below(&random, (uint32_t)j + 1);
    if (!is_centre(rows, order[i], run->k, run->centre)) {
      for (size_t a = 0; a < d; a++)
        run->centre[(size_t)run->k * d + a] = rows->column[a][order[i]];
      run->k++;
    }
    uint32_t other = order[j];
    order[j] = order[i];
    order[i] = other;
    drawn[draws++] = (uint32_t)i;
    drawn[draws++] = (uint32_t)j;
  }
  return keep_moved(run, order, drawn, draws);
}
