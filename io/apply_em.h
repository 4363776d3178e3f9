/* SPDX-License-Identifier: BSD-3-Clause */
/** \file apply_em.h
 * The part of apply.h that gives rows to the clusters of a mixture: a tile of
 * rows at a time, as em does itself, and with the same bits.
 */
#ifndef BS_APPLY_EM_H
#define BS_APPLY_EM_H
#include "io/em_model.h"
#include <stdint.h>

/** A tile being filled. */
typedef struct bs_em_tile {
  const bs_cluster_kernels *kernels;
  bs_density density;
  double *x;      /**< (d, BS_TILE) */
  double *w;      /**< (k, BS_TILE) */
  size_t rows;    /**< in the tile so far */
  int likely;     /**< cluster of the last row: a guess that saves time */
  uint32_t *code; /**< where the clusters of the rows go, one after the other */
  double *value;  /**< (1 + k) for each: log density, posteriors */
} bs_em_tile;

/** Make an empty tile for a model, which must outlive it; code and value are
 * the caller's to set. Free with bs_em_tile_free, also after a failure. */
bs_status bs_em_tile_make(const bs_em_model *model,
                          const bs_cluster_kernels *kernels, bs_em_tile *tile);
void bs_em_tile_free(bs_em_tile *tile);

/** Add a row (d); a full tile is emptied as by bs_em_tile_flush. */
void bs_em_tile_add(bs_em_tile *tile, const double *row);
/** Give the tile's rows their clusters, move code and value on. */
void bs_em_tile_flush(bs_em_tile *tile);

/** The rows first .. end - 1 of columns (d). */
void bs_em_tile_columns(bs_em_tile *tile, const double *const *column,
                        size_t first, size_t end);

#endif /* BS_APPLY_EM_H */
