/* SPDX-License-Identifier: BSD-3-Clause */
/** \file convert.h
 * From input files to one data file, in parallel.
 *
 * The text of plain files is cut into blocks, which are dealt to the ranks, and
 * each rank's threads count the rows of its blocks. Then every row has its
 * place, and the text is cut anew, into pieces by rows, which are dealt,
 * parsed, and written where they belong. A packed file is one block and one
 * piece. Memory a thread needs does not depend on the size of the input.
 */
#ifndef BS_CONVERT_H
#define BS_CONVERT_H
#include "io/checkpoint.h"
#include "io/datafile.h"

typedef struct bs_convert_options {
  const char *class_column; /**< or NULL */
  const char *device;       /**< or NULL */
  bool verify;              /**< compare digests with the published ones */
  int deflate;              /**< 0, or level of gzip */
  int threads;              /**< of each rank; 1 where MPI allows no more */
  /** Go on from here, and leave here what a later run can go on from; the input
   * files are added to what it is about. Or NULL. */
  const bs_checkpoint_options *checkpoint;
  /** Called where a phase ends, on all ranks alike; or NULL. */
  void (*phase)(void *context, const char *name);
  void *context;
} bs_convert_options;

/** Convert. Collective over \a comm; result and messages do not depend on the
 * number of ranks.
 * \param [out] facts  What the new file holds, see bs_datafile_close.
 * \param [out] bytes  Of the input files, as they are; may be NULL.
 * \return  BS_OK, or what went wrong; then no output file is left behind, nor
 *          is one that was there before touched. With a checkpoint also
 *          BS_STOPPED; then, and after BS_ERR_RESOURCE, the unfinished output
 *          is left to the next run.
 */
bs_status bs_convert(MPI_Comm comm, int count, char *const *paths,
                     const char *output, const bs_convert_options *options,
                     bs_datafile **facts, uint64_t *bytes);

/** Ask a running conversion to end at the next block; for signal handlers. */
void bs_convert_interrupt(int signal);

#endif /* BS_CONVERT_H */
