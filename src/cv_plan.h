/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cv_plan.h
 * Which trees a cross-validation grows, which of them an earlier run has grown,
 * and which ranks grow which of the others together.
 */
#ifndef BS_CV_PLAN_H
#define BS_CV_PLAN_H
#include "src/cv.h"

enum { BS_CV_MODEL = -1 }; /**< in place of a fold: the tree on all rows */
enum { BS_CV_KEPT = -1 };  /**< in place of a rank: grown by an earlier run */

/** One tree to grow: the unit of work that is dealt out. */
typedef struct bs_cv_unit {
  int spec, fold;
  int rank;       /**< of the run: who finishes and keeps it */
  bs_tree *begun; /**< as far as an earlier run has grown it, or NULL */
  bs_tree *tree;
  uint32_t *leaf; /**< (test rows): node reached, in test order */
  double seconds;
  uint64_t messages, bytes;
} bs_cv_unit;

/** Units of one experiment that grow together. */
typedef struct bs_cv_batch {
  int spec, count, group;
  bs_cv_unit *unit[BS_TREES];
  double cost; /**< relative */
} bs_cv_batch;

/** Cross-validations under way, as a rank sees them. */
typedef struct bs_cv_job {
  MPI_Comm comm;
  int rank, size, threads;
  int groups, my_group;
  bs_group group; /**< the ranks that grow trees together with this one */
  bs_node node;   /**< those of them that share its memory */
  const bs_cv_spec *spec;
  const bs_keep *keep;
  int specs, units;
  bs_cv_unit *unit; /**< (units): by experiment, then fold */
  int batches;
  bs_cv_batch *batch;
} bs_cv_job;

/** Number of folds, 0 without. */
int bs_cv_fold_count(const bs_cv_spec *spec);
/** Number of rows that the tree of a unit is tested on. */
size_t bs_cv_test_rows(const bs_cv_job *r, const bs_cv_unit *u);

/** Fill in \a r, of which the caller has given comm, rank, size, threads, spec,
 * specs and keep. Trees of an earlier run are taken over from `keep`.
 * Collective over the job's ranks, and alike on all of them.
 * \return  On failure, too, \a r wants bs_cv_plan_free. */
bs_status bs_cv_plan(bs_cv_job *r, int groups);
/** Also frees the trees. Collective over the job's ranks. */
void bs_cv_plan_free(bs_cv_job *r);

#endif /* BS_CV_PLAN_H */
