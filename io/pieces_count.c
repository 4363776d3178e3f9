/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pieces.h"

#include "io/datafile.h"
#include "io/first_fault.h"
#include "io/lines.h"
#include "io/pieces_internal.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"
#include <string.h>

/* What one piece holds. */
typedef struct tally {
  uint64_t lines, rows;
  bs_names classes;
} tally;

static bs_status too_many_classes(const bs_source *source,
                                  const bs_source_file *file)
{
  return bs_fail(BS_ERR_INPUT,
                 "%s: column '%.200s' has more than %d values: "
                 "is it the class?",
                 file->show, source->columns.item[source->class_column],
                 BS_MAX_CLASSES);
}

/* A class that cannot be read is passed over: parsing meets it again, and then
 * its line is known. */
static bs_status take_class(const bs_source *source, const bs_piece *piece,
                            const char *p, const char *end, tally *t)
{
  bs_row_format format = bs_source_format(source);
  bs_row_error error;
  char name[BS_MAX_NAME + 1];
  int length = bs_row_class(&format, p, end, name, BS_MAX_NAME, &error);
  if (length < 0 || (source->lenient && length == 1 && name[0] == '?'))
    return BS_OK;
  BS_TRY(bs_names_add(&t->classes, name, (size_t)length, NULL));
  return t->classes.count > BS_MAX_CLASSES
             ? too_many_classes(source, &source->file[piece->file])
             : BS_OK;
}

static bs_status count_block(const bs_source *source, const bs_piece *piece,
                             const char *text, size_t length, uint64_t *skip,
                             tally *t)
{
  bool arff = source->kind == BS_SOURCE_ARFF;
  const char *next = text, *limit = text + length, *end;
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    if (*skip > 0) {
      (*skip)--;
      continue;
    }
    t->lines++;
    if (bs_line_is_blank(p, end, arff))
      continue;
    t->rows++;
    if (source->kind == BS_SOURCE_CSV && source->class_column >= 0)
      BS_TRY(take_class(source, piece, p, end, t));
  }
  return BS_OK;
}

static bs_status count_piece(const bs_source *source, const bs_piece *piece,
                             bs_lines **lines, tally *t)
{
  const bs_source_file *file = &source->file[piece->file];
  uint64_t skip = file->packing == BS_PLAIN ? 0 : file->data_line;
  const char *text;
  size_t length;
  BS_TRY(bs_lines_open(file, piece->begin, piece->end, lines));
  do {
    BS_TRY(bs_stop_check());
    BS_TRY(bs_lines_next(*lines, &text, &length));
    BS_TRY(count_block(source, piece, text, length, &skip, t));
  } while (length > 0);
  return BS_OK;
}

/* Sums over pieces give each its first line and row. */
static bs_status place_pieces(const bs_source *source, bs_pieces *pieces,
                              const uint64_t *lines)
{
  int file = -1;
  uint64_t line = 0, row = 0;
  for (int i = 0; i < pieces->count; i++) {
    bs_piece *p = &pieces->piece[i];
    if (p->file != file) {
      file = p->file;
      line = source->file[file].data_line;
      row = 0;
    }
    p->line = line;
    p->file_row = row;
    line += lines[i];
    row += p->rows;
    pieces->file_rows[file] = row;
  }
  for (int i = 0; i < source->files; i++)
    if (pieces->file_rows[i] == 0)
      return bs_fail(BS_ERR_INPUT, "%s: no rows below the header",
                     source->file[i].show);
  return BS_OK;
}

/* Classes piece by piece, so that they come in order of first appearance. */
static bs_status merge_classes(MPI_Comm comm, bs_source *source,
                               const bs_pieces *pieces, const tally *tallies)
{
  int rank = bs_comm_rank(comm);
  for (int i = 0; i < pieces->count; i++) {
    const bs_names *mine = &tallies[i].classes;
    int owner = pieces->piece[i].owner, count = mine->count;
    BS_MPI(MPI_Bcast(&count, 1, MPI_INT, owner, comm));
    for (int k = 0; k < count; k++) {
      char name[BS_MAX_NAME] = "";
      int length = 0;
      if (rank == owner) {
        length = (int)strlen(mine->item[k]);
        memcpy(name, mine->item[k], (size_t)length);
      }
      BS_MPI(MPI_Bcast(&length, 1, MPI_INT, owner, comm));
      BS_MPI(MPI_Bcast(name, length, MPI_CHAR, owner, comm));
      bs_status st = bs_names_add(&source->classes, name, (size_t)length, NULL);
      BS_TRY(bs_agree(comm, st));
      if (source->classes.count > BS_MAX_CLASSES)
        return too_many_classes(source, source->file);
    }
  }
  return BS_OK;
}

/* Bytes of its file that a piece is read from. */
static uint64_t bytes_read(const bs_source *source, const bs_piece *p)
{
  const bs_source_file *f = &source->file[p->file];
  return f->packing == BS_PLAIN ? p->end - p->begin : f->size;
}

static void begin_progress(int rank, const bs_source *source,
                           const bs_pieces *pieces)
{
  uint64_t own = 0, bytes = 0;
  for (int i = 0; i < pieces->count; i++)
    if (pieces->piece[i].owner == rank) {
      own++;
      bytes += bytes_read(source, &pieces->piece[i]);
    }
  bs_progress_begin("counting rows", pieces->packed ? "files" : "blocks", own,
                    bytes);
}

/* The caller's pieces, up to the first that fails. */
static void count_all(int rank, int threads, const bs_source *source,
                      bs_pieces *pieces, tally *tallies, uint64_t *lines,
                      bs_first_fault *fault)
{
  begin_progress(rank, source, pieces);
#pragma omp parallel num_threads(threads)
  {
    bs_lines *text = NULL;
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int i = 0; i < pieces->count; i++) {
      bs_piece *p = &pieces->piece[i];
      if (p->owner != rank || bs_fault_before(fault, i))
        continue;
      bs_fault_note(fault, i, count_piece(source, p, &text, &tallies[i]));
      p->rows = tallies[i].rows;
      lines[i] = tallies[i].lines;
      bs_progress_add(1, bytes_read(source, p));
    }
    bs_lines_close(&text);
  }
}

bs_status bs_pieces_count(MPI_Comm comm, int threads, bs_source *source,
                          bs_pieces *pieces)
{
  tally *tallies = NULL;
  uint64_t *lines = NULL;
  bs_first_fault fault = BS_NO_FAULT;
  size_t count = (size_t)pieces->count;
  bs_status st = bs_mem_zalloc(count, sizeof *tallies, &tallies);
  if (st == BS_OK)
    st = bs_mem_zalloc(2 * count, sizeof *lines, &lines);
  BS_GO(st, bs_agree(comm, st));
  count_all(bs_comm_rank(comm), threads, source, pieces, tallies, lines,
            &fault);
  st = bs_fault_agree(comm, &fault);
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  for (size_t i = 0; i < count; i++)
    lines[count + i] = pieces->piece[i].rows;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, lines, (int)(2 * count), MPI_UINT64_T,
                       MPI_SUM, comm));
  for (size_t i = 0; i < count; i++)
    pieces->piece[i].rows = lines[count + i];
  BS_GO(st, place_pieces(source, pieces, lines));
  if (source->kind == BS_SOURCE_CSV)
    BS_GO(st, merge_classes(comm, source, pieces, tallies));
  st = bs_pieces_cut(comm, threads, source, pieces);
done:
  for (size_t i = 0; tallies != NULL && i < count; i++)
    bs_names_free(&tallies[i].classes);
  bs_mem_free(&tallies);
  bs_mem_free(&lines);
  return st;
}
