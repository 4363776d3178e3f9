/* SPDX-License-Identifier: BSD-3-Clause */
/** \file comm.h
 * What the program needs from MPI beyond MPI itself: agreeing on errors.
 */
#ifndef BS_COMM_H
#define BS_COMM_H
#include "src/meter.h"
#include "src/status.h"
#include <mpi.h>

/** Make every rank return alike after local work that may fail on some ranks.
 * Collective over \a comm. If any rank passes something else than BS_OK, all
 * return the status of the lowest such rank and hold its error text.
 * Cost: one MPI_Allreduce of an int when all is well.
 */
bs_status bs_agree(MPI_Comm comm, bs_status local);

/** Rank of the caller in \a comm, and number of ranks. Not collective. */
int bs_comm_rank(MPI_Comm comm);
int bs_comm_size(MPI_Comm comm);

/** Report a failed MPI call as "[rank r] fatal: ..." and abort the job: nothing
 * orderly is possible once MPI itself has failed. */
void bs_mpi_fatal(int code, const char *call, const char *file, int line);

/** Run an MPI call and count its seconds; failure ends the job (see
 * bs_mpi_fatal). */
#define BS_MPI(call)                                                           \
  do {                                                                         \
    double bs_mpi_begun_ = bs_clock();                                         \
    int bs_mpi_code_ = (call);                                                 \
    bs_meter_add(BS_METER_MPI, bs_mpi_begun_, 0);                              \
    if (bs_mpi_code_ != MPI_SUCCESS)                                           \
      bs_mpi_fatal(bs_mpi_code_, #call, __FILE__, __LINE__);                   \
  } while (0)

#endif /* BS_COMM_H */
