/* SPDX-License-Identifier: BSD-3-Clause */
/** \file pieces_internal.h
 * Between the files that make pieces.
 */
#ifndef BS_PIECES_INTERNAL_H
#define BS_PIECES_INTERNAL_H
#include "io/pieces.h"

/** Say who has which piece. Not collective, but the same on every rank. */
bs_status bs_pieces_deal(const bs_source *source, bs_pieces *pieces, int ranks);

/** Cut counted blocks anew, at rows; dealt, too. Collective over \a comm.
 * \param [in] threads      Of the caller; one of them calls MPI.
 * \param [in,out] pieces  Blocks, as counted; then pieces. */
bs_status bs_pieces_cut(MPI_Comm comm, int threads, const bs_source *source,
                        bs_pieces *pieces);

#endif /* BS_PIECES_INTERNAL_H */
