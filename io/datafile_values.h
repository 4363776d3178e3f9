/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile_values.h
 * Values into a data file made by bs_datafile_create, past HDF5: all of its
 * datasets lie in the file as they do in memory, so where a value belongs is a
 * matter of arithmetic, and every thread of every rank can write.
 */
#ifndef BS_DATAFILE_VALUES_H
#define BS_DATAFILE_VALUES_H
#include "io/datafile_write.h"

/** A data file open for values. Opaque. */
typedef struct bs_values bs_values;

/** Open on all ranks. Collective over \a comm.
 * \param [in] facts  Borrowed until the values are closed.
 * \param [out] out   See bs_values_close; NULL on failure. */
bs_status bs_values_open(MPI_Comm comm, const char *path,
                         const bs_datafile *facts, bs_values **out);
/** Write some rows. Not collective; any thread, any order, each row once. */
bs_status bs_values_put(const bs_values *values, const bs_slab *slab);
/** Every row up to the end of \a slab has been put: have the system carry what
 * the caller's node has of them to the disk meanwhile. Not collective; one
 * thread at a time, slabs in row order. */
void bs_values_reached(bs_values *values, const bs_slab *slab);
/** What the caller writes by. */
int bs_values_descriptor(const bs_values *values);
/** Wait until what the caller put is on the disk, and close; NULL is a no-op.
 * Not collective. \return  BS_OK or BS_ERR_RESOURCE. */
bs_status bs_values_close(bs_values **values);
/** Close as it is; NULL is a no-op. Not collective. */
void bs_values_abandon(bs_values **values);

#endif /* BS_DATAFILE_VALUES_H */
