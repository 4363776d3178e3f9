/* SPDX-License-Identifier: BSD-3-Clause */
/* Assignment of rows to their nearest centres, after G. Hamerly: bounds spare
 * most of the rows a look, and a tile's least room between bounds all of them
 * at once. What changes is counted, so that sizes and centres can follow. */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

/* Where more than one row in FEW changes cluster it is faster to add up all
 * rows than to follow the changes; nor is it worth room for MOST_FOLLOWED
 * doubles. */
enum { FEW = 32, MOST_FOLLOWED = 1 << 20 };

size_t bs_runs_tiles(const bs_runs *runs)
{
  return (runs->own.end - runs->own.first + BS_TILE - 1) / BS_TILE;
}

/* --- scratch ------------------------------------------------------------ */

static size_t tally_length(const bs_runs *runs)
{
  return (size_t)runs->k + BS_TALLIES;
}

bs_status bs_pass_alloc(const bs_runs *runs, bs_pass *pass)
{
  const size_t k = (size_t)runs->k, d = (size_t)runs->rows->d,
               count = (size_t)runs->count,
               threads = (size_t)runs->team->threads;
  pass->follows = isfinite(runs->rounding) && count * k * d <= MOST_FOLLOWED;
  pass->most = 1 + (runs->own.end - runs->own.first) / (FEW * threads);
  pass->scratch = (d + k) * BS_TILE;
  BS_TRY(bs_mem_alloc(threads * pass->scratch, sizeof(double), &pass->work));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &pass->next));
  BS_TRY(bs_mem_alloc(count * k * d, sizeof(double), &pass->sum));
  BS_TRY(bs_mem_alloc(threads * count * tally_length(runs), sizeof(int64_t),
                      &pass->tally));
  BS_TRY(bs_mem_alloc(count, sizeof(int), &pass->which));
  BS_TRY(bs_mem_alloc(count, sizeof(int), &pass->some));
  return bs_mem_alloc(pass->follows ? threads * count * k * d : 0,
                      sizeof(double), &pass->mass);
}

void bs_pass_free(bs_pass *pass)
{
  bs_mem_free(&pass->work);
  bs_mem_free(&pass->next);
  bs_mem_free(&pass->sum);
  bs_mem_free(&pass->tally);
  bs_mem_free(&pass->mass);
  bs_mem_free(&pass->which);
  bs_mem_free(&pass->some);
}

/* --- bounds ------------------------------------------------------------- */

/* Bounds are kept in single precision, rounded outwards. */
static float bound_above(double v)
{
  return isinf(v) ? (float)v : (float)v + fabsf((float)v) * 0x1p-22F + 1e-37F;
}

static float bound_below(double v)
{
  return isinf(v) ? (float)v : (float)v - fabsf((float)v) * 0x1p-22F - 1e-37F;
}

/* Room between a row's bounds that settles it: either centre may be off. */
static double least_room(const bs_runs *runs, const bs_run *run)
{
  return run->doubt * (1 + runs->margin) + 1e-30;
}

bool bs_run_is_settled(const bs_runs *runs, const bs_run *run, size_t tile)
{
  return run->slack[tile] - run->drift > least_room(runs, run);
}

/* Bits of a tile's groups in which some row's nearest centre may have changed,
 * and the least room of all. */
static unsigned find_open(const bs_runs *runs, bs_run *run, size_t tile)
{
  const size_t at = tile * BS_TILE;
  const double enough = least_room(runs, run);
  double slack[BS_TILE_GROUPS], least = INFINITY;
  unsigned groups = 0;
  runs->team->kernels->slack(run->cluster + runs->own.first + at,
                             run->upper + at, run->lower + at, run->rise,
                             run->fall, runs->margin, slack);
  for (int g = 0; g < BS_TILE_GROUPS; g++) {
    groups |= (unsigned)!(slack[g] > enough) << g;
    least = slack[g] < least ? slack[g] : least;
  }
  run->slack[tile] = bound_below(least + run->drift);
  return groups;
}

void bs_run_open(const bs_runs *runs, bs_run *run)
{
  size_t own = runs->own.end - runs->own.first, tiles = bs_runs_tiles(runs);
  for (size_t r = 0; r < tiles * BS_TILE; r++) {
    run->upper[r] = 0; /* rows that only fill the last tile are settled */
    run->lower[r] = r < own ? -INFINITY : INFINITY;
  }
  for (size_t i = 0; i < tiles; i++)
    run->slack[i] = -INFINITY;
  for (int i = 0; i < runs->k; i++)
    run->rise[i] = run->fall[i] = 0;
  run->drift = 0;
}

/* --- rows --------------------------------------------------------------- */

/* Work on one tile for one thread. */
typedef struct view {
  size_t index, rows; /* tile of this rank, and its rows */
  unsigned loaded;    /* groups that are in tile */
  double *tile;       /* (d, BS_TILE) */
  double *distance;   /* (k, BS_TILE) */
} view;

/* What one thread counts for one run. */
typedef struct change {
  int64_t *size, *number; /* (k), (BS_TALLIES) */
  double *mass;           /* (k, d) */
  size_t most;
} change;

