/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/progress.h"

#include "src/comm.h"
#include "src/log.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WHAT = 48, BAR = 24 };

/* What one rank has done of which piece of work; a cache line for itself. */
typedef struct slot {
  _Alignas(64) _Atomic uint32_t piece; /* 0: none */
  _Atomic uint64_t units, cost, units_done, cost_done;
} slot;

static struct {
  bs_shared block; /* slots of the node's ranks */
  const bs_node *node;
  slot *mine; /* NULL: not open */
  bool tells, ends;
  pthread_t thread;
  pthread_mutex_t lock; /* of what follows, and of ends */
  pthread_cond_t wake;
  char what[WHAT];
  const char *unit;
  double begun; /* bs_clock */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- Counting. */

/* A number for the name of a piece of work (FNV-1a), never 0. */
static uint32_t piece_of(const char *what)
{
  uint32_t hash = 2166136261u;
  for (const char *p = what; *p != '\0'; p++)
    hash = (hash ^ (unsigned char)*p) * 16777619u;
  return hash | 1;
}

void bs_progress_begin(const char *what, const char *unit, uint64_t units,
                       uint64_t cost)
{
  slot *s = state.mine;
  if (s == NULL)
    return;
  bs_progress_end();
  atomic_store(&s->units_done, 0);
  atomic_store(&s->cost_done, 0);
  atomic_store(&s->units, units);
  atomic_store(&s->cost, cost);
  pthread_mutex_lock(&state.lock);
  snprintf(state.what, sizeof state.what, "%s", what);
  state.unit = unit;
  state.begun = bs_clock();
  pthread_mutex_unlock(&state.lock);
  atomic_store(&s->piece, piece_of(what));
}

void bs_progress_add(uint64_t units, uint64_t cost)
{
  slot *s = state.mine;
  if (s == NULL)
    return;
  atomic_fetch_add_explicit(&s->units_done, units, memory_order_relaxed);
  atomic_fetch_add_explicit(&s->cost_done, cost, memory_order_relaxed);
}

void bs_progress_end(void)
{
  if (state.mine == NULL)
    return;
  pthread_mutex_lock(&state.lock);
  atomic_store(&state.mine->piece, 0);
  if (state.tells)
    bs_log_bar("");
  pthread_mutex_unlock(&state.lock);
}

/* ---- Telling. */

bool bs_progress_due(bs_pace *last, double interval, double now, double part)
{
  const double since = now - last->time;
  if (since < interval ||
      (since < 6 * interval && part < last->part + 0.05 && part >= last->part))
    return false;
  *last = (bs_pace){now, part};
  return true;
}

void bs_progress_time(double seconds, char *text, size_t room)
{
  if (seconds < 100)
    snprintf(text, room, "%.0f s", seconds);
  else if (seconds < 6000)
    snprintf(text, room, "%.0f min", seconds / 60);
  else
    snprintf(text, room, "%.1f h", seconds / 3600);
}

/* The counts of the node for the piece that rank 0 is at. */
typedef struct sums {
  uint64_t units, units_done, cost, cost_done;
  double part; /* 0 .. 1 */
} sums;

static bool add_up(sums *all)
{
  const slot *s = state.block.base;
  const uint32_t piece = atomic_load(&state.mine->piece);
  *all = (sums){0};
  for (int i = 0; piece != 0 && i < state.node->size; i++) {
    if (atomic_load(&s[i].piece) != piece)
      continue;
    all->units += atomic_load(&s[i].units);
    all->units_done += atomic_load(&s[i].units_done);
    all->cost += atomic_load(&s[i].cost);
    all->cost_done += atomic_load(&s[i].cost_done);
  }
  if (all->cost > 0)
    all->part = (double)all->cost_done / (double)all->cost;
  if (all->part > 1)
    all->part = 1;
  return piece != 0;
}

static void describe(const sums *all, double seconds, char *text, size_t room)
{
  char gone[24], left[24] = "";
  char rest[48] = "";
  bs_progress_time(seconds, gone, sizeof gone);
  if (all->part > 0) {
    bs_progress_time(seconds * (1 - all->part) / all->part, left, sizeof left);
    snprintf(rest, sizeof rest, ", about %s left", left);
  }
  snprintf(text, room, "%3.0f%% (%llu of %llu %s%s), %s%s", 100 * all->part,
           (unsigned long long)all->units_done, (unsigned long long)all->units,
           state.unit, state.node->count > 1 ? " on this node" : "", gone,
           rest);
}

static void draw_bar(const sums *all, const char *text)
{
  char bar[BAR + 1], line[WHAT + BAR + 224];
  for (int i = 0; i < BAR; i++)
    bar[i] = i < (int)(all->part * BAR) ? '#' : '.';
  bar[BAR] = '\0';
  snprintf(line, sizeof line, "%s [%s] %s", state.what, bar, text);
  bs_log_bar(line);
}

/* Tell of it, if it is time to. The lock is held. */
static void tell(bs_pace *last, double interval)
{
  sums all;
  char text[200];
  const double now = bs_clock();
  if (!add_up(&all))
    return;
  describe(&all, now - state.begun, text, sizeof text);
  if (bs_log_has_bar())
    draw_bar(&all, text);
  else if (now - state.begun >= interval &&
           bs_progress_due(last, interval, now, all.part))
    bs_log("%s: %s", state.what, text);
}

/* Seconds between lines, at least. */
static double chosen_interval(void)
{
  const char *text = getenv("BOTSIEVE_PROGRESS_SECONDS");
  const double seconds = text == NULL ? 0 : strtod(text, NULL);
  return seconds > 0 ? seconds : 10;
}

static void *teller(void *unused)
{
  const double interval = chosen_interval();
  const long tick = interval < 0.5 ? (long)(interval * 1e9) : 500000000L;
  bs_pace last = {bs_clock(), 0};
  pthread_mutex_lock(&state.lock);
  while (!state.ends) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += tick;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_cond_timedwait(&state.wake, &state.lock, &until) == ETIMEDOUT)
      tell(&last, interval);
  }
  pthread_mutex_unlock(&state.lock);
  return unused;
}

/* Signals are for the other threads. */
static bool start_teller(void)
{
  pthread_condattr_t clock;
  sigset_t all, before;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&state.wake, &clock);
  pthread_condattr_destroy(&clock);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state.ends = false;
  const bool good = pthread_create(&state.thread, NULL, teller, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return good;
}

void bs_progress_open(const bs_node *node, bool tells)
{
  const size_t bytes = (size_t)node->size * sizeof(slot);
  state.node = node;
  if (bs_shared_alloc(node, bytes, &state.block) != BS_OK)
    return;
  slot *own = (slot *)state.block.base + node->rank;
  memset(own, 0, sizeof *own);
  bs_shared_sync(node, &state.block);
  state.mine = own;
  state.tells = tells && start_teller();
}

void bs_progress_close(void)
{
  if (state.mine == NULL)
    return;
  bs_progress_end();
  if (state.tells) {
    pthread_mutex_lock(&state.lock);
    state.ends = true;
    pthread_cond_signal(&state.wake);
    pthread_mutex_unlock(&state.lock);
    pthread_join(state.thread, NULL);
    pthread_cond_destroy(&state.wake);
  }
  state.tells = false;
  state.mine = NULL;
  bs_shared_free(&state.block);
}
