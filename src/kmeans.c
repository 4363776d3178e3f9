/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { MAX_PASSES = 500 };

void bs_partition_clear(bs_partition *partition)
{
  bs_mem_free(&partition->centre);
  bs_mem_free(&partition->sd);
  bs_mem_free(&partition->size);
  memset(partition, 0, sizeof *partition);
}

/* Bounds are kept in single precision, rounded outwards. */
static float bound_above(double v)
{
  return isinf(v) ? INFINITY : (float)v + fabsf((float)v) * 0x1p-22F + 1e-37F;
}

static float bound_below(double v)
{
  return isinf(v) ? INFINITY : (float)v - fabsf((float)v) * 0x1p-22F - 1e-37F;
}

/* --- memory ------------------------------------------------------------- */

static size_t own_tiles(const bs_runs *runs)
{
  return (runs->own.end - runs->own.first + BS_TILE - 1) / BS_TILE;
}

static bs_status alloc_run(const bs_runs *runs, bs_run *run)
{
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  size_t own = own_tiles(runs) * BS_TILE;
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &run->centre));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &run->unit));
  BS_TRY(
      bs_mem_zalloc(runs->rows->n + BS_TILE, sizeof(uint16_t), &run->cluster));
  BS_TRY(bs_mem_alloc(own, sizeof(float), &run->upper));
  BS_TRY(bs_mem_alloc(own, sizeof(float), &run->lower));
  BS_TRY(bs_mem_zalloc(k, sizeof(double), &run->rise));
  return bs_mem_zalloc(k, sizeof(double), &run->fall);
}

static void free_runs(bs_runs *runs)
{
  for (int i = 0; runs->run != NULL && i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    bs_mem_free(&run->centre);
    bs_mem_free(&run->unit);
    bs_mem_free(&run->cluster);
    bs_mem_free(&run->upper);
    bs_mem_free(&run->lower);
    bs_mem_free(&run->rise);
    bs_mem_free(&run->fall);
    bs_mem_free(&run->place);
    bs_mem_free(&run->row);
  }
  bs_mem_free(&runs->run);
  bs_mem_free(&runs->low);
  bs_mem_free(&runs->width);
}

/* Forget the bounds: the next pass looks at every row. */
static void open_bounds(const bs_runs *runs, bs_run *run)
{
  size_t own = runs->own.end - runs->own.first;
  size_t all = own_tiles(runs) * BS_TILE;
  for (size_t r = 0; r < all; r++) {
    run->upper[r] = 0; /* rows that only fill the last tile are settled */
    run->lower[r] = r < own ? -INFINITY : INFINITY;
  }
  for (int i = 0; i < runs->k; i++)
    run->rise[i] = run->fall[i] = 0;
}

static bs_status start_runs(bs_runs *runs, const int32_t *seed)
{
  uint32_t *order = NULL;
  bs_status st;
  BS_GO(st, bs_mem_zalloc((size_t)runs->count, sizeof *runs->run, &runs->run));
  BS_GO(st, bs_mem_alloc(runs->rows->n, sizeof *order, &order));
  for (size_t r = 0; r < runs->rows->n; r++)
    order[r] = (uint32_t)r;
  for (int i = 0; i < runs->count; i++) {
    BS_GO(st, alloc_run(runs, &runs->run[i]));
    BS_GO(st, bs_run_start(runs, &runs->run[i], seed[i], order));
    open_bounds(runs, &runs->run[i]);
  }
done:
  bs_mem_free(&order);
  return st;
}

/* --- assignment --------------------------------------------------------- */

/* Rows of one tile that need a look, for one run; returns how many rows moved
 * to another cluster. Scratch: distance (k, BS_TILE). */
static size_t assign_groups(const bs_runs *runs, bs_run *run, size_t at,
                            size_t rows, unsigned groups, const double *tile,
                            double *distance)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  uint16_t *cluster = run->cluster + runs->own.first + at, found[BS_TILE];
  double root[BS_TILE], second[BS_TILE];
  size_t changed = 0;
  kernels->distances(run->last_k, runs->rows->d, run->unit, tile, groups,
                     distance);
  kernels->nearest(run->last_k, runs->weka == BS_WEKA_36, distance, groups,
                   found, root, second);
  for (size_t r = 0; r < rows; r++) {
    if (!(groups >> (r / BS_LANES) & 1))
      continue;
    uint16_t c = found[r];
    changed += cluster[r] != c;
    cluster[r] = c;
    run->upper[at + r] = bound_above(root[r] * runs->margin - run->rise[c]);
    run->lower[at + r] = bound_below(second[r] / runs->margin + run->fall[c]);
  }
  return changed;
}

