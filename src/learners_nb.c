/* SPDX-License-Identifier: BSD-3-Clause */
/* Naive Bayes: a fold is trained by one thread (its sorts follow from each
 * other) and predicts with all threads of its rank. */
#include "src/learners_internal.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <stdio.h>
#include <string.h>

enum { KEY_ROOM = 40 };

typedef struct bayes {
  const bs_dataset *data;
  const bs_learner_spec *spec;
  const bs_keep *keep;
  int number; /* of the experiment */
  int rank, size, threads;
  bool *kept;             /* (folds + 1): done by an earlier run */
  bs_naive_bayes **model; /* (folds + 1): the last one on all rows */
  double **prob;          /* (folds): (test rows, c) */
} bayes;

/* Rank 0 trains on all rows; folds go round, from the last rank on. */
static int owner(const bayes *b, int f)
{
  return f == b->spec->folds->folds || b->kept[f] ? 0
                                                  : b->size - 1 - f % b->size;
}

static size_t prob_count(const bayes *b, int f)
{
  return bs_folds_test_count(b->spec->folds, f) * (size_t)b->data->c;
}

/* ---- What an earlier run has done. */

static void make_key(const bayes *b, int f, char key[KEY_ROOM])
{
  snprintf(key, KEY_ROOM, "nb-%d-%d", b->number, f);
}

static void keep_fold(const bayes *b, int f)
{
  char key[KEY_ROOM];
  bs_pack part = {0};
  if (b->keep == NULL)
    return;
  make_key(b, f, key);
  if (f == b->spec->folds->folds)
    bs_naive_bayes_pack(b->model[f], &part);
  else
    bs_pack_add(&part, b->prob[f], prob_count(b, f) * sizeof **b->prob);
  b->keep->put(b->keep->store, key, &part);
  bs_pack_clear(&part);
}

