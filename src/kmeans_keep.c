/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/kmeans_run.h"

#include "src/mem.h"
#include <stdint.h>
#include <stdio.h>

/* What goes before the arrays of all runs, and of each. */
typedef struct head {
  uint64_t rows;
  int32_t count, k, d, passes;
} head;
typedef struct run_head {
  int32_t k, last_k, has_means, done;
  double doubt;
} run_head;

void bs_runs_save(const bs_runs *runs, const bs_keep *keep, const char *key,
                  int passes)
{
  const size_t d = (size_t)runs->rows->d, n = runs->rows->n;
  const head h = {n, runs->count, runs->k, runs->rows->d, passes};
  bs_pack state = {0};
  bs_pack_add(&state, &h, sizeof h);
  for (int i = 0; i < runs->count; i++) {
    const bs_run *run = &runs->run[i];
    const run_head own = {run->k, run->last_k, run->has_means, run->done,
                          run->doubt};
    bs_pack_add(&state, &own, sizeof own);
    bs_pack_add(&state, run->centre, (size_t)run->k * d * sizeof *run->centre);
    bs_pack_add(&state, run->unit, (size_t)run->last_k * d * sizeof *run->unit);
    bs_pack_add(&state, run->size, (size_t)run->k * sizeof *run->size);
    bs_pack_add(&state, run->cluster, n * sizeof *run->cluster);
  }
  keep->save(keep->store, key, &state);
  bs_pack_clear(&state);
}

static bool take_run(const bs_runs *runs, bs_unpack *from, bs_run *run)
{
  const size_t d = (size_t)runs->rows->d, n = runs->rows->n;
  run_head own;
  if (!bs_unpack_take(from, &own, sizeof own) || own.k < 1 || own.k > runs->k ||
      own.last_k < own.k || own.last_k > runs->k)
    return false;
  run->k = own.k;
  run->last_k = own.last_k;
  run->has_means = own.has_means != 0;
  run->done = own.done != 0;
  run->doubt = own.doubt;
  return bs_unpack_take(from, run->centre,
                        (size_t)run->k * d * sizeof *run->centre) &&
         bs_unpack_take(from, run->unit,
                        (size_t)run->last_k * d * sizeof *run->unit) &&
         bs_unpack_take(from, run->size, (size_t)run->k * sizeof *run->size) &&
         bs_unpack_take(from, run->cluster, n * sizeof *run->cluster);
}

bs_status bs_runs_restore(bs_runs *runs, const bs_keep *keep, const char *key,
                          int *passes)
{
  char *data, line[80];
  size_t bytes;
  head h;
  *passes = 0;
  if (key == NULL)
    return BS_OK;
  BS_TRY(bs_keep_fetch(keep, runs->team->comm, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_unpack from = {data, bytes};
  bool good = bs_unpack_take(&from, &h, sizeof h) && h.rows == runs->rows->n &&
              h.count == runs->count && h.k == runs->k && h.d == runs->rows->d;
  for (int i = 0; good && i < runs->count; i++)
    good = take_run(runs, &from, &runs->run[i]);
  bs_mem_free(&data);
  if (!good || from.left > 0)
    return bs_fail(BS_ERR_RUNTIME, "checkpoint: %s is not what it should be",
                   key);
  for (int i = 0; i < runs->count; i++)
    bs_run_open(runs, &runs->run[i]);
  *passes = h.passes;
  snprintf(line, sizeof line, "checkpoint: %d passes of k-means taken over",
           h.passes);
  keep->say(keep->store, line);
  return BS_OK;
}
