/* SPDX-License-Identifier: BSD-3-Clause */
/** \file plain_j48.h
 * J48 once more, as plainly as it can be said: raw values sorted anew in every
 * node, all rows routed anew for every decision, no ranks, no bounds, nothing
 * kept. Shares with the program only the logarithm, the pruning estimate (both
 * tested elsewhere), the tolerant comparisons and the number formats.
 */
#ifndef BS_PLAIN_J48_H
#define BS_PLAIN_J48_H
#include "src/j48.h"

/** A tree: nodes hold their rows. */
typedef struct plain_node plain_node;

/** Grow, collapse and prune on rows (n) in training order; NULL where the rules
 * of 3.6 do not end. */
plain_node *plain_j48(const bs_dataset *data, const bs_j48_options *options,
                      int features, const int *feature, const uint32_t *rows,
                      size_t n);
void plain_free(plain_node *node);

/** The tree as Weka prints it; to be freed. */
char *plain_text(const plain_node *root, const bs_dataset *data,
                 const bs_j48_options *options);

/** Rows of class k at the leaf that a row reaches. */
uint32_t plain_leaf_count(const plain_node *root, const bs_dataset *data,
                          const bs_j48_options *options, size_t row, int k);

/** Times a subtree was raised so far, in all trees. */
extern size_t plain_raised;

#endif /* BS_PLAIN_J48_H */
