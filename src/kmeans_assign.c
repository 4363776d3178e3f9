/* SPDX-License-Identifier: BSD-3-Clause */
/* Assignment of rows to their nearest centres, after G. Hamerly: bounds spare
 * most of the groups of rows a look, and a block's least room between bounds
 * all of them at once. Of the others most have their nearest centre found by
 * their mean. What changes is counted, so that sizes and centres can follow. */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

/* Where rows of groups are added to their clusters' sums one by one, this is as
 * much work as MOST_ADDED times all groups once, it is faster to add up all
 * rows in Weka's way; nor is following worth room for MOST_FOLLOWED doubles. */
enum { MOST_ADDED = 2, MOST_FOLLOWED = 1 << 22 };

/* --- scratch ------------------------------------------------------------ */

static size_t tally_length(const bs_runs *runs)
{
  return (size_t)runs->k + BS_TALLIES;
}

static size_t mass_length(const bs_runs *runs)
{
  return runs->follows ? (size_t)runs->k * (size_t)runs->rows->d : 0;
}

bool bs_runs_can_follow(const bs_runs *runs)
{
  const double lanes = (double)runs->count * runs->k * runs->rows->d * BS_LANES;
  return isfinite(runs->rounding) && lanes <= MOST_FOLLOWED;
}

bs_status bs_pass_alloc(const bs_runs *runs, bs_pass *pass)
{
  const size_t k = (size_t)runs->k, d = (size_t)runs->rows->d,
               count = (size_t)runs->count,
               threads = (size_t)runs->team->threads;
  pass->most =
      MOST_ADDED * (1 + bs_runs_blocks(runs) / threads) * BS_BLOCK_GROUPS;
  pass->scratch = bs_block_scratch(runs) + 2 * k * BS_TILE;
  BS_TRY(bs_mem_alloc(threads * pass->scratch, sizeof(double), &pass->work));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &pass->next));
  BS_TRY(bs_mem_alloc(count * k * d, sizeof(double), &pass->sum));
  BS_TRY(bs_mem_alloc(threads * count * tally_length(runs), sizeof(int64_t),
                      &pass->tally));
  BS_TRY(bs_mem_alloc(threads * count, sizeof(uint64_t), &pass->open));
  BS_TRY(bs_mem_alloc(count, sizeof(int), &pass->which));
  BS_TRY(bs_mem_alloc(count, sizeof(int), &pass->some));
  BS_TRY(bs_mem_alloc(count * mass_length(runs), sizeof(double), &pass->mass));
  return bs_mem_alloc(threads * count * mass_length(runs) * BS_LANES,
                      sizeof(double), &pass->lanes);
}

void bs_pass_free(bs_pass *pass)
{
  bs_mem_free(&pass->work);
  bs_mem_free(&pass->next);
  bs_mem_free(&pass->sum);
  bs_mem_free(&pass->tally);
  bs_mem_free(&pass->mass);
  bs_mem_free(&pass->lanes);
  bs_mem_free(&pass->open);
  bs_mem_free(&pass->which);
  bs_mem_free(&pass->some);
}

/* --- bounds ------------------------------------------------------------- */

/* Room between a row's bounds that settles it: either centre may be off. */
static double least_room(const bs_runs *runs, const bs_run *run)
{
  return run->doubt * (1 + runs->margin) + 1e-30;
}

/* Groups of a block of which some row's nearest centre may have changed; takes
 * the least room of all. */
static uint64_t find_open(const bs_runs *runs, bs_run *run, size_t block)
{
  const size_t at = block * BS_BLOCK_GROUPS;
  const double enough = least_room(runs, run);
  double room[BS_BLOCK_GROUPS], least = INFINITY;
  uint64_t open = 0;
  runs->team->kernels->room(run->label + at, run->upper + at, run->lower + at,
                            run->rise, run->fall, runs->margin, room);
  for (int g = 0; g < BS_BLOCK_GROUPS; g++) {
    open |= (uint64_t) !(room[g] > enough) << g;
    if (!(room[g] >= least)) /* or not a number */
      least = room[g] < least ? room[g] : -INFINITY;
  }
  run->slack[block] = bs_bound_below(least + run->drift);
  return open;
}

bool bs_run_is_settled(const bs_runs *runs, const bs_run *run, size_t block)
{
  return run->slack[block] - run->drift > least_room(runs, run);
}

