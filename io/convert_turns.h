/* SPDX-License-Identifier: BSD-3-Clause */
/** \file convert_turns.h
 * Turns at the checksum, which goes from piece to piece in row order, with the
 * word whether a piece before has failed. Rows wait in memory for their turn,
 * while the thread that read them goes on with other pieces.
 */
#ifndef BS_CONVERT_TURNS_H
#define BS_CONVERT_TURNS_H
#include "io/convert_rows.h"
#include "io/first_fault.h"
#include "io/piece_rows.h"

/** The turns of a rank, shared by its threads. Opaque. */
typedef struct bs_turns bs_turns;

/** \param [in] count, piece  The pieces of this rank, in row order; borrowed,
 *                            as are the others.
 * \param [in] fault         Of this rank: no piece behind it is good.
 * \param [in,out] sum       Goes round with the turns. */
bs_status bs_turns_create(const bs_rows_task *task, int count, const int *piece,
                          const bs_first_fault *fault, bs_checksum *sum,
                          bs_turns **out);
void bs_turns_destroy(bs_turns **turns);

/** Memory for the rows of a piece, once there is any: each thread has room for
 * two pieces. */
bs_room *bs_turns_room(bs_turns *turns);
/** Let those take their turn that can; for any thread, now and then.
 * \param [in] k, x, rows  The piece[k] that the caller reads, and what it has
 * of it: if it is its turn, they are summed while they are in the cache. */
void bs_turns_advance(bs_turns *turns, int k, const double *x, size_t rows);
/** The outcome of piece[k], which takes its turn now or later. Each piece of
 * the rank must come, or other ranks wait for ever.
 * \param [in] room  Where the rows are; free for other pieces later.
 * \param [in] slab  No rows where the piece has failed or was passed over. */
void bs_turns_pass(bs_turns *turns, int k, bs_room *room, const bs_slab *slab);
/** Wait until all have had their turn; one thread. Rank 0 ends up with the
 * checksum. */
void bs_turns_finish(bs_turns *turns);
/** False once a piece that has had its turn has failed, on any rank. */
bool bs_turns_good(const bs_turns *turns);

#endif /* BS_CONVERT_TURNS_H */
