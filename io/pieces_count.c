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
#include <omp.h>
#include <string.h>

/* Classes that a thread has found, in order of first appearance: it comes by
 * its blocks in their order. */
typedef struct found {
  bs_names classes;
  int *block; /* (BS_MAX_CLASSES + 1) where each first appeared, ascending */
  int told;   /* how many all ranks know */
} found;

/* What one block holds; summed over ranks as an array of numbers. */
typedef struct tally {
  uint64_t lines, rows;
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
static bs_status take_class(const bs_source *source, const bs_pieces *blocks,
                            int block, const char *p, const char *end, found *f)
{
  bs_row_format format = bs_source_format(source);
  bs_row_error error;
  char name[BS_MAX_NAME + 1];
  int length = bs_row_class(&format, p, end, name, BS_MAX_NAME, &error);
  if (length < 0 || (source->lenient && length == 1 && name[0] == '?'))
    return BS_OK;
  const int before = f->classes.count;
  BS_TRY(bs_names_add(&f->classes, name, (size_t)length, NULL));
  if (f->classes.count > before)
    f->block[before] = block;
  return f->classes.count > BS_MAX_CLASSES
             ? too_many_classes(source,
                                &source->file[blocks->piece[block].file])
             : BS_OK;
}

static bs_status count_text(const bs_source *source, const bs_pieces *blocks,
                            int block, const char *text, size_t length,
                            uint64_t *skip, tally *t, found *f)
{
  const bool arff = source->kind == BS_SOURCE_ARFF;
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
      BS_TRY(take_class(source, blocks, block, p, end, f));
  }
  return BS_OK;
}

static bs_status count_block(const bs_source *source, const bs_pieces *blocks,
                             int block, bs_lines **lines, tally *t, found *f)
{
  const bs_piece *b = &blocks->piece[block];
  const bs_source_file *file = &source->file[b->file];
  uint64_t skip = file->packing == BS_PLAIN ? 0 : file->data_line;
  const char *text;
  size_t length;
  BS_TRY(bs_lines_open(file, b->begin, b->end, lines));
  do {
    BS_TRY(bs_stop_check());
    BS_TRY(bs_lines_next(*lines, &text, &length));
    BS_TRY(count_text(source, blocks, block, text, length, &skip, t, f));
  } while (length > 0);
  return BS_OK;
}

/* Sums over blocks give each its first line and row. */
static bs_status place_blocks(const bs_source *source, bs_pieces *blocks,
                              const tally *tallies)
{
  int file = -1;
  uint64_t line = 0, row = 0;
  for (int i = 0; i < blocks->count; i++) {
    bs_piece *b = &blocks->piece[i];
    if (b->file != file) {
      file = b->file;
      line = source->file[file].data_line;
      row = 0;
    }
    b->line = line;
    b->file_row = row;
    b->rows = tallies[i].rows;
    line += tallies[i].lines;
    row += tallies[i].rows;
    blocks->file_rows[file] = row;
  }
  for (int i = 0; i < source->files; i++)
    if (blocks->file_rows[i] == 0)
      return bs_fail(BS_ERR_INPUT, "%s: no rows below the header",
                     source->file[i].show);
  return BS_OK;
}

/* The next class of a block that the caller has found, by whichever thread. */
static const char *next_class(found *of, int threads, int block)
{
  for (int t = 0; t < threads; t++)
    if (of[t].told < of[t].classes.count && of[t].block[of[t].told] == block)
      return of[t].classes.item[of[t].told++];
  return "";
}

/* Tell all ranks of a class that \a owner has. */
static bs_status share_class(MPI_Comm comm, int owner, const char *mine,
                             bs_source *source)
{
  char name[BS_MAX_NAME + 1] = "";
  int length = (int)strlen(mine);
  memcpy(name, mine, (size_t)length);
  BS_MPI(MPI_Bcast(&length, 1, MPI_INT, owner, comm));
  BS_MPI(MPI_Bcast(name, length, MPI_CHAR, owner, comm));
  BS_TRY(bs_agree(comm,
                  bs_names_add(&source->classes, name, (size_t)length, NULL)));
  return source->classes.count > BS_MAX_CLASSES
             ? too_many_classes(source, source->file)
             : BS_OK;
}

