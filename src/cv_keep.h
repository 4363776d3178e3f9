/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cv_keep.h
 * Trees of a cross-validation, kept for a later run.
 */
#ifndef BS_CV_KEEP_H
#define BS_CV_KEEP_H
#include "src/keep.h"
#include "src/tree.h"

/** What a fold has come to. */
typedef struct bs_cv_tree {
  bs_tree *tree;
  size_t tested;
  uint32_t *leaf; /**< (tested): node reached, in test order */
  double seconds; /**< it took */
} bs_cv_tree;

/** Keep the tree of a fold (-1: of all rows) of an experiment. Local. */
void bs_cv_keep_put(const bs_keep *keep, int spec, int fold,
                    const bs_cv_tree *tree);

/** Find it again, on rank 0: tree and leaf are the caller's; NULL if there is
 * none. \a c and \a rules are those it was grown with, \a tested its rows. */
bs_status bs_cv_keep_get(const bs_keep *keep, int spec, int fold, int c,
                         bs_weka rules, size_t tested, bs_cv_tree *out);

/** Save trees that grow together, in place of those before. Local.
 * \param [in] fold  (count): folds of one experiment.
 * \param [in] tree  (count): as far as they are grown. */
void bs_cv_keep_save(const bs_keep *keep, int spec, int count, const int *fold,
                     const bs_tree *const *tree);

/** Go through what was saved of trees the first of which was \a fold's, on
 * every rank; \a each gets the tree of a fold, and owns it. Collective over
 * \a comm, whose rank 0 is that of the store. */
bs_status bs_cv_keep_begun(const bs_keep *keep, MPI_Comm comm, int spec,
                           int fold, int c, bs_weka rules,
                           void (*each)(void *context, int spec, int fold,
                                        bs_tree *tree),
                           void *context);

#endif /* BS_CV_KEEP_H */
