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

struct bs_turns {
  const bs_rows_task *task;
  const int *piece; /* (count) */
  const bs_first_fault *fault;
  bs_checksum *sum;
  int rank, count, good;
  omp_lock_t lock;  /* for all below, and for MPI */
  int next;         /* whose turn it is, if it is this rank's */
  waiting *waiting; /* (count) */
  bs_room *room;    /* (2 threads) */
  bs_room **free;   /* (frees) of them */
  int frees;
};

bs_status bs_turns_create(const bs_rows_task *task, int count, const int *piece,
                          const bs_first_fault *fault, bs_checksum *sum,
                          bs_turns **out)
{
  const size_t rooms = 2 * (size_t)task->threads;
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
  bs_status st =
      bs_mem_zalloc((size_t)count + 1, sizeof *t->waiting, &t->waiting);
  if (st == BS_OK)
    st = bs_mem_zalloc(rooms, sizeof *t->room, &t->room);
  if (st == BS_OK)
    st = bs_mem_zalloc(rooms, sizeof *t->free, &t->free);
  /* The last freed is taken first: it is in the cache, and others may never
   * be needed. */
  for (size_t i = 0; st == BS_OK && i < rooms; i++)
    t->free[t->frees++] = &t->room[i];
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
  for (int i = 0; t->room != NULL && i < 2 * t->task->threads; i++)
    bs_room_free(&t->room[i]);
  omp_destroy_lock(&t->lock);
  bs_mem_free(&t->waiting);
  bs_mem_free(&t->room);
  bs_mem_free(&t->free);
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

/* Who has the piece before the next one; this rank where there is none. */
static int owner_before(const bs_turns *t)
{
  const int index = t->piece[t->next];
  return index == 0 ? t->rank : t->task->pieces->piece[index - 1].owner;
}

static bool can_take(const bs_turns *t)
{
  if (t->next == t->count || t->waiting[t->next].room == NULL)
    return false;
  const int before = owner_before(t);
  return before == t->rank || bs_checksum_is_here(before, t->task->comm);
}

/* After a failure turns are still passed on, so that nobody waits for ever. */
static void take(bs_turns *t)
{
  const bs_pieces *pieces = t->task->pieces;
  const waiting *w = &t->waiting[t->next];
  const int index = t->piece[t->next], before = owner_before(t);
  if (before != t->rank)
    lose_good(t, bs_checksum_receive(t->sum, before, t->task->comm));
  lose_good(t, !bs_fault_before(t->fault, index + 1));
  if (t->good)
    bs_checksum_values(t->sum, w->slab.x,
                       w->slab.rows * (size_t)t->task->facts->d);
  const int next =
      index + 1 < pieces->count ? pieces->piece[index + 1].owner : 0;
  if (next != t->rank)
    bs_checksum_send(t->sum, t->good, next, t->task->comm);
  /* Takes milliseconds now and then, which no other rank needs to wait for. */
  if (t->good)
    bs_writer_reached(t->task->writer, &w->slab);
  t->free[t->frees++] = w->room;
  t->next++;
}

void bs_turns_advance(bs_turns *t)
{
  if (!omp_test_lock(&t->lock))
    return; /* whoever has it is at it */
  while (can_take(t))
    take(t);
  omp_unset_lock(&t->lock);
}

void bs_turns_pass(bs_turns *t, int k, bs_room *room, const bs_slab *slab)
{
  omp_set_lock(&t->lock);
  t->waiting[k] = (waiting){room, *slab};
  while (can_take(t))
    take(t);
  omp_unset_lock(&t->lock);
}

bs_room *bs_turns_room(bs_turns *t)
{
  bs_room *room = NULL;
  for (;;) {
    omp_set_lock(&t->lock);
    while (t->frees == 0 && can_take(t))
      take(t);
    if (t->frees > 0)
      room = t->free[--t->frees];
    omp_unset_lock(&t->lock);
    if (room != NULL)
      return room;
    sched_yield();
  }
}

void bs_turns_finish(bs_turns *t)
{
  const bs_pieces *pieces = t->task->pieces;
  for (; t->next < t->count; sched_yield())
    bs_turns_advance(t);
  const int last = pieces->piece[pieces->count - 1].owner;
  if (t->rank == 0 && last != 0)
    bs_checksum_receive(t->sum, last, t->task->comm);
}
