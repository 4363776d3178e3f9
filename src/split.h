/* SPDX-License-Identifier: BSD-3-Clause */
/** \file split.h
 * The best cut of one numeric column at one node (Weka: C45Split,
 * InfoGainSplitCrit, GainRatioSplitCrit, Distribution).
 */
#ifndef BS_SPLIT_H
#define BS_SPLIT_H
#include "kernels/lists.h"
#include "src/weka.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the formulas of a training set share. */
typedef struct bs_criterion {
  const bs_list_kernels *kernels;
  int c;               /**< classes declared */
  int class_bits;      /**< bits of a class code in a list entry */
  double min_leaf;     /**< smallest number of rows in a branch (-M) */
  bool mdl;            /**< charge log2(cuts)/n for choosing a cut */
  double unit;         /**< what x ln x sums are divided by: ln 2, or 1 where
                            the table holds base-2 terms (3.6) */
  const double *ln;    /**< (n + 1): ln k */
  const double *xlogx; /**< (n + 1): see src/entropy_table.h */
} bs_criterion;

/** Best cut of one column, or the lack of one. */
typedef struct bs_split {
  bool valid;
  bool dead;    /**< no cut is possible here nor in any part of the node */
  size_t left;  /**< rows left of the cut */
  double gain;  /**< information gain in bits, less the charge */
  double ratio; /**< gain ratio */
} bs_split;

/** Find the best cut of a column list. Not collective; deterministic.
 * Equal to evaluating every cut in turn: blocks of rows are passed over only
 * where a bound shows that none of their cuts could replace the best so far.
 * \param [in]  n      Rows in the node, >= 1.
 * \param [in]  list   (n + 1): column list, see kernels/lists.h.
 * \param [in]  reach  Of the column.
 * \param [in]  total  (c): rows of each class in the node.
 * \param [out] work   (32 c): scratch.
 */
bs_split bs_split_find(const bs_criterion *criterion, size_t n,
                       const uint64_t *list, bs_reach reach,
                       const uint32_t *total, uint32_t *work);

/** The same by the plainest loop over all cuts: the oracle for tests. */
bs_split bs_split_find_plain(const bs_criterion *criterion, size_t n,
                             const uint64_t *list, bs_reach reach,
                             const uint32_t *total, uint32_t *work);

#endif /* BS_SPLIT_H */
