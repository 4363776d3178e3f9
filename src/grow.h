/* SPDX-License-Identifier: BSD-3-Clause */
/** \file grow.h
 * Growing unpruned trees together (Weka: ClassifierTree.buildTree,
 * C45ModelSelection).
 */
#ifndef BS_GROW_H
#define BS_GROW_H
#include "src/j48.h"

/** Rows of a node: rows[begin] .. [begin + count - 1]. */
typedef struct bs_segment {
  uint32_t begin, count;
} bs_segment;

/** A tree that still knows its training rows. */
typedef struct bs_grown {
  bs_tree *tree;       /**< not owned */
  bs_segment *segment; /**< (tree->size) */
  uint32_t *rows;      /**< (training rows) */
} bs_grown;

/** Grow. Training sets of cross-validation overlap, and so do their trees: as
 * long as trees choose the same column, their nodes hold nearly the same rows.
 * Such nodes form a bundle that shares one list for each column, in which every
 * entry tells the trees that have the row there; it is dealt to the children
 * once, and read once to find the best cut of every tree. Where a child keeps
 * nearly all rows of its node the list stays in its place, for all trees of
 * which that is so, and only the parts that rows have left are read again.
 * Where trees choose different columns otherwise, their bundle falls apart.
 *
 * A rank of the group holds every group->size-th column. Trees grow level by
 * level: each costs one message, which tells every rank the best cut of every
 * column in every node; from these and from the data, which every node of the
 * machine holds, all ranks find alike where rows go.
 *
 * The first rank counts a row of a tree, times the columns, as progress
 * (progress.h) when it has come to its leaf: a level costs what its rows do, so
 * that this is right where each level settles the same share of its rows.
 * \param [out] tree  (trees): owned by the caller also on failure; the same on
 *                    all ranks. workspace->leaf_of tells where the training
 *                    rows of those trees are that this rank finishes: tree t
 *                    on rank t mod size of the group.
 */
bs_status bs_grow(const bs_j48 *j48, int trees, const bs_training *training,
                  bs_group *group, bs_workspace *workspace, bs_tree **tree);

/** Find the rows of every node from those of the leaves; the arrays are the
 * caller's, also on failure. Local.
 * \param [in] leaf  By row of the data set: the leaf of a training row. */
bs_status bs_grown_sort_rows(const bs_training *training, const uint32_t *leaf,
                             bs_grown *grown);

#endif /* BS_GROW_H */
