/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_split.h
 * EM judged like a classifier: clusters and what they stand for are learned on
 * the training rows of a split, and tell the class of the rows it tests.
 */
#ifndef BS_EM_SPLIT_H
#define BS_EM_SPLIT_H
#include "jobs/common.h"
#include "src/em.h"
#include "src/folds.h"

/** What came of it; alike on every rank. */
typedef struct bs_em_split {
  char *refused; /**< why it was not done, or NULL */
  int folds;
  uint64_t tested, correct;
  uint64_t unclassified; /**< rows in a cluster that stands for no class */
  uint64_t *confusion;   /**< (c, c): actual x told, without the former */
} bs_em_split;

/** For each fold: fit a mixture to the training rows, give each cluster a class
 * by them (bs_class_map), and put each row tested into its likeliest cluster.
 * Collective over the job.
 * \param [in] feature  (features): ascending.
 * \param [out] out     See bs_em_split_free. Where no mixture can be fitted,
 *                      refused tells why.
 * \return              BS_OK or BS_ERR_RESOURCE, alike on all ranks.
 */
bs_status bs_em_split_run(const bs_session *s, const bs_folds *folds,
                          const bs_em_options *options, int features,
                          const int *feature, bs_em_split *out);
void bs_em_split_free(bs_em_split *split);

/** Add the figures to \a results. */
void bs_em_split_json(const bs_em_split *split, int c, json_t *results);

#endif /* BS_EM_SPLIT_H */
