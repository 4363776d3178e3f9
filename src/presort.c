#include "src/presort.h"

#include "kernels/lists.h"
#include "src/comm.h"
#include "src/mem.h"
#include <omp.h>
#include <stdbool.h>
#include <string.h>

/* Smallest difference that allows a cut (C45Split, an absolute constant). */
static const double GAP = 1e-5;

static uint64_t hash_column(size_t n, const double *x)
{
  uint64_t hash = 0;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ bs_sort_key(x[i])) * UINT64_C(0x9e3779b97f4a7c15) +
           (hash >> 29);
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
  uint64_t *hash;
  BS_TRY(bs_mem_alloc((size_t)data->d, sizeof *hash, &hash));
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int j = 0; j < data->d; j++)
    hash[j] = hash_column(data->n, data->x + (size_t)j * data->n);
  for (int j = 0; j < data->d; j++) {
    const double *x = data->x + (size_t)j * data->n;
    int k = 0;
    for (; k < presort->columns; k++) {
      int first = presort->sorted[k].feature;
      if (hash[first] == hash[j] &&
          same_column(data->n, x, data->x + (size_t)first * data->n))
        break;
    }
    if (k == presort->columns)
      presort->sorted[presort->columns++].feature = j;
    presort->column[j] = k;
  }
  bs_mem_free(&hash);
  return BS_OK;
}

/* Set the step bits of one column: see the head of presort.h.
 * Returns the number of ranks; *plain is false if any chain is wide. */
static uint32_t mark_steps(size_t n, const double *x, const uint32_t *order,
                           uint64_t *step, bool *plain)
{
  uint32_t ranks = n > 0;
  *plain = true;
  memset(step, 0, (n + 63) / 64 * sizeof *step);
  for (size_t begin = 0, end; begin < n; begin = end) {
    double first = x[order[begin]], last = first;
    for (end = begin + 1; end < n; end++) {
      double next = x[order[end]];
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
      if (x[order[p]] != x[order[p - 1]]) {
        step[p / 64] |= UINT64_C(1) << (p % 64);
        ranks++;
      }
  }
  return ranks;
}

/* reach[a] for every rank of a column with wide chains: two pointers over the
 * sorted positions, which move forward only. Inside a narrow chain the first
 * value stands for all: the next chain is out of reach of each of them, and no
 * rank lies between. */
static void fill_reach(size_t n, const double *x, const uint32_t *order,
                       const uint64_t *step, uint32_t *reach)
{
  size_t q = 0; /* position looked at from rank `to` */
  uint32_t rank = 0, to = 0;
  for (size_t p = 0; p < n; p++) {
    if (p > 0 && !(step[p / 64] >> (p % 64) & 1))
      continue;
    if (p > 0)
      rank++;
    double limit = x[order[p]] + GAP;
    while (q < n && (to <= rank || !(limit < x[order[q]]))) {
      q++;
      if (q == n || (step[q / 64] >> (q % 64) & 1))
        to++;
    }
    reach[rank] = to;
  }
}

/* Sort the columns that fall to this rank of the node. */
static bs_status sort_columns(const bs_node *node, const bs_dataset *data,
                              int threads, bs_presort *presort)
{
  size_t n = data->n, words = (n + 63) / 64;
  uint32_t *order = presort->order_block.base;
  uint64_t *step = presort->step_block.base;
  uint32_t *reach = presort->reach_block.base;
  bs_status failed = BS_OK;
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
      if (st != BS_OK)
        continue;
      bs_sorted_column *c = &presort->sorted[k];
      const double *x = data->x + (size_t)c->feature * n;
      bool plain;
      for (size_t i = 0; i < n; i++)
        key[i] = bs_sort_key(x[i]);
      bs_sort_order(n, key, order + (size_t)k * n, work);
      c->ranks = mark_steps(n, x, order + (size_t)k * n,
                            step + (size_t)k * words, &plain);
      if (!plain) {
        fill_reach(n, x, order + (size_t)k * n, step + (size_t)k * words,
                   reach + (size_t)k * n);
        c->reach = reach + (size_t)k * n;
      }
    }
    bs_mem_free(&key);
    bs_mem_free(&work);
  }
  if (failed != BS_OK)
    return bs_fail(failed, "out of memory: sorting wants %zu bytes a thread",
                   3 * n * sizeof(uint64_t));
  return BS_OK;
}

/* Ranks and the presence of a reach table are known to the sorting rank only.
 */
static void share_facts(const bs_node *node, bs_presort *presort)
{
  for (int k = 0; k < presort->columns; k++) {
    bs_sorted_column *c = &presort->sorted[k];
    uint32_t fact[2] = {c->ranks, c->reach != NULL};
    BS_MPI(MPI_Bcast(fact, 2, MPI_UINT32_T, k % node->size, node->comm));
    size_t n = presort->n, words = (n + 63) / 64;
    c->ranks = fact[0];
    c->order = (const uint32_t *)presort->order_block.base + (size_t)k * n;
    c->step = (const uint64_t *)presort->step_block.base + (size_t)k * words;
    c->reach = fact[1]
                   ? (const uint32_t *)presort->reach_block.base + (size_t)k * n
                   : NULL;
  }
}

bs_status bs_presort_create(MPI_Comm comm, const bs_node *node,
                            const bs_dataset *data, int threads,
                            bs_presort **out)
{
  size_t n = data->n, words = (n + 63) / 64, d = (size_t)data->d;
  bs_presort *presort = NULL;
  *out = NULL;
  bs_status st = n > INT32_MAX ? bs_fail(BS_ERR_INPUT,
                                         "%zu rows are more than 2^31 - 1", n)
                               : bs_mem_zalloc(1, sizeof *presort, &presort);
  if (st == BS_OK) {
    presort->n = n;
    presort->d = data->d;
    presort->order_block.win = presort->step_block.win =
        presort->reach_block.win = MPI_WIN_NULL;
    st = bs_mem_alloc(d, sizeof *presort->column, &presort->column);
  }
  if (st == BS_OK)
    st = bs_mem_zalloc(d, sizeof *presort->sorted, &presort->sorted);
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
    st = bs_shared_alloc(node, columns * n * sizeof(uint32_t),
                         &presort->reach_block);
  BS_GO(st, bs_agree(comm, st));
  BS_GO(st, bs_agree(comm, sort_columns(node, data, threads, presort)));
  bs_shared_sync(node, &presort->order_block);
  bs_shared_sync(node, &presort->step_block);
  bs_shared_sync(node, &presort->reach_block);
  share_facts(node, presort);
  *out = presort;
  return BS_OK;
done:
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
  bs_shared_free(&p->reach_block);
  bs_mem_free(&p->column);
  bs_mem_free(&p->sorted);
  bs_mem_free(presort);
}
