/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/learners.h"

#include "src/comm.h"
#include "src/learners_internal.h"
#include "src/mem.h"
#include "src/zeror.h"
#include <string.h>

static const char *const names[BS_LEARNER_LAST] = {"j48", "oner", "zeror",
                                                   "nb"};

const char *bs_learner_name(bs_learner learner)
{
  return names[learner];
}

bs_learner bs_learner_find(const char *name)
{
  int i = 0;
  while (i < BS_LEARNER_LAST && strcmp(names[i], name) != 0)
    i++;
  return (bs_learner)i;
}

/* Rank 0: no work worth sharing. */
static bs_status run_zeror(const bs_dataset *data, const bs_learner_spec *spec,
                           bs_learner_result *result)
{
  uint64_t *count;
  const size_t c = (size_t)data->c;
  BS_TRY(bs_zeror_cv(spec->folds, data->y, data->c, &result->predictions));
  if (!spec->model)
    return BS_OK;
  BS_TRY(bs_mem_alloc(c, sizeof *result->prior, &result->prior));
  BS_TRY(bs_mem_zalloc(c, sizeof *count, &count));
  for (size_t i = 0; i < data->n; i++)
    count[data->y[i]]++;
  bs_zeror_train(count, data->c, result->prior);
  bs_mem_free(&count);
  return BS_OK;
}

static bs_status run_one(MPI_Comm comm, int threads, const bs_dataset *data,
                         const bs_presort *presort, const bs_learner_spec *spec,
                         const bs_keep *keep, int number,
                         bs_learner_result *result)
{
  BS_TRY(bs_keep_agree(keep, comm, NULL));
  switch (spec->learner) {
  case BS_LEARNER_ONER:
    return bs_oner_run(comm, threads, data, presort, spec, keep, number,
                       result);
  case BS_LEARNER_NB:
    return bs_naive_bayes_run(comm, threads, data, spec, keep, number, result);
  case BS_LEARNER_ZEROR:
    return bs_agree(
        comm, bs_comm_rank(comm) == 0 ? run_zeror(data, spec, result) : BS_OK);
  case BS_LEARNER_J48:
  case BS_LEARNER_LAST:
    break;
  }
  return bs_fail(BS_ERR_RUNTIME, "trees are not grown here");
}

bs_status bs_learners_run(MPI_Comm comm, int threads, const bs_dataset *data,
                          const bs_presort *presort, int count,
                          const bs_learner_spec *spec, const bs_keep *keep,
                          bs_learner_result *result)
{
  bs_status st = BS_OK;
  memset(result, 0, (size_t)count * sizeof *result);
  for (int i = 0; st == BS_OK && i < count; i++)
    st = run_one(comm, threads, data, presort, &spec[i], keep, i, &result[i]);
  for (int i = 0; st != BS_OK && i < count; i++)
    bs_learner_result_free(&result[i]);
  return st;
}

void bs_learner_result_free(bs_learner_result *result)
{
  bs_predictions_destroy(&result->predictions);
  bs_mem_free(&result->prior);
  bs_oner_rule_destroy(&result->rule);
  bs_mem_free(&result->chosen);
  bs_naive_bayes_destroy(&result->bayes);
}
