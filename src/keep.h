/* SPDX-License-Identifier: BSD-3-Clause */
/** \file keep.h
 * What long work needs to outlive its process: somewhere to put finished parts
 * and unfinished states, and to find them in a later run. Who has none to give
 * passes NULL; such work is not stopped either.
 */
#ifndef BS_KEEP_H
#define BS_KEEP_H
#include "src/pack.h"
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>

/** A store (io/checkpoint.h). Keys are short and make file names. */
typedef struct bs_keep {
  void *store;
  /** Keep a finished part. Local; any thread of any rank, once a key. A failure
   * is told in the log and costs no more than the part. */
  void (*put)(void *store, const char *key, const bs_pack *part);
  /** Keep a state, in place of the one before. Local; one thread of any rank,
   * a key of one rank. */
  void (*save)(void *store, const char *key, const bs_pack *state);
  /** Is it time for this rank to save a state again? Any thread. */
  bool (*due)(void *store);
  /** What an earlier run has put or saved under a key; nothing (NULL) on ranks
   * other than 0. Free \a *data with bs_mem_free. */
  bs_status (*get)(void *store, const char *key, char **data, size_t *bytes);
  /** A line for the log, which only rank 0 prints. */
  void (*say)(void *store, const char *line);
  /** Bring to the disk what a file open as \a fd holds, before a state tells
   * of it; counts as time that saving took. Threads as save; errno where
   * false. */
  bool (*sync)(void *store, int fd);
} bs_keep;

/** At a safe point: is any rank to stop, is rank 0 to save? Collective over
 * \a comm, whose rank 0 is that of the store; one MPI_Allreduce of an int.
 * \param [out] due  Save; also before stopping. May be NULL, where nothing can
 *                   be saved.
 * \return           BS_STOPPED, or BS_OK; at once without \a keep. */
bs_status bs_keep_agree(const bs_keep *keep, MPI_Comm comm, bool *due);

/** What an earlier run has kept under a key, on every rank: NULL if nothing.
 * Collective over \a comm, whose rank 0 is that of the store. Free \a *data
 * with bs_mem_free. */
bs_status bs_keep_fetch(const bs_keep *keep, MPI_Comm comm, const char *key,
                        char **data, size_t *bytes);

#endif /* BS_KEEP_H */
