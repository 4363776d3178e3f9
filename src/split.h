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
  double min_leaf;     /**< smallest number of rows in a branch (-M) */
  bool mdl;            /**< charge log2(cuts)/n for choosing a cut */
  double unit;         /**< what x ln x sums are divided by: ln 2, or 1 where
                            the table holds base-2 terms (3.6) */
  const double *ln;    /**< (n + 1): ln k */
  const double *xlogx; /**< (n + 1): see src/entropy_table.h */
} bs_criterion;

/** One tree's node among those that share a list. */
typedef struct bs_split_node {
  int tree;              /**< its bit in the entries */
  size_t n;              /**< its rows, >= 1 */
  const uint32_t *total; /**< (c): rows of each class */
  size_t least, most;    /**< rows that a cut may leave on the left; none if
                              least > most */
  double before;         /**< n times its entropy */
} bs_split_node;

void bs_split_node_init(const bs_criterion *criterion, int tree, size_t n,
                        const uint32_t *total, bs_split_node *node);

/** Best cut of one column in one node, or the lack of one. */
typedef struct bs_split {
  double gain;    /**< information gain in bits, less the charge */
  double ratio;   /**< gain ratio */
  uint32_t left;  /**< rows left of the cut */
  uint32_t below; /**< the last of them, a row of the data set */
  uint32_t above; /**< the first row right of the cut */
  bool valid;
  bool dead; /**< no cut is possible here nor in any part of the node */
} bs_split;

/** 32-bit words of scratch for each class. */
enum { BS_SPLIT_WORK = 160 };

/** Entries of a list that are summed up together. */
enum { BS_GROUP = 8 * BS_BLOCK };

/** What is known of the groups of a list from one search to the next, so that
 * groups that have not changed since need not be read where a bound shows that
 * they hold no better cut. Arrays are those of a column's whole memory for
 * lists; `first` is this list's first group there. */
typedef struct bs_list_sums {
  int trees;       /**< room for so many */
  uint32_t *last;  /**< (groups, trees): rank of the tree's last entry in this
                        group or before it, BS_NO_RANK if there is none */
  uint16_t *count; /**< (groups, trees, c + 1): rows of each class; cuts, and
                        whether the first is before the first entry */
  uint64_t *stale; /**< a bit for each group that is to be summed up anew; the
                        search clears them unless no cut is possible in any
                        node, now or later; one too many only costs time */
  size_t first;
} bs_list_sums;

static inline size_t bs_groups(size_t entries)
{
  return (entries + BS_GROUP - 1) / BS_GROUP;
}

static inline bool bs_is_stale(const bs_list_sums *sums, size_t group)
{
  const size_t bit = sums->first + group;
  return sums->stale[bit / 64] >> (bit % 64) & 1;
}

static inline void bs_set_stale(const bs_list_sums *sums, size_t group)
{
  const size_t bit = sums->first + group;
  sums->stale[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void bs_clear_stale(const bs_list_sums *sums, size_t group)
{
  const size_t bit = sums->first + group;
  sums->stale[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

/** Find the best cuts of a column in the nodes that share its list, in which
 * entries may belong to none of them. Not collective; deterministic. Equal to
 * evaluating every cut in turn: blocks of rows are passed over only where a
 * bound shows that none of their cuts could replace the best so far. \param
 * [in]  n      Entries of the list. \param [in]  list   (n + BS_LIST_PAD): see
 * kernels/lists.h. \param [in]  reach  Of the column. \param [in]  node
 * (nodes): at most BS_TREES, each of another tree. \param [in,out] sums  Of the
 * nodes' trees, those of the last search where groups are not stale; NULL: none
 * are kept. \param [out] work   (BS_SPLIT_WORK c): scratch. \param [out] split
 * (nodes).
 */
void bs_split_find(const bs_criterion *criterion, const bs_entry_layout *layout,
                   size_t n, const uint64_t *list, bs_reach reach, int nodes,
                   const bs_split_node *node, const bs_list_sums *sums,
                   uint32_t *work, bs_split *split);

/** The same by the plainest loop over all cuts: the oracle for tests. */
void bs_split_find_plain(const bs_criterion *criterion,
                         const bs_entry_layout *layout, size_t n,
                         const uint64_t *list, bs_reach reach, int nodes,
                         const bs_split_node *node, uint32_t *work,
                         bs_split *split);

#endif /* BS_SPLIT_H */
