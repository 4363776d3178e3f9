/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile_write.h
 * Making a data file: room first, then values by all ranks, then the facts.
 *
 * Written under a temporary name, PATH.part, which bs_writer_finish renames.
 */
#ifndef BS_DATAFILE_WRITE_H
#define BS_DATAFILE_WRITE_H
#include "io/datafile.h"
#include "src/keep.h"

/** A data file being written. Opaque. */
typedef struct bs_writer bs_writer;

/** Rows of one input file, one after the other. */
typedef struct bs_slab {
  uint64_t first; /**< row of the data its first row is */
  size_t rows;
  int part;          /**< input file */
  const double *x;   /**< (rows, d) row-major */
  const uint16_t *y; /**< (rows) */
} bs_slab;

/** Create PATH.part with room for all rows, and open it on all ranks.
 * Collective over \a comm.
 * \param [in] facts  n, d, nbaiot and the parts must be set; borrowed until
 *                    the writer is closed.
 * \param [in] deflate  0: as they are; 1..9: compressed by gzip, once all
 *                    values are there.
 * \param [out] out   See bs_writer_abandon and bs_writer_finish; NULL on
 *                    failure, when only what was taken over is left behind.
 * \return            BS_OK, or BS_ERR_RESOURCE: cannot be written, disk full.
 */
bs_status bs_writer_create(MPI_Comm comm, const char *path,
                           const bs_datafile *facts, int deflate,
                           bs_writer **out);
/** The same for a file that a later run can go on with (io/unfinished.h): what
 * an earlier run has left of it is taken over.
 * \param [in] keep   Where to keep what is done; NULL: as bs_writer_create.
 * \param [in] units  The rows are written in so many units, see
 *                    bs_writer_done. */
bs_status bs_writer_create_kept(MPI_Comm comm, const char *path,
                                const bs_datafile *facts, int deflate,
                                const bs_keep *keep, int units,
                                bs_writer **out);
/** Units that an earlier run has written. */
int bs_writer_taken(const bs_writer *writer);
/** Has a unit been written, by an earlier run or by this rank? Any thread. */
bool bs_writer_has(const bs_writer *writer, int unit);
/** All rows of a unit have been put. Any thread.
 * \return  BS_OK, or BS_ERR_RESOURCE where they cannot be kept. */
bs_status bs_writer_done(bs_writer *writer, int unit);
/** Write some rows. Not collective; any rank and thread, any order, each row
 * once. */
bs_status bs_writer_put(bs_writer *writer, const bs_slab *slab);
/** All rows up to the end of \a slab, which is the caller's, have been put:
 * they can go to the disk while it goes on. Not collective; one thread at a
 * time, slabs in row order. */
void bs_writer_reached(bs_writer *writer, const bs_slab *slab);
/** Every value is there: bring them to the disk, close the file on all ranks.
 * Collective. */
bs_status bs_writer_close(bs_writer *writer);
/** Compress the file, if that was asked for. Collective; after bs_writer_close.
 */
bs_status bs_writer_pack(bs_writer *writer);
/** What else a data file says of itself. */
typedef struct bs_origin {
  const char *title, *license, *references;
  const char *class_attribute; /**< name of the class column, or NULL */
  const char *sources;         /**< base names of the sources */
  int64_t seconds;             /**< modification time of the newest input */
  char *const *sha256;         /**< (parts) digests, or NULL */
} bs_origin;
/** Path of the file as it is now: PATH.part. */
const char *bs_writer_path(const bs_writer *writer);
/** Write the facts, sync and rename to PATH, free the writer and set it to
 * NULL. Collective; after bs_writer_close. On failure the writer is left, see
 * bs_writer_give_up. */
bs_status bs_writer_finish(bs_writer **writer, const bs_origin *origin);
/** Remove PATH.part and free the writer; NULL is a no-op. Collective. */
void bs_writer_abandon(bs_writer **writer);
/** The same where the run ends with \a st, alike on all ranks; but leave
 * PATH.part to a later run if there is a store and that run can go on.
 * \return  Is it left? */
bool bs_writer_give_up(bs_writer **writer, bs_status st);

#endif /* BS_DATAFILE_WRITE_H */
