/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/keep.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <stdint.h>

enum { STOP = 1, DUE = 2 };

bs_status bs_keep_agree(const bs_keep *keep, MPI_Comm comm, bool *due)
{
  int word = 0;
  if (due != NULL)
    *due = false;
  if (keep == NULL)
    return BS_OK;
  const bs_status st = bs_stop_check();
  if (st != BS_OK)
    word = STOP | DUE;
  else if (due != NULL && bs_comm_rank(comm) == 0 && keep->due(keep->store))
    word = DUE;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, &word, 1, MPI_INT, MPI_BOR, comm));
  if (due != NULL)
    *due = (word & DUE) != 0;
  return (word & STOP) != 0 ? bs_agree(comm, st) : BS_OK;
}

bs_status bs_keep_fetch(const bs_keep *keep, MPI_Comm comm, const char *key,
                        char **data, size_t *bytes)
{
  const bool root = bs_comm_rank(comm) == 0;
  const size_t most = 1 << 30; /* of one broadcast */
  bs_status st = BS_OK;
  *data = NULL;
  *bytes = 0;
  if (keep == NULL)
    return BS_OK;
  if (root)
    st = keep->get(keep->store, key, data, bytes);
  BS_GO(st, bs_agree(comm, st));
  int64_t length = *data == NULL ? -1 : (int64_t)*bytes;
  BS_MPI(MPI_Bcast(&length, 1, MPI_INT64_T, 0, comm));
  if (length < 0)
    return BS_OK;
  *bytes = (size_t)length;
  if (!root)
    st = bs_mem_alloc(*bytes, 1, data);
  BS_GO(st, bs_agree(comm, st));
  for (size_t at = 0; at < *bytes; at += most) {
    const size_t left = *bytes - at;
    BS_MPI(MPI_Bcast(*data + at, (int)(left < most ? left : most), MPI_BYTE, 0,
                     comm));
  }
done:
  if (st != BS_OK)
    bs_mem_free(data);
  return st;
}
