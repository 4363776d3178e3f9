/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert_turns.h"

#include "src/comm.h"
#include "src/mem.h"
#include <omp.h>
#include <sched.h>

/* A piece that waits for its turn. */
typedef struct waiting {
  bs_room *room; /* NULL: it has not come yet */
  bs_slab slab;
} waiting;

enum { ROOMS = 2 }; /* of a thread */

struct bs_turns {
  const bs_rows_task *task;
  const int *piece; /* (count) */
  const bs_first_fault *fault;
  bs_checksum *sum;
  int rank, count, good;
  bs_room *room;    /* (threads, ROOMS) */
  omp_lock_t lock;  /* for all below, and for MPI */
  int next;         /* whose turn it is, if it is this rank's */
  bool begun;       /* it is: the checksum has come */
  size_t summed;    /* its rows that are in the checksum */
  waiting *waiting; /* (count) */
  bool *full;       /* (threads, ROOMS) */
};

bs_status bs_turns_create(const bs_rows_task *task, int count, const int *piece,
                          const bs_first_fault *fault, bs_checksum *sum,
                          bs_turns **out)
{
  const size_t rooms = ROOMS * (size_t)task->threads;
  bs_turns *t;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *t, &t));
  *t = (bs_turns){.task = task,
                  .piece = piece,
                  .fault = fault,
                  .sum = sum,
                  .rank = bs_comm_rank(task->comm),
                  .count = count,
                  .good = 1};
  omp_init_lock(&t->lock);
  bs_status st = bs_mem_zalloc((size_t)count, sizeof *t->waiting, &t->waiting);
  if (st == BS_OK)
    st = bs_mem_zalloc(rooms, sizeof *t->room, &t->room);
  if (st == BS_OK)
    st = bs_mem_zalloc(rooms, sizeof *t->full, &t->full);
  if (st != BS_OK)
    bs_turns_destroy(&t);
  *out = t;
  return st;
}

void bs_turns_destroy(bs_turns **turns)
{
  bs_turns *t = *turns;
  if (t == NULL)
    return;
  for (int i = 0; t->room != NULL && i < ROOMS * t->task->threads; i++)
    bs_room_free(&t->room[i]);
  omp_destroy_lock(&t->lock);
  bs_mem_free(&t->waiting);
  bs_mem_free(&t->room);
  bs_mem_free(&t->full);
  bs_mem_free(turns);
}

bool bs_turns_good(const bs_turns *turns)
{
  int good;
#pragma omp atomic read
  good = turns->good;
  return good;
}

/* Nothing is good any more unless \a still says so. */
static void lose_good(bs_turns *t, bool still)
{
  if (!still) {
#pragma omp atomic write
    t->good = 0;
  }
}

/* Who has a piece; this rank, as if it had passed the checksum to itself,
 * before the first. */
static int owner(const bs_turns *t, int index)
{
  return index < 0 ? t->rank : t->task->pieces->piece[index].owner;
}

/* Has the next piece the checksum, or does it come by now? */
static bool begin(bs_turns *t)
{
  if (!t->begun && t->next < t->count) {
    const int before = owner(t, t->piece[t->next] - 1);
    t->begun = before == t->rank || bs_checksum_is_here(before, t->task->comm);
    if (t->begun && before != t->rank)
      lose_good(t, bs_checksum_receive(t->sum, before, t->task->comm));
    t->summed = 0;
  }
  return t->begun;
}

static void sum_rows(bs_turns *t, const double *x, size_t rows)
{
  const size_t d = (size_t)t->task->facts->d;
  if (t->good)
    bs_checksum_values(t->sum, x + t->summed * d, (rows - t->summed) * d);
  t->summed = rows;
}

/* After a failure turns are still passed on, so that nobody waits for ever. */
static void take(bs_turns *t)
{
  const int index = t->piece[t->next], last = t->task->pieces->count - 1;
  const int next = index < last ? owner(t, index + 1) : 0;
  const waiting *w = &t->waiting[t->next];
  lose_good(t, !bs_fault_before(t->fault, index + 1));
  sum_rows(t, w->slab.x, w->slab.rows);
  if (next != t->rank)
    bs_checksum_send(t->sum, t->good, next, t->task->comm);
  /* Takes milliseconds now and then, which no other rank needs to wait for. */
  if (t->good)
    bs_writer_reached(t->task->writer, &w->slab);
  t->full[w->room - t->room] = false;
  t->next++;
  t->begun = false;
}

static void take_all(bs_turns *t)
{
  while (begin(t) && t->waiting[t->next].room != NULL)
    take(t);
}

void bs_turns_advance(bs_turns *t, int k, const double *x, size_t rows)
{
  if (!omp_test_lock(&t->lock))
    return; /* whoever has it is at it */
  take_all(t);
  if (t->begun && k == t->next)
    sum_rows(t, x, rows);
  omp_unset_lock(&t->lock);
}

void bs_turns_pass(bs_turns *t, int k, bs_room *room, const bs_slab *slab)
{
  omp_set_lock(&t->lock);
  t->waiting[k] = (waiting){room, *slab};
  take_all(t);
  omp_unset_lock(&t->lock);
}

/* A thread has rooms of its own: whoever has the piece that all others wait for
 * gets one in the end. The first is taken rather than the second, since it is
 * still in the cache. */
bs_room *bs_turns_room(bs_turns *t)
{
  const int mine = ROOMS * omp_get_thread_num();
  for (;; sched_yield()) {
    int i = mine;
    omp_set_lock(&t->lock);
    take_all(t);
    while (i < mine + ROOMS && t->full[i])
      i++;
    if (i < mine + ROOMS)
      t->full[i] = true;
    omp_unset_lock(&t->lock);
    if (i < mine + ROOMS)
      return &t->room[i];
  }
}

void bs_turns_finish(bs_turns *t)
{
  const int last = owner(t, t->task->pieces->count - 1);
  for (; t->next < t->count; sched_yield())
    take_all(t);
  if (t->rank == 0 && last != 0)
    bs_checksum_receive(t->sum, last, t->task->comm);
}
