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

/* Sum of (x - centre)^power, power 1 or 2: lanes in blocks, these exactly. */
static double sum_about(const double *x, size_t n, double centre, int power)
{
  bs_exact_sum sum = {{0}, 0, 0};
  for (size_t first = 0; first < n; first += BS_ROW_BLOCK) {
    const size_t end = first + BS_ROW_BLOCK < n ? first + BS_ROW_BLOCK : n;
    double lane[BS_LANES] = {0};
    for (size_t r = first; r < end; r++) {
      const double off = x[r] - centre;
      lane[(r - first) % BS_LANES] += power == 2 ? off * off : off;
    }
    bs_exact_sum_add(&sum, bs_lane_sum(lane));
  }
  return bs_exact_sum_value(&sum);
}

/* About the mean, which is taken about the first row so that the deviation of
 * a column of one value is 0; what the mean is off by is taken out again. */
static double plain_deviation(const double *x, size_t n)
{
  const double count = (double)n;
  const double mean = x[0] + sum_about(x, n, x[0], 1) / count;
  const double rest = sum_about(x, n, mean, 1);
  const double squares = sum_about(x, n, mean, 2) - rest * rest / count;
  return n > 1 ? sqrt(squares / (count - 1)) : NAN;
}

/* Running mean and squares in row order; 0 rows but one: no deviation. */
static double running_deviation(const double *x, size_t n)
{
  double mean = x[0], squares = 0;
  for (size_t r = 1; r < n; r++) {
    double off = x[r] - mean;
    mean += off / (double)(r + 1);
    squares += off * (x[r] - mean);
  }
  return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
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

static bs_status deviation(const double *x, size_t n, bs_weka weka,
                           bs_sums sums, double *out)
{
  double *copy;
  if (sums == BS_SUMS_EXACT || weka == BS_WEKA_38) {
    *out =
        sums == BS_SUMS_EXACT ? plain_deviation(x, n) : running_deviation(x, n);
    return BS_OK;
  }
  BS_TRY(bs_mem_alloc(n, sizeof *copy, &copy));
  memcpy(copy, x, n * sizeof *copy);
  *out = distinct_deviation(copy, n);
  bs_mem_free(&copy);
  return BS_OK;
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
      /* Dealt in turn; a failure is kept by the loop's index, not by the
       * thread. */
#pragma omp parallel for schedule(static) num_threads(team->threads)
  for (int i = team->rank; i < count; i += team->size)
    if (deviation(data->rows.column[column[i]], data->rows.n, weka, sums,
                  &value[i]) != BS_OK)
      value[i] = -1;
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
