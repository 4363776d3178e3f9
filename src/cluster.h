/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cluster.h
 * What clustering works on and with: rows, a team of ranks, small helpers.
 */
#ifndef BS_CLUSTER_H
#define BS_CLUSTER_H
#include "kernels/clustering.h"
#include "src/range.h"
#include "src/status.h"
#include "src/weka.h"
#include <mpi.h>
#include <stddef.h>

/** Rows by column; every rank of a team sees all of them. Borrowed. */
typedef struct bs_columns {
  size_t n;                    /**< 1 .. 2^31 - 1 */
  int d;                       /**< >= 1 */
  const double *const *column; /**< (d) pointers to n finite values */
} bs_columns;

/** Ranks that fit one model together, and what each of them brings. */
typedef struct bs_ranks {
  MPI_Comm comm;
  int rank, size;
  int threads; /**< OpenMP threads of each rank */
  const bs_cluster_kernels *kernels;
} bs_ranks;

/** Rows of one block: the unit rows are dealt in, and sums are rounded in. */
enum { BS_ROW_BLOCK = 2048 };

/** Make the team of \a comm (borrowed). */
void bs_ranks_make(MPI_Comm comm, int threads,
                   const bs_cluster_kernels *kernels, bs_ranks *team);

/** The team with no more threads than \a n rows of \a d columns keep busy for
 * longer than it takes to wake them. */
bs_ranks bs_ranks_busy(const bs_ranks *team, size_t n, int d);

/** Rows that \a rank of the team owns: whole blocks. */
bs_range bs_ranks_rows(const bs_ranks *team, size_t n, int rank);

/** Complete an array of which every element was set by one rank while the
 * others have all-zero bits there. Collective over the team. */
void bs_ranks_share(const bs_ranks *team, double *value, size_t count);

/** exp and ln of one number, with the kernels' bits. */
double bs_exp(double x);
double bs_ln(double x);

#endif /* BS_CLUSTER_H */
