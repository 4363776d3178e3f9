/* SPDX-License-Identifier: BSD-3-Clause */
/* Naive Bayes: a fold is trained by one thread (its sorts follow from each
 * other) and predicts with all threads of its rank. */
#include "src/learners_internal.h"

#include "src/comm.h"
#include "src/mem.h"
#include <string.h>

typedef struct bayes {
  const bs_dataset *data;
  const bs_learner_spec *spec;
  int rank, size, threads;
  bs_naive_bayes **model; /* (folds + 1): the last one on all rows */
  double **prob;          /* (folds): (test rows, c) */
} bayes;

/* Rank 0 trains on all rows; folds go round, from the last rank on. */
static int owner(const bayes *b, int f)
{
  return f == b->spec->folds->folds ? 0 : b->size - 1 - f % b->size;
}

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
    bs_naive_bayes_predict(b->model[f], b->data, row[i], prob + i * c);
  return BS_OK;
}

static bs_status do_own(const bayes *b)
{
  const int folds = b->spec->folds->folds;
  int failed = 0;
#pragma omp parallel for num_threads(b->threads) schedule(dynamic) reduction(+ : failed)
  for (int f = 0; f < folds + b->spec->model; f++)
    if (owner(b, f) == b->rank)
      failed += train(b, f) != BS_OK;
  if (failed > 0)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: naive Bayes on %zu rows",
                   b->data->n);
  for (int f = 0; f < folds; f++)
    if (owner(b, f) == b->rank)
      BS_TRY(predict(b, f));
  return BS_OK;
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
  const size_t c = (size_t)b->data->c;
  const size_t first = b->spec->folds->start[f] * c;
  size_t left = bs_folds_test_count(b->spec->folds, f) * c;
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
                             const bs_learner_spec *spec,
                             bs_learner_result *result)
{
  const int folds = spec->folds->folds;
  bayes b = {.data = data,
             .spec = spec,
             .rank = bs_comm_rank(comm),
             .size = bs_comm_size(comm),
             .threads = threads};
  bs_status st;
  st = bs_mem_zalloc((size_t)folds + 1, sizeof *b.model, &b.model);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)folds, sizeof *b.prob, &b.prob);
  if (st == BS_OK && b.rank == 0)
    st = make_room(&b, &result->predictions);
  if (st == BS_OK)
    st = do_own(&b);
  BS_GO(st, bs_agree(comm, st));
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
  return st;
}
