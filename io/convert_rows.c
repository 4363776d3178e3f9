/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert_rows.h"

#include "io/first_fault.h"
#include "io/piece_rows.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"

/* The pieces of this rank that are still to be done. */
typedef struct share {
  const bs_rows_task *task;
  bs_checksum *sum;
  int rank, count, *piece; /* (count) indices, ascending */
  bs_first_fault fault;
  int good; /* no piece that has had its turn has failed, on any rank */
} share;

static bs_status find_share(const bs_rows_task *task, share *s)
{
  *s = (share){.task = task,
               .rank = bs_comm_rank(task->comm),
               .fault = BS_NO_FAULT,
               .good = 1};
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
static bool is_wanted(share *s, int piece)
{
  int good;
#pragma omp atomic read
  good = s->good;
  return good && !bs_fault_before(&s->fault, piece);
}

/* Nothing is good any more unless \a still says so. */
static void lose_good(share *s, bool still)
{
  if (!still) {
#pragma omp atomic write
    s->good = 0;
  }
}

static bs_status check_stop(const share *s)
{
  int signal = (int)*s->task->stop;
  return signal == 0 ? bs_stop_check()
                     : bs_fail(BS_ERR_RUNTIME, "stopped by signal %d", signal);
}

/* ---- Turns: the checksum goes from piece to piece in row order, with the word
 * whether a piece before has failed. */

/* After a failure turns are still passed on, so that nobody waits for ever. */
static void take_turn(share *s, int index, const bs_slab *slab)
{
  const bs_pieces *pieces = s->task->pieces;
  const bs_piece *piece = &pieces->piece[index];
  if (index > 0 && piece[-1].owner != s->rank)
    lose_good(s, bs_checksum_receive(s->sum, piece[-1].owner, s->task->comm));
  lose_good(s, !bs_fault_before(&s->fault, index + 1));
  if (s->good)
    bs_checksum_values(s->sum, slab->x, slab->rows * (size_t)s->task->facts->d);
  int next = index + 1 < pieces->count ? piece[1].owner : 0;
  if (next != s->rank)
    bs_checksum_send(s->sum, s->good, next, s->task->comm);
  /* Takes milliseconds now and then, which nobody needs to wait for. */
  if (s->good)
    bs_writer_reached(s->task->writer, slab->first + slab->rows);
}

/* Rank 0 ends up with the checksum. */
static void take_last_turn(share *s)
{
  const bs_pieces *pieces = s->task->pieces;
  int last = pieces->piece[pieces->count - 1].owner;
  if (s->rank == 0 && last != 0)
    bs_checksum_receive(s->sum, last, s->task->comm);
}

/* ---- Pieces. */

/* All rows of a piece of a plain file are in memory together. */
static bs_status convert_whole(share *s, bs_piece_rows *reader, int index,
                               bs_slab *slab)
{
  BS_TRY(check_stop(s));
  BS_TRY(bs_piece_rows_open(reader, index));
  BS_TRY(bs_piece_rows_next(reader, slab));
  BS_TRY(bs_writer_put(s->task->writer, slab));
  BS_TRY(bs_writer_done(s->task->writer, index));
  bs_progress_add(slab->rows, slab->rows);
  return BS_OK;
}

/* A piece of any file, as much at a time as fits into memory. */
static bs_status convert_slabs(share *s, bs_piece_rows *reader, int index)
{
  bs_slab slab;
  BS_TRY(bs_piece_rows_open(reader, index));
  do {
    BS_TRY(check_stop(s));
    BS_TRY(bs_piece_rows_next(reader, &slab));
    BS_TRY(bs_writer_put(s->task->writer, &slab));
    bs_progress_add(slab.rows, slab.rows);
  } while (slab.rows > 0);
  return bs_writer_done(s->task->writer, index);
}

static bs_status create_reader(const share *s, bs_piece_rows **reader)
{
  const bs_rows_task *t = s->task;
  *reader = NULL;
  return bs_piece_rows_create(t->source, t->pieces, t->facts, reader);
}

/* Plain files: parse, write, wait for one's turn at the checksum. */
static void share_in_turns(share *s)
{
#pragma omp parallel num_threads(s->task->threads)
  {
    bs_piece_rows *reader;
    bs_status st = create_reader(s, &reader);
#pragma omp for ordered schedule(monotonic : dynamic, 1)
    for (int k = 0; k < s->count; k++) {
      bs_slab slab = {0};
      if (st == BS_OK && is_wanted(s, s->piece[k]))
        st = convert_whole(s, reader, s->piece[k], &slab);
      bs_fault_note(&s->fault, s->piece[k], st);
#pragma omp ordered
      take_turn(s, s->piece[k], &slab);
    }
    bs_piece_rows_destroy(&reader);
  }
  take_last_turn(s);
}

/* Where files are packed a rank has few pieces, long ones that do not fit into
 * memory, and where an earlier run did some they are not there at all: the
 * checksum comes later. */
static void share_freely(share *s)
{
#pragma omp parallel num_threads(s->task->threads)
  {
    bs_piece_rows *reader;
    bs_status st = create_reader(s, &reader);
#pragma omp for schedule(monotonic : dynamic, 1)
    for (int k = 0; k < s->count; k++) {
      if (st == BS_OK && is_wanted(s, s->piece[k]))
        st = convert_slabs(s, reader, s->piece[k]);
      bs_fault_note(&s->fault, s->piece[k], st);
    }
    bs_piece_rows_destroy(&reader);
  }
}

bs_status bs_rows_convert(const bs_rows_task *task, bs_checksum *sum)
{
  share s;
  const bool freely = task->pieces->packed || bs_writer_taken(task->writer) > 0;
  BS_TRY(bs_agree(task->comm, find_share(task, &s)));
  s.sum = sum;
  begin_progress(&s);
  freely ? share_freely(&s) : share_in_turns(&s);
  bs_mem_free(&s.piece);
  const bs_status st = bs_fault_agree(task->comm, &s.fault);
  bs_progress_end();
  BS_TRY(st);
  BS_TRY(bs_writer_close(task->writer));
  return freely ? bs_checksum_stored(task->comm, bs_writer_path(task->writer),
                                     task->facts->n, task->facts->d, sum)
                : BS_OK;
}
