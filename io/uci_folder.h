/* SPDX-License-Identifier: BSD-3-Clause */
/** \file uci_folder.h
 * A folder in the layout of the UCI copy of N-BaIoT, for simulated captures:
 * made under a temporary name, marked as simulated, renamed when whole.
 */
#ifndef BS_UCI_FOLDER_H
#define BS_UCI_FOLDER_H
#include "io/capture_file.h"
#include "io/checkpoint.h"
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

/** A folder in the making. Opaque. */
typedef struct bs_uci bs_uci;

/** Make PATH.part with the folders of the devices and the marker file, or go on
 * with what an earlier run has left there. Collective over \a comm.
 * \param [in] path    Borrowed until the folder is closed.
 * \param [in] device  (BS_NBAIOT_DEVICES): which devices are to have a folder.
 * \param [in] keep    Where to keep which files are done, and to find them; or
 *                     NULL.
 * \param [in] file    (files): what there will be; borrowed like \a path.
 * \param [out] out    See bs_uci_close; NULL on failure.
 * \return  BS_OK; BS_ERR_USAGE where PATH exists and is not an empty folder;
 *          BS_ERR_RESOURCE where it cannot be made. What was not there is not
 *          left on failure.
 */
bs_status bs_uci_open(MPI_Comm comm, const char *path, const bool *device,
                      const bs_keep *keep, int files,
                      const bs_capture_part *file, bs_uci **out);
/** Has a file been written, by an earlier run or by this rank? Any thread. */
bool bs_uci_has(const bs_uci *uci, int file);
/** Is it kept which files are done? Then a file must be on the disk before
 * bs_uci_done. */
bool bs_uci_keeps(const bs_uci *uci);
/** A file is whole. Any thread.
 * \return  BS_OK, or BS_ERR_RESOURCE where that cannot be kept. */
bs_status bs_uci_done(bs_uci *uci, int file);
/** Give the folder its name, and close the checkpoint, if there is one, just
 * before: the run is not to find its own result in its way if it is killed in
 * between. Where \a st is not BS_OK on some rank, leave the folder to a later
 * run if it is kept what is done and that run can go on; else remove it. Frees
 * *uci and sets it to NULL. Collective.
 * \return  The failure, alike on all ranks, or BS_ERR_RESOURCE; where the name
 *          cannot be given the folder is whole, and left. */
bs_status bs_uci_close(bs_uci **uci, bs_checkpoint **checkpoint, bs_status st);

#endif /* BS_UCI_FOLDER_H */
