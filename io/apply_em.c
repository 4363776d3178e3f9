/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/apply_em.h"

#include "src/mem.h"
#include <string.h>

bs_status bs_em_tile_make(const bs_em_model *model,
                          const bs_cluster_kernels *kernels, bs_em_tile *tile)
{
  const bs_mixture *m = &model->mixture;
  memset(tile, 0, sizeof *tile);
  tile->kernels = kernels;
  BS_TRY(bs_density_alloc(m->k, m->d, model->sums, &tile->density));
  bs_density_set(&tile->density, m);
  BS_TRY(bs_mem_zalloc((size_t)m->d * BS_TILE, sizeof(double), &tile->x));
  return bs_mem_alloc((size_t)m->k * BS_TILE, sizeof(double), &tile->w);
}

void bs_em_tile_free(bs_em_tile *tile)
{
  bs_density_clear(&tile->density);
  bs_mem_free(&tile->x);
  bs_mem_free(&tile->w);
}

void bs_em_tile_flush(bs_em_tile *tile)
{
  size_t k = (size_t)tile->density.gauss.k;
  double log_density[BS_TILE];
  uint16_t cluster[BS_TILE];
  if (tile->rows == 0)
    return;
  const bs_tile rows = bs_density_copy(&tile->density, tile->x);
  bs_ahead none = {.end = 0};
  bs_density_tile(&tile->density, tile->kernels, &rows, &none, &tile->likely,
                  tile->w, log_density);
  bs_density_choose((int)k, tile->rows, tile->w, cluster);
  for (size_t r = 0; r < tile->rows; r++) {
    *tile->code++ = cluster[r];
    *tile->value++ = log_density[r];
    for (size_t i = 0; i < k; i++)
      *tile->value++ = tile->w[i * BS_TILE + r];
  }
  tile->rows = 0;
}

void bs_em_tile_add(bs_em_tile *tile, const double *row)
{
  for (int j = 0; j < tile->density.gauss.d; j++)
    tile->x[(size_t)j * BS_TILE + tile->rows] = row[j];
  if (++tile->rows == BS_TILE)
    bs_em_tile_flush(tile);
}

void bs_em_tile_columns(bs_em_tile *tile, const double *const *column,
                        size_t first, size_t end)
{
  for (size_t at = first; at < end; at += BS_TILE) {
    tile->rows = end - at < BS_TILE ? end - at : BS_TILE;
    tile->kernels->tile(tile->density.gauss.d, column, at, tile->rows, tile->x);
    bs_em_tile_flush(tile);
  }
}
