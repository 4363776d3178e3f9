/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em.h
 * Expectation maximisation of a Gaussian mixture with Weka's start, rules for
 * small deviations, stopping rule, restarts and choice of the number of
 * clusters (Weka: clusterers.EM).
 */
#ifndef BS_EM_H
#define BS_EM_H
#include "src/keep.h"
#include "src/mixture.h"

enum { BS_EM_STARTS = 10 }; /**< runs of k-means at a start: Weka's */

/** What to fit and how. */
typedef struct bs_em_options {
  int clusters; /**< 1 .. 65535; 0: chosen by cross-validated likelihood */
  int seed;
  int max_iterations; /**< >= 1 */
  double min_sd;      /**< > 0: smallest standard deviation */
  bs_weka weka;
  bs_sums sums;
  const bs_keep *keep; /**< of the team's rank 0, or NULL; then it can be
                          stopped between iterations */
  const char *key;     /**< what its keys begin with; NULL: nothing is kept */
} bs_em_options;

/** A fit. Free with bs_em_fit_clear. */
typedef struct bs_em_result {
  bs_mixture model;
  int iterations;       /**< M steps of the last start, with one taken back */
  int restarts;         /**< starts given up because a cluster emptied */
  int tried;            /**< numbers of clusters tried, 0 unless chosen */
  size_t message_bytes; /**< of one iteration, per rank */
  double start_seconds, iterate_seconds; /**< k-means; E and M steps */
} bs_em_result;

void bs_em_result_clear(bs_em_result *result);

/** Fit a mixture to the rows. Collective over the team; the model is alike on
 * every rank, and its bits are the same for any number of ranks and threads.
 * \param [out] out  See bs_em_result_clear; empty on failure.
 * \return           BS_OK; BS_ERR_INPUT where the likelihood is not finite
 *                   (columns of a scale beyond 1e150, say); BS_ERR_RESOURCE;
 *                   BS_STOPPED.
 */
bs_status bs_em_fit(const bs_ranks *team, const bs_columns *rows,
                    const bs_em_options *options, bs_em_result *out);

#endif /* BS_EM_H */
