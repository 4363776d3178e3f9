/* SPDX-License-Identifier: BSD-3-Clause */
/** \file pieces.h
 * The input cut into pieces, who has which, and how many rows they hold.
 */
#ifndef BS_PIECES_H
#define BS_PIECES_H
#include "io/source.h"
#include <mpi.h>

/** Most text of a block, of which rows are counted; and most of a piece, which
 * is converted at once, if rows of all files were equally long. */
enum { BS_BLOCK_BYTES = 1 << 20, BS_PIECE_BYTES = 16 << 20 };

/** Lines of one file that start in [begin, end) of its text. */
typedef struct bs_piece {
  int file, owner;
  uint64_t begin, end;
  uint64_t line;     /**< lines of the file before it */
  uint64_t file_row; /**< rows of the file before it */
  uint64_t rows;
} bs_piece;

/** All pieces in row order, the same on every rank: first blocks of equal text,
 * once they are counted pieces of equal rows. A packed file is one piece. */
typedef struct bs_pieces {
  int count;
  bs_piece *piece;     /**< (count) */
  uint64_t *file_rows; /**< (files) */
  bool packed;         /**< some file is packed */
} bs_pieces;

/** Cut into blocks, and deal them. Not collective, but the same on every
 * rank. */
bs_status bs_pieces_create(const bs_source *source, int ranks, bs_pieces **out);
void bs_pieces_destroy(bs_pieces **pieces);

/** Count lines and rows; for CSV files also find the classes, in order of first
 * appearance, into source->classes. Then blocks become pieces that begin where
 * the number of a row is a multiple of a power of 2, the same for any number of
 * ranks, and of every file. Collective over \a comm.
 * \param [in] threads  Of the caller; only one of them calls MPI. */
bs_status bs_pieces_count(MPI_Comm comm, int threads, bs_source *source,
                          bs_pieces *pieces);

/** Next line of a block: *p moves behind it.
 * \return  Its end without "\n" or "\r\n", or NULL at the end of the block. */
static inline const char *bs_line_end(const char **next, const char *limit)
{
  const char *p = *next;
  if (p == limit)
    return NULL;
  const char *end =
      (const char *)__builtin_memchr(p, '\n', (size_t)(limit - p));
  *next = end == NULL ? limit : end + 1;
  if (end == NULL)
    end = limit;
  return end > p && end[-1] == '\r' ? end - 1 : end;
}

/** Is the line nothing but blanks (or, in ARFF, a comment)? */
static inline bool bs_line_is_blank(const char *p, const char *end, bool arff)
{
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
    p++;
  return p == end || (arff && *p == '%');
}

/** Format of the lines of a source. */
bs_row_format bs_source_format(const bs_source *source);

#endif /* BS_PIECES_H */
