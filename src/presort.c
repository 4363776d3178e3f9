/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/presort.h"

#include "kernels/lists.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <string.h>

/* Smallest difference that allows a cut (C45Split, an absolute constant). */
static const double GAP = 1e-5;

enum { HASH_LANES = 8 }; /* since a product waits for the one before */

static inline void hash_values(const double x[HASH_LANES],
                               uint64_t lane[HASH_LANES], uint64_t *zeros)
{
  for (int l = 0; l < HASH_LANES; l++) {
    const double positive = x[l] + 0.0; /* makes -0 to 0 */
    uint64_t bits, own;
    memcpy(&bits, &positive, sizeof bits);
    memcpy(&own, &x[l], sizeof own);
    *zeros |= bits ^ own;
    lane[l] = (lane[l] ^ lane[l] >> 29 ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
  }
}

/* What tells columns apart quickly; 0 and -0 are the same. */
static uint64_t hash_column(size_t n, const double *x, bool *negative_zero)
{
  uint64_t lane[HASH_LANES] = {0}, hash = 0, zeros = 0;
  double rest[HASH_LANES] = {0};
  size_t i = 0;
  for (; i + HASH_LANES <= n; i += HASH_LANES)
    hash_values(x + i, lane, &zeros);
  memcpy(rest, x + i, (n - i) * sizeof *x);
  hash_values(rest, lane, &zeros);
  for (int l = 0; l < HASH_LANES; l++)
    hash = (hash ^ hash >> 29 ^ lane[l]) * UINT64_C(0x9e3779b97f4a7c15);
  *negative_zero = zeros != 0;
  return hash;
}

static bool same_column(size_t n, const double *a, const double *b)
{
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i])
      return false;
  return true;
}

/* Number the distinct columns by first appearance. Every rank does all of it:
 * one pass over the data, far cheaper than a sort. */
static bs_status find_distinct(const bs_dataset *data, int threads,
                               bs_presort *presort)
{
  struct fact {
    uint64_t hash;
    bool negative_zero;
  } * fact;
  BS_TRY(bs_mem_alloc((size_t)data->d, sizeof *fact, &fact));
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int j = 0; j < data->d; j++)
    if (!bs_stop_wanted())
      fact[j].hash = hash_column(data->n, data->x + (size_t)j * data->n,
                                 &fact[j].negative_zero);
  for (int j = 0; j < data->d && !bs_stop_wanted(); j++) {
    const double *x = data->x + (size_t)j * data->n;
    int k = 0;
    for (; k < presort->columns; k++) {
      int first = presort->sorted[k].feature;
      if (fact[first].hash == fact[j].hash &&
          same_column(data->n, x, data->x + (size_t)first * data->n))
        break;
    }
    if (k == presort->columns)
      presort->sorted[presort->columns++].feature = j;
    presort->column[j] = k;
    presort->sorted[k].negative_zero |= fact[j].negative_zero;
  }
  bs_mem_free(&fact);
  return bs_stop_check();
}

/* Set the step bits of one column, from its values in sorted order: see the
 * head of presort.h.
 * Returns the number of ranks; *plain is false if any chain is wide. */
static uint32_t mark_steps(size_t n, const double *value, uint64_t *step,
                           bool *plain)
{
  uint32_t ranks = n > 0;
  *plain = true;
  memset(step, 0, (n + 63) / 64 * sizeof *step);
  for (size_t begin = 0, end; begin < n; begin = end) {
    double first = value[begin], last = first;
    for (end = begin + 1; end < n; end++) {
      double next = value[end];
      if (last + GAP < next)
        break;
      last = next;
    }
    bool wide = first + GAP < last;
    *plain = *plain && !wide;
    if (begin > 0) {
      step[begin / 64] |= UINT64_C(1) << (begin % 64);
      ranks++;
    }
    for (size_t p = begin + 1; wide && p < end; p++)
      if (value[p] != value[p - 1]) {
        step[p / 64] |= UINT64_C(1) << (p % 64);
        ranks++;
      }
  }
  return ranks;
}

/* Where a reach is written. */
typedef struct reach_table {
  uint16_t *near; /* or NULL */
  uint32_t *far;
} reach_table;

/* Reach of every rank of a column with wide chains: two pointers over the
 * sorted positions, which move forward only. Inside a narrow chain the first
 * value stands for all: the next chain is out of reach of each of them, and no
 * rank lies between. Returns false if one does not fit the near table. */