/* The label of a group of these rows. */
static uint16_t find_label(const bs_runs *runs, const uint16_t *cluster,
                           const uint16_t *row)
{
  bool alike = true;
  for (int r = 1; r < BS_LANES; r++)
    alike &= cluster[row[r]] == cluster[row[0]];
  return alike ? cluster[row[0]] : (uint16_t)runs->k;
}

static void label_block(const bs_runs *runs, bs_run *run, size_t block)
{
  const uint16_t *row = runs->order + block * BS_BLOCK_ROWS,
                 *cluster = run->cluster + bs_runs_block(runs, block).first;
  uint16_t *label = run->label + block * BS_BLOCK_GROUPS;
  for (size_t g = 0; g < BS_BLOCK_GROUPS; g++)
    label[g] = find_label(runs, cluster, row + g * BS_LANES);
}

void bs_run_open(const bs_runs *runs, bs_run *run)
{
  const size_t blocks = bs_runs_blocks(runs);
  for (size_t i = 0; i < blocks; i++) {
    const bs_range rows = bs_runs_block(runs, i);
    for (size_t g = 0; g < BS_BLOCK_GROUPS; g++) {
      run->upper[i * BS_BLOCK_GROUPS + g] = 0;
      run->lower[i * BS_BLOCK_GROUPS + g] =
          rows.first + g * BS_LANES < rows.end
              ? -INFINITY
              : INFINITY; /* no rows: settled */
    }
    run->slack[i] = -INFINITY;
    run->touched[i] = true;
    if (runs->has_groups)
      label_block(runs, run, i);
  }
  for (int i = 0; i <= runs->k; i++)
    run->rise[i] = run->fall[i] = 0;
  run->drift = 0;
  run->masses = runs->follows ? BS_MASSES_ANEW : BS_MASSES_NONE;
}

/* --- one block of one run ----------------------------------------------- */

/* What one thread works with, and counts, for one run. */
typedef struct work {
  const bs_runs *runs;
  bs_run *run;
  bs_block *block;
  double *distance;       /* (k, BS_TILE) */
  double *weight;         /* (k, BS_TILE): rows that come or go */
  bool weighs;            /* any is not 0 */
  int64_t *size, *number; /* (k), (BS_TALLIES) */
  double *lanes;          /* (k, d, BS_LANES) */
  size_t most;
} work;

static void find_nearest(const work *w, const double *tile, unsigned groups,
                         uint16_t *found, double *root, double *second)
{
  const bs_cluster_kernels *kernels = w->runs->team->kernels;
  const bs_run *run = w->run;
  kernels->distances(run->last_k, w->runs->rows->d, run->unit, tile, groups,
                     w->distance);
  kernels->nearest(run->last_k, w->runs->weka == BS_WEKA_36, w->distance,
                   groups, found, root, second);
}

static void set_bounds(const work *w, size_t group, int label, double near,
                       double far)
{
  const size_t at = w->block->index * BS_BLOCK_GROUPS + group;
  w->run->label[at] = (uint16_t)label;
  w->run->upper[at] = bs_bound_above(near - w->run->rise[label]);
  w->run->lower[at] = bs_bound_below(far + w->run->fall[label]);
}

static void begin_weights(work *w)
{
  w->weighs = false;
  if (w->run->masses != BS_MASSES_NONE)
    memset(w->weight, 0, (size_t)w->runs->k * BS_TILE * sizeof *w->weight);
}

/* So many rows, the place-th of a tile, are in another cluster now, or in one
 * for the first time. */
static void move_rows(work *w, size_t place, int rows, uint16_t from,
                      uint16_t to)
{
  const bool anew = w->run->masses == BS_MASSES_ANEW;
  if (from != to) {
    w->number[BS_CHANGED] += rows;
    w->run->touched[w->block->index] = true;
  }
  if (w->run->masses == BS_MASSES_NONE || (from == to && !anew))
    return;
  w->weighs = true;
  w->weight[to * (size_t)BS_TILE + place] += rows;
  w->size[to] += rows;
  if (anew)
    return;
  w->weight[from * (size_t)BS_TILE + place] -= rows;
  w->size[from] -= rows;
}

/* Returns how many groups' worth of work it was. */
static int add_weights(const work *w, const double *tile)
{
  if (!w->weighs)
    return 0;
  return w->runs->team->kernels->weigh(w->runs->k, w->runs->rows->d, w->weight,
                                       tile, w->lanes);
}

/* Groups by their means; returns those of which these do not say enough.
 * Nothing is known of the rows of a group in which clusters differ. */