/* Rank 0. */
static bs_status find_fold(const bayes *b, int f)
{
  const bs_learner_spec *spec = b->spec;
  char key[KEY_ROOM], *data;
  size_t bytes;
  bs_status st = BS_OK;
  make_key(b, f, key);
  BS_TRY(b->keep->get(b->keep->store, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_unpack from = {data, bytes};
  if (f == spec->folds->folds) {
    st = bs_naive_bayes_unpack(&from, b->data->c, spec->features, spec->feature,
                               spec->rules, &b->model[f]);
  } else {
    const size_t count = prob_count(b, f);
    st = bs_mem_alloc(count, sizeof **b->prob, &b->prob[f]);
    if (st == BS_OK &&
        !bs_unpack_take(&from, b->prob[f], count * sizeof **b->prob))
      st = bs_fail(BS_ERR_RUNTIME, "checkpoint: %s is too short", key);
  }
  bs_mem_free(&data);
  b->kept[f] = st == BS_OK;
  return st;
}

/* Rank 0 has them; all know which. */
static bs_status find_kept(MPI_Comm comm, const bayes *b)
{
  const int units = b->spec->folds->folds + b->spec->model;
  bs_status st = BS_OK;
  char line[80];
  int count = 0;
  if (b->keep == NULL)
    return BS_OK;
  for (int f = 0; b->rank == 0 && st == BS_OK && f < units; f++)
    st = find_fold(b, f);
  BS_TRY(bs_agree(comm, st));
  BS_MPI(MPI_Bcast(b->kept, units, MPI_C_BOOL, 0, comm));
  for (int f = 0; f < units; f++)
    count += b->kept[f];
  if (count > 0) {
    snprintf(line, sizeof line, "checkpoint: %d of %d models taken over", count,
             units);
    b->keep->say(b->keep->store, line);
  }
  return BS_OK;
}

/* ---- The work. */

static bs_status train(const bayes *b, int f)
{
  const bs_folds *folds = b->spec->folds;
  const bool everything = f == folds->folds;
  size_t n = everything ? folds->n : bs_folds_train_count(folds, f);
  uint32_t *rows;
  BS_TRY(bs_mem_alloc(n, sizeof *rows, &rows));
  if (!everything)
    bs_folds_training(folds, f, rows);
  for (size_t i = 0; everything && i < n; i++)
    rows[i] = (uint32_t)i;
  const bs_status st =
      bs_naive_bayes_train(b->data, b->spec->features, b->spec->feature, rows,
                           n, b->spec->rules, &b->model[f]);
  bs_mem_free(&rows);
  return st;
}

static bs_status predict(const bayes *b, int f)
{
  const bs_folds *folds = b->spec->folds;
  const size_t n = bs_folds_test_count(folds, f), c = (size_t)b->data->c;
  const uint32_t *row = folds->order + folds->start[f];
  BS_TRY(bs_mem_alloc(n * c, sizeof **b->prob, &b->prob[f]));
  double *prob = b->prob[f];
#pragma omp parallel for num_threads(b->threads) schedule(dynamic, 64)
  for (size_t i = 0; i < n; i++)
    if (!bs_stop_wanted())
      bs_naive_bayes_predict(b->model[f], b->data, row[i], prob + i * c);
  return bs_stop_check();
}

static bs_status do_some(const bayes *b, int count, const int *fold)
{
  int failed = 0;
#pragma omp parallel for num_threads(b->threads) schedule(dynamic) reduction(+ : failed)
  for (int i = 0; i < count; i++)
    failed += train(b, fold[i]) != BS_OK;
  BS_TRY(bs_stop_check());
  if (failed > 0)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: naive Bayes on %zu rows",
                   b->data->n);
  for (int i = 0; i < count; i++) {
    if (fold[i] < b->spec->folds->folds)
      BS_TRY(predict(b, fold[i]));
    keep_fold(b, fold[i]);
  }
  return BS_OK;
}

/* As many folds at a time as there are threads. */
static bs_status do_own(const bayes *b)
{
  const int units = b->spec->folds->folds + b->spec->model;
  bs_status st = BS_OK;
  int *own, count = 0;
  BS_TRY(bs_mem_alloc((size_t)units, sizeof *own, &own));
  for (int f = 0; f < units; f++)
    if (!b->kept[f] && owner(b, f) == b->rank)
      own[count++] = f;
  for (int i = 0; st == BS_OK && i < count; i += b->threads)
    st = do_some(b, count - i < b->threads ? count - i : b->threads, own + i);
  bs_mem_free(&own);
  return st;
}

/* Rank 0: room for everyone's probabilities, each row with its own. */
static bs_status make_room(const bayes *b, bs_predictions **out)
{
  const bs_folds *folds = b->spec->folds;
  BS_TRY(bs_predictions_of_folds(folds, b->data->y, b->data->c,
                                 folds->start[folds->folds], out));
  for (size_t i = 0; i < (*out)->n; i++)
    (*out)->dist[i] = (uint32_t)i;
  return BS_OK;
}

/* Bring the probabilities of fold f to rank 0, in parts that MPI can count. */
static void bring(MPI_Comm comm, const bayes *b, int f, bs_predictions *p)
{
  const int from = owner(b, f);
  const size_t first = b->spec->folds->start[f] * (size_t)b->data->c;
  size_t left = prob_count(b, f);
  if (from == 0 && b->rank == 0)
    memcpy(p->prob + first, b->prob[f], left * sizeof *p->prob);
  if (from == 0)
    return;
  for (size_t at = 0; left > 0;) {
    const int part = left > 1 << 24 ? 1 << 24 : (int)left;
    if (b->rank == 0)
      BS_MPI(MPI_Recv(p->prob + first + at, part, MPI_DOUBLE, from, f, comm,
                      MPI_STATUS_IGNORE));
    if (b->rank == from)
      BS_MPI(MPI_Send(b->prob[f] + at, part, MPI_DOUBLE, 0, f, comm));
    at += (size_t)part;
    left -= (size_t)part;
  }
}

bs_status bs_naive_bayes_run(MPI_Comm comm, int threads, const bs_dataset *data,
                             const bs_learner_spec *spec, const bs_keep *keep,
                             int number, bs_learner_result *result)
{
  const int folds = spec->folds->folds;
  const size_t units = (size_t)folds + 1;
  bayes b = {.data = data,
             .spec = spec,
             .keep = keep,
             .number = number,
             .rank = bs_comm_rank(comm),
             .size = bs_comm_size(comm),
             .threads = threads};
  bs_status st;
  st = bs_mem_zalloc(units, sizeof *b.model, &b.model);
  if (st == BS_OK)
    st = bs_mem_zalloc(units, sizeof *b.prob, &b.prob);
  if (st == BS_OK)
    st = bs_mem_zalloc(units, sizeof *b.kept, &b.kept);
  if (st == BS_OK && b.rank == 0)
    st = make_room(&b, &result->predictions);
  BS_GO(st, bs_agree(comm, st));
  BS_GO(st, find_kept(comm, &b));
  BS_GO(st, bs_agree(comm, do_own(&b)));
  for (int f = 0; f < folds; f++)
    bring(comm, &b, f, result->predictions);
  if (b.rank == 0) {
    result->bayes = b.model[folds];
    b.model[folds] = NULL;
  }
done:
  for (int f = 0; b.model != NULL && f <= folds; f++)
    bs_naive_bayes_destroy(&b.model[f]);
  for (int f = 0; b.prob != NULL && f < folds; f++)
    bs_mem_free(&b.prob[f]);
  bs_mem_free(&b.model);
  bs_mem_free(&b.prob);
  bs_mem_free(&b.kept);
  return st;
}
