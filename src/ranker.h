/* SPDX-License-Identifier: BSD-3-Clause */
/** \file ranker.h
 * Features in order of merit, as Weka's Ranker has and prints them.
 */
#ifndef BS_RANKER_H
#define BS_RANKER_H
#include "src/status.h"
#include "src/weka.h"
#include <stdint.h>
#include <stdio.h>

/** An order of d features, and the layout of the column of merits. */
typedef struct bs_ranking {
  int d;
  double *merit;   /**< (d): by feature */
  uint32_t *order; /**< (d): features, best first */
  int whole;       /**< digits before the point */
  int decimals;
} bs_ranking;

/** Rank features by merit. Equal merits come in the order Weka's unstable sort
 * leaves them in, not in that of the features. Local.
 * \param [in] merit  (d): finite; copied.
 * \param [out] out   Owned by the caller, see bs_ranking_destroy; NULL on
 *                    failure.
 * \return            BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_ranking_create(const double *merit, int d, bs_ranking **out);
/** Free *ranking and set it to NULL; NULL is a no-op. */
void bs_ranking_destroy(bs_ranking **ranking);

/** What the printed text says besides the ranking. */
typedef struct bs_ranking_text {
  bs_weka weka;
  const char *class_name; /**< of the class attribute */
  char *const *name;      /**< (d): of the features */
  const int *number;      /**< (d): 1-based numbers to print; NULL: 1 .. d */
  int folds, min_bucket;
} bs_ranking_text;

/** Print what Weka prints for OneRAttributeEval with Ranker, from the line
 * "=== Attribute Selection" on. Not collective. */
void bs_ranking_print(const bs_ranking *ranking, const bs_ranking_text *text,
                      FILE *out);

#endif /* BS_RANKER_H */
