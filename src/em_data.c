/* SPDX-License-Identifier: BSD-3-Clause */
/* Overall standard deviations of columns, taken only where a cluster's own is
 * too small. */
#include "src/em_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

bs_status bs_em_data_make(const bs_columns *rows, bs_em_data *out)
{
  out->rows = *rows;
  BS_TRY(bs_mem_alloc((size_t)rows->d, sizeof(double), &out->sd));
  for (int j = 0; j < rows->d; j++)
    out->sd[j] = NAN;
  return BS_OK;
}

void bs_em_data_clear(bs_em_data *data)
{
  bs_mem_free(&data->sd);
}

/* Running means and squares in row order of a few columns side by side, as one
 * column waits for a division a row: count <= BS_STRIP_LANES deviations. One
 * row has none. */
static void running_deviations(const bs_ranks *team, const bs_columns *rows,
                               const int *column, int count, double *sd)
{
  enum { LANES = BS_STRIP_LANES };
  const double *x[LANES];
  const uint16_t cluster[BS_TILE] = {0}; /* all rows are of one */
  double strip[BS_TILE * LANES], state[3 * LANES] = {0};
  for (int l = 0; l < LANES; l++)
    x[l] = rows->column[column[l < count ? l : 0]];
  for (size_t first = 0; first < rows->n; first += BS_TILE) {
    size_t some = rows->n - first < BS_TILE ? rows->n - first : BS_TILE;
    team->kernels->strip(LANES, x, first, some, strip);
    team->kernels->group_deviations(LANES, cluster, some, strip, state);
  }
  for (int l = 0; l < count; l++)
    sd[l] =
        rows->n > 1 ? sqrt(state[2 * LANES + l] / (double)(rows->n - 1)) : NAN;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Weka 3.6: sums over the distinct values, ascending, times how often each
 * occurs (AttributeStats, Stats.calculateDerived). Reorders x. */
static double distinct_deviation(double *x, size_t n)
{
  double sum = 0, squares = 0, count = (double)n;
  if (n <= 1)
    return INFINITY;
  qsort(x, n, sizeof *x, compare);
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && x[end] == x[first];)
      end++;
    double times = (double)(end - first);
    sum += x[first] * times;
    squares += x[first] * x[first] * times;
  }
  double v = (squares - sum * sum / count) / (count - 1);
  return v < 0 ? 0 : sqrt(v);
}

/* The same for a few columns; -1 where memory is short. */
static void distinct_deviations(const bs_columns *rows, const int *column,
                                int count, double *sd)
{
  double *copy;
  for (int i = 0; i < count; i++) {
    sd[i] = -1;
    if (bs_mem_alloc(rows->n, sizeof *copy, &copy) != BS_OK)
      continue;
    memcpy(copy, rows->column[column[i]], rows->n * sizeof *copy);
    sd[i] = distinct_deviation(copy, rows->n);
    bs_mem_free(&copy);
  }
}

bs_status bs_em_data_deviations(const bs_ranks *team, bs_em_data *data,
                                bs_weka weka, bs_sums sums, const bool *wanted)
{
  int d = data->rows.d, count = 0;
  int *column;
  double *value = NULL;
  bs_status st = bs_mem_alloc((size_t)d, sizeof *column, &column);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)d, sizeof *value, &value);
  BS_GO(st, bs_agree(team->comm, st));
  for (int j = 0; j < d; j++)
    if (wanted[j] && isnan(data->sd[j]))
      column[count++] = j;
  const bool distinct = weka == BS_WEKA_36 && sums == BS_SUMS_WEKA;
  const int some = distinct ? 1 : BS_STRIP_LANES;
  /* Dealt in turn; a failure is kept by the loop's index, not by the thread. */
#pragma omp parallel for schedule(static) num_threads(team->threads)
  for (int i = team->rank * some; i < count; i += team->size * some) {
    const int here = count - i < some ? count - i : some;
    if (distinct)
      distinct_deviations(&data->rows, column + i, here, value + i);
    else
      running_deviations(team, &data->rows, column + i, here, value + i);
  }
  bs_ranks_share(team, value, (size_t)count);
  for (int i = 0; i < count; i++) {
    if (value[i] < 0)
      st = bs_fail(BS_ERR_RESOURCE,
                   "out of memory sorting a column of %zu rows", data->rows.n);
    data->sd[column[i]] = value[i];
  }
done:
  bs_mem_free(&value);
  bs_mem_free(&column);
  return st;
}