/* The cluster of a partial tile's missing rows reads past the end of the rows:
 * allocated, and settled whatever it holds. */
static void assign_tile(const bs_runs *runs, const int *which, int count,
                        size_t i, double *tile, double *distance,
                        size_t *changed)
{
  const bs_range own = runs->own;
  size_t at = i * BS_TILE, first = own.first + at;
  size_t rows = own.end - first < BS_TILE ? own.end - first : BS_TILE;
  bool loaded = false;
  for (int a = 0; a < count; a++) {
    bs_run *run = &runs->run[which[a]];
    unsigned groups = runs->team->kernels->unsettled(
        run->cluster + first, run->upper + at, run->lower + at, run->rise,
        run->fall, runs->margin);
    if (groups == 0)
      continue;
    if (!loaded)
      runs->team->kernels->unit_tile(runs->rows->d, runs->rows->column,
                                     runs->low, runs->width, first, rows, tile);
    loaded = true;
    changed[a] += assign_groups(runs, run, at, rows, groups, tile, distance);
  }
}

/* Every thread has its own scratch and counts; work is (threads, scratch). */
static void assign_own(const bs_runs *runs, const int *which, int count,
                       size_t scratch, double *work, size_t *changed)
{
  int threads = runs->team->threads;
  size_t tiles = own_tiles(runs);
  memset(changed, 0, (size_t)threads * (size_t)count * sizeof *changed);
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++) {
    bs_range mine = bs_range_part(tiles, (size_t)t, (size_t)threads);
    double *tile = work + (size_t)t * scratch;
    for (size_t i = mine.first; i < mine.end; i++)
      assign_tile(runs, which, count, i, tile,
                  tile + (size_t)runs->rows->d * BS_TILE,
                  changed + (size_t)t * (size_t)count);
  }
  for (int t = 1; t < threads; t++)
    for (int a = 0; a < count; a++)
      changed[a] += changed[t * count + a];
}

/* Give every rank the clusters of all rows. */
static void gather_clusters(const bs_runs *runs, const int *which, int count)
{
  const bs_ranks *team = runs->team;
  if (team->size == 1)
    return;
  for (int a = 0; a < count; a++) {
    uint16_t *cluster = runs->run[which[a]].cluster;
    for (int rank = 0; rank < team->size; rank++) {
      bs_range part = bs_ranks_rows(team, runs->rows->n, rank);
      if (part.end > part.first)
        BS_MPI(MPI_Bcast(cluster + part.first, (int)(part.end - part.first),
                         MPI_UINT16_T, rank, team->comm));
    }
  }
}

/* Rows of each cluster: tally (count, k + 1), whose last column is free. */
static void count_sizes(const bs_runs *runs, const int *which, int count,
                        uint64_t *tally)
{
  const bs_range own = runs->own;
  size_t k = (size_t)runs->k + 1;
  memset(tally, 0, (size_t)count * k * sizeof *tally);
#pragma omp parallel for schedule(dynamic, 1) num_threads(runs->team->threads)
  for (int a = 0; a < count; a++) {
    const uint16_t *cluster = runs->run[which[a]].cluster;
    for (size_t r = own.first; r < own.end; r++)
      tally[(size_t)a * k + cluster[r]]++;
  }
}

/* --- update ------------------------------------------------------------- */

/* Move the bounds with the centres, from unit (k, d) to the next. */
static void move_bounds(const bs_runs *runs, bs_run *run, const double *next)
{
  double first = 0, second = 0; /* the two largest moves */
  size_t d = (size_t)runs->rows->d;
  int who = 0;
  for (int i = 0; i < run->k; i++) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
      double z = next[(size_t)i * d + j] - run->unit[(size_t)i * d + j];
      sum += z * z;
    }
    double length = sqrt(sum) * runs->margin;
    run->rise[i] += length;
    if (length > first) {
      second = first;
      first = length;
      who = i;
    } else if (length > second) {
      second = length;
    }
  }
  for (int i = 0; i < run->k; i++)
    run->fall[i] += i == who ? second : first;
}

/* New centres from sums (k, d) and sizes; clusters without rows go, the others
 * keep their order. On the last pass rows are renumbered too. */
