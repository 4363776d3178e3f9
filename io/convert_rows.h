/* SPDX-License-Identifier: BSD-3-Clause */
/** \file convert_rows.h
 * All rows of the input into the data file, by every thread of every rank.
 */
#ifndef BS_CONVERT_ROWS_H
#define BS_CONVERT_ROWS_H
#include "io/checksum.h"
#include "io/datafile_write.h"
#include "io/pieces.h"
#include <signal.h>

/** What to convert, and where to; everything is borrowed. */
typedef struct bs_rows_task {
  MPI_Comm comm;
  int threads; /**< of this rank; more than one needs MPI_THREAD_SERIALIZED
                    where there are several ranks */
  const bs_source *source;
  const bs_pieces *pieces; /**< counted */
  const bs_datafile *facts;
  bs_writer *writer;
  const volatile sig_atomic_t *stop; /**< a signal's number: end soon */
} bs_rows_task;

/** Parse and write what the writer has not taken over, then close the writer.
 * Collective.
 * \param [in,out] sum  Takes X in; rank 0 ends up with the state.
 * \return  BS_OK, or the first fault in row order, alike on all ranks;
 *          BS_STOPPED where one was told to stop. */
bs_status bs_rows_convert(const bs_rows_task *task, bs_checksum *sum);

#endif /* BS_CONVERT_ROWS_H */
