/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/study.h"

#include "src/comm.h"
#include "src/features.h"
#include "src/mem.h"
#include "src/merits.h"
#include "src/oner.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 10 }; /* as many as the study kept */

/* Benign rows alone: clusters of the mixture, and the false positive rate that
 * its threshold aims at. */
enum { BENIGN_CLUSTERS = 5 };
static const double benign_target = 1e-3;

/* ---- Feature sets. */

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

static bs_status rank_features(bs_study *st)
{
  const bs_merit_spec spec = {NULL, 0, BS_MERIT_FOLDS, BS_MERIT_SEED,
                              BS_ONER_MIN_BUCKET};
  const bs_session *s = st->s;
  const size_t d = (size_t)s->data->d;
  bs_status status = bs_mem_alloc(d, sizeof *st->merit, &st->merit);
  BS_TRY(bs_agree(s->job->comm, status));
  BS_TRY(bs_merits(s->job->comm, s->threads, s->data, s->presort, 1, &spec,
                   st->merit));
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

static bs_status make_sets(bs_study *st)
{
  bs_status status = all_of(st, "all", "all", 0);
  BS_TRY(bs_agree(st->s->job->comm, status));
  BS_TRY(table1(st));
  return bs_agree(st->s->job->comm, other_sets(st));
}

/* ---- Splits. */

/* Weka's folds must work; the others where the data support them. */
static bs_status make_splits(bs_study *st)
{
  for (int k = 0; k < BS_SPLIT_LAST; k++) {
    bs_study_split *split = &st->split[st->splits];
    const bs_status status =
        bs_split_make(st->s, bs_splits_name((bs_split_kind)k), (int)st->folds,
                      st->seed, k == BS_SPLIT_RANDOM, &split->made);
    if (status != BS_OK && (status != BS_ERR_INPUT || k == BS_SPLIT_RANDOM))
      return status;
    st->splits++;
    if (status == BS_OK)
      continue;
    split->made.split.kind = (bs_split_kind)k;
    split->refused = strdup(bs_error_text());
    if (split->refused == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory: splits");
  }
  return BS_OK;
}

/* ---- Experiments. */

static void add_trial(bs_study *st, bs_learner learner, int set, int split)
{
  const bs_study_set *of = &st->set[set];
  bs_study_trial *about = &st->about[st->trials];
  if (st->trials == BS_STUDY_TRIALS)
    return;
  const bool random = split == BS_SPLIT_RANDOM;
  const bs_split_made *made = &st->split[split].made;
  *about = (bs_study_trial){.set = set, .split = split};
  char suffix[40] = "", name[sizeof about->name];
  if (split != BS_SPLIT_RANDOM)
    snprintf(suffix, sizeof suffix, "_%s", made->text);
  if (learner == BS_LEARNER_ZEROR) /* looks at no feature */
    snprintf(name, sizeof name, "%s%s", bs_learner_name(learner), suffix);
  else
    snprintf(name, sizeof name, "%s_%s%s", bs_learner_name(learner), of->name,
             suffix);
  memcpy(about->name, name, sizeof name);
  st->trial[st->trials++] = (bs_trial){
      learner,     &st->j48, BS_ONER_MIN_BUCKET,     made->folds, of->features,
      of->feature, of->top,  random && !of->ablation};
}

/* J48 on every set by random folds; on what matters by every split; the two
 * floors beside each. */
static void list_trials(bs_study *st)
{
  for (int i = 0; i < st->sets; i++)
    add_trial(st, BS_LEARNER_J48, i, BS_SPLIT_RANDOM);
  for (int k = 0; k < st->splits; k++) {
    if (st->split[k].refused != NULL)
      continue;
    for (int i = 0; k != BS_SPLIT_RANDOM && i < st->sets; i++)
      if (!st->set[i].ablation || strcmp(st->set[i].name, "no_clock") == 0)
        add_trial(st, BS_LEARNER_J48, i, k);
    add_trial(st, BS_LEARNER_ONER, 0, k);
    add_trial(st, BS_LEARNER_ZEROR, 0, k);
  }
}

/* EM on all features and on the study's ten (or the best ten). */
static bs_status cluster(bs_study *st)
{
  const bs_em_options em = {.clusters = st->s->data->c,
                            .seed = 100,
                            .max_iterations = 100,
                            .min_sd = 1e-6,
                            .weka = st->s->rules,
                            .sums = BS_SUMS_EXACT};
  for (int i = 0; i < 2 && i < st->sets; i++) {
    const bs_study_set *set = &st->set[i];
    if (set->ablation || set->top > 0)
      break;
    BS_TRY(bs_clustering_run(st->s, &em, set->features, set->feature,
                             &st->clustering[i]));
    st->cluster_set[st->clusterings++] = i;
    if (bs_study_benign(st) < 0)
      continue;
    bs_em_options normal = em;
    normal.clusters = BENIGN_CLUSTERS;
    BS_TRY(bs_benign_run(st->s, bs_study_benign(st), &normal, set->features,
                         set->feature, benign_target, &st->benign[i]));
  }
  return BS_OK;
}

static bs_status evaluate(bs_study *st)
{
  for (int i = 0; i < st->trials; i++) {
    bs_study_trial *about = &st->about[i];
    BS_TRY(bs_evaluation_create(st->result[i].predictions, st->s->rules,
                                &about->evaluation));
    BS_TRY(bs_study_accuracy(st, i, &about->accuracy));
  }
  return BS_OK;
}

bs_status bs_study_run(bs_study *st)
{
  bs_session *s = st->s;
  BS_TRY(rank_features(st));
  bs_session_phase(s, "rank");
  BS_TRY(make_sets(st));
  BS_TRY(bs_agree(s->job->comm, make_splits(st)));
  list_trials(st);
  bs_session_phase(s, "splits");
  BS_TRY(bs_trials_run(s, st->trials, st->trial, st->result));
  bs_session_phase(s, "train");
  BS_TRY(cluster(st));
  bs_session_phase(s, "em");
  BS_TRY(bs_agree(s->job->comm, s->job->rank == 0 ? evaluate(st) : BS_OK));
  bs_session_phase(s, "evaluate");
  return BS_OK;
}

void bs_study_free(bs_study *st)
{
  bs_mem_free(&st->merit);
  bs_ranking_destroy(&st->ranking);
  for (int i = 0; i < st->sets; i++)
    bs_mem_free(&st->set[i].feature);
  for (int i = 0; i < st->trials; i++) {
    bs_trial_result_free(&st->result[i]);
    bs_evaluation_destroy(&st->about[i].evaluation);
  }
  for (int i = 0; i < st->splits; i++) {
    bs_split_free(&st->split[i].made);
    free(st->split[i].refused);
  }
  for (int i = 0; i < st->clusterings; i++)
    bs_clustering_clear(&st->clustering[i]);
  for (int i = 0; i < 2; i++)
    bs_benign_free(&st->benign[i]);
}

int bs_study_find(const bs_study *st, const char *name)
{
  for (int i = 0; i < st->trials; i++)
    if (strcmp(st->about[i].name, name) == 0)
      return i;
  return -1;
}

int bs_study_benign(const bs_study *st)
{
  for (int k = 0; k < st->s->data->c; k++)
    if (strcmp(st->s->data->class_name[k], "benign") == 0)
      return k;
  return -1;
}

int bs_study_rival(const bs_study *st, int trial)
{
  const bs_study_trial *of = &st->about[trial];
  if (of->set == 0)
    return -1;
  for (int i = 0; i < st->trials; i++)
    if (st->about[i].set == 0 && st->about[i].split == of->split &&
        st->trial[i].learner == st->trial[trial].learner)
      return i;
  return -1;
}
