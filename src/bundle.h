/* SPDX-License-Identifier: BSD-3-Clause */
/** \file bundle.h
 * Nodes of trees that grow together, and how they are split; see src/grow.h.
 */
#ifndef BS_BUNDLE_H
#define BS_BUNDLE_H
#include "src/j48.h"
#include <stdbool.h>

/** Nodes of several trees that hold nearly the same rows. */
typedef struct bs_bundle {
  uint32_t trees;        /**< a bit each */
  uint32_t begin, count; /**< its rows in the row list */
  uint32_t at, entries;  /**< its entries in every column's list: its rows, and
                              perhaps some that its trees have no more */
  int nodes, live;
  uint32_t *number;    /**< (nodes): number in its tree, by tree ascending */
  uint32_t *begun;     /**< (nodes): number in training.begun; 0: not there, or
                            the root */
  bs_split_node *node; /**< (nodes) */
  int *slot;           /**< (live): columns that can still be cut somewhere,
                            ascending: indices in j48->column; the rank slot
                            mod group size has the list */
  bs_split *split;     /**< (live, nodes) */
  bool kept;       /**< its lists stayed where they were in the last level */
  bool summed;     /**< their sums are known */
  uint32_t leaves; /**< trees whose node is to stay a leaf */
  bs_row_list own; /**< (count): of a bundle that has been put off */
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
} bs_cut;

/** How rows come to the next level's bundles. */
typedef enum bs_way {
  BS_DEALT,  /**< all of a list is dealt to new lists */
  BS_PEELED, /**< rows that leave a list that is kept get new lists */
  BS_KEPT,   /**< rows that stay in such a list; both sides are one bundle */
  BS_LEAVING /**< rows that leave such a list; both sides, no bundle */
} bs_way;

/** Where rows of a move come to. */
typedef struct bs_target {
  uint32_t count;   /**< rows */
  bool put_off;     /**< no room in the lists for now */
  int bundle;       /**< in the next level, or -1 */
  bs_row_list rows; /**< (count) */
} bs_target;

/** Trees of one bundle whose rows go the same way. Where a list is kept or
 * left, all go to the first target. */
typedef struct bs_move {
  int bundle, cut; /**< they come from; its first cut */
  bs_way way;
  uint16_t take[2]; /**< trees whose rows go that way if on the left, right */
  bs_target to[2];
} bs_move;

/** Do rows of both sides go to the same target? */
static inline bool bs_is_joint(const bs_move *move)
{
  return move->way == BS_KEPT || move->way == BS_LEAVING;
}

/** The nodes of one depth, and their cuts and moves by bundle ascending. */
typedef struct bs_level {
  int bundles, bundle_room;
  bs_bundle *bundle;
  int cuts, cut_room;
  bs_cut *cut;
  int moves, move_room;
  bs_move *move;
} bs_level;

/** Append an empty bundle with candidates for the columns of `like` (NULL: for
 * all), and a cut. \return NULL where memory is out. */
bs_status bs_level_add_bundle(bs_level *level, uint32_t trees, int columns,
                              const bs_bundle *like, bs_bundle **out);
bs_status bs_level_add_cut(bs_level *level, bs_cut **out);
bs_status bs_level_add_move(bs_level *level, int bundle, int cut, bs_way way,
                            const uint16_t take[2]);
/** Take all moves back. */
void bs_level_clear_moves(bs_level *level);
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
/** Count the rows of every move. */
void bs_rows_count(bs_level *level, const bs_workspace *workspace);
/** Give the moves' targets their rows, and note in workspace->leaf which rows
 * have come to the end of their way. */
void bs_rows_deal(const bs_level *level, const bs_workspace *workspace);

#endif /* BS_BUNDLE_H */
