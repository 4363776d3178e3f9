/* SPDX-License-Identifier: BSD-3-Clause */
/** \file shared.h
 * Memory held once per node and seen by all of the node's ranks.
 */
#ifndef BS_SHARED_H
#define BS_SHARED_H
#include "src/status.h"
#include <mpi.h>
#include <stddef.h>

/** The ranks of one node, and the way nodes are joined. */
typedef struct bs_node {
  MPI_Comm comm; /**< ranks that share this node's memory */
  int rank;      /**< of the caller on its node; 0 is the leader */
  int size;      /**< ranks on the node */
  int index;     /**< number of the node, 0 .. count-1, by lowest world rank */
  int count;     /**< nodes */
} bs_node;

/** Find the caller's node. Collective over \a comm. */
void bs_node_create(MPI_Comm comm, bs_node *node);
/** Free the node's communicator. Collective over the node. */
void bs_node_destroy(bs_node *node);

/** A block of node-shared memory. */
typedef struct bs_shared {
  void *base; /**< same bytes for every rank of the node, 64-byte aligned */
  size_t bytes;
  MPI_Win win; /**< MPI_WIN_NULL where the node has one rank: plain memory */
} bs_shared;

/** Allocate \a bytes once per node, zero-filled lazily by the system.
 * Collective over the node; \a bytes must be equal on all its ranks. With more
 * than one rank the memory comes from the shared-memory file system, where
 * running over is a SIGBUS: the room left there is checked first.
 * \return  BS_OK, or BS_ERR_RESOURCE on every rank of the node; *out is then
 *          empty. Agree over all nodes before going on.
 */
bs_status bs_shared_alloc(const bs_node *node, size_t bytes, bs_shared *out);
/** Refuse blocks that the ranks of a node are about to allocate, some ranks
 * each, if they do not fit together. Collective over the node.
 * \param [in] bytes  Of the caller's block; 0 where another rank counts it.
 * \return BS_OK or BS_ERR_RESOURCE, alike on the node. */
bs_status bs_shared_check(const bs_node *node, size_t bytes);
/** Free; an empty block is a no-op. Collective over the node. */
void bs_shared_free(bs_shared *block);
/** Make what any rank of the node wrote visible to all. Collective over it. */
void bs_shared_sync(const bs_node *node, bs_shared *block);

#endif /* BS_SHARED_H */