static void update_run(const bs_runs *runs, bs_run *run, bool last,
                       const double *sum, const uint64_t *size, double *next)
{
  size_t d = (size_t)runs->rows->d;
  uint16_t number[UINT16_MAX + 1];
  int kept = 0;
  for (int i = 0; i < run->k; i++) {
    number[i] = (uint16_t)kept;
    if (size[i] == 0)
      continue;
    for (size_t j = 0; j < d; j++)
      run->centre[(size_t)kept * d + j] =
          sum[(size_t)i * d + j] / (double)size[i];
    kept++;
  }
  bool fewer = kept < run->k;
  run->k = kept;
  run->done = last;
  run->has_means = !fewer;
  if (last && fewer)
    for (size_t r = 0; r < runs->rows->n; r++)
      run->cluster[r] = number[run->cluster[r]];
  if (last && runs->weka == BS_WEKA_36)
    return; /* the error is taken against the centres before the update */
  bs_runs_normalise(runs, run->k, run->centre, next);
  if (fewer)
    open_bounds(runs, run);
  else
    move_bounds(runs, run, next);
  memcpy(run->unit, next, (size_t)run->k * d * sizeof *next);
  run->last_k = run->k;
}

/* --- the loop ----------------------------------------------------------- */

/* Scratch of the passes. */
typedef struct pass {
  size_t scratch;  /* doubles per thread in work */
  double *work;    /* (threads, scratch) */
  double *next;    /* (k, d) */
  double *sum;     /* (count, k, d) */
  uint64_t *tally; /* (count, k + 1): sizes, and rows that changed cluster */
  size_t *changed; /* (threads, count) */
  int *which;      /* (count): runs not done */
} pass;

static void free_pass(pass *p)
{
  bs_mem_free(&p->work);
  bs_mem_free(&p->next);
  bs_mem_free(&p->sum);
  bs_mem_free(&p->tally);
  bs_mem_free(&p->changed);
  bs_mem_free(&p->which);
}

static bs_status alloc_pass(const bs_runs *runs, pass *p)
{
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  size_t count = (size_t)runs->count, threads = (size_t)runs->team->threads;
  p->scratch = (d + k) * BS_TILE;
  BS_TRY(bs_mem_alloc(threads * p->scratch, sizeof(double), &p->work));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &p->next));
  BS_TRY(bs_mem_alloc(count * k * d, sizeof(double), &p->sum));
  BS_TRY(bs_mem_alloc(count * (k + 1), sizeof(uint64_t), &p->tally));
  BS_TRY(bs_mem_alloc(threads * count, sizeof(size_t), &p->changed));
  return bs_mem_alloc(count, sizeof(int), &p->which);
}

/* Runs of which no row has moved, and whose centres are already the means of
 * these clusters, are done; returns how many of the count runs are left. */
static int drop_settled(bs_runs *runs, pass *p, int count)
{
  size_t width = (size_t)runs->k + 1;
  int left = 0;
  for (int a = 0; a < count; a++) {
    const uint64_t *tally = p->tally + (size_t)a * width;
    bs_run *run = &runs->run[p->which[a]];
    run->done = tally[width - 1] == 0 && run->has_means;
    if (run->done)
      continue;
    memmove(p->tally + (size_t)left * width, tally, width * sizeof *tally);
    p->which[left++] = p->which[a];
  }
  return left;
}

/* One pass over the runs that are not done; returns how many these were. */
static bs_status one_pass(bs_runs *runs, pass *p, int number, int *active)
{
  const bs_ranks *team = runs->team;
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  int count = 0;
  for (int i = 0; i < runs->count; i++)
    if (!runs->run[i].done)
      p->which[count++] = i;
  *active = count;
  if (count == 0)
    return BS_OK;
  assign_own(runs, p->which, count, p->scratch, p->work, p->changed);
  count_sizes(runs, p->which, count, p->tally);
  for (int a = 0; a < count; a++)
    p->tally[(size_t)a * (k + 1) + k] = p->changed[a];
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, p->tally, count * (runs->k + 1),
                       MPI_UINT64_T, MPI_SUM, team->comm));
  count = drop_settled(runs, p, count);
  gather_clusters(runs, p->which, count);
  memset(p->sum, 0, (size_t)count * k * d * sizeof *p->sum);
  BS_TRY(bs_runs_sum(runs, p->which, count, p->sum));
  for (int a = 0; a < count; a++) {
    const uint64_t *tally = p->tally + (size_t)a * (k + 1);
    update_run(runs, &runs->run[p->which[a]],
               tally[k] == 0 || number == MAX_PASSES,
               p->sum + (size_t)a * k * d, tally, p->next);
  }
  return BS_OK;
}

