/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/duplicates.h"

#include "kernels/lists.h"
#include "src/mem.h"
#include <stdbool.h>
#include <stdlib.h>

typedef struct entry {
  uint64_t hash;
  uint32_t row;
} entry;

/* Rows of a block, which stays in cache while the columns go by. */
enum { BLOCK = 4096 };

static void hash_block(const bs_dataset *data, size_t begin, size_t end,
                       entry *e)
{
  for (size_t i = begin; i < end; i++)
    e[i] = (entry){0, (uint32_t)i};
  for (int j = 0; j < data->d; j++) {
    const double *x = data->x + (size_t)j * data->n;
    for (size_t i = begin; i < end; i++) {
      const uint64_t h =
          (e[i].hash ^ bs_sort_key(x[i])) * UINT64_C(0x9e3779b97f4a7c15);
      e[i].hash = h ^ h >> 29;
    }
  }
}

static int by_hash(const void *a, const void *b)
{
  const entry *x = a, *y = b;
  if (x->hash != y->hash)
    return x->hash < y->hash ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static bool same_row(const bs_dataset *data, size_t a, size_t b)
{
  for (int j = 0; j < data->d; j++) {
    const double *x = data->x + (size_t)j * data->n;
    if (x[a] != x[b])
      return false;
  }
  return true;
}

bs_status bs_duplicates_find(const bs_dataset *data, int threads,
                             uint32_t *first)
{
  const size_t n = data->n;
  entry *e;
  BS_TRY(bs_mem_alloc(n, sizeof *e, &e));
#pragma omp parallel for num_threads(threads)
  for (size_t begin = 0; begin < n; begin += BLOCK)
    hash_block(data, begin, begin + BLOCK < n ? begin + BLOCK : n, e);
  qsort(e, n, sizeof *e, by_hash);
  for (size_t begin = 0, end; begin < n; begin = end) {
    for (end = begin; end < n && e[end].hash == e[begin].hash; end++) {
      /* Equal hashes mean equal rows but for chance: look from the first on. */
      size_t k = begin;
      while (k < end && (first[e[k].row] != e[k].row ||
                         !same_row(data, e[k].row, e[end].row)))
        k++;
      first[e[end].row] = e[k].row;
    }
  }
  bs_mem_free(&e);
  return BS_OK;
}
