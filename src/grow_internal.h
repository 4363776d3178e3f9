/* SPDX-License-Identifier: BSD-3-Clause */
/** \file grow_internal.h
 * What the parts of growing share: see src/grow.h.
 */
#ifndef BS_GROW_INTERNAL_H
#define BS_GROW_INTERNAL_H
#include "src/bundle.h"

typedef struct bs_grower {
  const bs_j48 *j48;
  int trees;
  const bs_training *training; /**< (trees) */
  bs_group *group;
  bs_workspace *w;
  bs_tree **tree;    /**< (trees) */
  bs_level level;    /**< in work: its rows and lists are in the workspace */
  bs_level put_off;  /**< bundles for which the lists had no room */
  bs_split *by_slot; /**< (columns): of the node in hand */
  uint64_t open;     /**< rows of all nodes that are still to be split */
} bs_grower;

/** How an earlier run has split a node, or NULL. */
const bs_tree_node *bs_grow_begun(const bs_grower *g, const bs_bundle *bundle,
                                  int node);

/** Filter the lists of the level's only bundle from the sorted columns, and
 * find the best cuts. Collective over the group. */
bs_status bs_grow_filter_columns(bs_grower *g);

/** Deal this rank's lists to the next level's bundles by the level's moves, and
 * find the best cuts there. Collective over the group. */
bs_status bs_grow_deal_columns(const bs_grower *g, bs_level *next);

/** Decide how the rows of the level's cuts come to the next level's bundles,
 * and make these. Local, and alike on all ranks of the group. */
bs_status bs_grow_make_next(bs_grower *g, bs_level *next);

#endif /* BS_GROW_INTERNAL_H */
