/* SPDX-License-Identifier: BSD-3-Clause */
/** \file capture_file.h
 * A data file that is filled by a simulation instead of by conversion. Rows,
 * classes, parts and checksum are what converting the folder would give.
 */
#ifndef BS_CAPTURE_FILE_H
#define BS_CAPTURE_FILE_H
#include "src/keep.h"
#include "src/status.h"
#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/** One simulated file. */
typedef struct bs_capture_part {
  int device, attack; /**< as in io/nbaiot.h */
  uint64_t rows;
} bs_capture_part;

/** A data file in the making. Opaque. */
typedef struct bs_capture bs_capture;

/** Make room, or go on with what an earlier run has left. Collective over
 * \a comm.
 * \param [in] part  (parts): all files, by device, then attack; the same on all
 *                   ranks.
 * \param [in] keep  Where to keep which parts are done, and to find them; or
 *                   NULL.
 * \param [out] out  See bs_capture_close; NULL on failure, when only what was
 *                   taken over is left behind.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_capture_create(MPI_Comm comm, const char *path, int parts,
                            const bs_capture_part *part, const bs_keep *keep,
                            bs_capture **out);
/** Has a part been written, by an earlier run or by this rank? */
bool bs_capture_has(const bs_capture *capture, int part);
/** All rows of a part have been put. Returns as bs_writer_done. */
bs_status bs_capture_done(bs_capture *capture, int part);
/** Write rows of a part. Not collective, but from one thread of a rank.
 * \param [in] row  Row of the part where they start.
 * \param [in] x    (rows, 115) row-major.
 */
bs_status bs_capture_put(bs_capture *capture, int part, uint64_t row,
                         size_t rows, const double *x);
/** All rows are there: sum them up, write the facts, give the file its name.
 * Collective. */
bs_status bs_capture_finish(bs_capture *capture);
/** Free the capture, set it to NULL, and if it is not finished do with the file
 * as bs_writer_give_up; \a st is what the run ends with. Collective. */
bool bs_capture_close(bs_capture **capture, bs_status st);

#endif /* BS_CAPTURE_FILE_H */
