/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pieces_internal.h"

#include "io/first_fault.h"
#include "io/lines.h"
#include "src/comm.h"
#include "src/mem.h"
#include <limits.h>

/* Rows of a piece: a power of 2, so that pieces end where pages and chunks of
 * columns do, which saves the file system half of its work. */
static uint64_t most_rows(const bs_source *source, const bs_pieces *blocks)
{
  uint64_t bytes = 0, all = 0, rows = 1;
  for (int i = 0; i < blocks->count; i++) {
    const bs_piece *b = &blocks->piece[i];
    if (source->file[b->file].packing != BS_PLAIN)
      continue;
    bytes += b->end - b->begin;
    all += b->rows;
  }
  while (bytes > 0 && (double)bytes / (double)all * 2. * (double)rows <=
                          (double)BS_PIECE_BYTES)
    rows *= 2;
  return rows;
}

/* Where a piece ends that begins with a row of the data file, \a index pieces
 * being before it. The first of all grow by steps: ranks whose pieces are equal
 * would write at the same time and wait for each other's turns. Pieces do not
 * depend on the number of ranks, since a checkpoint counts them. */
static uint64_t piece_end(uint64_t index, uint64_t row, uint64_t most)
{
  enum { STEPS = 8 };
  const uint64_t step = most / STEPS;
  return index < STEPS && step > 0 ? (row / step + index + 1) * step
                                   : (row / most + 1) * most;
}

/* Pieces of all files, without their places in the text; returns how many.
 * \a piece may be NULL: they are only counted. */
static uint64_t cut_rows(const bs_source *source, const bs_pieces *blocks,
                         uint64_t most, bs_piece *piece)
{
  uint64_t count = 0, first = 0;
  for (int f = 0; f < source->files; f++) {
    const uint64_t end = first + blocks->file_rows[f];
    const bool plain = source->file[f].packing == BS_PLAIN;
    for (uint64_t row = first, next; row < end; row = next, count++) {
      next = plain ? piece_end(count, row, most) : end;
      next = next < end ? next : end;
      if (piece != NULL)
        piece[count] =
            (bs_piece){.file = f, .file_row = row - first, .rows = next - row};
    }
    first = end;
  }
  return count;
}

/* The block that has the first row of a piece. */
static const bs_piece *find_block(const bs_pieces *blocks,
                                  const bs_piece *piece)
{
  int low = 0, high = blocks->count - 1;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    const bs_piece *b = &blocks->piece[middle];
    if (b->file < piece->file ||
        (b->file == piece->file && b->file_row + b->rows <= piece->file_row))
      low = middle + 1;
    else
      high = middle;
  }
  return &blocks->piece[low];
}

/* Where a piece of a plain file begins, which is not its first, and the lines
 * before it. */
static bs_status find_begin(const bs_source *source, const bs_piece *block,
                            uint64_t file_row, bs_lines **lines, uint64_t at[2])
{
  const bs_source_file *file = &source->file[block->file];
  const bool arff = source->kind == BS_SOURCE_ARFF;
  uint64_t left = file_row - block->file_row;
  at[0] = block->begin;
  at[1] = block->line;
  if (left > 0)
    BS_TRY(bs_lines_open(file, block->begin, block->end, lines));
  while (left > 0) {
    const char *text, *end;
    size_t length;
    BS_TRY(bs_lines_next(*lines, &text, &length));
    if (length == 0)
      return bs_source_changed(file);
    const char *next = text;
    for (const char *p = next;
         left > 0 && (end = bs_line_end(&next, text + length)) != NULL;
         p = next) {
      at[1]++;
      left -= !bs_line_is_blank(p, end, arff);
    }
    at[0] = bs_lines_place(*lines) + (uint64_t)(next - text);
  }
  return BS_OK;
}

/* Each rank looks in the blocks that it has counted; at: (count, 2). */
static bs_status find_all(MPI_Comm comm, int threads, const bs_source *source,
                          const bs_pieces *blocks, const bs_piece *piece,
                          int count, uint64_t (*at)[2])
{
  const int rank = bs_comm_rank(comm);
  bs_first_fault fault = BS_NO_FAULT;
#pragma omp parallel num_threads(threads)
  {
    bs_lines *lines = NULL;
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int i = 0; i < count; i++) {
      const bs_piece *block = find_block(blocks, &piece[i]);
      if (piece[i].file_row > 0 && block->owner == rank)
        bs_fault_note(
            &fault, i,
            find_begin(source, block, piece[i].file_row, &lines, at[i]));
    }
    bs_lines_close(&lines);
  }
  BS_TRY(bs_fault_agree(comm, &fault));
  BS_MPI(
      MPI_Allreduce(MPI_IN_PLACE, at, 2 * count, MPI_UINT64_T, MPI_SUM, comm));
  return BS_OK;
}

/* The first piece of a file begins where the text does: there may be lines
 * without a row before the first. A piece ends where the next one begins. */
static void set_places(const bs_source *source, bs_piece *piece, int count,
                       uint64_t (*at)[2])
{
  for (int i = count - 1; i >= 0; i--) {
    const bs_source_file *f = &source->file[piece[i].file];
    const bool plain = f->packing == BS_PLAIN, first = piece[i].file_row == 0;
    piece[i].begin = !first ? at[i][0] : plain ? f->data_begin : 0;
    piece[i].line = first ? f->data_line : at[i][1];
    piece[i].end = plain ? f->size : UINT64_MAX;
    if (i + 1 < count && piece[i + 1].file == piece[i].file)
      piece[i].end = piece[i + 1].begin;
  }
}

bs_status bs_pieces_cut(MPI_Comm comm, int threads, const bs_source *source,
                        bs_pieces *pieces)
{
  const uint64_t most = most_rows(source, pieces);
  const uint64_t count = cut_rows(source, pieces, most, NULL);
  bs_piece *piece = NULL;
  uint64_t(*at)[2] = NULL;
  bs_status st = BS_OK;
  if (count > INT_MAX / 2)
    st = bs_fail(BS_ERR_INPUT, "the input is too large");
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)count, sizeof *piece, &piece);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)count, sizeof *at, &at);
  BS_GO(st, bs_agree(comm, st));
  cut_rows(source, pieces, most, piece);
  BS_GO(st, find_all(comm, threads, source, pieces, piece, (int)count, at));
  set_places(source, piece, (int)count, at);
  bs_mem_free(&pieces->piece);
  pieces->piece = piece;
  pieces->count = (int)count;
  piece = NULL;
  st = bs_agree(comm, bs_pieces_deal(source, pieces, bs_comm_size(comm)));
done:
  bs_mem_free(&piece);
  bs_mem_free(&at);
  return st;
}
