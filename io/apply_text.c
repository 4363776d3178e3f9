/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/apply_text.h"

#include "io/apply_em.h"
#include "io/datafile.h"
#include "io/first_fault.h"
#include "io/lines.h"
#include "io/nbaiot.h"
#include "io/pieces.h"
#include "src/comm.h"
#include "src/mem.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* An input on its way through a model. */
typedef struct passage {
  MPI_Comm comm;
  int rank;
  const bs_model *model;
  bs_source *source;
  bs_pieces *pieces;
  bs_row_format format;
  bool *skip;      /* (columns): no feature of the model */
  int *position;   /* (features): column of each */
  double *x;       /* (columns): numbers of a line, without the class */
  double *row;     /* (features): the same in the model's order */
  uint16_t *code;  /* (classes of the source): the model's */
  uint16_t *named; /* (files): class by the file's name */
  bs_em_tile tile; /* of a mixture */
} passage;

/* Rows of a piece. */
typedef struct batch {
  size_t rows;
  uint32_t *leaf;
  double *value; /* (rows, out->width) */
  uint16_t *truth;
} batch;

static bs_status find_source(passage *p, int count, char *const *paths,
                             const char *label)
{
  json_t *json = NULL;
  bs_status st = BS_OK;
  if (p->rank == 0) {
    st = bs_source_find_rows(count, paths,
                             label == NULL ? p->model->label : label,
                             label != NULL, &p->source);
    if (st == BS_OK)
      json = bs_source_to_json(p->source);
  }
  BS_GO(st, bs_agree(p->comm, st));
  BS_GO(st, bs_json_bcast(p->comm, &json));
  if (p->rank != 0)
    st = bs_source_from_json(json, &p->source);
  st = bs_agree(p->comm, st);
done:
  json_decref(json);
  return st;
}

/* ---- Columns and classes. */

static bs_status match_columns(passage *p)
{
  const bs_source *s = p->source;
  size_t columns = (size_t)s->columns.count;
  size_t features = (size_t)p->model->features.count;
  BS_TRY(bs_mem_alloc(columns, sizeof *p->skip, &p->skip));
  BS_TRY(bs_mem_alloc(columns, sizeof *p->x, &p->x));
  BS_TRY(bs_mem_alloc(features, sizeof *p->position, &p->position));
  BS_TRY(bs_mem_alloc(features, sizeof *p->row, &p->row));
  BS_TRY(bs_apply_match(p->model, s->file->show, s->columns.count,
                        s->columns.item, p->position));
  for (size_t j = 0; j < columns; j++)
    p->skip[j] = (int)j != s->class_column;
  for (size_t f = 0; f < features; f++) {
    int column = p->position[f];
    if (column == s->class_column)
      return bs_fail(BS_ERR_INPUT,
                     "%s: column '%.200s' is the class here, and a feature of "
                     "the model",
                     s->file->show, s->columns.item[column]);
    p->skip[column] = false;
    /* The class has no place among the numbers. */
    p->position[f] -= s->class_column >= 0 && column > s->class_column;
  }
  return BS_OK;
}

/* N-BaIoT: the class of every file under the model's labels. */
static bs_status name_files(passage *p, bs_applied *out)
{
  int labels = 0;
  size_t files = (size_t)p->source->files;
  char **name;
  while (strcmp(bs_labels_name((bs_labels)labels), p->model->label) != 0)
    labels++;
  BS_TRY(bs_mem_alloc(files, sizeof *p->named, &p->named));
  BS_TRY(bs_mem_alloc(files, sizeof *name, &name));
  for (size_t i = 0; i < files; i++)
    name[i] = (char *)bs_labels_class(
        (bs_labels)labels,
        bs_labels_of_attack((bs_labels)labels, p->source->file[i].attack));
  bs_status st = bs_apply_classes(p->model, (int)files, name, p->named, out);
  bs_mem_free(&name);
  return st;
}

static bs_status match_classes(passage *p, bs_applied *out)
{
  const bs_names *classes = &p->source->classes;
  if (p->source->kind == BS_SOURCE_NBAIOT)
    return name_files(p, out);
  if (p->source->class_column < 0)
    return BS_OK;
  BS_TRY(bs_mem_alloc((size_t)classes->count, sizeof *p->code, &p->code));
  return bs_apply_classes(p->model, classes->count, classes->item, p->code,
                          out);
}

/* ---- Rows. */

/* Where reading stands in a file. */
typedef struct place {
  const bs_piece *piece;
  uint64_t line; /* of the file, the one before counted */
  uint64_t skip; /* header lines still to come */
} place;