static uint64_t assign_means(work *w, uint64_t open)
{
  const bs_runs *runs = w->runs;
  bs_run *run = w->run;
  const double *mean = bs_block_means(runs, w->block);
  const size_t at = w->block->index * BS_BLOCK_GROUPS;
  uint16_t found[BS_TILE];
  double root[BS_TILE], second[BS_TILE];
  unsigned lanes = 0;
  for (int g = 0; g < BS_BLOCK_GROUPS; g++)
    lanes |= (unsigned)(open >> g & 1) << g / BS_LANES;
  find_nearest(w, mean, lanes, found, root, second);
  begin_weights(w);
  for (size_t g = 0; g < BS_BLOCK_GROUPS; g++) {
    const uint16_t label = run->label[at + g];
    const double radius = runs->radius[at + g],
                 near = root[g] * runs->margin + radius,
                 far = second[g] / runs->margin - radius;
    if (!(open >> g & 1) || label == runs->k ||
        !(far - near * runs->margin > least_room(runs, run)))
      continue;
    move_rows(w, g, BS_LANES, label, found[g]);
    for (size_t r = g * BS_LANES; r < (g + 1) * BS_LANES; r++)
      run->cluster[w->block->first + w->block->order[r]] = found[g];
    set_bounds(w, g, found[g], near, far);
    open &= ~((uint64_t)1 << g);
  }
  add_weights(w, mean);
  return open;
}

/* Places first .. end - 1 of tile t, a group, whose nearest centres are found.
 */
static void assign_group(work *w, size_t t, size_t first, size_t end,
                         const uint16_t *found, const double *root,
                         const double *second)
{
  const bs_runs *runs = w->runs;
  const double margin = runs->margin, enough = least_room(runs, w->run);
  const uint16_t *row = w->block->order + t * BS_TILE;
  double near = 0, far = INFINITY, room = INFINITY;
  bool sure = true, alike = true;
  for (size_t r = first; r < end; r++) {
    const double to_own = root[r] * margin, to_other = second[r] / margin,
                 between = to_other - to_own * margin;
    if (w->run->doubt > 0 && !(between > enough)) {
      w->number[BS_DOUBTED]++;
      sure = false;
      continue;
    }
    uint16_t *cluster = &w->run->cluster[w->block->first + row[r]];
    move_rows(w, r, 1, *cluster, found[r]);
    *cluster = found[r];
    sure &= !isnan(between);
    alike &= found[r] == found[first];
    near = to_own > near ? to_own : near;
    far = to_other < far ? to_other : far;
    room = between < room ? between : room;
  }
  const size_t group = t * BS_TILE_GROUPS + first / BS_LANES;
  if (sure && alike)
    set_bounds(w, group, found[first], near, far);
  else
    set_bounds(w, group, runs->k, 0, sure ? room : -INFINITY);
}

/* Some of the block's groups, which are loaded, row by row. */
static void assign_rows(work *w, uint64_t open)
{
  for (size_t t = 0; t < BS_LANES; t++) {
    const unsigned groups = (unsigned)(open >> (t * BS_TILE_GROUPS) & 0xff);
    const double *tile = bs_block_tile(w->runs, w->block, t);
    uint16_t found[BS_TILE];
    double root[BS_TILE], second[BS_TILE];
    if (groups == 0)
      continue;
    find_nearest(w, tile, groups, found, root, second);
    begin_weights(w);
    const size_t left = w->block->rows - t * BS_TILE;
    for (size_t r = 0; r < BS_TILE && r < left; r += BS_LANES)
      if (groups >> (r / BS_LANES) & 1)
        assign_group(w, t, r, r + BS_LANES < left ? r + BS_LANES : left, found,
                     root, second);
    if ((size_t)w->number[BS_ADDED] <= w->most)
      w->number[BS_ADDED] += add_weights(w, tile);
    else
      w->number[BS_LOST]++;
  }
}

/* The clusters before, where they may be asked for. */
static void keep_before(bs_run *run, const bs_block *block)
{
  if (run->doubt == 0 || !run->touched[block->index])
    return;
  memcpy(run->before + block->first, run->cluster + block->first,
         block->rows * sizeof *run->before);
  run->touched[block->index] = false;
}

/* --- all blocks of all runs --------------------------------------------- */

/* What a thread does, and on which block, for all runs. */
typedef struct share {
  bs_runs *runs;
  const bs_pass *pass;
  const int *which; /* (count): runs */
  int count, thread;
  bs_block block;
  uint64_t *open; /* (count): groups not settled yet */
} share;

