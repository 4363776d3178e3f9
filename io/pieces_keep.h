/* SPDX-License-Identifier: BSD-3-Clause */
/** \file pieces_keep.h
 * What was counted, for a later run on the same input: packed files need to be
 * unpacked for it.
 */
#ifndef BS_PIECES_KEEP_H
#define BS_PIECES_KEEP_H
#include "io/pieces.h"
#include "src/keep.h"

/** Keep what is counted. Rank 0 alone; a no-op without \a keep. */
void bs_pieces_keep(const bs_keep *keep, const bs_source *source,
                    const bs_pieces *pieces);
/** Take over what an earlier run has counted. Collective over \a comm, whose
 * rank 0 is that of the store.
 * \param [in,out] source  Gets the classes, where they are found by counting.
 * \param [out] found      False: it is still to be counted. */
bs_status bs_pieces_fetch(MPI_Comm comm, const bs_keep *keep, bs_source *source,
                          bs_pieces *pieces, bool *found);

#endif /* BS_PIECES_KEEP_H */
