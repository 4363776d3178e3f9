/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over rows in Weka's working order. A strip is some rows of a bundle of
 * columns; each of its lanes is one column's serial sum, and the work is dealt
 * by columns and runs, not by rows. */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

enum { STRIP = 64 }; /* rows: a strip fits into the first cache */

/* Some columns side by side, in whole lanes: the last one again where there are
 * fewer. */
typedef struct bundle {
  size_t first, end; /* columns */
  int lanes;
  const double *column[BS_MOST_LANES];
} bundle;

static size_t lane_groups(int d)
{
  return ((size_t)d + BS_LANES - 1) / BS_LANES;
}

/* Bundles that \a workers share out with that many runs: as few as can be, and
 * two pieces of work for each worker, if there are as many. */
static size_t count_bundles(int d, size_t runs, size_t workers)
{
  size_t groups = lane_groups(d), most = BS_MOST_LANES / BS_LANES;
  size_t least = (groups + most - 1) / most, want = 2 * workers / runs;
  want = want < groups ? want : groups;
  return want > least ? want : least;
}

static bundle make_bundle(const bs_columns *rows, size_t i, size_t count)
{
  bs_range groups = bs_range_part(lane_groups(rows->d), i, count);
  size_t d = (size_t)rows->d, end = groups.end * BS_LANES;
  bundle b = {.first = groups.first * BS_LANES, .end = end < d ? end : d};
  b.lanes = (int)(end - b.first);
  for (size_t l = 0; l < (size_t)b.lanes; l++)
    b.column[l] = rows->column[b.first + l < d ? b.first + l : d - 1];
  return b;
}

/* What is added up for one run: rows of a strip, into the sums of clusters. */
typedef void add_function(int lanes, const uint16_t *cluster, size_t rows,
                          const double *strip, double *sum);

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
                         const bundle *b, size_t first, size_t count,
                         const double *strip, add_function *add, double *sum)
{
  size_t at = first, end = first + count;
  for (size_t m = find_moved(run, first); at < end; m++) {
    size_t stop = m < run->moved && run->place[m] < end ? run->place[m] : end;
    add(b->lanes, run->cluster + at, stop - at,
        strip + (at - first) * (size_t)b->lanes, sum);
    at = stop;
    if (at < end) {
      double one[BS_MOST_LANES];
      runs->team->kernels->strip(b->lanes, b->column, run->row[m], 1, one);
      add(b->lanes, run->cluster + run->row[m], 1, one, sum);
      at++;
    }
  }
}

/* Sums of runs which[some.first .. some.end - 1] for one bundle: lanes is
 * (runs, k, b->lanes). */
static void sum_bundle(const bs_runs *runs, const int *which, bs_range some,
                       const bundle *b, double *strip, double *lanes)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  size_t n = runs->rows->n, length = (size_t)runs->k * (size_t)b->lanes;
  for (size_t first = 0; first < n; first += STRIP) {
    size_t rows = n - first < STRIP ? n - first : STRIP;
    kernels->strip(b->lanes, b->column, first, rows, strip);
    for (size_t i = some.first; i < some.end; i++)
      add_in_order(runs, &runs->run[which[i]], b, first, rows, strip,
                   kernels->group_sums, lanes + (i - some.first) * length);
  }
}

/* Scratch of one worker. */
typedef struct scratch {
  double *strip; /* (STRIP, BS_MOST_LANES) */
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
    BS_TRY(bs_mem_alloc(STRIP * BS_MOST_LANES, sizeof(double), &s[t].strip));
    BS_TRY(bs_mem_alloc((size_t)count, lanes * sizeof(double), &s[t].lanes));
  }
  return BS_OK;
}

