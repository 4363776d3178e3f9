/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cluster.h"

#include "src/comm.h"
#include <limits.h>

void bs_ranks_make(MPI_Comm comm, int threads,
                   const bs_cluster_kernels *kernels, bs_ranks *team)
{
  *team = (bs_ranks){.comm = comm,
                     .rank = bs_comm_rank(comm),
                     .size = bs_comm_size(comm),
                     .threads = threads,
                     .kernels = kernels};
}

bs_ranks bs_ranks_busy(const bs_ranks *team, size_t n, int d)
{
  enum { VALUES = 1 << 17 }; /* a pass over a megabyte outlasts fork and join */
  bs_ranks busy = *team;
  size_t values = n / (size_t)team->size * (size_t)d;
  if (values / VALUES < (size_t)team->threads)
    busy.threads = values < VALUES ? 1 : (int)(values / VALUES);
  return busy;
}

bs_range bs_ranks_rows(const bs_ranks *team, size_t n, int rank)
{
  size_t blocks = (n + BS_ROW_BLOCK - 1) / BS_ROW_BLOCK;
  bs_range part = bs_range_part(blocks, (size_t)rank, (size_t)team->size);
  part.first *= BS_ROW_BLOCK;
  part.end *= BS_ROW_BLOCK;
  return (bs_range){part.first < n ? part.first : n,
                    part.end < n ? part.end : n};
}

void bs_ranks_share(const bs_ranks *team, double *value, size_t count)
{
  if (team->size == 1)
    return;
  for (size_t done = 0; done < count;) {
    size_t some = count - done < INT_MAX ? count - done : INT_MAX;
    BS_MPI(MPI_Allreduce(MPI_IN_PLACE, value + done, (int)some, MPI_UINT64_T,
                         MPI_BOR, team->comm));
    done += some;
  }
}

double bs_exp(double x)
{
  bs_cluster_kernels_ref.exp(1, &x, &x);
  return x;
}

double bs_ln(double x)
{
  bs_cluster_kernels_ref.log(1, &x, &x);
  return x;
}