static bs_status fail_line(const passage *p, const place *at,
                           const bs_row_error *error)
{
  return bs_source_line_error(&p->source->file[at->piece->file], at->line,
                              error);
}

static bs_status take_line(passage *p, const char *text, const char *end,
                           const place *at, batch *b)
{
  bs_row_error error = {0, ""};
  uint16_t y = BS_NO_CLASS;
  if (b->rows == at->piece->rows)
    return bs_source_changed(&p->source->file[at->piece->file]);
  if (!bs_row_parse(&p->format, text, end, p->x, &y, &error))
    return fail_line(p, at, &error);
  for (int f = 0; f < p->model->features.count; f++)
    p->row[f] = p->x[p->position[f]];
  if (p->named != NULL)
    y = p->named[at->piece->file];
  else if (y != BS_NO_CLASS)
    y = p->code[y];
  if (p->model->tree != NULL)
    b->leaf[b->rows] = bs_tree_leaf(p->model->tree, p->row, 1, 0);
  else
    bs_em_tile_add(&p->tile, p->row);
  b->truth[b->rows++] = y;
  return BS_OK;
}

/* A blank line is part of an ARFF file, or the end of a CSV file. */
static bs_status take_blank(const passage *p, const place *at, const batch *b)
{
  bs_row_error error = {0, "empty line"};
  uint64_t row = at->piece->file_row + b->rows;
  if (p->format.arff || row >= p->pieces->file_rows[at->piece->file])
    return BS_OK;
  return fail_line(p, at, &error);
}

static bs_status take_block(passage *p, const char *text, size_t length,
                            bool cut, place *at, batch *b)
{
  bs_row_error too_long = {0, "the line is longer than 8 MiB"};
  const char *next = text, *limit = text + length, *end;
  for (const char *q = next; (end = bs_line_end(&next, limit)) != NULL;
       q = next) {
    if (at->skip > 0) {
      at->skip--;
      continue;
    }
    at->line++;
    if (end - q >= BS_MAX_LINE || (cut && next == limit))
      return fail_line(p, at, &too_long);
    BS_TRY(bs_line_is_blank(q, end, p->format.arff)
               ? take_blank(p, at, b)
               : take_line(p, q, end, at, b));
  }
  return BS_OK;
}

/* *lines is reused from piece to piece. */
static bs_status take_piece(passage *p, const bs_piece *piece, bs_lines **lines,
                            batch *b)
{
  const bs_source_file *file = &p->source->file[piece->file];
  place at = {piece, piece->line,
              file->packing == BS_PLAIN ? 0 : file->data_line};
  const char *text;
  size_t length;
  BS_TRY(bs_mem_alloc((size_t)piece->rows, sizeof *b->leaf, &b->leaf));
  BS_TRY(bs_mem_alloc((size_t)piece->rows, sizeof *b->truth, &b->truth));
  if (p->model->em != NULL) {
    size_t width = 1 + (size_t)p->model->em->mixture.k;
    BS_TRY(
        bs_mem_alloc((size_t)piece->rows, width * sizeof *b->value, &b->value));
    p->tile.code = b->leaf;
    p->tile.value = b->value;
  }
  BS_TRY(bs_lines_open(file, piece->begin, piece->end, lines));
  bs_status st;
  while ((st = bs_lines_next(*lines, &text, &length)) == BS_OK && length > 0) {
    st = take_block(p, text, length, bs_lines_cut(*lines), &at, b);
    if (st != BS_OK)
      break;
  }
  if (p->model->em != NULL)
    bs_em_tile_flush(&p->tile);
  return st == BS_OK && b->rows < piece->rows
             ? bs_source_changed(&p->source->file[piece->file])
             : st;
}

static bs_status take_pieces(passage *p, batch *all, int *failed)
{
  bs_lines *lines = NULL;
  bs_status st = BS_OK;
  for (int i = 0; i < p->pieces->count && st == BS_OK; i++) {
    if (p->pieces->piece[i].owner != p->rank)
      continue;
    *failed = i;
    st = take_piece(p, &p->pieces->piece[i], &lines, &all[i]);
  }
  bs_lines_close(&lines);
  return st;
}

