/* SPDX-License-Identifier: BSD-3-Clause */
/* The study's feature sets. */
#include "jobs/study.h"

#include "src/comm.h"
#include "src/features.h"
#include "src/mem.h"
#include "src/merits.h"
#include "src/oner.h"
#include <fnmatch.h>
#include <stdio.h>

enum { TOP = 10 }; /* as many as the study kept */

static bs_study_set *add_set(bs_study *st, const char *name, const char *title)
{
  bs_study_set *set = &st->set[st->sets++];
  snprintf(set->name, sizeof set->name, "%s", name);
  snprintf(set->title, sizeof set->title, "%s", title);
  return set;
}

/* Keep the features for which use is true; sets without any, or with all of
 * them, are not worth a name. */
static bs_status set_of(bs_study *st, const char *name, const char *title,
                        bool ablation, const bool *use)
{
  const int d = st->s->data->d;
  int count = 0;
  for (int j = 0; j < d; j++)
    count += use[j];
  if (count == 0 || count == d || st->sets == BS_STUDY_SETS)
    return BS_OK;
  bs_study_set *set = add_set(st, name, title);
  set->ablation = ablation;
  BS_TRY(bs_mem_alloc((size_t)count, sizeof *set->feature, &set->feature));
  for (int j = 0; j < d; j++)
    if (use[j])
      set->feature[set->features++] = j;
  return BS_OK;
}

static bs_status all_of(bs_study *st, const char *name, const char *title,
                        int top)
{
  const int d = st->s->data->d;
  bs_study_set *set = add_set(st, name, title);
  BS_TRY(bs_mem_alloc((size_t)d, sizeof *set->feature, &set->feature));
  for (int j = 0; j < d; j++)
    set->feature[j] = j;
  set->features = d;
  set->top = top;
  return BS_OK;
}

/* Features by pattern: those that match, or those that do not. */
static bs_status matching(bs_study *st, const char *name, const char *title,
                          const char *pattern, bool match, bool *use)
{
  for (int j = 0; j < st->s->data->d; j++)
    use[j] = (fnmatch(pattern, st->s->data->feature[j], 0) == 0) == match;
  return set_of(st, name, title, true, use);
}

/* Parts of N-BaIoT's columns: without the clock that leaks the class (means of
 * the jitter start from the absolute time), each time window and each group of
 * streams for itself; and one column of each group of identical ones. */
static bs_status ablations(bs_study *st, bool *use)
{
  static const char *const part[][3] = {
      {"window5", "window L5", "*_L5_*"},
      {"window3", "window L3", "*_L3_*"},
      {"window1", "window L1", "*_L1_*"},
      {"window0.1", "window L0.1", "*_L0.1_*"},
      {"window0.01", "window L0.01", "*_L0.01_*"},
      {"group_MI_dir", "group MI_dir", "MI_dir_L*"},
      {"group_H", "group H", "H_L*"},
      {"group_HH", "group HH", "HH_L*"},
      {"group_HH_jit", "group HH_jit", "HH_jit_L*"},
      {"group_HpHp", "group HpHp", "HpHp_L*"}};
  const bs_presort *presort = st->s->presort;
  if (st->s->data->nbaiot) {
    BS_TRY(matching(st, "no_clock", "no clock", "HH_jit_*_mean", false, use));
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
      BS_TRY(matching(st, part[i][0], part[i][1], part[i][2], true, use));
  }
  for (int j = 0; j < st->s->data->d; j++)
    use[j] = presort->sorted[presort->column[j]].feature == j;
  return set_of(st, "no_twins", "no twins", true, use);
}

/* The study's ten, where the data have them. Collective. */
static bs_status table1(bs_study *st)
{
  const bs_dataset *data = st->s->data;
  int *feature, count;
  if (!data->nbaiot)
    return BS_OK;
  BS_TRY(bs_features_select(st->s->job->comm, "table1", NULL, data->feature,
                            data->d, &feature, &count));
  bs_study_set *set = add_set(st, "table1", "Table I");
  set->feature = feature;
  set->features = count;
  return BS_OK;
}

bs_status bs_study_rank(bs_study *st)
{
  const bs_merit_spec spec = {NULL, 0, BS_MERIT_FOLDS, BS_MERIT_SEED,
                              BS_ONER_MIN_BUCKET};
  const bs_session *s = st->s;
  const size_t d = (size_t)s->data->d;
  bs_status status = bs_mem_alloc(d, sizeof *st->merit, &st->merit);
  BS_TRY(bs_agree(s->job->comm, status));
  BS_TRY(bs_merits(s->job->comm, s->threads, s->data, s->presort, 1, &spec,
                   s->keep, "rules", st->merit));
  return bs_agree(s->job->comm,
                  bs_ranking_create(st->merit, s->data->d, &st->ranking));
}

static bs_status other_sets(bs_study *st)
{
  const int d = st->s->data->d;
  bool *use = NULL;
  char name[32], title[32];
  bs_status status = bs_mem_zalloc((size_t)d, sizeof *use, &use);
  if (status == BS_OK && d > TOP) {
    for (int i = 0; i < TOP; i++)
      use[st->ranking->order[i]] = true;
    snprintf(name, sizeof name, "top%d", TOP);
    snprintf(title, sizeof title, "top %d", TOP);
    status = set_of(st, name, title, false, use);
    snprintf(name, sizeof name, "top%d_fold", TOP);
    snprintf(title, sizeof title, "top %d/fold", TOP);
    if (status == BS_OK)
      status = all_of(st, name, title, TOP);
  }
  if (status == BS_OK)
    status = ablations(st, use);
  bs_mem_free(&use);
  return status;
}

bs_status bs_study_make_sets(bs_study *st)
{
  bs_status status = all_of(st, "all", "all", 0);
  BS_TRY(bs_agree(st->s->job->comm, status));
  BS_TRY(table1(st));
  return bs_agree(st->s->job->comm, other_sets(st));
}

int bs_study_few(const bs_study *st)
{
  return st->sets > 1 && !st->set[1].ablation && st->set[1].top == 0 ? 1 : 0;
}
