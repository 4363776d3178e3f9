/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/em_tiles.h"

#include "src/mem.h"
#include <math.h>
#include <string.h>

static size_t tile_of(const bs_em_tiles *tiles, size_t first)
{
  return (first - tiles->own.first) / BS_TILE;
}

bs_tile bs_em_tiles_at(const bs_em_tiles *tiles, size_t first)
{
  const size_t t = tile_of(tiles, first), at = t * (size_t)tiles->rows->d;
  const bool whole = first + BS_TILE <= tiles->own.end;
  return (bs_tile){.column = whole ? tiles->rows->column : NULL,
                   .copy = tiles->last,
                   .first = first,
                   .varying = tiles->varying[t],
                   .which = tiles->which + at,
                   .level = tiles->level + at};
}

static void look(bs_em_tiles *tiles, size_t first)
{
  const size_t t = tile_of(tiles, first), at = t * (size_t)tiles->rows->d;
  const size_t left = tiles->own.end - first;
  const size_t count = left < BS_TILE ? left : BS_TILE;
  int varying = 0;
  for (int j = 0; j < tiles->rows->d; j++) {
    const double *x = tiles->rows->column[j] + first;
    const bool flat = memcmp(x, x + 1, (count - 1) * sizeof *x) == 0;
    tiles->level[at + (size_t)j] = flat ? x[0] : NAN;
    if (!flat)
      tiles->which[at + (size_t)varying++] = j;
  }
  tiles->varying[t] = varying;
}

bs_status bs_em_tiles_make(const bs_ranks *team, const bs_columns *rows,
                           bs_em_tiles *out)
{
  const size_t d = (size_t)rows->d;
  memset(out, 0, sizeof *out);
  out->rows = rows;
  out->own = bs_ranks_rows(team, rows->n, team->rank);
  const size_t count = out->own.end - out->own.first;
  const size_t tiles = (count + BS_TILE - 1) / BS_TILE, whole = count / BS_TILE;
  bs_status st = bs_mem_alloc(tiles, sizeof *out->varying, &out->varying);
  BS_GO(st, bs_mem_alloc(tiles, d * sizeof *out->which, &out->which));
  BS_GO(st, bs_mem_alloc(tiles, d * sizeof *out->level, &out->level));
  BS_GO(st, bs_mem_alloc(d * BS_TILE, sizeof *out->last, &out->last));
#pragma omp parallel for schedule(static) num_threads(team->threads)
  for (size_t t = 0; t < tiles; t++)
    look(out, out->own.first + t * BS_TILE);
  if (whole < tiles)
    team->kernels->tile(rows->d, rows->column, out->own.first + whole * BS_TILE,
                        count % BS_TILE, out->last);
done:
  if (st != BS_OK)
    bs_em_tiles_clear(out);
  return st;
}

void bs_em_tiles_clear(bs_em_tiles *tiles)
{
  bs_mem_free(&tiles->varying);
  bs_mem_free(&tiles->which);
  bs_mem_free(&tiles->level);
  bs_mem_free(&tiles->last);
}