static work make_work(share *s, int a)
{
  const bs_runs *runs = s->runs;
  const bs_pass *pass = s->pass;
  const size_t index = (size_t)(s->thread * s->count + a), k = (size_t)runs->k;
  int64_t *tally = pass->tally + index * tally_length(runs);
  work w = {.runs = runs,
            .run = &s->runs->run[s->which[a]],
            .block = &s->block,
            .size = tally,
            .number = tally + k,
            .lanes = pass->lanes + index * mass_length(runs) * BS_LANES,
            .most = pass->most};
  w.distance =
      pass->work + (size_t)s->thread * pass->scratch + bs_block_scratch(runs);
  w.weight = w.distance + k * BS_TILE;
  return w;
}

static void take_groups(bs_runs *runs, bs_block *block)
{
  bs_block_take_groups(runs, block);
  for (int i = 0; i < runs->count; i++)
    label_block(runs, &runs->run[i], block->index);
}

/* One block: groups first, then the rows that these leave open in any run. */
static void assign_block(share *s)
{
  const size_t index = s->block.index;
  uint64_t all = 0;
  for (int a = 0; a < s->count; a++) {
    work w = make_work(s, a);
    keep_before(w.run, &s->block);
    s->open[a] = 0;
    if (bs_run_is_settled(s->runs, w.run, index))
      continue;
    s->open[a] = find_open(s->runs, w.run, index);
    if (s->open[a] != 0)
      s->open[a] = assign_means(&w, s->open[a]);
    if (s->open[a] == 0)
      find_open(s->runs, w.run, index);
    all |= s->open[a];
  }
  bs_block_load(s->runs, &s->block, all);
  for (int a = 0; a < s->count; a++)
    if (s->open[a] != 0) {
      work w = make_work(s, a);
      assign_rows(&w, s->open[a]);
      find_open(s->runs, w.run, index);
    }
}

static void assign_own(bs_runs *runs, const int *which, int count,
                       const bs_pass *pass)
{
  const size_t blocks = bs_runs_blocks(runs);
  const int threads = runs->team->threads;
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++) {
    share s = {.runs = runs,
               .pass = pass,
               .which = which,
               .count = count,
               .thread = t,
               .open = pass->open + (size_t)(t * count)};
    for (size_t b = (size_t)t; b < blocks; b += (size_t)threads) {
      s.block = bs_block_make(runs, b, pass->work + (size_t)t * pass->scratch);
      if (!runs->has_groups)
        take_groups(runs, &s.block);
      assign_block(&s);
    }
  }
  runs->has_groups = true;
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
    const bs_masses masses = runs->run[which[a]].masses;
    any |= masses == BS_MASSES_ANEW ||
           (masses == BS_MASSES_KEPT && number[BS_CHANGED] > 0);
  }
  return any;
}

/* The masses' changes, of all threads and lanes. */
static void sum_lanes(const bs_runs *runs, int count, bs_pass *pass)
{
  const size_t masses = (size_t)count * mass_length(runs);
  for (size_t i = 0; i < masses; i++) {
    double sum = 0;
    for (size_t t = 0; t < (size_t)runs->team->threads; t++)
      for (size_t l = 0; l < BS_LANES; l++)
        sum += pass->lanes[(t * masses + i) * BS_LANES + l];
    pass->mass[i] = sum;
  }
}

void bs_runs_assign(bs_runs *runs, const int *which, int count, bs_pass *pass)
{
  const bs_ranks *team = runs->team;
  const size_t threads = (size_t)team->threads, c = (size_t)count,
               tallies = c * tally_length(runs), masses = c * mass_length(runs);
  memset(pass->tally, 0, threads * tallies * sizeof *pass->tally);
  memset(pass->lanes, 0, threads * masses * BS_LANES * sizeof *pass->lanes);
  assign_own(runs, which, count, pass);
  for (size_t t = 1; t < threads; t++)
    for (size_t i = 0; i < tallies; i++)
      pass->tally[i] += pass->tally[t * tallies + i];
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, pass->tally, (int)tallies, MPI_INT64_T,
                       MPI_SUM, team->comm));
  if (!any_followed(runs, which, count, pass))
    return;
  sum_lanes(runs, count, pass);
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, pass->mass, (int)masses, MPI_DOUBLE,
                       MPI_SUM, team->comm));
}
