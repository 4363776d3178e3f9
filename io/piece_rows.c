/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/piece_rows.h"

#include "io/lines.h"
#include "io/nbaiot.h"
#include "io/row.h"
#include "src/mem.h"
#include <string.h>

/* Text of a packed file that is read at once. */
enum { SLAB_BYTES = 8 << 20 };

struct bs_piece_rows {
  const bs_source *source;
  const bs_pieces *pieces;
  const bs_datafile *facts;
  bs_row_format format;
  bs_lines *lines;
  bs_rows_seen *seen; /* or NULL */
  void *context;
  size_t most; /* rows of a room */
  /* Where reading stands: */
  const bs_piece *piece;
  const bs_source_file *file;
  uint64_t line, row; /* of the file, before the next line */
  uint64_t skip;      /* header lines still to come */
};

/* The longest piece of a plain file, or what is read at once of a packed one,
 * where a value takes a digit and what ends it, and the last lines can be of a
 * block of their own. */
static size_t most_rows(const bs_piece_rows *r)
{
  size_t most =
      r->pieces->packed
          ? (SLAB_BYTES + BS_LINES_MOST) / (2 * (size_t)r->format.columns) + 1
          : 0;
  for (int i = 0; i < r->pieces->count; i++) {
    const bs_piece *p = &r->pieces->piece[i];
    if (r->source->file[p->file].packing == BS_PLAIN && p->rows > most)
      most = (size_t)p->rows;
  }
  return most;
}

bs_status bs_piece_rows_create(const bs_source *source, const bs_pieces *pieces,
                               const bs_datafile *facts, bs_rows_seen *seen,
                               void *context, bs_piece_rows **out)
{
  bs_piece_rows *r;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *r, &r));
  *r = (bs_piece_rows){.source = source,
                       .pieces = pieces,
                       .facts = facts,
                       .format = bs_source_format(source),
                       .seen = seen,
                       .context = context};
  r->most = most_rows(r);
  *out = r;
  return BS_OK;
}

void bs_piece_rows_destroy(bs_piece_rows **reader)
{
  if (*reader == NULL)
    return;
  bs_lines_close(&(*reader)->lines);
  bs_mem_free(reader);
}

static bs_status make_room(const bs_piece_rows *r, bs_room *room)
{
  if (room->x == NULL)
    BS_TRY(bs_mem_alloc_huge(r->most * (size_t)r->facts->d, sizeof *room->x,
                             &room->x));
  return room->y != NULL ? BS_OK
                         : bs_mem_alloc(r->most, sizeof *room->y, &room->y);
}

void bs_room_free(bs_room *room)
{
  bs_mem_free(&room->x);
  bs_mem_free(&room->y);
}

bs_status bs_piece_rows_open(bs_piece_rows *r, int piece)
{
  r->piece = &r->pieces->piece[piece];
  r->file = &r->source->file[r->piece->file];
  r->line = r->piece->line;
  r->row = r->piece->file_row;
  r->skip = r->file->packing == BS_PLAIN ? 0 : r->file->data_line;
  return bs_lines_open(r->file, r->piece->begin, r->piece->end, &r->lines);
}

static bs_status fail_line(const bs_piece_rows *r, const char *text)
{
  bs_row_error error = {0, ""};
  strcpy(error.text, text);
  return bs_source_line_error(r->file, r->line, &error);
}

static bs_status parse_line(bs_piece_rows *r, const char *p, const char *end,
                            const bs_room *room, size_t row)
{
  bs_row_error error = {0, ""};
  if (row >= r->most)
    return bs_source_changed(r->file);
  if (bs_row_parse(&r->format, p, end, room->x + row * (size_t)r->facts->d,
                   &room->y[row], &error))
    return BS_OK;
  return bs_source_line_error(r->file, r->line, &error);
}

/* A blank line is part of an ARFF file, or the end of a CSV file. */
static bs_status check_blank(const bs_piece_rows *r)
{
  return r->format.arff || r->row >= r->pieces->file_rows[r->piece->file]
             ? BS_OK
             : fail_line(r, "empty line");
}

static bs_status parse_block(bs_piece_rows *r, const char *text, size_t length,
                             const bs_room *room, size_t *rows)
{
  const char *next = text, *limit = text + length, *end;
  bool cut = bs_lines_cut(r->lines);
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    if (r->skip > 0) {
      r->skip--;
      continue;
    }
    r->line++;
    if (end - p >= BS_MAX_LINE || (cut && next == limit))
      return fail_line(r, "the line is longer than 8 MiB");
    if (bs_line_is_blank(p, end, r->format.arff)) {
      BS_TRY(check_blank(r));
      continue;
    }
    BS_TRY(parse_line(r, p, end, room, *rows));
    r->row++;
    (*rows)++;
  }
  return BS_OK;
}

/* N-BaIoT: the class of a row is that of its file. */
static void label_rows(const bs_piece_rows *r, size_t rows, uint16_t *y)
{
  if (r->source->kind != BS_SOURCE_NBAIOT)
    return;
  const char *name = bs_labels_class(
      BS_LABELS_FAMILY, bs_labels_of_attack(BS_LABELS_FAMILY, r->file->attack));
  uint16_t code = 0;
  while (strcmp(r->facts->class_name[code], name) != 0)
    code++;
  for (size_t i = 0; i < rows; i++)
    y[i] = code;
}

/* Rows of a piece must be what was counted, or they would overwrite others. */
static bs_status check_rows(const bs_piece_rows *r, bool ended)
{
  const uint64_t last = r->piece->file_row + r->piece->rows;
  return r->row > last || (ended && r->row < last) ? bs_source_changed(r->file)
                                                   : BS_OK;
}

bs_status bs_piece_rows_next(bs_piece_rows *r, bs_room *room, bs_slab *slab)
{
  const char *text;
  size_t length, taken = 0, rows = 0;
  bool plain = r->file->packing == BS_PLAIN;
  BS_TRY(make_room(r, room));
  do {
    BS_TRY(bs_lines_next(r->lines, &text, &length));
    BS_TRY(parse_block(r, text, length, room, &rows));
    if (r->seen != NULL)
      r->seen(r->context, room->x, rows);
    taken += length;
  } while (length > 0 && (plain || taken < SLAB_BYTES || rows == 0));
  BS_TRY(check_rows(r, length == 0));
  label_rows(r, rows, room->y);
  *slab = (bs_slab){r->facts->part[r->piece->file].first + r->row - rows, rows,
                    r->piece->file, room->x, room->y};
  return BS_OK;
}
