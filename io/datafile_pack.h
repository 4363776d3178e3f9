/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile_pack.h
 * Compressing the values of a data file, chunk by chunk.
 */
#ifndef BS_DATAFILE_PACK_H
#define BS_DATAFILE_PACK_H
#include "src/status.h"
#include <mpi.h>
#include <stdint.h>

/** Copy /X (n, d) of one file into the /X of another, which is there already in
 * chunks of \a chunk rows of one column, filtered. Collective over \a comm.
 * Every chunk is compressed by one rank; the columns of a band of chunks are
 * dealt. \return  BS_OK, or BS_ERR_RESOURCE alike on all ranks.
 */
bs_status bs_pack_x(MPI_Comm comm, const char *from, const char *to, uint64_t n,
                    int d, uint64_t chunk);

#endif /* BS_DATAFILE_PACK_H */
