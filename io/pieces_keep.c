/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pieces_keep.h"

#include "io/pieces_internal.h"
#include "src/comm.h"
#include "src/mem.h"
#include <string.h>

static const char key[] = "pieces";

/* Numbers of a piece that do not depend on the ranks. */
enum { NUMBERS = 6 };

void bs_pieces_keep(const bs_keep *keep, const bs_source *source,
                    const bs_pieces *pieces)
{
  bs_pack part = {0};
  if (keep == NULL)
    return;
  bs_pack_add(&part, &pieces->count, sizeof pieces->count);
  for (int i = 0; i < pieces->count; i++) {
    const bs_piece *p = &pieces->piece[i];
    const uint64_t number[NUMBERS] = {(uint64_t)p->file, p->begin,    p->end,
                                      p->line,           p->file_row, p->rows};
    bs_pack_add(&part, number, sizeof number);
  }
  bs_pack_add(&part, pieces->file_rows,
              (size_t)source->files * sizeof *pieces->file_rows);
  for (int k = 0; k < source->classes.count; k++) {
    const char *name = source->classes.item[k];
    bs_pack_add(&part, name, strlen(name) + 1);
  }
  keep->put(keep->store, key, &part);
  bs_pack_clear(&part);
}

/* Into pieces only if it is all there: else they are still to be counted. */
static bs_status take(bs_unpack *from, const bs_source *source,
                      bs_pieces *pieces, bool *whole)
{
  int count = 0;
  bs_piece *piece;
  const size_t bytes = (size_t)source->files * sizeof *pieces->file_rows;
  *whole = bs_unpack_take(from, &count, sizeof count) && count > 0;
  if (!*whole)
    return BS_OK;
  BS_TRY(bs_mem_zalloc((size_t)count, sizeof *piece, &piece));
  for (int i = 0; i < count && *whole; i++) {
    uint64_t number[NUMBERS] = {0};
    *whole = bs_unpack_take(from, number, sizeof number) &&
             number[0] < (uint64_t)source->files;
    piece[i] = (bs_piece){.file = (int)number[0],
                          .begin = number[1],
                          .end = number[2],
                          .line = number[3],
                          .file_row = number[4],
                          .rows = number[5]};
  }
  *whole = *whole && bs_unpack_take(from, pieces->file_rows, bytes);
  if (*whole) {
    bs_mem_free(&pieces->piece);
    pieces->piece = piece;
    pieces->count = count;
  } else {
    bs_mem_free(&piece);
  }
  return BS_OK;
}

/* Names that are there already, those of an ARFF header, stay as they are. */
static bs_status take_classes(const bs_unpack *from, bs_names *classes)
{
  const char *end = from->data + from->left;
  for (const char *p = from->data; p < end; p += strlen(p) + 1)
    BS_TRY(bs_names_add(classes, p, strlen(p), NULL));
  return BS_OK;
}

bs_status bs_pieces_fetch(MPI_Comm comm, const bs_keep *keep, bs_source *source,
                          bs_pieces *pieces, bool *found)
{
  char *data;
  size_t bytes;
  *found = false;
  BS_TRY(bs_keep_fetch(keep, comm, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_unpack from = {data, bytes};
  bs_status st = take(&from, source, pieces, found);
  if (st == BS_OK && *found)
    st = take_classes(&from, &source->classes);
  if (st == BS_OK && *found)
    st = bs_pieces_deal(source, pieces, bs_comm_size(comm));
  bs_mem_free(&data);
  if (st == BS_OK && *found)
    keep->say(keep->store, "checkpoint: rows counted are taken over");
  return bs_agree(comm, st);
}
