/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/merits.h"

#include "src/comm.h"
#include "src/folds.h"
#include "src/mem.h"
#include "src/ranker.h"
#include "src/rule_passes.h"
#include <stdbool.h>
#include <string.h>

typedef struct work {
  const bs_dataset *data;
  const bs_merit_spec *spec;
  bs_rule_pass *pass;
  int *feature;
  uint64_t *errors;
} work;

static size_t rows_of(const work *w, int s)
{
  return w->spec[s].rows == NULL ? w->data->n : w->spec[s].n;
}

/* Deal the rows of a selection to folds. */
static bs_status deal(const void *context, int s, uint16_t *member)
{
  const work *w = context;
  const bs_merit_spec *spec = &w->spec[s];
  const size_t n = rows_of(w, s);
  const uint16_t *y = w->data->y;
  uint16_t *class_of = NULL;
  bs_folds *folds = NULL;
  bs_status st;
  memset(member, 0xff, w->data->n * sizeof *member); /* BS_FOLD_NONE */
  if (spec->rows != NULL) {
    BS_GO(st, bs_mem_alloc(n, sizeof *class_of, &class_of));
    for (size_t i = 0; i < n; i++)
      class_of[i] = y[spec->rows[i]];
    y = class_of;
  }
  BS_GO(st, bs_folds_create(y, n, spec->folds, spec->seed, false, &folds));
  for (size_t i = 0; i < n; i++)
    member[spec->rows == NULL ? i : spec->rows[i]] = folds->member[i];
done:
  bs_folds_destroy(&folds);
  bs_mem_free(&class_of);
  return st;
}

static bs_status set_up(int count, work *w)
{
  const size_t d = (size_t)w->data->d;
  BS_TRY(bs_mem_alloc((size_t)count, sizeof *w->pass, &w->pass));
  BS_TRY(bs_mem_alloc(d, sizeof *w->feature, &w->feature));
  BS_TRY(bs_mem_alloc((size_t)count * d, sizeof *w->errors, &w->errors));
  for (int s = 0; s < count; s++)
    w->pass[s] = (bs_rule_pass){w->spec[s].folds, w->spec[s].min_bucket};
  for (int j = 0; j < w->data->d; j++)
    w->feature[j] = j;
  return BS_OK;
}

bs_status bs_merits(MPI_Comm comm, int threads, const bs_dataset *data,
                    const bs_presort *presort, int count,
                    const bs_merit_spec *spec, const bs_keep *keep,
                    const char *key, double *merit)
{
  work w = {.data = data, .spec = spec};
  bs_status st;
  BS_GO(st, bs_agree(comm, set_up(count, &w)));
  const bs_rule_plan plan = {data,   presort, data->d, w.feature, count,
                             w.pass, deal,    &w,      keep,      key};
  BS_GO(st, bs_rule_passes(comm, threads, &plan, w.errors, NULL));
  for (int s = 0; s < count; s++)
    for (int j = 0; j < data->d; j++) {
      const size_t at = (size_t)s * (size_t)data->d + (size_t)j;
      merit[at] = (1 - (double)w.errors[at] / (double)rows_of(&w, s)) * 100;
    }
done:
  bs_mem_free(&w.pass);
  bs_mem_free(&w.feature);
  bs_mem_free(&w.errors);
  return st;
}

bs_status bs_merits_best(const double *merit, int features, const int *feature,
                         int k, int *best)
{
  double *given = NULL;
  bool *taken = NULL;
  bs_ranking *ranking = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc((size_t)features, sizeof *given, &given));
  BS_GO(st, bs_mem_zalloc((size_t)features, sizeof *taken, &taken));
  for (int j = 0; j < features; j++)
    given[j] = merit[feature[j]];
  BS_GO(st, bs_ranking_create(given, features, &ranking));
  for (int i = 0; i < k; i++)
    taken[ranking->order[i]] = true;
  for (int j = 0, i = 0; j < features; j++)
    if (taken[j])
      best[i++] = feature[j];
done:
  bs_ranking_destroy(&ranking);
  bs_mem_free(&given);
  bs_mem_free(&taken);
  return st;
}
