/* SPDX-License-Identifier: BSD-3-Clause */
/** \file prune.h
 * Collapsing and pruning a grown tree (Weka: C45PruneableClassifierTree).
 */
#ifndef BS_PRUNE_H
#define BS_PRUNE_H
#include "src/grow.h"

/** Make a leaf of every inner node whose subtree has no fewer errors on the
 * training set than the node itself, from the top. Local.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_collapse(bs_tree *tree);

/** Prune from the bottom: each inner node becomes a leaf, is replaced by its
 * larger branch (unless the options forbid raising), or stays, whichever has
 * the least pessimistic error. Moves grown->rows about inside nodes. Local.
 * \return BS_OK, BS_ERR_RESOURCE, or BS_STOPPED with the tree half done. */
bs_status bs_prune(const bs_j48 *j48, const bs_grown *grown);

#endif /* BS_PRUNE_H */
