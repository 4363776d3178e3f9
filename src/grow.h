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
 * too, and workspace->tag their
 * classes. See bs_j48_fit.
 * \param [out] grown  Owned by the caller (bs_grown_free) also on failure.
 */
bs_status bs_grow(const bs_j48 *j48, const uint32_t *rows, size_t n,
                  bs_team *team, bs_workspace *workspace, bs_grown *grown);
void bs_grown_free(bs_grown *grown);

#endif /* BS_GROW_H */
