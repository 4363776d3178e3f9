/* SPDX-License-Identifier: BSD-3-Clause */
/** \file grow.h
 * Growing the unpruned tree (Weka: ClassifierTree.buildTree,
 * C45ModelSelection).
 */
#ifndef BS_GROW_H
#define BS_GROW_H
#include "src/j48.h"

/** Rows of a node: workspace->rows[begin] .. [begin + count - 1]. */
typedef struct bs_segment {
  uint32_t begin, count;
} bs_segment;

/** A tree that still knows its training rows. */
typedef struct bs_grown {
  bs_tree *tree;
  bs_segment *segment; /**< (tree->capacity) */
} bs_grown;

/** Grow. \a rows (n) are the training rows in order; workspace->rows holds them
 * too, and workspace->tag their classes. See bs_j48_fit.
 *
 * A rank of a group holds every group->size-th column. Nodes are split in
 * batches: one at a time, depth first, where the group is one rank; else all
 * that are open at once, so that a level of the tree costs two messages: one
 * tells every rank the best cut of every column, from which all choose alike,
 * and one tells where the rows of each node go, a bit a row.
 * \param [out] grown  Owned by the caller (bs_grown_free) also on failure; the
 *                     same on all ranks of the group.
 */
bs_status bs_grow(const bs_j48 *j48, const uint32_t *rows, size_t n,
                  bs_group *group, bs_team *team, bs_workspace *workspace,
                  bs_grown *grown);
void bs_grown_free(bs_grown *grown);

#endif /* BS_GROW_H */
