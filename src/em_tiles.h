/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_tiles.h
 * A rank's rows cut into tiles, with the columns that do not vary inside each:
 * a capture repeats itself (in a flood from forged sources whole columns stand
 * still), and what is known need not be read in every pass.
 */
#ifndef BS_EM_TILES_H
#define BS_EM_TILES_H
#include "src/cluster.h"

/** Tiles of the rows owned; the last may be short. */
typedef struct bs_em_tiles {
  const bs_columns *rows;
  bs_range own;
  int *varying;  /**< (tiles) */
  int *which;    /**< (tiles, d) see bs_tile */
  double *level; /**< (tiles, d) */
  double *last;  /**< (d, BS_TILE): the short one, filled up */
} bs_em_tiles;

/** Look through the rows that the calling rank owns. Local: agree on the
 * status. The rows must outlive the tiles. */
bs_status bs_em_tiles_make(const bs_ranks *team, const bs_columns *rows,
                           bs_em_tiles *out);
void bs_em_tiles_clear(bs_em_tiles *tiles);

/** The tile of rows first .. (first row owned + a multiple of BS_TILE). */
bs_tile bs_em_tiles_at(const bs_em_tiles *tiles, size_t first);

#endif /* BS_EM_TILES_H */
