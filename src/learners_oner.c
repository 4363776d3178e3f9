/* SPDX-License-Identifier: BSD-3-Clause */
/* OneR: how many training rows each feature's rule tells rightly is counted for
 * all folds in one pass over each column; then only the rules chosen are
 * written down. */
#include "src/learners_internal.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/rule_passes.h"
#include "src/stop.h"
#include <stdio.h>
#include <string.h>

/* Without rows left out one pass does for all folds, and for all rows as a fold
 * without rows of its own. Else every fold has a pass: its training rows are
 * fold 0, and the rule wanted is that of fold 1, which has no rows. */
typedef struct oner {
  const bs_dataset *data;
  const bs_learner_spec *spec;
  int passes;
  bs_rule_pass *pass; /* (passes) */
  uint64_t *errors, *fit;
} oner;

static bs_status fill(const void *context, int pass, uint16_t *member)
{
  const oner *o = context;
  const bs_folds *folds = o->spec->folds;
  const size_t n = folds->n;
  uint32_t *rows;
  if (o->passes == 1) {
    /* Rows that no fold tests train them all: a fold number beyond. */
    for (size_t i = 0; i < n; i++)
      member[i] = folds->member[i] == BS_FOLD_NONE
                      ? (uint16_t)(folds->folds + 1)
                      : folds->member[i];
    return BS_OK;
  }
  memset(member, pass == folds->folds ? 0 : 0xff, n * sizeof *member);
  if (pass == folds->folds)
    return BS_OK;
  BS_TRY(bs_mem_alloc(n, sizeof *rows, &rows));
  bs_folds_training(folds, pass, rows);
  for (size_t i = 0; i < bs_folds_train_count(folds, pass); i++)
    member[rows[i]] = 0;
  bs_mem_free(&rows);
  return BS_OK;
}

static bs_status set_up(oner *o)
{
  const bs_folds *folds = o->spec->folds;
  const bool together = folds->left_out == NULL;
  const int numbers = together ? folds->folds + 2 : 2;
  o->passes = together ? 1 : folds->folds + 1;
  const size_t cells = (size_t)o->passes * (size_t)o->spec->features;
  BS_TRY(bs_mem_alloc((size_t)o->passes, sizeof *o->pass, &o->pass));
  for (int i = 0; i < o->passes; i++)
    o->pass[i] = (bs_rule_pass){numbers, o->spec->min_bucket};
  BS_TRY(bs_mem_alloc(cells, sizeof *o->errors, &o->errors));
  return bs_mem_alloc(cells * (size_t)numbers, sizeof *o->fit, &o->fit);
}

/* The feature chosen for fold f, or for all rows where f is their number. */
static int choose(const oner *o, int f)
{
  const bool together = o->passes == 1;
  const size_t pass = together ? 0 : (size_t)f;
  const size_t fold = together ? (size_t)f : 1;
  const size_t features = (size_t)o->spec->features;
  const size_t numbers = (size_t)o->pass[0].folds;
  size_t best = 0;
  uint64_t most = 0;
  for (size_t j = 0; j < features; j++) {
    const uint64_t fit = o->fit[(pass * features + j) * numbers + fold];
    if (fit > most) {
      most = fit;
      best = j;
    }
  }
  return o->spec->feature[best];
}

/* Write down the rule of a feature for the training rows of fold f. */
static bs_status write_rule(const oner *o, const bs_presort *presort, int f,
                            int feature, bs_oner_rule **rule)
{
  const bs_folds *folds = o->spec->folds;
  const size_t all = o->data->n;
  const bool everything = f == folds->folds;
  const size_t n = everything ? all : bs_folds_train_count(folds, f);
  const uint32_t *order = presort->sorted[presort->column[feature]].order;
  bs_oner_column *column = NULL;
  uint32_t *rows = NULL;
  bool *use = NULL;
  bs_status st;
  BS_GO(st, bs_oner_column_create(n, o->data->c, false, &column));
  BS_GO(st, bs_mem_alloc(all, sizeof *rows, &rows));
  BS_GO(st, bs_mem_zalloc(all, sizeof *use, &use));
  if (!everything)
    bs_folds_training(folds, f, rows);
  for (size_t i = 0; i < n; i++)
    use[everything ? i : rows[i]] = true;
  size_t k = 0;
  for (size_t p = 0; p < all; p++)
    if (use[order[p]])
      rows[k++] = order[p];
  bs_oner_column_load(column, feature, o->data->x + (size_t)feature * all,
                      o->data->y, NULL, rows);
  st = bs_oner_rule_create(column, BS_ONER_ALL_ROWS, o->spec->min_bucket, rule);
done:
  bs_oner_column_destroy(&column);
  bs_mem_free(&rows);
  bs_mem_free(&use);
  return st;
}

/* Rank 0: the rules chosen, and what they say. */
static bs_status finish(const oner *o, const bs_presort *presort, int threads,
                        bs_learner_result *result)
{
  const int folds = o->spec->folds->folds;
  bs_oner_rule **rule = NULL;
  int failed = 0;
  bs_status st;
  BS_GO(st, bs_mem_zalloc((size_t)folds + 1, sizeof *rule, &rule));
  BS_GO(st,
        bs_mem_alloc((size_t)folds, sizeof *result->chosen, &result->chosen));
#pragma omp parallel for num_threads(threads) schedule(dynamic) reduction(+ : failed)
  for (int f = 0; f < folds + o->spec->model; f++)
    if (!bs_stop_wanted())
      failed += write_rule(o, presort, f, choose(o, f), &rule[f]) != BS_OK;
  BS_GO(st, bs_stop_check());
  if (failed > 0)
    BS_GO(st, bs_fail(BS_ERR_RESOURCE, "out of memory: rules on %zu rows",
                      o->data->n));
  for (int f = 0; f < folds; f++)
    result->chosen[f] = rule[f]->feature;
  BS_GO(st,
        bs_oner_predict(o->data, o->spec->folds, rule, &result->predictions));
  result->rule = rule[folds];
  rule[folds] = NULL;
done:
  for (int f = 0; rule != NULL && f <= folds; f++)
    bs_oner_rule_destroy(&rule[f]);
  bs_mem_free(&rule);
  return st;
}

bs_status bs_oner_run(MPI_Comm comm, int threads, const bs_dataset *data,
                      const bs_presort *presort, const bs_learner_spec *spec,
                      const bs_keep *keep, int number,
                      bs_learner_result *result)
{
  oner o = {.data = data, .spec = spec};
  char key[24];
  bs_status st;
  snprintf(key, sizeof key, "oner-%d", number);
  BS_GO(st, bs_agree(comm, set_up(&o)));
  const bs_rule_plan plan = {data,     presort, spec->features, spec->feature,
                             o.passes, o.pass,  fill,           &o,
                             keep,     key};
  BS_GO(st, bs_rule_passes(comm, threads, &plan, o.errors, o.fit));
  if (bs_comm_rank(comm) == 0)
    st = finish(&o, presort, threads, result);
  st = bs_agree(comm, st);
done:
  bs_mem_free(&o.pass);
  bs_mem_free(&o.errors);
  bs_mem_free(&o.fit);
  return st;
}
