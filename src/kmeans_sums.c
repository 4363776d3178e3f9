/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over rows in Weka's working order. A strip is some rows of eight
 * columns; each of its lanes is one column's serial sum, and the work is dealt
 * by columns and runs, not by rows. */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

enum { STRIP = 256 };

/* The columns of group g; the last one again where there are fewer. */
static void group_columns(const bs_columns *rows, size_t g,
                          const double *column[BS_STRIP_LANES])
{
  for (size_t l = 0; l < BS_STRIP_LANES; l++) {
    size_t j = g * BS_STRIP_LANES + l;
    column[l] = rows->column[j < (size_t)rows->d ? j : (size_t)rows->d - 1];
  }
}

/* What is added up for one run: rows of a strip, into the sums of clusters. */
typedef void add_function(const bs_cluster_kernels *kernels, int k,
                          const uint16_t *cluster, size_t rows,
                          const double *strip, double *sum);

static void add_values(const bs_cluster_kernels *kernels, int k,
                       const uint16_t *cluster, size_t rows,
                       const double *strip, double *sum)
{
  kernels->group_sums(k, cluster, rows, strip, sum);
}

static void add_squares(const bs_cluster_kernels *kernels, int k,
                        const uint16_t *cluster, size_t rows,
                        const double *strip, double *sum)
{
  (void)k;
  kernels->group_squares(cluster, rows, strip, sum);
}

static void add_deviations(const bs_cluster_kernels *kernels, int k,
                           const uint16_t *cluster, size_t rows,
                           const double *strip, double *sum)
{
  (void)k;
  kernels->group_deviations(cluster, rows, strip, sum);
}

/* First moved place at or after \a place. */
static size_t find_moved(const bs_run *run, size_t place)
{
  size_t low = 0, high = run->moved;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (run->place[middle] < place)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* One run's share of the places first .. first + count - 1, whose rows are in
 * the strip except where the working order has others. */
static void add_in_order(const bs_runs *runs, const bs_run *run,
                         const double *const *column, size_t first,
                         size_t count, const double *strip, add_function *add,
                         double *sum)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  size_t at = first, end = first + count;
  for (size_t m = find_moved(run, first); at < end; m++) {
    size_t stop = m < run->moved && run->place[m] < end ? run->place[m] : end;
    add(kernels, runs->k, run->cluster + at, stop - at,
        strip + (at - first) * BS_STRIP_LANES, sum);
    at = stop;
    if (at < end) {
      double one[BS_STRIP_LANES];
      kernels->strip(column, run->row[m], 1, one);
      add(kernels, runs->k, run->cluster + run->row[m], 1, one, sum);
      at++;
    }
  }
}

/* Sums of runs which[some.first .. some.end - 1] for one group of columns:
 * lanes is (runs, k, BS_STRIP_LANES). */
static void sum_group(const bs_runs *runs, const int *which, bs_range some,
                      size_t g, double *strip, double *lanes)
{
  size_t n = runs->rows->n, length = (size_t)runs->k * BS_STRIP_LANES;
  const double *column[BS_STRIP_LANES];
  group_columns(runs->rows, g, column);
  for (size_t first = 0; first < n; first += STRIP) {
    size_t rows = n - first < STRIP ? n - first : STRIP;
    runs->team->kernels->strip(column, first, rows, strip);
    for (size_t i = some.first; i < some.end; i++)
      add_in_order(runs, &runs->run[which[i]], column, first, rows, strip,
                   add_values, lanes + (i - some.first) * length);
  }
}

/* Scratch of one worker. */
typedef struct scratch {
  double *strip; /* (STRIP, BS_STRIP_LANES) */
  double *lanes; /* sums */
} scratch;

static void scratch_free(scratch *s, int threads)
{
  if (s == NULL)
    return;
  for (int t = 0; t < threads; t++) {
    bs_mem_free(&s[t].strip);
    bs_mem_free(&s[t].lanes);
  }
}

static bs_status scratch_alloc(scratch *s, int threads, int count, size_t lanes)
{
  for (int t = 0; t < threads; t++) {
    BS_TRY(bs_mem_alloc(STRIP * BS_STRIP_LANES, sizeof(double), &s[t].strip));
    BS_TRY(bs_mem_alloc((size_t)count, lanes * sizeof(double), &s[t].lanes));
  }
  return BS_OK;
}