/* Worker \a worker's share of all (bundle, run) pairs. */
static void sum_share(const bs_runs *runs, const int *which, int count,
                      size_t worker, scratch *s, double *sum)
{
  const bs_ranks *team = runs->team;
  size_t d = (size_t)runs->rows->d, k = (size_t)runs->k, c = (size_t)count;
  size_t workers = (size_t)team->size * (size_t)team->threads;
  size_t bundles = count_bundles(runs->rows->d, c, workers);
  bs_range share = bs_range_part(bundles * c, worker, workers);
  while (share.first < share.end) {
    size_t g = share.first / c;
    size_t stop = (g + 1) * c < share.end ? (g + 1) * c : share.end;
    bs_range some = {share.first - g * c, stop - g * c};
    bundle b = make_bundle(runs->rows, g, bundles);
    size_t lanes = (size_t)b.lanes, sums = (some.end - some.first) * k;
    memset(s->lanes, 0, sums * lanes * sizeof(double));
    sum_bundle(runs, which, some, &b, s->strip, s->lanes);
    for (size_t i = 0; i < sums; i++)
      memcpy(sum + (some.first * k + i) * d + b.first, s->lanes + i * lanes,
             (b.end - b.first) * sizeof(double));
    share.first = stop;
  }
}

bs_status bs_runs_sum(const bs_runs *runs, const int *which, int count,
                      double *sum)
{
  const bs_ranks *team = runs->team;
  scratch *s = NULL;
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  if (count == 0)
    return BS_OK;
  bs_status st = bs_mem_zalloc((size_t)team->threads, sizeof *s, &s);
  if (st == BS_OK)
    st = scratch_alloc(s, team->threads, count, k * BS_MOST_LANES);
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

/* One bundle: two serial sums, or one in running form. */
static void deviate_bundle(const bs_runs *runs, const bs_run *run,
                           const bundle *b, const size_t *size, bool textbook,
                           scratch *s, double *sd)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  size_t n = runs->rows->n, d = (size_t)runs->rows->d, k = (size_t)run->k;
  size_t lanes = (size_t)b->lanes;
  double *sums = s->lanes, *squares = sums + k * lanes;
  memset(s->lanes, 0, k * 3 * lanes * sizeof(double));
  for (size_t first = 0; first < n; first += STRIP) {
    size_t rows = n - first < STRIP ? n - first : STRIP;
    kernels->strip(b->lanes, b->column, first, rows, s->strip);
    if (textbook) {
      add_in_order(runs, run, b, first, rows, s->strip, kernels->group_sums,
                   sums);
      add_in_order(runs, run, b, first, rows, s->strip, kernels->group_squares,
                   squares);
    } else {
      add_in_order(runs, run, b, first, rows, s->strip,
                   kernels->group_deviations, s->lanes);
    }
  }
  for (size_t i = 0; i < k; i++)
    for (size_t j = b->first; j < b->end; j++) {
      size_t l = j - b->first;
      double count = (double)size[i], v;
      if (textbook)
        v = textbook_deviation(sums[i * lanes + l], squares[i * lanes + l],
                               count);
      else if (size[i] > 1)
        v = sqrt(s->lanes[(i * 3 + 2) * lanes + l] / (count - 1));
      else
        v = runs->weka == BS_WEKA_36 ? 0 : NAN;
      sd[i * d + j] = v;
    }
}

bs_status bs_run_deviations(const bs_runs *runs, const bs_run *run,
                            const size_t *size, bool textbook, double *sd)
{
  const bs_ranks *team = runs->team;
  scratch *s = NULL;
  size_t k = (size_t)run->k, d = (size_t)runs->rows->d;
  size_t workers = (size_t)team->size * (size_t)team->threads;
  size_t bundles = count_bundles(runs->rows->d, 1, workers);
  bs_status st = bs_mem_zalloc((size_t)team->threads, sizeof *s, &s);
  if (st == BS_OK)
    st = scratch_alloc(s, team->threads, 1, k * 3 * BS_MOST_LANES);
  BS_GO(st, bs_agree(team->comm, st));
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++) {
    bs_range mine = bs_range_part(
        bundles, (size_t)team->rank * (size_t)team->threads + (size_t)t,
        workers);
    for (size_t g = mine.first; g < mine.end; g++) {
      bundle b = make_bundle(runs->rows, g, bundles);
      deviate_bundle(runs, run, &b, size, textbook, &s[t], sd);
    }
  }
  bs_ranks_share(team, sd, k * d);
done:
  scratch_free(s, team->threads);
  bs_mem_free(&s);
  return st;
}
