/* SPDX-License-Identifier: BSD-3-Clause */
/* The squared errors of some runs with Weka's bits: distances in parallel, then
 * one serial sum per cluster over the working order, handed from rank to rank.
 */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

enum { ERROR_TAG = 71 };

/* Nearest centre and distance of the rows owned, for some runs. */
typedef struct nearest {
  const int *which; /* (count) */
  int count;
  bs_range own;      /* rows: part of all in succession */
  size_t stride;     /* these, in whole tiles */
  uint16_t *cluster; /* (count, stride) */
  double *root;      /* (count, stride) */
  size_t blocks;     /* of all rows */
  bool *settled;     /* (count, blocks) */
} nearest;

/* Nearest of k centres for the rows of a tile, clusters counted from \a base.
 * Scratch: distance (k + 1, BS_TILE). */
static void find_nearest(const bs_runs *runs, const bs_run *run, int base,
                         int k, const double *tile, double *distance,
                         uint16_t *cluster, double *root)
{
  const bs_cluster_kernels *kernels = runs->team->kernels;
  const int d = runs->rows->d;
  kernels->distances(k, d, run->unit + (size_t)base * (size_t)d, tile, ~0U,
                     distance);
  kernels->nearest(k, true, distance, ~0U, cluster, root,
                   distance + (size_t)k * BS_TILE);
  for (int r = 0; base > 0 && r < BS_TILE; r++)
    cluster[r] = (uint16_t)(cluster[r] + base);
}

/* True if these rows, of one block, are known to have one and the same nearest
 * centre. */
static bool has_one_centre(const nearest *near, int a, const bs_run *run,
                           size_t first, size_t rows)
{
  const uint16_t *cluster = run->cluster + first;
  if (!run->has_means ||
      !near->settled[(size_t)a * near->blocks + first / BS_BLOCK_ROWS])
    return false;
  for (size_t r = 1; r < rows; r++)
    if (cluster[r] != cluster[0])
      return false;
  return true;
}

/* Tell the other ranks which blocks are settled. */
static void share_settled(const bs_runs *runs, nearest *near)
{
  const size_t blocks = bs_runs_blocks(runs);
  for (int a = 0; a < near->count; a++)
    for (size_t i = 0; i < blocks; i++)
      near->settled[(size_t)a * near->blocks +
                    bs_runs_block(runs, i).first / BS_BLOCK_ROWS] =
          bs_run_is_settled(runs, &runs->run[near->which[a]], i);
  for (int a = 0; a < near->count; a++)
    BS_MPI(MPI_Allreduce(MPI_IN_PLACE, near->settled + (size_t)a * near->blocks,
                         (int)near->blocks, MPI_C_BOOL, MPI_LOR,
                         runs->team->comm));
}

static void scan_own(const bs_runs *runs, size_t scratch, double *work,
                     nearest *near)
{
  const bs_range own = near->own;
  size_t tiles = (own.end - own.first + BS_TILE - 1) / BS_TILE;
#pragma omp parallel for schedule(static) num_threads(runs->team->threads)
  for (int t = 0; t < runs->team->threads; t++) {
    bs_range mine =
        bs_range_part(tiles, (size_t)t, (size_t)runs->team->threads);
    double *tile = work + (size_t)t * scratch;
    double *distance = tile + (size_t)runs->rows->d * BS_TILE;
    for (size_t i = mine.first; i < mine.end; i++) {
      size_t first = own.first + i * BS_TILE;
      size_t rows = own.end - first < BS_TILE ? own.end - first : BS_TILE;
      bs_runs_tile(runs, first, rows, tile);
      for (int a = 0; a < near->count; a++) {
        const bs_run *run = &runs->run[near->which[a]];
        const bool one = has_one_centre(near, a, run, first, rows);
        size_t at = (size_t)a * near->stride + i * BS_TILE;
        find_nearest(runs, run, one ? run->cluster[first] : 0,
                     one ? 1 : run->last_k, tile, distance, near->cluster + at,
                     near->root + at);
      }
    }
  }
}