/* Worker \a worker's share of all (group of columns, run) pairs. */
static void sum_share(const bs_runs *runs, const int *which, int count,
                      size_t worker, scratch *s, double *sum)
{
  const bs_ranks *team = runs->team;
  size_t d = (size_t)runs->rows->d, k = (size_t)runs->k, c = (size_t)count;
  size_t groups = (d + BS_STRIP_LANES - 1) / BS_STRIP_LANES;
  bs_range share = bs_range_part(groups * c, worker,
                                 (size_t)team->size * (size_t)team->threads);
  while (share.first < share.end) {
    size_t g = share.first / c;
    size_t stop = (g + 1) * c < share.end ? (g + 1) * c : share.end;
    bs_range some = {share.first - g * c, stop - g * c};
    memset(s->lanes, 0,
           (some.end - some.first) * k * BS_STRIP_LANES * sizeof(double));
    sum_group(runs, which, some, g, s->strip, s->lanes);
    for (size_t i = some.first; i < some.end; i++)
      for (size_t a = 0; a < k; a++)
        for (size_t l = 0; l < BS_STRIP_LANES && g * BS_STRIP_LANES + l < d;
             l++)
          sum[(i * k + a) * d + g * BS_STRIP_LANES + l] =
              s->lanes[((i - some.first) * k + a) * BS_STRIP_LANES + l];
    share.first = stop;
  }
}

bs_status bs_runs_sum(const bs_runs *runs, const int *which, int count,
                      double *sum)
{
  const bs_ranks *team = runs->team;
  scratch *s = NULL;
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  bs_status st = bs_mem_zalloc((size_t)team->threads, sizeof *s, &s);
  if (st == BS_OK)
    st = scratch_alloc(s, team->threads, count, k * BS_STRIP_LANES);
  BS_GO(st, bs_agree(team->comm, st));
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++)
    sum_share(runs, which, count,
              (size_t)team->rank * (size_t)team->threads + (size_t)t, &s[t],
              sum);
  bs_ranks_share(team, sum, (size_t)count * k * d);
done:
  scratch_free(s, team->threads);
  bs_mem_free(&s);
  return st;
}

/* Weka 3.6: (sum x^2 - (sum x)^2 / n) / (n - 1), 0 where that is negative or
 * there is one row (Utils.variance). */
static double textbook_deviation(double sum, double squares, double n)
{
  if (n <= 1)
    return 0;
  double v = (squares - sum * sum / n) / (n - 1);
  return v < 0 ? 0 : sqrt(v);
}

/* One group of columns: two serial sums, or one in running form. */
static void deviate_group(const bs_runs *runs, const bs_run *run, size_t g,
                          const size_t *size, bool textbook, scratch *s,
                          double *sd)
{
  size_t n = runs->rows->n, d = (size_t)runs->rows->d, k = (size_t)run->k;
  double *sums = s->lanes, *squares = sums + k * BS_STRIP_LANES;
  const double *column[BS_STRIP_LANES];
  group_columns(runs->rows, g, column);
  memset(s->lanes, 0, k * 3 * BS_STRIP_LANES * sizeof(double));
  for (size_t first = 0; first < n; first += STRIP) {
    size_t rows = n - first < STRIP ? n - first : STRIP;
    runs->team->kernels->strip(column, first, rows, s->strip);
    if (textbook) {
      add_in_order(runs, run, column, first, rows, s->strip, add_values, sums);
      add_in_order(runs, run, column, first, rows, s->strip, add_squares,
                   squares);
    } else {
      add_in_order(runs, run, column, first, rows, s->strip, add_deviations,
                   s->lanes);
    }
  }
  for (size_t i = 0; i < k; i++)
    for (size_t l = 0; l < BS_STRIP_LANES && g * BS_STRIP_LANES + l < d; l++) {
      double count = (double)size[i], v;
      if (textbook)
        v = textbook_deviation(sums[i * BS_STRIP_LANES + l],
                               squares[i * BS_STRIP_LANES + l], count);
      else if (size[i] > 1)
        v = sqrt(s->lanes[(i * 3 + 2) * BS_STRIP_LANES + l] / (count - 1));
      else
        v = runs->weka == BS_WEKA_36 ? 0 : NAN;
      sd[i * d + g * BS_STRIP_LANES + l] = v;
    }
}

bs_status bs_run_deviations(const bs_runs *runs, const bs_run *run,
                            const size_t *size, bool textbook, double *sd)
{
  const bs_ranks *team = runs->team;
  scratch *s = NULL;
  size_t k = (size_t)run->k, d = (size_t)runs->rows->d;
  size_t groups = (d + BS_STRIP_LANES - 1) / BS_STRIP_LANES;
  bs_status st = bs_mem_zalloc((size_t)team->threads, sizeof *s, &s);
  if (st == BS_OK)
    st = scratch_alloc(s, team->threads, 1, k * 3 * BS_STRIP_LANES);
  BS_GO(st, bs_agree(team->comm, st));
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++) {
    bs_range mine = bs_range_part(
        groups, (size_t)team->rank * (size_t)team->threads + (size_t)t,
        (size_t)team->size * (size_t)team->threads);
    for (size_t g = mine.first; g < mine.end; g++)
      deviate_group(runs, run, g, size, textbook, &s[t], sd);
  }
  bs_ranks_share(team, sd, k * d);
done:
  scratch_free(s, team->threads);
  bs_mem_free(&s);
  return st;
}