/* Classes block by block, so that they come in order of first appearance. */
static bs_status merge_classes(MPI_Comm comm, bs_source *source,
                               const bs_pieces *blocks, found *of, int threads)
{
  int *count;
  const int rank = bs_comm_rank(comm);
  bs_status st = bs_mem_zalloc((size_t)blocks->count, sizeof *count, &count);
  BS_TRY(bs_agree(comm, st));
  for (int t = 0; t < threads; t++)
    for (int k = 0; k < of[t].classes.count; k++)
      count[of[t].block[k]]++;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, count, blocks->count, MPI_INT, MPI_SUM,
                       comm));
  for (int i = 0; i < blocks->count && st == BS_OK; i++) {
    const int owner = blocks->piece[i].owner;
    for (; count[i] > 0 && st == BS_OK; count[i]--)
      st = share_class(comm, owner,
                       owner == rank ? next_class(of, threads, i) : "", source);
  }
  bs_mem_free(&count);
  return st;
}

/* Bytes of its file that a block is read from. */
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

/* The caller's blocks, up to the first that fails. */
static void count_all(int rank, int threads, const bs_source *source,
                      bs_pieces *pieces, tally *tallies, found *of,
                      bs_first_fault *fault)
{
  begin_progress(rank, source, pieces);
#pragma omp parallel num_threads(threads)
  {
    bs_lines *text = NULL;
    found *mine = &of[omp_get_thread_num()];
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int i = 0; i < pieces->count; i++) {
      if (pieces->piece[i].owner != rank || bs_fault_before(fault, i))
        continue;
      bs_fault_note(fault, i,
                    count_block(source, pieces, i, &text, &tallies[i], mine));
      bs_progress_add(1, bytes_read(source, &pieces->piece[i]));
    }
    bs_lines_close(&text);
  }
}

static bs_status make_found(const bs_source *source, int threads, found **out)
{
  const size_t room = source->kind == BS_SOURCE_CSV ? BS_MAX_CLASSES + 1 : 0;
  BS_TRY(bs_mem_zalloc((size_t)threads, sizeof **out, out));
  for (int t = 0; t < threads; t++)
    BS_TRY(bs_mem_alloc(room, sizeof *(*out)->block, &(*out)[t].block));
  return BS_OK;
}

static void free_found(int threads, found **of)
{
  for (int t = 0; *of != NULL && t < threads; t++) {
    bs_names_free(&(*of)[t].classes);
    bs_mem_free(&(*of)[t].block);
  }
  bs_mem_free(of);
}

bs_status bs_pieces_count(MPI_Comm comm, int threads, bs_source *source,
                          bs_pieces *pieces)
{
  tally *tallies = NULL;
  found *of = NULL;
  bs_first_fault fault = BS_NO_FAULT;
  bs_status st =
      bs_mem_zalloc((size_t)pieces->count, sizeof *tallies, &tallies);
  if (st == BS_OK)
    st = make_found(source, threads, &of);
  BS_GO(st, bs_agree(comm, st));
  count_all(bs_comm_rank(comm), threads, source, pieces, tallies, of, &fault);
  st = bs_fault_agree(comm, &fault);
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, tallies, 2 * pieces->count, MPI_UINT64_T,
                       MPI_SUM, comm));
  BS_GO(st, place_blocks(source, pieces, tallies));
  if (source->kind == BS_SOURCE_CSV)
    BS_GO(st, merge_classes(comm, source, pieces, of, threads));
  st = bs_pieces_cut(comm, threads, source, pieces);
done:
  free_found(threads, &of);
  bs_mem_free(&tallies);
  return st;
}
