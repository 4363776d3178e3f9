/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of rows in units of the ranges, and their groups: rows that are alike,
 * and what can be said of all of them by their mean. */
#include "src/kmeans_run.h"

#include "kernels/lists.h"
#include <math.h>
#include <string.h>

static size_t all_blocks(const bs_runs *runs)
{
  return (runs->rows->n + BS_BLOCK_ROWS - 1) / BS_BLOCK_ROWS;
}

size_t bs_runs_rounds(const bs_runs *runs)
{
  const size_t size = (size_t)runs->team->size;
  return (all_blocks(runs) + size - 1) / size;
}

size_t bs_runs_blocks(const bs_runs *runs)
{
  const size_t size = (size_t)runs->team->size, rank = (size_t)runs->team->rank;
  return (all_blocks(runs) + size - 1 - rank) / size;
}

bs_range bs_runs_block(const bs_runs *runs, size_t index)
{
  const size_t first = (index * (size_t)runs->team->size +
                        (size_t)runs->team->rank) *
                       BS_BLOCK_ROWS,
               end = first + BS_BLOCK_ROWS;
  return (bs_range){first, end < runs->rows->n ? end : runs->rows->n};
}

size_t bs_block_scratch(const bs_runs *runs)
{
  return (size_t)runs->rows->d * (2 * BS_BLOCK_ROWS + 1);
}

bs_block bs_block_make(const bs_runs *runs, size_t index, double *scratch)
{
  const bs_range rows = bs_runs_block(runs, index);
  return (bs_block){.index = index,
                    .first = rows.first,
                    .rows = rows.end - rows.first,
                    .order = runs->order + index * BS_BLOCK_ROWS,
                    .tile = scratch};
}

static size_t tile_length(const bs_runs *runs)
{
  return (size_t)runs->rows->d * BS_TILE;
}

void bs_runs_tile(const bs_runs *runs, size_t first, size_t rows, double *tile)
{
  runs->team->kernels->unit_tile(runs->rows->d, runs->rows->column, runs->low,
                                 runs->width, first, rows, tile);
}

double *bs_block_tile(const bs_runs *runs, const bs_block *block, size_t t)
{
  return block->tile + t * tile_length(runs);
}

double *bs_block_means(const bs_runs *runs, const bs_block *block)
{
  return runs->mean + block->index * tile_length(runs);
}

void bs_block_load(const bs_runs *runs, bs_block *block, uint64_t groups)
{
  runs->team->kernels->unit_groups(runs->rows->d, runs->rows->column, runs->low,
                                   runs->width, block->first, block->order,
                                   groups & ~block->loaded, block->tile);
  block->loaded |= groups;
}

/* --- order -------------------------------------------------------------- */

/* A block's rows as they follow each other: tiles, (BS_LANES, d, BS_TILE). */
static void load_rows(const bs_runs *runs, const bs_block *block, double *tile)
{
  for (size_t t = 0; t * BS_TILE < block->rows; t++) {
    const size_t left = block->rows - t * BS_TILE;
    bs_runs_tile(runs, block->first + t * BS_TILE,
                 left < BS_TILE ? left : BS_TILE, tile + t * tile_length(runs));
  }
}

/* Squared distances of a block's rows from one of them. */
static void measure(const bs_runs *runs, const bs_block *block,
                    const double *tile, size_t from, double *pivot,
                    double *distance)
{
  const double *row = tile + from / BS_TILE * tile_length(runs);
  for (size_t j = 0; j < (size_t)runs->rows->d; j++)
    pivot[j] = row[j * BS_TILE + from % BS_TILE];
  for (size_t t = 0; t * BS_TILE < block->rows; t++)
    runs->team->kernels->distances(1, runs->rows->d, pivot,
                                   tile + t * tile_length(runs), ~0U,
                                   distance + t * BS_TILE);
}

/* Sort rows by distance, roughly. */
static void sort_rows(size_t n, const double *distance, uint16_t *row)
{
  uint64_t key[BS_BLOCK_ROWS], sorted[BS_BLOCK_ROWS], work[BS_BLOCK_ROWS];
  uint32_t order[BS_BLOCK_ROWS];
  uint16_t from[BS_BLOCK_ROWS];
  for (size_t i = 0; i < n; i++) {
    memcpy(&key[i], &distance[row[i]], sizeof key[i]);
    key[i] >>= 44; /* exponent and 8 bits more: two digits are sorted */
    from[i] = row[i];
  }
  bs_sort_order(n, key, order, sorted, work);
  for (size_t i = 0; i < n; i++)
    row[i] = from[order[i]];
}

/* Order a block's rows so that those that are alike are neighbours: by the
 * distance from the row farthest from the first, and tile by tile by that from
 * the first. Where a capture's packets are of several kinds in turn, nearly all
 * groups are of one kind then. */
static void order_rows(const bs_runs *runs, const bs_block *block,
                       const double *tile, double *pivot, uint16_t *order)
{
  double first[BS_BLOCK_ROWS], farthest[BS_BLOCK_ROWS];
  size_t far = 0;
  measure(runs, block, tile, 0, pivot, first);
  for (size_t r = 0; r < block->rows; r++) {
    order[r] = (uint16_t)r;
    far = first[r] > first[far] ? r : far;
  }
  measure(runs, block, tile, far, pivot, farthest);
  sort_rows(block->rows, farthest, order);
  for (size_t r = 0; r < block->rows; r += BS_TILE)
    sort_rows(block->rows - r < BS_TILE ? block->rows - r : BS_TILE, first,
              order + r);
  for (size_t r = block->rows; r < BS_BLOCK_ROWS; r++)
    order[r] = order[block->rows - 1];
}

/* Put rows into their order, tile by tile. */
static void permute(const bs_runs *runs, const bs_block *block,
                    const double *from)
{
  size_t place[BS_BLOCK_ROWS];
  for (size_t r = 0; r < BS_BLOCK_ROWS; r++)
    place[r] = block->order[r] / BS_TILE * tile_length(runs) +
               block->order[r] % BS_TILE;
  for (size_t j = 0; j < tile_length(runs); j += BS_TILE)
    for (size_t t = 0; t < BS_LANES; t++) {
      double *to = bs_block_tile(runs, block, t) + j;
      for (size_t r = 0; r < BS_TILE; r++)
        to[r] = from[place[t * BS_TILE + r] + j];
    }
}

void bs_block_take_groups(bs_runs *runs, bs_block *block)
{
  double *mean = bs_block_means(runs, block), far[BS_TILE_GROUPS],
         *rows = block->tile + BS_LANES * tile_length(runs),
         *pivot = rows + BS_LANES * tile_length(runs);
  float *radius = runs->radius + block->index * BS_BLOCK_GROUPS;
  load_rows(runs, block, rows);
  order_rows(runs, block, rows, pivot,
             runs->order + block->index * BS_BLOCK_ROWS);
  permute(runs, block, rows);
  block->loaded = ~(uint64_t)0;
  for (size_t t = 0; t < BS_LANES; t++) {
    runs->team->kernels->group_means(runs->rows->d,
                                     bs_block_tile(runs, block, t),
                                     mean + t * BS_TILE_GROUPS, far);
    for (size_t g = 0; g < BS_TILE_GROUPS; g++)
      radius[t * BS_TILE_GROUPS + g] =
          t * BS_TILE + (g + 1) * BS_LANES <= block->rows
              ? bs_bound_above(sqrt(far[g]) * runs->margin)
              : INFINITY;
  }
}
