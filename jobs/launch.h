/* SPDX-License-Identifier: BSD-3-Clause */
/** \file launch.h
 * Was the program launched as one job? Copies that were meant to be ranks of
 * one job, but each believe to be alone, would all do the same work and write
 * the same files.
 */
#ifndef BS_LAUNCH_H
#define BS_LAUNCH_H
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>

/** Is this the first of the copies that the launcher started, by what it left
 * in the environment? true where there was none. Needs no MPI. */
bool bs_launch_first(void);

/** Spare MPI_Init what a job on one node has no use for, unless the user's own
 * settings say otherwise. To be called before it, alike by all copies. */
void bs_launch_prepare(void);

/** Have short messages to the launcher leave at once: each rank tells it that
 * it ends by several, and TCP would keep them back for 40 ms, until the first
 * is acknowledged. To be called after MPI_Init; for connections that are of
 * another kind it does nothing. */
void bs_launch_hasten(void);

/** Refuse, before MPI_Init, what it would not come back from. Local.
 * \return BS_OK or BS_ERR_LAUNCH. */
bs_status bs_launch_check_start(void);

/** Refuse a job that is not one: fewer ranks than the launcher started, or
 * ranks with other versions of this program or of the MPI library. Collective
 * over \a comm, which is all of the job.
 * \return BS_OK or BS_ERR_LAUNCH, alike on all ranks. */
bs_status bs_launch_check(MPI_Comm comm);

#endif /* BS_LAUNCH_H */