/* Between passes: save what is due, stop if asked to. */
static bs_status pause(const bs_runs *runs, const bs_kmeans *what, int passes)
{
  bool due;
  const bs_status st = bs_keep_agree(what->keep, runs->team->comm,
                                     what->key == NULL ? NULL : &due);
  if (what->keep != NULL && what->key != NULL && due && runs->team->rank == 0)
    bs_runs_save(runs, what->keep, what->key, passes);
  return st;
}

static int count_open(const bs_runs *runs)
{
  int open = 0;
  for (int i = 0; i < runs->count; i++)
    open += !runs->run[i].done;
  return open;
}

/* The first rank counts the starts: all do the same ones. */
static void begin_progress(const bs_runs *runs)
{
  const int open = runs->team->rank == 0 ? count_open(runs) : 0;
  bs_progress_begin("k-means", "starts", (uint64_t)open, (uint64_t)open);
}

static bs_status all_passes(bs_runs *runs, const bs_kmeans *what)
{
  pass p = {0};
  int active = 0, passes = 0;
  bs_status st = alloc_pass(runs, &p);
  BS_GO(st, bs_agree(runs->team->comm, st));
  for (int i = 0; i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    bs_runs_normalise(runs, run->k, run->centre, run->unit);
    run->last_k = run->k;
  }
  BS_GO(st, bs_runs_restore(runs, what->keep, what->key, &passes));
  begin_progress(runs);
  for (int number = passes + 1; number <= MAX_PASSES; number++) {
    BS_GO(st, one_pass(runs, &p, number, &active));
    if (active == 0)
      break;
    const uint64_t ended = (uint64_t)(active - count_open(runs));
    if (runs->team->rank == 0)
      bs_progress_add(ended, ended);
    BS_GO(st, pause(runs, what, number));
  }
done:
  bs_progress_end();
  free_pass(&p);
  return st;
}

static int find_best(const bs_runs *runs, const double *error)
{
  int best = 0;
  double least = DBL_MAX;
  for (int i = 0; i < runs->count; i++)
    if (error[i] < least) {
      least = error[i];
      best = i;
    }
  return best;
}

/* Hand the run over. */
static bs_status take_run(const bs_runs *runs, bs_run *run, double error,
                          bool textbook, bs_partition *out)
{
  size_t k = (size_t)run->k, d = (size_t)runs->rows->d;
  bs_status st = bs_mem_zalloc(k * d, sizeof(double), &out->sd);
  if (st == BS_OK)
    st = bs_mem_zalloc(k, sizeof(size_t), &out->size);
  BS_TRY(bs_agree(runs->team->comm, st));
  out->k = run->k;
  out->error = error;
  out->centre = run->centre;
  run->centre = NULL;
  for (size_t r = 0; r < runs->rows->n; r++)
    out->size[run->cluster[r]]++;
  return bs_run_deviations(runs, run, out->size, textbook, out->sd);
}

bs_status bs_kmeans_best(const bs_ranks *team, const bs_columns *rows,
                         const bs_kmeans *what, bs_partition *best)
{
  bs_runs runs = {.team = team,
                  .rows = rows,
                  .weka = what->weka,
                  .own = bs_ranks_rows(team, rows->n, team->rank),
                  .count = what->runs,
                  .k = what->k,
                  .margin = 1 + 8 * (rows->d + 16) * DBL_EPSILON};
  double *error = NULL;
  bs_status st;
  memset(best, 0, sizeof *best);
  if ((size_t)runs.k > rows->n)
    runs.k = (int)rows->n; /* there are no more distinct rows than rows */
  BS_GO(st, bs_runs_ranges(&runs));
  st = start_runs(&runs, what->seed);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)runs.count, sizeof(double), &error);
  BS_GO(st, bs_agree(team->comm, st));
  BS_GO(st, all_passes(&runs, what));
  BS_GO(st, bs_runs_errors(&runs, error));
  int kept = find_best(&runs, error);
  BS_GO(st,
        take_run(&runs, &runs.run[kept], error[kept], what->textbook_sd, best));
done:
  if (st != BS_OK)
    bs_partition_clear(best);
  bs_mem_free(&error);
  free_runs(&runs);
  return st;
}