static bool fill_reach(size_t n, const double *value, const uint64_t *step,
                       reach_table out)
{
  size_t q = 0; /* position looked at from rank `to` */
  uint32_t rank = 0, to = 0;
  for (size_t p = 0; p < n; p++) {
    if (p > 0 && !(step[p / 64] >> (p % 64) & 1))
      continue;
    if (p > 0)
      rank++;
    double limit = value[p] + GAP;
    while (q < n && (to <= rank || !(limit < value[q]))) {
      q++;
      if (q == n || (step[q / 64] >> (q % 64) & 1))
        to++;
    }
    if (out.near == NULL)
      out.far[rank] = to - rank;
    else if (to - rank > UINT16_MAX)
      return false;
    else
      out.near[rank] = (uint16_t)(to - rank);
  }
  return true;
}

static uint32_t *order_of(const bs_presort *presort, int k)
{
  return (uint32_t *)presort->order_block.base + (size_t)k * presort->n;
}

static uint64_t *step_of(const bs_presort *presort, int k)
{
  return (uint64_t *)presort->step_block.base +
         (size_t)k * ((presort->n + 63) / 64);
}

static uint16_t *near_of(const bs_presort *presort, int k)
{
  return (uint16_t *)presort->near_block.base +
         (size_t)k * (presort->n + BS_REACH_PAD);
}

/* Which table a column needs; known to the rank that sorted it at first. */
typedef enum reach_kind { PLAIN, NEAR, FAR } reach_kind;

/* A column's values in sorted order. */
static void gather_values(size_t n, const double *x, const uint32_t *order,
                          double *value)
{
  for (size_t p = 0; p < n; p++)
    value[p] = x[order[p]];
}

static uint32_t sort_one(const bs_dataset *data, int k, uint64_t *key,
                         uint64_t *work, bs_presort *presort)
{
  size_t n = data->n;
  bs_sorted_column *c = &presort->sorted[k];
  const double *x = data->x + (size_t)c->feature * n;
  uint32_t *order = order_of(presort, k);
  bool plain;
  for (size_t i = 0; i < n; i++)
    key[i] = bs_sort_key(x[i]);
  bs_sort_order(n, key, order, work, work + n);
  double *value = (double *)key; /* not needed any more */
  for (size_t p = 0; p < n; p++)
    value[p] = bs_sort_value(work[p]);
  c->ranks = mark_steps(n, value, step_of(presort, k), &plain);
  if (plain)
    return PLAIN;
  reach_table near = {near_of(presort, k), NULL};
  return fill_reach(n, value, step_of(presort, k), near) ? NEAR : FAR;
}

/* Sort the columns that fall to this rank of the node. */
static bs_status sort_columns(const bs_node *node, const bs_dataset *data,
                              int threads, bs_presort *presort, uint32_t *kind)
{
  size_t n = data->n;
  bs_status failed = BS_OK;
  const int own = (presort->columns - node->rank + node->size - 1) / node->size;
  bs_progress_begin("sorting", "columns", (uint64_t)own, (uint64_t)own);
#pragma omp parallel num_threads(threads)
  {
    uint64_t *key = NULL, *work = NULL;
    bs_status st = bs_mem_alloc(n, sizeof *key, &key);
    if (st == BS_OK)
      st = bs_mem_alloc(2 * n, sizeof *work, &work);
    if (st != BS_OK) {
#pragma omp atomic write
      failed = st;
    }
#pragma omp for schedule(dynamic)
    for (int k = node->rank; k < presort->columns; k += node->size) {
      if (st == BS_OK && !bs_stop_wanted())
        kind[k] = sort_one(data, k, key, work, presort);
      bs_progress_add(1, 1);
    }
    bs_mem_free(&key);
    bs_mem_free(&work);
  }
  if (failed != BS_OK)
    return bs_fail(failed, "out of memory: sorting wants %zu bytes a thread",
                   3 * n * sizeof(uint64_t));
  return bs_stop_check();
}

/* Let all ranks of the node know what was found, and make the tables of the
 * columns, few if any, whose reaches do not fit 16 bits. */
