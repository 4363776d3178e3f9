/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pieces_keep.h"

#include "src/comm.h"
#include "src/mem.h"
#include <string.h>

static const char key[] = "counted";

void bs_pieces_keep(const bs_keep *keep, const bs_source *source,
                    const bs_pieces *pieces)
{
  bs_pack part = {0};
  if (keep == NULL)
    return;
  for (int i = 0; i < pieces->count; i++) {
    const bs_piece *p = &pieces->piece[i];
    const uint64_t counted[3] = {p->line, p->file_row, p->rows};
    bs_pack_add(&part, counted, sizeof counted);
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

static bool take(bs_unpack *from, const bs_source *source, bs_pieces *pieces)
{
  bool whole = true;
  for (int i = 0; i < pieces->count; i++) {
    bs_piece *p = &pieces->piece[i];
    uint64_t counted[3] = {0};
    whole = bs_unpack_take(from, counted, sizeof counted) && whole;
    p->line = counted[0];
    p->file_row = counted[1];
    p->rows = counted[2];
  }
  return bs_unpack_take(from, pieces->file_rows,
                        (size_t)source->files * sizeof *pieces->file_rows) &&
         whole;
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
  *found = take(&from, source, pieces);
  bs_status st = *found ? take_classes(&from, &source->classes) : BS_OK;
  bs_mem_free(&data);
  if (*found)
    keep->say(keep->store, "checkpoint: rows counted are taken over");
  return bs_agree(comm, st);
}
