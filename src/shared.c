/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/shared.h"

#include "src/comm.h"
#include "src/machine.h"
#include "src/mem.h"
#include <string.h>

void bs_node_create(MPI_Comm comm, bs_node *node)
{
  int rank = bs_comm_rank(comm), leaders[2];
  BS_MPI(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL,
                             &node->comm));
  node->rank = bs_comm_rank(node->comm);
  node->size = bs_comm_size(node->comm);
  int leader = node->rank == 0;
  BS_MPI(MPI_Scan(&leader, &leaders[0], 1, MPI_INT, MPI_SUM, comm));
  BS_MPI(MPI_Allreduce(&leader, &leaders[1], 1, MPI_INT, MPI_SUM, comm));
  node->index = leaders[0] - 1; /* the leader's; others take it from there */
  node->count = leaders[1];
  BS_MPI(MPI_Bcast(&node->index, 1, MPI_INT, 0, node->comm));
}

void bs_node_destroy(bs_node *node)
{
  if (node->comm != MPI_COMM_NULL)
    BS_MPI(MPI_Comm_free(&node->comm));
  node->comm = MPI_COMM_NULL;
}

/* Room left in the file system behind MPI's shared windows. */
static bs_status check_room(size_t bytes)
{
  size_t room = bs_machine_shared_memory();
  if (bytes > room)
    return bs_fail(BS_ERR_RESOURCE,
                   "out of shared memory: %.2f GB wanted, %.2f GB free in "
                   "/dev/shm; run one rank per node with more threads, or "
                   "enlarge /dev/shm",
                   (double)bytes / 1e9, (double)room / 1e9);
  return BS_OK;
}

bs_status bs_shared_check(const bs_node *node, size_t bytes)
{
  uint64_t sum = bytes;
  BS_MPI(
      MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, node->comm));
  return bs_agree(node->comm, node->rank == 0 ? check_room(sum) : BS_OK);
}

bs_status bs_shared_alloc(const bs_node *node, size_t bytes, bs_shared *out)
{
  bs_status st = BS_OK;
  memset(out, 0, sizeof *out);
  out->win = MPI_WIN_NULL;
  if (node->size == 1) {
    BS_TRY(bs_mem_alloc(bytes, 1, &out->base));
    out->bytes = bytes;
    return BS_OK;
  }
  if (node->rank == 0)
    st = check_room(bytes);
  BS_TRY(bs_agree(node->comm, st));
  /* 64 bytes more, to align the start. */
  MPI_Aint size = node->rank == 0 ? (MPI_Aint)(bytes + 64) : 0;
  void *base;
  int unit;
  BS_MPI(MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, node->comm, &base,
                                 &out->win));
  BS_MPI(MPI_Win_shared_query(out->win, 0, &size, &unit, &base));
  BS_MPI(MPI_Win_lock_all(MPI_MODE_NOCHECK, out->win));
  /* Every process maps the window at a page border plus the same offset. */
  out->base = (char *)base + (64 - (size_t)base % 64) % 64;
  out->bytes = bytes;
  return BS_OK;
}

void bs_shared_free(bs_shared *block)
{
  if (block->win != MPI_WIN_NULL) {
    BS_MPI(MPI_Win_unlock_all(block->win));
    BS_MPI(MPI_Win_free(&block->win));
  } else {
    bs_mem_free(&block->base);
  }
  memset(block, 0, sizeof *block);
  block->win = MPI_WIN_NULL;
}

void bs_shared_sync(const bs_node *node, bs_shared *block)
{
  if (block->win == MPI_WIN_NULL)
    return;
  BS_MPI(MPI_Win_sync(block->win));
  BS_MPI(MPI_Barrier(node->comm));
  BS_MPI(MPI_Win_sync(block->win));
}
