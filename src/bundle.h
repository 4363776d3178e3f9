/* SPDX-License-Identifier: BSD-3-Clause */
/** \file bundle.h
 * Nodes of trees that grow together, and how they are split; see src/grow.h.
 */
#ifndef BS_BUNDLE_H
#define BS_BUNDLE_H
#include "src/j48.h"

/** A column that can still be cut somewhere in a bundle. */
typedef struct bs_bundle_column {
  int slot; /**< index in j48->column; the rank slot mod group size has it */
  size_t begin; /**< of the bundle's entries in the column's list, there */
} bs_bundle_column;

/** Nodes of several trees that hold nearly the same rows. */
typedef struct bs_bundle {
  uint32_t trees;        /**< a bit each */
  uint32_t begin, count; /**< its rows in the row list, and entries in lists */
  int nodes, live;
  uint32_t *number;    /**< (nodes): number in its tree, by tree ascending */
  uint32_t *begun;     /**< (nodes): number in training.begun; 0: not there, or
                            the root */
  bs_split_node *node; /**< (nodes) */
  bs_bundle_column *column; /**< (live), by slot ascending */
  bs_split *split;          /**< (live, nodes) */
  uint32_t leaves;          /**< trees whose node is to stay a leaf */
  bs_row_list own;          /**< (count): of a bundle that has been put off */
} bs_bundle;

/** Trees of one bundle whose nodes are cut on the same column. */
typedef struct bs_cut {
  int bundle, slot;
  uint32_t trees;
  const double *x;             /**< the column's values by row */
  int feature[BS_TREES];       /**< by tree, as all that follow */
  double threshold[BS_TREES];  /**< rows go by these */
  double below[BS_TREES];      /**< last value left of the cut by position */
  double low, high;            /**< all go left up to low, right above high */
  uint32_t child[2][BS_TREES]; /**< node numbers */
  uint32_t begun[2][BS_TREES]; /**< the same in training.begun; 0: not there */
  uint16_t open[2];            /**< trees whose child is to be split further */
  uint32_t count[2];           /**< rows of any of these trees */
  bool put_off[2];             /**< no room in the lists for now */
  bs_row_list to[2];           /**< where their rows are to go, NULL: nowhere */
  int bundle_of[2];            /**< in the next level, or -1 */
} bs_cut;

/** The nodes of one depth, and their cuts by bundle ascending. */
typedef struct bs_level {
  int bundles, bundle_room;
  bs_bundle *bundle;
  int cuts, cut_room;
  bs_cut *cut;
} bs_level;

/** Append an empty bundle with candidates for the columns of `like` (NULL: for
 * all), and a cut. \return NULL where memory is out. */
bs_status bs_level_add_bundle(bs_level *level, uint32_t trees, int columns,
                              const bs_bundle *like, bs_bundle **out);
bs_status bs_level_add_cut(bs_level *level, bs_cut **out);
/** Move the last bundle of a level to another. */
bs_status bs_level_take(bs_level *from, bs_level *to);
void bs_level_free(bs_level *level);

/** Rows of all its bundles. */
size_t bs_level_rows(const bs_level *level);

/** Find the side of every row of the nodes that are cut (workspace->sides), and
 * count the classes on the left.
 * \param [out] left  (cuts, BS_TREES, c): by threshold.
 * \param [out] before  The same by position, or NULL (it is the same under the
 *                      rules of 3.8).
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_rows_find_sides(const bs_j48 *j48, const bs_level *level,
                             bs_workspace *workspace, uint32_t *left,
                             uint32_t *before);
/** Count the rows of every cut's open children. */
void bs_rows_count(bs_level *level, const bs_workspace *workspace);
/** Give the cuts' open children their rows, and note in workspace->leaf which
 * rows have come to the end of their way. */
void bs_rows_deal(const bs_level *level, const bs_workspace *workspace);

#endif /* BS_BUNDLE_H */
