/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/study.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/oner.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* J48 on every set by random folds; on what matters by every split; the floors
 * beside each. Naive Bayes sorts every column anew for every fold, as Weka
 * does, so by the other splits it has few features only. */
static void list_trials(bs_study *st)
{
  const int few = bs_study_few(st);
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
    if (k == BS_SPLIT_RANDOM && few != 0)
      add_trial(st, BS_LEARNER_NB, 0, k);
    add_trial(st, BS_LEARNER_NB, few, k);
  }
}

/* \a key must live as long as the options. */
static bs_em_options em_options(const bs_study *st, const char *key)
{
  return (bs_em_options){.clusters = st->s->data->c,
                         .seed = 100,
                         .max_iterations = 100,
                         .min_sd = 1e-6,
                         .weka = st->s->rules,
                         .sums = BS_SUMS_EXACT,
                         .keep = st->s->keep,
                         .key = key};
}

/* EM on all features and on few, on all rows as the study did; and from benign
 * rows alone. */
static bs_status cluster(bs_study *st)
{
  char key[16] = "", normal_key[16] = "";
  const bs_em_options em = em_options(st, key);
  bs_em_options normal = em_options(st, normal_key);
  normal.clusters = (int)st->benign_clusters;
  for (int i = 0; i <= bs_study_few(st); i++) {
    const bs_study_set *set = &st->set[i];
    const int at = st->clusterings;
    snprintf(key, sizeof key, "em-%d", i);
    snprintf(normal_key, sizeof normal_key, "benign-%d", i);
    const bs_status status = bs_clustering_run(
        st->s, &em, set->features, set->feature, &st->clustering[at]);
    if (status == BS_ERR_INPUT) { /* columns no mixture can be fitted to */
      st->cluster_refused[i] = strdup(bs_error_text());
      BS_TRY(bs_agree(st->s->job->comm,
                      st->cluster_refused[i] != NULL
                          ? BS_OK
                          : bs_fail(BS_ERR_RESOURCE, "out of memory: EM")));
      continue;
    }
    BS_TRY(status);
    st->cluster_set[st->clusterings++] = i;
    if (bs_study_benign(st) >= 0)
      BS_TRY(bs_benign_run(st->s, bs_study_benign(st), &normal, set->features,
                           set->feature, st->benign_target, &st->benign[at]));
  }
  return BS_OK;
}

static bs_status cluster_split(bs_study *st, int set, int split)
{
  const bs_study_set *of = &st->set[set];
  const bs_split_made *made = &st->split[split].made;
  char key[32] = "";
  const bs_em_options em = em_options(st, key);
  bs_study_em *one = &st->em_split[st->em_splits];
  if (st->split[split].refused != NULL)
    return BS_OK;
  snprintf(key, sizeof key, "em-%d-%d", set, split);
  one->set = set;
  one->split = split;
  char name[sizeof one->name];
  snprintf(name, sizeof name, "em_%s_%s", of->name, made->text);
  memcpy(one->name, name, sizeof name);
  BS_TRY(bs_em_split_run(st->s, made->folds, &em, of->features, of->feature,
                         &one->result));
  st->em_splits++;
  return BS_OK;
}

/* EM on few features by every split but random folds, which differ little from
 * all rows for it; on all features, where a fit takes seconds, by the split
 * of one fold. */
static bs_status cluster_by_split(bs_study *st)
{
  const int few = bs_study_few(st);
  if (few != 0)
    BS_TRY(cluster_split(st, 0, BS_SPLIT_TAIL));
  for (int k = 0; k < st->splits; k++)
    if (k != BS_SPLIT_RANDOM)
      BS_TRY(cluster_split(st, few, k));
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
  BS_TRY(bs_study_rank(st));
  bs_session_phase(s, "rank");
  BS_TRY(bs_study_make_sets(st));
  BS_TRY(bs_agree(s->job->comm, make_splits(st)));
  list_trials(st);
  bs_session_phase(s, "splits");
  BS_TRY(bs_trials_run(s, st->trials, st->trial, st->result));
  bs_session_phase(s, "train");
  BS_TRY(cluster(st));
  BS_TRY(cluster_by_split(st));
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
  for (int i = 0; i < 2; i++) {
    bs_benign_free(&st->benign[i]);
    free(st->cluster_refused[i]);
  }
  for (int i = 0; i < st->em_splits; i++)
    bs_em_split_free(&st->em_split[i].result);
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
