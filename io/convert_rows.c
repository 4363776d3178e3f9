/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert_rows.h"

#include "io/convert_turns.h"
#include "io/first_fault.h"
#include "io/piece_rows.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"

/* The pieces of this rank that are still to be done. */
typedef struct share {
  const bs_rows_task *task;
  int rank, count, *piece; /* (count) indices, ascending */
  bs_first_fault fault;
  bs_turns *turns; /* or NULL: the checksum comes later */
} share;

static bs_status find_share(const bs_rows_task *task, share *s)
{
  *s = (share){
      .task = task, .rank = bs_comm_rank(task->comm), .fault = BS_NO_FAULT};
  BS_TRY(
      bs_mem_alloc((size_t)task->pieces->count, sizeof *s->piece, &s->piece));
  /* What is left is dealt anew: an earlier run had other ranks. */
  const bool anew = bs_writer_taken(task->writer) > 0;
  const int size = bs_comm_size(task->comm);
  for (int i = 0, left = 0; i < task->pieces->count; i++) {
    if (bs_writer_has(task->writer, i))
      continue;
    const int owner = anew ? left++ % size : task->pieces->piece[i].owner;
    if (owner == s->rank)
      s->piece[s->count++] = i;
  }
  return BS_OK;
}

static void begin_progress(const share *s)
{
  uint64_t rows = 0;
  for (int k = 0; k < s->count; k++)
    rows += s->task->pieces->piece[s->piece[k]].rows;
  bs_progress_begin("converting", "rows", rows, rows);
}

/* Need a piece be looked at? Not after a fault in one before it. */
static bool is_wanted(const share *s, int piece)
{
  return (s->turns == NULL || bs_turns_good(s->turns)) &&
         !bs_fault_before(&s->fault, piece);
}

static bs_status check_stop(const share *s)
{
  int signal = (int)*s->task->stop;
  return signal == 0 ? bs_stop_check()
                     : bs_fail(BS_ERR_RUNTIME, "stopped by signal %d", signal);
}

/* ---- Pieces. */

/* All rows of a piece of a plain file are in memory together. */
static bs_status convert_whole(share *s, bs_piece_rows *reader, int index,
                               bs_room *room, bs_slab *slab)
{
  BS_TRY(check_stop(s));
  BS_TRY(bs_piece_rows_open(reader, index));
  BS_TRY(bs_piece_rows_next(reader, room, slab));
  BS_TRY(bs_writer_put(s->task->writer, slab));
  BS_TRY(bs_writer_done(s->task->writer, index));
  bs_progress_add(slab->rows, slab->rows);
  return BS_OK;
}

/* A piece of any file, as much at a time as fits into memory. */
static bs_status convert_slabs(share *s, bs_piece_rows *reader, int index,
                               bs_room *room)
{
  bs_slab slab;
  BS_TRY(bs_piece_rows_open(reader, index));
  do {
    BS_TRY(check_stop(s));
    BS_TRY(bs_piece_rows_next(reader, room, &slab));
    BS_TRY(bs_writer_put(s->task->writer, &slab));
    bs_progress_add(slab.rows, slab.rows);
  } while (slab.rows > 0);
  return bs_writer_done(s->task->writer, index);
}

/* What a thread reads, and whom it tells. */
typedef struct reading {
  bs_turns *turns;
  int k;
} reading;

/* Now and then while a thread reads a piece. */
static void tell_turns(void *context, const double *x, size_t rows)
{
  const reading *r = context;
  bs_turns_advance(r->turns, r->k, x, rows);
}

static bs_status create_reader(const share *s, bs_rows_seen *seen,
                               void *context, bs_piece_rows **reader)
{
  const bs_rows_task *t = s->task;
  return bs_piece_rows_create(t->source, t->pieces, t->facts, seen, context,
                              reader);
}

/* Plain files: parse, write, and have the rows wait for their turn. */
static void share_in_turns(share *s)
{
#pragma omp parallel num_threads(s->task->threads)
  {
    bs_piece_rows *reader;
    reading now = {s->turns, 0};
    bs_status st = create_reader(s, tell_turns, &now, &reader);
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int k = 0; k < s->count; k++) {
      bs_slab slab = {0};
      bs_room *room = bs_turns_room(s->turns);
      now.k = k;
      if (st == BS_OK && is_wanted(s, s->piece[k]))
        st = convert_whole(s, reader, s->piece[k], room, &slab);
      bs_fault_note(&s->fault, s->piece[k], st);
      bs_turns_pass(s->turns, k, room, &slab);
    }
    bs_piece_rows_destroy(&reader);
  }
  bs_turns_finish(s->turns);
}

/* Where files are packed a rank has few pieces, long ones that do not fit into
 * memory, and where an earlier run did some they are not there at all: the
 * checksum comes later. */
static void share_freely(share *s)
{
#pragma omp parallel num_threads(s->task->threads)
  {
    bs_piece_rows *reader;
    bs_room room = {0};
    bs_status st = create_reader(s, NULL, NULL, &reader);
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int k = 0; k < s->count; k++) {
      if (st == BS_OK && is_wanted(s, s->piece[k]))
        st = convert_slabs(s, reader, s->piece[k], &room);
      bs_fault_note(&s->fault, s->piece[k], st);
    }
    bs_piece_rows_destroy(&reader);
    bs_room_free(&room);
  }
}

bs_status bs_rows_convert(const bs_rows_task *task, bs_checksum *sum)
{
  share s;
  const bool freely = task->pieces->packed || bs_writer_taken(task->writer) > 0;
  bs_status st = find_share(task, &s);
  if (st == BS_OK && !freely)
    st = bs_turns_create(task, s.count, s.piece, &s.fault, sum, &s.turns);
  BS_GO(st, bs_agree(task->comm, st));
  begin_progress(&s);
  freely ? share_freely(&s) : share_in_turns(&s);
  st = bs_fault_agree(task->comm, &s.fault);
  bs_progress_end();
done:
  bs_turns_destroy(&s.turns);
  bs_mem_free(&s.piece);
  BS_TRY(st);
  BS_TRY(bs_writer_close(task->writer));
  return freely ? bs_checksum_stored(task->comm, bs_writer_path(task->writer),
                                     task->facts->n, task->facts->d, sum)
                : BS_OK;
}
