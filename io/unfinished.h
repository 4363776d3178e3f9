/* SPDX-License-Identifier: BSD-3-Clause */
/** \file unfinished.h
 * An output file that a later run can go on with. It is written in units, each
 * by one rank; the store of a checkpoint knows which of them are on the disk.
 *
 * The file is told by a mark, random bytes at its end: nothing is taken over
 * into another file, nor into one that has been made anew since.
 */
#ifndef BS_UNFINISHED_H
#define BS_UNFINISHED_H
#include "src/keep.h"
#include <stdint.h>

/** The units of a file. Opaque. */
typedef struct bs_unfinished bs_unfinished;

/** Is a unit still there, with the bytes that bs_unfinished_done was told? */
typedef bool (*bs_unfinished_there)(const void *context, int unit,
                                    uint64_t bytes);

/** Look for what an earlier run has left of a file. Collective over \a comm,
 * whose rank 0 is that of the store.
 * \param [in] path   Of the file, which need not be there; borrowed.
 * \param [in] units  How many there are, numbered from 0; the same in all runs
 *                    that share the store.
 * \param [in] there  Asked by rank 0 of each unit found, with \a context; or
 *                    NULL: the mark tells enough.
 * \param [out] out   See bs_unfinished_free; NULL on failure. */
bs_status bs_unfinished_find(MPI_Comm comm, const bs_keep *keep,
                             const char *path, int units,
                             bs_unfinished_there there, const void *context,
                             bs_unfinished **out);
/** NULL is a no-op. */
void bs_unfinished_free(bs_unfinished **file);

/** Units found on the disk; if 0 the file is to be made anew. */
int bs_unfinished_taken(const bs_unfinished *file);
/** The file has been made anew: put the mark behind it, and bring it to the
 * disk. Collective over \a comm. */
bs_status bs_unfinished_start(MPI_Comm comm, bs_unfinished *file);
/** Is a unit on the disk, or done by this rank? Any thread. */
bool bs_unfinished_has(const bs_unfinished *file, int unit);
/** The caller has written a unit; now and then that is kept. Any thread.
 * \param [in] bytes  What \a there is told of the unit by a later run.
 * \param [in] fd     Descriptor by which this rank writes the file.
 * \return            As bs_unfinished_save. */
bs_status bs_unfinished_done(bs_unfinished *file, int unit, uint64_t bytes,
                             int fd);
/** Bring what this rank has written to the disk and keep what is done. Not
 * collective.
 * \return  BS_OK, or BS_ERR_RESOURCE where it did not get there, now or before;
 *          then what has been done since the last good call is not kept. */
bs_status bs_unfinished_save(bs_unfinished *file, int fd);
/** As bs_unfinished_save where the run has failed: the error text is still of
 * that. */
void bs_unfinished_leave(bs_unfinished *file, int fd);
/** Can a later run go on after this? Not where input or program are at fault.
 */
bool bs_unfinished_goes_on(bs_status st);
/** All is done, and the file is about to get its end: take the mark off. Rank
 * 0.
 * \return  BS_OK, or BS_ERR_RESOURCE, also where another run, with another
 *          checkpoint, has begun the file anew: it is left alone then. */
bs_status bs_unfinished_end(bs_unfinished *file);

#endif /* BS_UNFINISHED_H */
