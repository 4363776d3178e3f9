/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pieces.h"

#include "io/pieces_internal.h"
#include "src/mem.h"
#include "src/range.h"
#include <limits.h>

/* Cut a file that has \a index blocks before it, into equal ones; returns their
 * number with its own. \a block may be NULL: they are only counted. */
static uint64_t cut_file(const bs_source_file *f, int file, uint64_t index,
                         bs_piece *block)
{
  const bool plain = f->packing == BS_PLAIN;
  const uint64_t first = plain ? f->data_begin : 0;
  const uint64_t bytes = plain && f->size > first ? f->size - first : 0;
  const uint64_t blocks =
      bytes == 0 ? 1 : (bytes + BS_BLOCK_BYTES - 1) / BS_BLOCK_BYTES;
  for (uint64_t i = 0; block != NULL && i < blocks; i++) {
    const bs_range part = bs_range_part(bytes, i, blocks);
    block[index + i] = (bs_piece){.file = file,
                                  .begin = first + part.first,
                                  .end = plain ? first + part.end : UINT64_MAX};
  }
  return index + blocks;
}

/* Each piece to the rank that has the fewest bytes so far; unpacking costs
 * more than reading. */
static void deal(const bs_source *source, bs_pieces *pieces, int ranks,
                 double *load)
{
  for (int i = 0; i < pieces->count; i++) {
    bs_piece *p = &pieces->piece[i];
    const bs_source_file *f = &source->file[p->file];
    int least = 0;
    for (int r = 1; r < ranks; r++)
      if (load[r] < load[least])
        least = r;
    p->owner = least;
    load[least] += f->packing == BS_PLAIN ? (double)(p->end - p->begin)
                                          : 20. * (double)f->size;
  }
}

bs_status bs_pieces_deal(const bs_source *source, bs_pieces *pieces, int ranks)
{
  double *load;
  BS_TRY(bs_mem_zalloc((size_t)ranks, sizeof *load, &load));
  deal(source, pieces, ranks, load);
  bs_mem_free(&load);
  return BS_OK;
}

bs_status bs_pieces_create(const bs_source *source, int ranks, bs_pieces **out)
{
  bs_pieces *pieces;
  uint64_t count = 0;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *pieces, &pieces));
  for (int i = 0; i < source->files; i++) {
    count = cut_file(&source->file[i], i, count, NULL);
    pieces->packed = pieces->packed || source->file[i].packing != BS_PLAIN;
  }
  bs_status st = BS_OK;
  if (count > INT_MAX / 2)
    st = bs_fail(BS_ERR_INPUT, "the input is too large");
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)count, sizeof *pieces->piece, &pieces->piece);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)source->files, sizeof *pieces->file_rows,
                       &pieces->file_rows);
  for (int i = 0; st == BS_OK && i < source->files; i++)
    pieces->count = (int)cut_file(&source->file[i], i, (uint64_t)pieces->count,
                                  pieces->piece);
  if (st == BS_OK)
    st = bs_pieces_deal(source, pieces, ranks);
  if (st != BS_OK)
    bs_pieces_destroy(&pieces);
  *out = pieces;
  return st;
}

void bs_pieces_destroy(bs_pieces **pieces)
{
  if (*pieces == NULL)
    return;
  bs_mem_free(&(*pieces)->piece);
  bs_mem_free(&(*pieces)->file_rows);
  bs_mem_free(pieces);
}

bs_row_format bs_source_format(const bs_source *source)
{
  return (bs_row_format){.arff = source->kind == BS_SOURCE_ARFF,
                         .columns = source->columns.count,
                         .class_column = source->class_column,
                         .lenient = source->lenient,
                         .classes = &source->classes,
                         .names = &source->columns};
}
