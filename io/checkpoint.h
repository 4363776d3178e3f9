/* SPDX-License-Identifier: BSD-3-Clause */
/** \file checkpoint.h
 * A folder that holds what a command has finished, so that the same command can
 * go on after it was stopped or killed, on any number of ranks and threads.
 *
 *   manifest.json  what the run is: only the same run may go on from here
 *   *.units        finished parts, several to a file, see io/record_file.h
 *   *.state0 1     states, written in turns: one is whole at any time
 *   lock           held by the run that uses the folder
 *   stop           one rank was told to stop, see src/stop.h
 *
 * Ranks write their own parts without waiting for others, and so rarely that
 * writing takes less than a fiftieth of the time; what is not yet written when
 * a rank is killed is lost, no more. A file that is not whole is told of and
 * done without. All ranks must see the folder.
 */
#ifndef BS_CHECKPOINT_H
#define BS_CHECKPOINT_H
#include "src/keep.h"
#include <jansson.h>
#include <mpi.h>

typedef struct bs_checkpoint bs_checkpoint;

/** Where the log goes: \a context is passed on. */
typedef void (*bs_checkpoint_log)(const void *context, const char *line);

/** What a checkpoint is opened with. */
typedef struct bs_checkpoint_options {
  const char *folder;    /**< made if it is not there; its parent must be */
  const json_t *about;   /**< rank 0: whatever decides the results, an object of
                              values and of objects of values */
  double every;          /**< seconds between states, at least */
  bs_checkpoint_log log; /**< called on the rank that has something to say */
  const void *context;
} bs_checkpoint_options;

/** Open a checkpoint, or start one. Collective over \a comm.
 * \param [out] out  See bs_checkpoint_close; NULL on failure.
 * \return  BS_OK; BS_ERR_INPUT where the folder is of another run (the text
 *          names what differs) or damaged; BS_ERR_USAGE where it holds other
 *          files; BS_ERR_LAUNCH where another run uses it; BS_ERR_RESOURCE.
 */
bs_status bs_checkpoint_open(MPI_Comm comm,
                             const bs_checkpoint_options *options,
                             bs_checkpoint **out);

/** The store of the checkpoint, as long as that is open. */
const bs_keep *bs_checkpoint_keep(const bs_checkpoint *checkpoint);

/** Write what is not yet written, and unlock. Collective; NULL is a no-op.
 * \param [in] finished  The run is done: remove the folder, as where nothing is
 *                       in it. */
void bs_checkpoint_close(bs_checkpoint **checkpoint, bool finished);

#endif /* BS_CHECKPOINT_H */