/* Go on with one run's sums over the places owned. */
static void add_own(const bs_runs *runs, int index, const nearest *near,
                    double *work, double *sum)
{
  const bs_run *run = &runs->run[near->which[index]];
  const bs_range own = near->own;
  const uint16_t *cluster = near->cluster + (size_t)index * near->stride;
  const double *root = near->root + (size_t)index * near->stride;
  size_t m = 0;
  while (m < run->moved && run->place[m] < own.first)
    m++;
  for (size_t p = own.first; p < own.end; p++) {
    size_t row = p;
    if (m < run->moved && run->place[m] == p)
      row = run->row[m++];
    if (row >= own.first && row < own.end) {
      double r = root[row - own.first];
      sum[cluster[row - own.first]] += r * r;
    } else {
      uint16_t c[BS_TILE];
      double r[BS_TILE];
      bs_runs_tile(runs, row, 1, work);
      find_nearest(runs, run, 0, run->last_k, work,
                   work + (size_t)runs->rows->d * BS_TILE, c, r);
      sum[c[0]] += r[0] * r[0];
    }
  }
}

/* Rounds of as many runs as there are threads: received from the rank before,
 * continued, sent to the rank behind; ranks work on different rounds. */
static void chain_errors(const bs_runs *runs, size_t scratch, double *work,
                         const nearest *near, double *sums)
{
  const bs_ranks *team = runs->team;
  for (int first = 0; first < near->count; first += team->threads) {
    int some = near->count - first < team->threads ? near->count - first
                                                   : team->threads;
    double *part = sums + (size_t)first * (size_t)runs->k;
    int length = some * runs->k;
    if (team->rank > 0)
      BS_MPI(MPI_Recv(part, length, MPI_DOUBLE, team->rank - 1, ERROR_TAG,
                      team->comm, MPI_STATUS_IGNORE));
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
    for (int i = 0; i < some; i++)
      add_own(runs, first + i, near, work + (size_t)i * scratch,
              part + (size_t)i * (size_t)runs->k);
    if (team->rank + 1 < team->size)
      BS_MPI(MPI_Send(part, length, MPI_DOUBLE, team->rank + 1, ERROR_TAG,
                      team->comm));
  }
  BS_MPI(MPI_Bcast(sums, near->count * runs->k, MPI_DOUBLE, team->size - 1,
                   team->comm));
}

bs_status bs_runs_errors(const bs_runs *runs, const int *which, int some,
                         double *error)
{
  const bs_ranks *team = runs->team;
  size_t count = (size_t)some, k = (size_t)runs->k;
  size_t scratch = ((size_t)runs->rows->d + k + 1) * BS_TILE;
  nearest near = {.which = which,
                  .count = some,
                  .own = bs_ranks_rows(team, runs->rows->n, team->rank),
                  .blocks = bs_runs_rounds(runs) * (size_t)team->size};
  near.stride =
      (near.own.end - near.own.first + BS_TILE - 1) / BS_TILE * BS_TILE;
  double *work = NULL, *sums = NULL;
  bs_status st = bs_mem_zalloc(count * k, sizeof(double), &sums);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)team->threads * scratch, sizeof(double), &work);
  if (st == BS_OK)
    st = bs_mem_alloc(count * near.stride, sizeof(uint16_t), &near.cluster);
  if (st == BS_OK)
    st = bs_mem_alloc(count * near.stride, sizeof(double), &near.root);
  if (st == BS_OK)
    st = bs_mem_zalloc(count * near.blocks, sizeof(bool), &near.settled);
  BS_GO(st, bs_agree(team->comm, st));
  share_settled(runs, &near);
  scan_own(runs, scratch, work, &near);
  chain_errors(runs, scratch, work, &near, sums);
  for (size_t i = 0; i < count; i++) {
    error[i] = 0;
    for (size_t a = 0; a < k; a++)
      error[i] += sums[i * k + a];
  }
done:
  bs_mem_free(&near.settled);
  bs_mem_free(&near.root);
  bs_mem_free(&near.cluster);
  bs_mem_free(&work);
  bs_mem_free(&sums);
  return st;
}
