/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cv.h
 * Cross-validation of J48 with Weka's folds, and the tree on all rows: the
 * trees of all experiments spread over ranks and threads.
 */
#ifndef BS_CV_H
#define BS_CV_H
#include "src/folds.h"
#include "src/j48.h"
#include "src/keep.h"
#include "src/predictions.h"

/** One experiment: a set of features and the options of J48. */
typedef struct bs_cv_spec {
  const bs_j48 *j48;
  const bs_folds *folds; /**< NULL: no cross-validation */
  bool model;            /**< also grow the tree on all rows */
} bs_cv_spec;

/** How ranks and threads share the trees. */
typedef struct bs_layout {
  int groups;  /**< of ranks; each grows whole trees, several at once; >= 1 */
  int threads; /**< per rank */
} bs_layout;

/** Number of groups that should be quickest for a number of trees of about the
 * same cost: at most as many as there are trees and as `most` says. */
int bs_layout_groups(int ranks, int trees, int most);

/** Result of one experiment, complete on rank 0 only. */
typedef struct bs_cv_result {
  bs_tree *model;              /**< grown on all rows; NULL if not asked for */
  uint32_t *leaves, *size;     /**< (folds): of each fold's tree */
  bs_predictions *predictions; /**< pooled; NULL without folds */
  double seconds;              /**< spent in its trees, one after the other */
  uint64_t messages, bytes;    /**< between ranks while growing its trees:
                                    collective calls, and bytes each brought */
} bs_cv_result;

/** Grow all trees. Collective over \a comm; the result does not depend on ranks
 * and threads.
 * \param [in] keep     Where trees go as they are done, and from time to time
 *                      those in work; and where those of an earlier run come
 *                      from; or NULL.
 * \param [out] result  (count), zeroed on failure; on ranks other than 0 they
 *                      stay empty. See bs_cv_result_free.
 * \return              BS_OK, the first failure, or BS_STOPPED, then with the
 *                      trees kept as far as they are; alike on all ranks.
 */
bs_status bs_cv_run(MPI_Comm comm, const bs_layout *layout, int count,
                    const bs_cv_spec *spec, const bs_keep *keep,
                    bs_cv_result *result);
void bs_cv_result_free(bs_cv_result *result);

#endif /* BS_CV_H */
