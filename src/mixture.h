/* SPDX-License-Identifier: BSD-3-Clause */
/** \file mixture.h
 * A mixture of Gaussians with diagonal covariance.
 */
#ifndef BS_MIXTURE_H
#define BS_MIXTURE_H
#include "src/cluster.h"
#include <stdbool.h>
#include <stdint.h>

/** k clusters over d features. Free with bs_mixture_clear. */
typedef struct bs_mixture {
  int k, d;
  double *prior; /**< (k): sum 1 */
  double *mean;  /**< (k, d) */
  double *sd;    /**< (k, d): > 0 */
} bs_mixture;

/** How sums over rows are taken. */
typedef enum bs_sums {
  BS_SUMS_EXACT, /**< blocks in parallel, joined exactly; moments about the
                      present means, which do not cancel */
  BS_SUMS_WEKA   /**< Weka's formulas, one row after the other */
} bs_sums;

/** Allocate for k clusters and d features, contents undefined. */
bs_status bs_mixture_alloc(int k, int d, bs_mixture *out);
/** Copy; \a to must be allocated for at least as many clusters. */
void bs_mixture_copy(const bs_mixture *from, bs_mixture *to);
void bs_mixture_clear(bs_mixture *mixture);
/** True if every prior is greater than 0: others have no logarithm. */
bool bs_mixture_is_sound(const bs_mixture *mixture);

/** What the density kernels take, made from a mixture. */
typedef struct bs_density {
  bs_sums sums;
  bs_gauss gauss;
  double *scale, *ln_sd, *shift;
  int *which;    /**< (d): all columns, see bs_density_copy */
  double *level; /**< (d): no values */
} bs_density;

/** Room for k clusters and d features. */
bs_status bs_density_alloc(int k, int d, bs_sums sums, bs_density *out);
/** Set from a sound mixture, whose means are borrowed until the next set.
 * Nothing is cut. */
void bs_density_set(bs_density *density, const bs_mixture *mixture);
void bs_density_clear(bs_density *density);
/** The tile of which nothing is known but this copy (d, BS_TILE). */
bs_tile bs_density_copy(const bs_density *density, const double *copy);

/** Posterior probabilities w (k, BS_TILE) and log densities (BS_TILE) of a
 * tile's rows. *first is the cluster to look at first, updated for the tile
 * behind; it changes no bit of the results. \a ahead: see bs_ahead. */
void bs_density_tile(const bs_density *density,
                     const bs_cluster_kernels *kernels, const bs_tile *tile,
                     bs_ahead *ahead, int *first, double *w,
                     double *log_density);

/** The first of the largest posteriors of each of \a rows <= BS_TILE rows; w is
 * (k, BS_TILE). */
void bs_density_choose(int k, size_t rows, const double *w, uint16_t *cluster);

/** Cluster of largest posterior (the first of equals) and log density of the
 * rows that the calling rank owns (bs_ranks_rows), and the average log density
 * of all rows. Collective over the team.
 * \param [out] cluster  (rows owned), or NULL.
 * \param [out] density  (rows owned), or NULL.
 * \param [out] average  Log-likelihood per row, alike on every rank; may be
 * NULL. \return               BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_mixture_assign(const bs_ranks *team, const bs_columns *rows,
                            const bs_mixture *mixture, bs_sums sums,
                            uint16_t *cluster, double *density,
                            double *average);

#endif /* BS_MIXTURE_H */
