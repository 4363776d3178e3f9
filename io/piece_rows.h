/* SPDX-License-Identifier: BSD-3-Clause */
/** \file piece_rows.h
 * The rows of a piece of the input, in memory, a block of text after the other.
 */
#ifndef BS_PIECE_ROWS_H
#define BS_PIECE_ROWS_H
#include "io/datafile_write.h"
#include "io/pieces.h"

/** What turns text into rows; a thread has its own. Opaque. */
typedef struct bs_piece_rows bs_piece_rows;

/** Memory for the rows of a piece; starts as {0}, and is made at its first use.
 * Free with bs_room_free. */
typedef struct bs_room {
  double *x;   /**< (rows, d) */
  uint16_t *y; /**< (rows) */
} bs_room;

void bs_room_free(bs_room *room);

/** Told of the rows of a piece so far, a block of text after the other. */
typedef void bs_rows_seen(void *context, const double *x, size_t rows);

/** \param [in] source, pieces, facts  Borrowed; pieces are counted.
 * \param [in] seen  Or NULL.
 * \param [out] out  See bs_piece_rows_destroy; NULL on failure. */
bs_status bs_piece_rows_create(const bs_source *source, const bs_pieces *pieces,
                               const bs_datafile *facts, bs_rows_seen *seen,
                               void *context, bs_piece_rows **out);
void bs_piece_rows_destroy(bs_piece_rows **reader);

/** Start with a piece. */
bs_status bs_piece_rows_open(bs_piece_rows *reader, int piece);
/** The next rows of it: all of a piece of a plain file, about as many of a
 * packed file.
 * \param [in,out] room  Where to put them.
 * \param [out] slab     Valid as long as the room; no rows at the end.
 * \return  BS_OK; BS_ERR_INPUT with FILE:LINE:COLUMN, or where the piece has
 *          not the rows that were counted; BS_ERR_RESOURCE. */
bs_status bs_piece_rows_next(bs_piece_rows *reader, bs_room *room,
                             bs_slab *slab);

#endif /* BS_PIECE_ROWS_H */
