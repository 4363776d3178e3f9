/* SPDX-License-Identifier: BSD-3-Clause */
/** \file checkpoint_internal.h
 * Inside a checkpoint: the folder, apart from what is kept in it. Rank 0 calls
 * these.
 */
#ifndef BS_CHECKPOINT_INTERNAL_H
#define BS_CHECKPOINT_INTERNAL_H
#include "src/status.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** "FOLDER/NAME" or a failure. */
bs_status bs_folder_path(char *path, size_t room, const char *folder,
                         const char *name, const char *suffix);

/** Make the folder and lock it. \param [out] lock  Descriptor to be closed. */
bs_status bs_folder_lock(const char *folder, int *lock);

/** Compare the manifest with what this run is, or write it.
 * \param [out] identity  Of the run: a hash of the manifest. */
bs_status bs_folder_manifest(const char *folder, const json_t *about,
                             uint64_t *identity);

/** Names of the files that hold units and states; call `each` for every one. */
bs_status bs_folder_list(const char *folder,
                         bs_status (*each)(void *context, const char *name),
                         void *context);

/** Remove what a run has left, and the folder if nothing else is in it. */
void bs_folder_remove(const char *folder);

/** Has \a name this ending? */
bool bs_name_ends(const char *name, const char *suffix);

#endif /* BS_CHECKPOINT_INTERNAL_H */
