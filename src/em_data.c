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

/* Sums of x - centre and of its square: lanes in blocks, these exactly. */
static void sum_about(const double *x, size_t n, double centre, double *sum,
                      double *squares)
{
  bs_exact_sum exact[2] = {{{0}, 0, 0}, {{0}, 0, 0}};
  for (size_t first = 0; first < n; first += BS_ROW_BLOCK) {
    const size_t end = first + BS_ROW_BLOCK < n ? first + BS_ROW_BLOCK : n;
    double lane[2][BS_LANES] = {{0}};
    for (size_t r = first; r < end; r++) {
      const double off = x[r] - centre;
      lane[0][(r - first) % BS_LANES] += off;
      lane[1][(r - first) % BS_LANES] += off * off;
    }
    bs_exact_sum_add(&exact[0], bs_lane_sum(lane[0]));
    bs_exact_sum_add(&exact[1], bs_lane_sum(lane[1]));
  }
  *sum = bs_exact_sum_value(&exact[0]);
  *squares = bs_exact_sum_value(&exact[1]);
}

/* About the mean, which is taken about the first row so that the deviation of
 * a column of one value is 0; what the mean is off by is taken out again. */
static double plain_deviation(const double *x, size_t n)
{
  const double count = (double)n;
  double rest, squares;
  sum_about(x, n, x[0], &rest, &squares);
  sum_about(x, n, x[0] + rest / count, &rest, &squares);
  return n > 1 ? sqrt((squares - rest * rest / count) / (count - 1)) : NAN;
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
 * occurs (AttributeStats, Stats.calculateDerived). -1 where memory is short. */
static double distinct_deviation(const double *column, size_t n)
{
  double sum = 0, squares = 0, count = (double)n;
  double *x;
  if (n <= 1)
    return INFINITY;
  if (bs_mem_alloc(n, sizeof *x, &x) != BS_OK)
    return -1;
  memcpy(x, column, n * sizeof *x);
  qsort(x, n, sizeof *x, compare);
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && x[end] == x[first];)
      end++;
    double times = (double)(end - first);
    sum += x[first] * times;
    squares += x[first] * x[first] * times;
  }
  bs_mem_free(&x);
  double v = (squares - sum * sum / count) / (count - 1);
  return v < 0 ? 0 : sqrt(v);
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
  const bool running = sums == BS_SUMS_WEKA && weka == BS_WEKA_38;
  const int some = running ? BS_STRIP_LANES : 1;
  const bs_columns *rows = &data->rows;
  /* Dealt in turn; a failure is kept by the loop's index, not by the thread. */
#pragma omp parallel for schedule(static) num_threads(team->threads)
  for (int i = team->rank * some; i < count; i += team->size * some) {
    const int here = count - i < some ? count - i : some;
    const double *x = rows->column[column[i]];
    if (running)
      running_deviations(team, rows, column + i, here, value + i);
    else
      value[i] = sums == BS_SUMS_EXACT ? plain_deviation(x, rows->n)
                                       : distinct_deviation(x, rows->n);
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
