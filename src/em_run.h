/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_run.h
 * Inside EM: one fit on one set of rows.
 */
#ifndef BS_EM_RUN_H
#define BS_EM_RUN_H
#include "src/em.h"
#include "src/em_sums.h"
#include "src/random.h"
#include <stdbool.h>
#include <stdint.h>

/** Rows, and overall standard deviations of their columns as far as asked. */
typedef struct bs_em_data {
  bs_columns rows;
  double *sd; /**< (d): NaN where not taken yet, alike on every rank */
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

/** Where a fit stands. */
typedef struct bs_em_course {
  int32_t seed, failures, restarts, k; /**< of this start; k: asked for */
  int32_t iteration;                   /**< done; -1: k-means is not */
  int32_t unused;
  double likelihood; /**< of the iteration before */
} bs_em_course;

enum { BS_EM_KEY_ROOM = 48 };

/** Keep the state of a fit after an M step; \a before is the model before it.
 * Rank 0. */
void bs_em_save(const bs_em_options *options, const bs_em_course *course,
                const bs_mixture *model, const bs_mixture *before);

/** Take over what an earlier run has kept of a fit, if *found; the mixtures are
 * allocated for \a k clusters. Collective over the team. */
bs_status bs_em_restore(const bs_ranks *team, const bs_em_options *options,
                        int k, bs_em_course *course, bs_mixture *model,
                        bs_mixture *before, bool *found);

/** Keep a finished fit, or find it again. Collective over the team. */
void bs_em_keep_result(const bs_ranks *team, const bs_em_options *options,
                       const bs_em_result *result, bs_em_end end);
bs_status bs_em_find_result(const bs_ranks *team, const bs_em_options *options,
                            int d, bs_em_result *result, bs_em_end *end,
                            bool *found);

/** Keep the score of a fold for a number of clusters, NaN if it failed. Local.
 */
void bs_em_keep_score(const bs_em_options *options, int k, int fold,
                      double score);
/** The scores that an earlier run has kept: \a known (folds) says which.
 * Collective over the team. */
bs_status bs_em_find_scores(const bs_ranks *team, const bs_em_options *options,
                            int k, int folds, double *score, bool *known);

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
bs_status bs_em_choose(const bs_ranks *team, const bs_columns *rows,
                       const bs_em_options *options, int *clusters, int *tried);

#endif /* BS_EM_RUN_H */