static void add_change(const bs_run *run, const change *c, int d,
                       const double *x, uint16_t from, uint16_t to)
{
  c->number[BS_CHANGED]++;
  if (!run->follows)
    return;
  if ((size_t)c->number[BS_CHANGED] > c->most) {
    c->number[BS_LOST]++;
    return;
  }
  double *less = c->mass + (size_t)from * (size_t)d;
  double *more = c->mass + (size_t)to * (size_t)d;
  for (int j = 0; j < d; j++) {
    less[j] -= x[j * BS_TILE];
    more[j] += x[j * BS_TILE];
  }
  c->size[from]--;
  c->size[to]++;
}

static void assign_groups(const bs_runs *runs, bs_run *run, const view *v,
                          unsigned groups, const change *c)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  const size_t at = v->index * BS_TILE;
  const double margin = runs->margin, enough = least_room(runs, run);
  uint16_t *cluster = run->cluster + runs->own.first + at, found[BS_TILE];
  double root[BS_TILE], second[BS_TILE];
  kernels->distances(run->last_k, runs->rows->d, run->unit, v->tile, groups,
                     v->distance);
  kernels->nearest(run->last_k, runs->weka == BS_WEKA_36, v->distance, groups,
                   found, root, second);
  for (size_t r = 0; r < v->rows; r++) {
    if (!(groups >> (r / BS_LANES) & 1))
      continue;
    double near = root[r] * margin, far = second[r] / margin;
    if (run->doubt > 0 && !(far - near * margin > enough)) {
      c->number[BS_DOUBTED]++;
      continue;
    }
    if (cluster[r] != found[r])
      add_change(run, c, runs->rows->d, v->tile + r, cluster[r], found[r]);
    cluster[r] = found[r];
    run->upper[at + r] = bound_above(near - run->rise[found[r]]);
    run->lower[at + r] = bound_below(far + run->fall[found[r]]);
  }
}

/* The cluster of a partial tile's missing rows reads past the end of the rows:
 * allocated, and settled whatever it holds. */
static void assign_tile(const bs_runs *runs, bs_run *run, view *v,
                        const change *c)
{
  unsigned groups = find_open(runs, run, v->index);
  if (groups == 0)
    return;
  if ((groups & ~v->loaded) != 0)
    runs->team->kernels->unit_tile(runs->rows->d, runs->rows->column, runs->low,
                                   runs->width,
                                   runs->own.first + v->index * BS_TILE,
                                   v->rows, groups & ~v->loaded, v->tile);
  v->loaded |= groups;
  assign_groups(runs, run, v, groups, c);
  find_open(runs, run, v->index);
}

static change thread_change(const bs_runs *runs, const bs_pass *pass,
                            size_t index)
{
  int64_t *tally = pass->tally + index * tally_length(runs);
  double *mass = pass->mass;
  if (pass->follows)
    mass += index * (size_t)runs->k * (size_t)runs->rows->d;
  return (change){tally, tally + runs->k, mass, pass->most};
}

static void assign_own(bs_runs *runs, const int *which, int count,
                       const bs_pass *pass)
{
  const size_t tiles = bs_runs_tiles(runs), all = runs->own.end,
               d = (size_t)runs->rows->d;
  const int threads = runs->team->threads;
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++) {
    bs_range mine = bs_range_part(tiles, (size_t)t, (size_t)threads);
    view v = {.tile = pass->work + (size_t)t * pass->scratch};
    v.distance = v.tile + d * BS_TILE;
    for (v.index = mine.first; v.index < mine.end; v.index++) {
      const size_t left = all - runs->own.first - v.index * BS_TILE;
      v.rows = left < BS_TILE ? left : BS_TILE;
      v.loaded = 0;
      for (int a = 0; a < count; a++) {
        bs_run *run = &runs->run[which[a]];
        const change c = thread_change(runs, pass, (size_t)(t * count + a));
        if (!bs_run_is_settled(runs, run, v.index))
          assign_tile(runs, run, &v, &c);
      }
    }
  }
}

/* --- what has changed --------------------------------------------------- */

/* True if any run's masses are wanted. */
static bool any_followed(const bs_runs *runs, const int *which, int count,
                         const bs_pass *pass)
{
  bool any = false;
  for (int a = 0; a < count; a++) {
    const int64_t *number =
        pass->tally + (size_t)a * tally_length(runs) + runs->k;
    any |= runs->run[which[a]].follows && number[BS_CHANGED] > 0 &&
           number[BS_LOST] == 0;
  }
  return any;
}

void bs_runs_assign(bs_runs *runs, const int *which, int count, bs_pass *pass)
{
  const bs_ranks *team = runs->team;
  const size_t threads = (size_t)team->threads, c = (size_t)count,
               tallies = c * tally_length(runs),
               masses = pass->follows
                            ? c * (size_t)runs->k * (size_t)runs->rows->d
                            : 0;
  memset(pass->tally, 0, threads * tallies * sizeof *pass->tally);
  memset(pass->mass, 0, threads * masses * sizeof *pass->mass);
  assign_own(runs, which, count, pass);
  for (size_t t = 1; t < threads; t++) {
    for (size_t i = 0; i < tallies; i++)
      pass->tally[i] += pass->tally[t * tallies + i];
    for (size_t i = 0; i < masses; i++)
      pass->mass[i] += pass->mass[t * masses + i];
  }
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, pass->tally, (int)tallies, MPI_INT64_T,
                       MPI_SUM, team->comm));
  if (team->size > 1 && any_followed(runs, which, count, pass))
    BS_MPI(MPI_Allreduce(MPI_IN_PLACE, pass->mass, (int)masses, MPI_DOUBLE,
                         MPI_SUM, team->comm));
}
