/* SPDX-License-Identifier: BSD-3-Clause */
/** \file digest.h
 * SHA-256 of the text of input files.
 */
#ifndef BS_DIGEST_H
#define BS_DIGEST_H
#include "io/source.h"
#include <mpi.h>

/** Length of a digest in hex, with the terminating 0. */
enum { BS_DIGEST_ROOM = 65 };

/** Digest every file of a source, packed ones after unpacking. Collective over
 * \a comm; the files are dealt to the ranks.
 * \param [out] digest  (files): 64 lower-case hexadecimal digits each.
 * \return  BS_OK, or BS_ERR_INPUT and BS_ERR_RESOURCE alike on all ranks.
 */
bs_status bs_digest_files(MPI_Comm comm, const bs_source *source,
                          char (*digest)[BS_DIGEST_ROOM]);

#endif /* BS_DIGEST_H */
