/* SPDX-License-Identifier: BSD-3-Clause */
/** \file grow_exchange.h
 * What the ranks of a group tell each other while they grow a tree.
 */
#ifndef BS_GROW_EXCHANGE_H
#define BS_GROW_EXCHANGE_H
#include "src/grow.h"

/** A column that can still be cut somewhere in a node, and its best cut. */
typedef struct bs_candidate {
  int slot; /**< index in j48->column; the rank slot mod group size holds it */
  bs_split split;
} bs_candidate;

/** A node that is to be split, or to stay a leaf. */
typedef struct bs_open_node {
  uint32_t node;
  int live;
  bs_candidate *candidate; /**< (live), by slot ascending, owned */
  int chosen;              /**< index in j48->feature, or BS_LEAF */
  int owner;               /**< rank of the group that holds its column */
  size_t cut;              /**< rows left of the cut, by position */
  size_t left;             /**< rows that the threshold sends left */
  double threshold;
} bs_open_node;

/** Complete the candidates of open nodes: every rank has filled in those of its
 * own columns. Collective over the group; one MPI_Allgatherv. A no-op for one
 * rank. \return BS_OK or BS_ERR_RESOURCE, alike on all ranks. */
bs_status bs_exchange_splits(bs_group *group, size_t count, bs_open_node *open);

/** Tell all ranks the threshold of every split node, the class counts left of
 * its cut (kept in branch 1 until the node is split), and the side of each of
 * its rows. Collective over the group; one MPI_Allgatherv of a bit a row and
 * some bytes a node. \return as above. */
bs_status bs_exchange_sides(bs_group *group, size_t count, bs_open_node *node,
                            bs_grown *grown, bs_workspace *workspace);

#endif /* BS_GROW_EXCHANGE_H */
