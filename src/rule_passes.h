/* SPDX-License-Identifier: BSD-3-Clause */
/** \file rule_passes.h
 * One-feature rules for many selections of rows and many features, spread over
 * ranks and threads: what ranking features and OneR have in common.
 */
#ifndef BS_RULE_PASSES_H
#define BS_RULE_PASSES_H
#include "src/dataset.h"
#include "src/keep.h"
#include "src/presort.h"
#include "src/status.h"
#include <mpi.h>
#include <stdint.h>

/** A selection of rows, dealt to folds. */
typedef struct bs_rule_pass {
  int folds; /**< a fold without rows has the rule of all rows selected */
  int min_bucket;
} bs_rule_pass;

/** What to try. */
typedef struct bs_rule_plan {
  const bs_dataset *data;
  const bs_presort *presort; /**< of data */
  int features;
  const int *feature; /**< (features) */
  int passes;
  const bs_rule_pass *pass; /**< (passes) */
  /** Write the fold of every row, or BS_FOLD_NONE, to member (n); called by
   * several threads, for the passes that this rank has a part in. */
  bs_status (*fill)(const void *context, int pass, uint16_t *member);
  const void *context;
  const bs_keep *keep; /**< or NULL */
  const char *key;     /**< what keys begin with, where keep is there */
} bs_rule_plan;

/** Go through all selections and features; identical columns are tried once.
 * Collective over \a comm; the same for any number of ranks and threads.
 * \param [out] errors  (passes, features): rows told wrongly, each fold by the
 *                      rule of the others.
 * \param [out] fit     (passes, features, most folds): of each fold's rule, the
 *                      training rows it tells rightly; or NULL.
 * \return              BS_OK, the first failure, or BS_STOPPED, alike on all
 *                      ranks.
 */
bs_status bs_rule_passes(MPI_Comm comm, int threads, const bs_rule_plan *plan,
                         uint64_t *errors, uint64_t *fit);

/** Most folds of any pass. */
int bs_rule_most_folds(const bs_rule_plan *plan);

#endif /* BS_RULE_PASSES_H */