/* Bring the rows of all pieces to rank 0, in order. */
static void collect(const passage *p, const batch *all, bs_applied *out)
{
  size_t at = 0, width = (size_t)out->width;
  MPI_Datatype row = bs_applied_row_type(out);
  for (int i = 0; i < p->pieces->count; i++) {
    const bs_piece *piece = &p->pieces->piece[i];
    size_t rows = (size_t)piece->rows;
    int count = (int)rows, owner = piece->owner;
    if (owner == 0 && p->rank == 0) {
      memcpy(out->leaf + at, all[i].leaf, rows * sizeof *out->leaf);
      memcpy(out->truth + at, all[i].truth, rows * sizeof *out->truth);
      if (width > 0)
        memcpy(out->value + at * width, all[i].value,
               rows * width * sizeof *out->value);
    } else if (p->rank == owner) {
      BS_MPI(MPI_Send(all[i].leaf, count, MPI_UINT32_T, 0, 0, p->comm));
      BS_MPI(MPI_Send(all[i].truth, count, MPI_UINT16_T, 0, 1, p->comm));
      BS_MPI(MPI_Send(all[i].value, count, row, 0, 2, p->comm));
    } else if (p->rank == 0) {
      BS_MPI(MPI_Recv(out->leaf + at, count, MPI_UINT32_T, owner, 0, p->comm,
                      MPI_STATUS_IGNORE));
      BS_MPI(MPI_Recv(out->truth + at, count, MPI_UINT16_T, owner, 1, p->comm,
                      MPI_STATUS_IGNORE));
      BS_MPI(MPI_Recv(out->value + at * width, count, row, owner, 2, p->comm,
                      MPI_STATUS_IGNORE));
    }
    at += rows;
  }
  BS_MPI(MPI_Type_free(&row));
}

static bs_status run_pieces(passage *p, bs_applied *out)
{
  batch *all = NULL;
  int failed = 0;
  size_t count = (size_t)p->pieces->count;
  for (size_t i = 0; i < count; i++)
    out->n += p->pieces->piece[i].rows;
  bs_status st = bs_mem_zalloc(count, sizeof *all, &all);
  if (st == BS_OK && out->n > INT_MAX)
    st = bs_fail(BS_ERR_INPUT, "%s: more than 2^31 - 1 rows",
                 p->source->file->show);
  if (st == BS_OK)
    st = bs_applied_room(p->comm, out);
  BS_GO(st, bs_agree(p->comm, st));
  st = take_pieces(p, all, &failed);
  BS_GO(st, bs_agree_first(p->comm, st, failed));
  collect(p, all, out);
done:
  for (size_t i = 0; all != NULL && i < count; i++) {
    bs_mem_free(&all[i].leaf);
    bs_mem_free(&all[i].value);
    bs_mem_free(&all[i].truth);
  }
  bs_mem_free(&all);
  return st;
}

static bool skips_any(const passage *p)
{
  for (int j = 0; j < p->source->columns.count; j++)
    if (p->skip[j])
      return true;
  return false;
}

static bs_status prepare(passage *p, bs_applied *out)
{
  BS_TRY(match_classes(p, out));
  p->format = bs_source_format(p->source);
  p->format.skip = skips_any(p) ? p->skip : NULL; /* NULL is faster */
  out->simulated = p->source->simulated;
  out->source = strdup(p->source->simulated ? "simulated capture"
                       : p->source->kind == BS_SOURCE_NBAIOT ? "N-BaIoT"
                                                             : p->source->base);
  return out->source == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory")
                             : BS_OK;
}

bs_status bs_apply_text(MPI_Comm comm, const bs_model *model, int count,
                        char *const *paths, const bs_apply_options *options,
                        bs_applied *out)
{
  passage p = {.comm = comm, .rank = bs_comm_rank(comm), .model = model};
  bs_status st;
  BS_GO(st, find_source(&p, count, paths, options->label));
  st = match_columns(&p);
  if (st == BS_OK && model->em != NULL)
    st = bs_em_tile_make(model->em, options->kernels, &p.tile);
  if (st == BS_OK)
    st = bs_pieces_create(p.source, bs_comm_size(comm), &p.pieces);
  BS_GO(st, bs_agree(comm, st));
  if (options->dry_run)
    goto done;
  BS_GO(st, bs_pieces_count(comm, 1, p.source, p.pieces));
  BS_GO(st, bs_agree(comm, prepare(&p, out)));
  st = run_pieces(&p, out);
done:
  bs_em_tile_free(&p.tile);
  bs_source_destroy(&p.source);
  bs_pieces_destroy(&p.pieces);
  bs_mem_free(&p.skip);
  bs_mem_free(&p.position);
  bs_mem_free(&p.x);
  bs_mem_free(&p.row);
  bs_mem_free(&p.code);
  bs_mem_free(&p.named);
  return st;
}
