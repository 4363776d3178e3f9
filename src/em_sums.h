/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_sums.h
 * The sums over rows of one EM iteration, in the two ways of bs_sums.
 */
#ifndef BS_EM_SUMS_H
#define BS_EM_SUMS_H
#include "src/em_tiles.h"
#include "src/exact_sum.h"
#include "src/mixture.h"

/** Working memory and results of the passes of one fit. */
typedef struct bs_em_sums {
  const bs_ranks *team;
  const bs_columns *rows;
  int k;         /**< room for this many clusters */
  double min_sd; /**< deviations up to this are as good as 0 */
  bs_density density;
  /** Results, alike on every rank. */
  double *weight; /**< (k): sum of w */
  double *first;  /**< (k, d): sum of w (x - mean), or of w x (Weka) */
  double *second; /**< (k, d): sum of w (x - mean)^2, or of w x^2 (Weka) */
  /** Scratch. */
  bs_em_tiles rows_in_tiles; /**< exact */
  double *joint;             /**< exact: (threads, k, BS_TILE) */
  double *lanes;             /**< exact: (threads, k, 1 + 2 d, BS_LANES) */
  bs_exact_sum *exact;       /**< exact: (threads, 1 + k (1 + 2 d)) */
  double *tiles;             /**< Weka: (threads, d + k, BS_TILE) */
  size_t stride;             /**< Weka: rows owned in whole tiles */
  double *w;                 /**< Weka: (k, stride) */
  double *log_density;       /**< Weka: (stride) */
  double *chain; /**< Weka: (groups of columns, k, 2, BS_STRIP_LANES) */
  double *strip; /**< Weka: (threads, BS_STRIP, BS_STRIP_LANES) */
} bs_em_sums;

/** Make room. Local: agree on the status. The team and the rows must outlive
 * the sums. \a min_sd > 0: see bs_em_sums. */
bs_status bs_em_sums_alloc(const bs_ranks *team, const bs_columns *rows, int k,
                           bs_sums sums, double min_sd, bs_em_sums *out);
void bs_em_sums_clear(bs_em_sums *sums);

/** E step: the average log density under \a mixture, which must be sound.
 * Collective over the team. Exact sums take the moments in the same scan. */
double bs_em_expect(bs_em_sums *sums, const bs_mixture *mixture);

/** Complete weight, first and second for the mixture of the last E step.
 * Collective over the team. */
void bs_em_moments(bs_em_sums *sums, const bs_mixture *mixture);

/** Exact sums only: take first and second again, about \a centre (k, d) in
 * place of the means of the mixture of the last E step. Collective. */
void bs_em_recentre(bs_em_sums *sums, const bs_mixture *mixture,
                    const double *centre);

/** Bytes in the messages of one iteration, per rank. */
size_t bs_em_message_bytes(const bs_em_sums *sums);

/** Sum of one number per row owned; alike on every rank. Collective. */
double bs_em_sum_rows(const bs_ranks *team, size_t n, bs_sums sums,
                      const double *value);

#endif /* BS_EM_SUMS_H */
