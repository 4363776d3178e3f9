/* SPDX-License-Identifier: BSD-3-Clause */
/** \file tree.h
 * A J48 tree: nodes, class counts, prediction, and Weka's text of it
 * (Weka: ClassifierTree, C45Split, Distribution).
 */
#ifndef BS_TREE_H
#define BS_TREE_H
#include "src/status.h"
#include "src/weka.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BS_LEAF = -1 };

/** One node. Children are numbered higher than their parent. */
typedef struct bs_tree_node {
  int32_t feature;   /**< feature tested, BS_LEAF for a leaf */
  uint32_t child[2]; /**< rows with value <= threshold, and the others */
  double threshold;
} bs_tree_node;

/** A tree over d features and c classes. */
typedef struct bs_tree {
  int c;
  bs_weka rules; /**< decide how a value is compared with a threshold */
  bool pruned;   /**< pruning was asked for: the heading says so */
  uint32_t size; /**< nodes; node 0 is the root */
  uint32_t capacity;
  bs_tree_node *node;
  uint32_t *count; /**< (size, 2, c): training rows of each class in each
                        branch of an inner node; a leaf uses branch 0 */
} bs_tree;

/** An empty tree. Not collective. The owner calls bs_tree_destroy. */
bs_status bs_tree_create(int c, bs_weka rules, bs_tree **out);
/** Free *tree and set it to NULL; NULL is a no-op. */
void bs_tree_destroy(bs_tree **tree);

/** Append a leaf without rows; *number is its node number. Pointers into the
 * tree are invalid afterwards. \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_tree_add(bs_tree *tree, uint32_t *number);

/** Class counts of one branch (0 or 1) of a node: (c). */
static inline uint32_t *bs_tree_count(const bs_tree *tree, uint32_t node,
                                      int branch)
{
  return tree->count + ((size_t)node * 2 + (size_t)branch) * (size_t)tree->c;
}

/** Does a value go left at a threshold? 3.8: x <= t; 3.6: up to 1e-6 above.
 * (C45Split.whichSubset) */
static inline bool bs_goes_left(bs_weka rules, double x, double threshold)
{
  return x <= threshold || (rules == BS_WEKA_36 && x - threshold < 1e-6);
}

/** Copy only the nodes that can be reached, in preorder. */
bs_status bs_tree_compact(const bs_tree *tree, bs_tree **out);

/** Number of leaves of a compact tree. */
uint32_t bs_tree_leaves(const bs_tree *tree);

/** The class Weka's training code takes as the majority: the first whose count
 * is greater, by more than the tolerance, than all before. */
int bs_majority(int c, const uint32_t *count);

/** Leaf that a row reaches. \a x is column-major with n rows per column:
 * feature j of the row is x[j * n + row]. */
uint32_t bs_tree_leaf(const bs_tree *tree, const double *x, size_t n,
                      size_t row);

/** Class probabilities of every node of a compact tree, (size, c): a leaf's
 * counts over their sum, all 0 for a leaf without rows (its rows count as
 * unclassified) and for inner nodes. \a prob has size * c elements. */
void bs_tree_probabilities(const bs_tree *tree, double *prob);

/** The tree as Weka prints it, heading and sizes included.
 * \param [in]  feature     Names by feature number.
 * \param [in]  class_name  (c) names.
 * \param [out] text        Owned by the caller (free); NULL on failure.
 * \return                  BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_tree_text(const bs_tree *tree, char *const *feature,
                       char *const *class_name, char **text);

#endif /* BS_TREE_H */