static bs_status finish_columns(const bs_node *node, const bs_dataset *data,
                                bs_presort *presort, uint32_t *kind)
{
  size_t n = data->n, far = 0;
  for (int k = 0; k < presort->columns; k++) {
    bs_sorted_column *c = &presort->sorted[k];
    uint32_t fact[2] = {c->ranks, kind[k]};
    BS_MPI(MPI_Bcast(fact, 2, MPI_UINT32_T, k % node->size, node->comm));
    c->ranks = fact[0];
    kind[k] = fact[1];
    c->order = order_of(presort, k);
    c->step = step_of(presort, k);
    c->reach = (bs_reach){kind[k] == NEAR ? near_of(presort, k) : NULL, NULL};
    far += kind[k] == FAR;
  }
  if (far == 0)
    return BS_OK;
  BS_TRY(
      bs_shared_alloc(node, far * n * sizeof(uint32_t), &presort->far_block));
  double *value;
  BS_TRY(bs_mem_alloc(n, sizeof *value, &value));
  uint32_t *table = presort->far_block.base;
  for (int k = 0; k < presort->columns; k++) {
    bs_sorted_column *c = &presort->sorted[k];
    if (kind[k] != FAR)
      continue;
    if (k % node->size == node->rank) {
      gather_values(n, data->x + (size_t)c->feature * n, c->order, value);
      fill_reach(n, value, c->step, (reach_table){NULL, table});
    }
    c->reach.far = table;
    table += n;
  }
  bs_mem_free(&value);
  return BS_OK;
}

size_t bs_presort_bytes(size_t n, size_t d)
{
  return d * (n * (sizeof(uint32_t) + sizeof(uint16_t)) + n / 8);
}

size_t bs_presort_scratch_bytes(size_t n, int threads)
{
  return (size_t)threads * 3 * n * sizeof(uint64_t);
}

bs_status bs_presort_create(MPI_Comm comm, const bs_node *node,
                            const bs_dataset *data, int threads,
                            bs_presort **out)
{
  size_t n = data->n, words = (n + 63) / 64, d = (size_t)data->d;
  bs_presort *presort = NULL;
  uint32_t *kind = NULL;
  *out = NULL;
  bs_status st = n > INT32_MAX ? bs_fail(BS_ERR_INPUT,
                                         "%zu rows are more than 2^31 - 1", n)
                               : bs_mem_zalloc(1, sizeof *presort, &presort);
  if (st == BS_OK) {
    presort->n = n;
    presort->d = data->d;
    presort->order_block.win = presort->step_block.win = MPI_WIN_NULL;
    presort->near_block.win = presort->far_block.win = MPI_WIN_NULL;
    st = bs_mem_alloc(d, sizeof *presort->column, &presort->column);
  }
  if (st == BS_OK)
    st = bs_mem_zalloc(d, sizeof *presort->sorted, &presort->sorted);
  if (st == BS_OK)
    st = bs_mem_zalloc(d, sizeof *kind, &kind);
  if (st == BS_OK)
    st = find_distinct(data, threads, presort);
  BS_GO(st, bs_agree(comm, st));
  size_t columns = (size_t)presort->columns;
  st = bs_shared_alloc(node, columns * n * sizeof(uint32_t),
                       &presort->order_block);
  if (st == BS_OK)
    st = bs_shared_alloc(node, columns * words * sizeof(uint64_t),
                         &presort->step_block);
  if (st == BS_OK) /* touched only where a column has wide chains */
    st = bs_shared_alloc(node, columns * (n + BS_REACH_PAD) * sizeof(uint16_t),
                         &presort->near_block);
  BS_GO(st, bs_agree(comm, st));
  st = bs_agree(comm, sort_columns(node, data, threads, presort, kind));
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  BS_GO(st, bs_agree(comm, finish_columns(node, data, presort, kind)));
  bs_shared_sync(node, &presort->order_block);
  bs_shared_sync(node, &presort->step_block);
  bs_shared_sync(node, &presort->near_block);
  bs_shared_sync(node, &presort->far_block);
  bs_mem_free(&kind);
  *out = presort;
  return BS_OK;
done:
  bs_mem_free(&kind);
  bs_presort_destroy(&presort);
  return st;
}

void bs_presort_destroy(bs_presort **presort)
{
  bs_presort *p = *presort;
  if (p == NULL)
    return;
  bs_shared_free(&p->order_block);
  bs_shared_free(&p->step_block);
  bs_shared_free(&p->near_block);
  bs_shared_free(&p->far_block);
  bs_mem_free(&p->column);
  bs_mem_free(&p->sorted);
  bs_mem_free(presort);
}
