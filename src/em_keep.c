/* SPDX-License-Identifier: BSD-3-Clause */
/* What of a fit is kept for a later run. */
#include "src/em_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include <stdio.h>
#include <string.h>

static void make_key(const bs_em_options *options, const char *part,
                     char key[BS_EM_KEY_ROOM])
{
  snprintf(key, BS_EM_KEY_ROOM, "%s-%s", options->key, part);
}

static bs_status wrong(const char *key)
{
  return bs_fail(BS_ERR_RUNTIME, "checkpoint: %s is not what it should be",
                 key);
}

static void add_mixture(bs_pack *to, const bs_mixture *m)
{
  const size_t k = (size_t)m->k, size = k * (size_t)m->d;
  const int32_t shape[2] = {m->k, m->d};
  bs_pack_add(to, shape, sizeof shape);
  bs_pack_add(to, m->prior, k * sizeof *m->prior);
  bs_pack_add(to, m->mean, size * sizeof *m->mean);
  bs_pack_add(to, m->sd, size * sizeof *m->sd);
}

/* Into one that is allocated for most clusters. */
static bool take_mixture(bs_unpack *from, int most, bs_mixture *m)
{
  int32_t shape[2];
  if (!bs_unpack_take(from, shape, sizeof shape) || shape[0] < 1 ||
      shape[0] > most || shape[1] != m->d)
    return false;
  const size_t k = (size_t)shape[0], size = k * (size_t)m->d;
  m->k = shape[0];
  return bs_unpack_take(from, m->prior, k * sizeof *m->prior) &&
         bs_unpack_take(from, m->mean, size * sizeof *m->mean) &&
         bs_unpack_take(from, m->sd, size * sizeof *m->sd);
}

/* ---- Unfinished. */

void bs_em_save(const bs_em_options *options, const bs_em_course *course,
                const bs_mixture *model, const bs_mixture *before)
{
  char key[BS_EM_KEY_ROOM];
  bs_pack state = {0};
  make_key(options, "fit", key);
  bs_pack_add(&state, course, sizeof *course);
  add_mixture(&state, model);
  add_mixture(&state, before);
  options->keep->save(options->keep->store, key, &state);
  bs_pack_clear(&state);
}

bs_status bs_em_restore(const bs_ranks *team, const bs_em_options *options,
                        int k, bs_em_course *course, bs_mixture *model,
                        bs_mixture *before, bool *found)
{
  char key[BS_EM_KEY_ROOM], line[80], *data;
  size_t bytes;
  *found = false;
  if (options->key == NULL)
    return BS_OK;
  make_key(options, "fit", key);
  BS_TRY(bs_keep_fetch(options->keep, team->comm, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_unpack from = {data, bytes};
  const bool good = bs_unpack_take(&from, course, sizeof *course) &&
                    course->k <= k && take_mixture(&from, k, model) &&
                    take_mixture(&from, k, before);
  bs_mem_free(&data);
  if (!good || from.left > 0)
    return wrong(key);
  *found = true;
  snprintf(line, sizeof line, "checkpoint: %d iterations of EM taken over",
           course->iteration);
  options->keep->say(options->keep->store, line);
  return BS_OK;
}

/* ---- Finished. */

typedef struct head {
  uint64_t message_bytes;
  int32_t k, d, iterations, restarts, tried, end;
} head;

void bs_em_keep_result(const bs_ranks *team, const bs_em_options *options,
                       const bs_em_result *result, bs_em_end end)
{
  const head h = {result->message_bytes, result->model.k,  result->model.d,
                  result->iterations,    result->restarts, result->tried,
                  (int32_t)end};
  char key[BS_EM_KEY_ROOM];
  bs_pack part = {0};
  if (options->keep == NULL || options->key == NULL || team->rank != 0)
    return;
  make_key(options, "done", key);
  bs_pack_add(&part, &h, sizeof h);
  add_mixture(&part, &result->model);
  options->keep->put(options->keep->store, key, &part);
  bs_pack_clear(&part);
}

static bs_status take_result(const char *key, bs_unpack from, int d,
                             bs_em_result *result, bs_em_end *end)
{
  head h;
  if (!bs_unpack_take(&from, &h, sizeof h) || h.d != d || h.k < 1)
    return wrong(key);
  BS_TRY(bs_mixture_alloc(h.k, d, &result->model));
  if (!take_mixture(&from, h.k, &result->model) || from.left > 0)
    return wrong(key);
  result->message_bytes = (size_t)h.message_bytes;
  result->iterations = h.iterations;
  result->restarts = h.restarts;
  result->tried = h.tried;
  *end = (bs_em_end)h.end;
  return BS_OK;
}

bs_status bs_em_find_result(const bs_ranks *team, const bs_em_options *options,
                            int d, bs_em_result *result, bs_em_end *end,
                            bool *found)
{
  char key[BS_EM_KEY_ROOM], *data;
  size_t bytes;
  *found = false;
  if (options->key == NULL)
    return BS_OK;
  make_key(options, "done", key);
  BS_TRY(bs_keep_fetch(options->keep, team->comm, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_status st = take_result(key, (bs_unpack){data, bytes}, d, result, end);
  bs_mem_free(&data);
  BS_TRY(bs_agree(team->comm, st));
  *found = true;
  options->keep->say(options->keep->store,
                     "checkpoint: a finished fit of EM taken over");
  return BS_OK;
}

/* ---- Folds. */

static void make_score_key(const bs_em_options *options, int k, int fold,
                           char key[BS_EM_KEY_ROOM])
{
  snprintf(key, BS_EM_KEY_ROOM, "%s-score-%d-%d", options->key, k, fold);
}

void bs_em_keep_score(const bs_em_options *options, int k, int fold,
                      double score)
{
  char key[BS_EM_KEY_ROOM];
  bs_pack part = {0};
  if (options->keep == NULL || options->key == NULL)
    return;
  make_score_key(options, k, fold, key);
  bs_pack_add(&part, &score, sizeof score);
  options->keep->put(options->keep->store, key, &part);
  bs_pack_clear(&part);
}

static bs_status find_score(const bs_em_options *options, int k, int fold,
                            double *score, bool *known)
{
  char key[BS_EM_KEY_ROOM], *data;
  size_t bytes;
  make_score_key(options, k, fold, key);
  BS_TRY(options->keep->get(options->keep->store, key, &data, &bytes));
  *known = data != NULL && bytes == sizeof *score;
  if (*known)
    memcpy(score, data, sizeof *score);
  bs_mem_free(&data);
  return BS_OK;
}

bs_status bs_em_find_scores(const bs_ranks *team, const bs_em_options *options,
                            int k, int folds, double *score, bool *known)
{
  char line[80];
  bs_status st = BS_OK;
  memset(known, 0, (size_t)folds * sizeof *known);
  if (options->keep == NULL || options->key == NULL)
    return BS_OK;
  for (int f = 0; team->rank == 0 && st == BS_OK && f < folds; f++)
    st = find_score(options, k, f, &score[f], &known[f]);
  BS_TRY(bs_agree(team->comm, st));
  BS_MPI(MPI_Bcast(score, folds, MPI_DOUBLE, 0, team->comm));
  BS_MPI(MPI_Bcast(known, folds, MPI_C_BOOL, 0, team->comm));
  int count = 0;
  for (int f = 0; f < folds; f++)
    count += known[f];
  if (count > 0) {
    snprintf(line, sizeof line,
             "checkpoint: %d of %d folds with %d clusters taken over", count,
             folds, k);
    options->keep->say(options->keep->store, line);
  }
  return BS_OK;
}
