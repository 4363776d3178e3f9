/* SPDX-License-Identifier: BSD-3-Clause */
/** \file uci_folder.h
 * A folder in the layout of the UCI copy of N-BaIoT, for simulated captures:
 * made under a temporary name, marked as simulated, renamed when whole.
 */
#ifndef BS_UCI_FOLDER_H
#define BS_UCI_FOLDER_H
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

/** Bytes that a path may have, with its end. */
enum { BS_UCI_PATH_ROOM = 4096 };

/** Path of a file below the folder, as "DEVICE/gafgyt_attacks/combo.csv".
 * \param [out] to  At least 128 bytes.
 */
void bs_uci_path(int device, int attack, char *to);

/** Where a file of the folder PATH is while it is being made.
 * \param [in]  below  Its path below the folder; "" is the folder itself.
 * \param [out] to     BS_UCI_PATH_ROOM bytes.
 * \return             BS_OK, or BS_ERR_USAGE for a path that is too long.
 */
bs_status bs_uci_part(const char *path, const char *below, char *to);

/** Make PATH.part with the folders of the devices and the marker file.
 * Collective over \a comm; rank 0 alone works.
 * \param [in] device  (BS_NBAIOT_DEVICES): which devices are to have a folder.
 * \return  BS_OK; BS_ERR_USAGE where PATH exists and is not an empty folder;
 *          BS_ERR_RESOURCE where it cannot be made. Nothing is left on failure.
 */
bs_status bs_uci_begin(MPI_Comm comm, const char *path, const bool *device);
/** Give the folder its name, or, where \a st is not BS_OK, remove it.
 * Collective over \a comm; st must be the same on all ranks. \return  st, or
 * BS_ERR_RESOURCE.
 */
bs_status bs_uci_end(MPI_Comm comm, const char *path, bs_status st);

#endif /* BS_UCI_FOLDER_H */
