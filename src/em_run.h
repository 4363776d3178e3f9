/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_run.h
 * Inside EM: one fit on one set of rows.
 */
#ifndef BS_EM_RUN_H
#define BS_EM_RUN_H
#include "src/em.h"
#include "src/em_sums.h"
#include "src/random.h"

/** Rows, and overall standard deviations of their columns as far as asked. */
typedef struct bs_em_data {
  bs_columns rows;
  double *sd; /**< (d): NaN where not taken yet */
} bs_em_data;

bs_status bs_em_data_make(const bs_columns *rows, bs_em_data *out);
void bs_em_data_clear(bs_em_data *data);

/** Take the overall standard deviations of the columns for which \a wanted is
 * true. Collective over the team; wanted is alike on every rank. */
bs_status bs_em_data_deviations(const bs_ranks *team, bs_em_data *data,
                                bs_weka weka, bs_sums sums, const bool *wanted);

/** How a fit ended. */
typedef enum bs_em_end {
  BS_EM_FITTED,
  BS_EM_EMPTY,     /**< a cluster has lost all its rows */
  BS_EM_NOT_FINITE /**< the likelihood is not a finite number */
} bs_em_end;

/** Start from k-means on \a all with \a k clusters and iterate on \a rows
 * (Weka: EM_Init, iterate); a cluster that empties starts again, and takes a
 * cluster off after the sixth time. all and rows differ in cross-validation
 * only: \a first is what the first start sees, \a again what later ones see.
 * Collective over the team. \a out is made, also when the end is not finite.
 */
bs_status bs_em_run(const bs_ranks *team, bs_em_data *first, bs_em_data *again,
                    const bs_em_options *options, int k, bs_em_result *out,
                    bs_em_end *end);

/** Number of clusters by cross-validated likelihood (Weka: CVClusters).
 * Collective over the team, whose ranks share out the folds. */
bs_status bs_em_choose(const bs_ranks *team, bs_em_data *data,
                       const bs_em_options *options, int *clusters, int *tried);

#endif /* BS_EM_RUN_H */
