/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/em_report.h"
#include "io/json.h"
#include "jobs/ranking.h"
#include "jobs/study.h"
#include "src/mem.h"

static json_t *names_of(const bs_study *st, const bs_study_set *set)
{
  json_t *names = json_array();
  for (int j = 0; j < set->features; j++)
    json_array_append_new(names,
                          json_string(st->s->data->feature[set->feature[j]]));
  return names;
}

json_t *bs_interval_json(const bs_interval *interval)
{
  json_t *pair = json_array();
  json_array_append_new(pair, bs_json_real(interval->low));
  json_array_append_new(pair, bs_json_real(interval->high));
  return pair;
}

static json_t *alarm_json(const bs_study_alarm *a)
{
  const struct {
    const char *name;
    double value;
  } figure[] = {{"fp_rate", a->fp_rate},
                {"tp_rate", a->tp_rate},
                {"tp_rate_at_fp_rate_1e-3", a->tp_rate_at_1e3},
                {"tp_rate_at_fp_rate_1e-4", a->tp_rate_at_1e4},
                {"fp_rate_at_tp_rate_0.99", a->fp_rate_at_99},
                {"fp_rate_at_tp_rate_0.999", a->fp_rate_at_999},
                {"false_alarms_per_day", a->per_day},
                {"precision_at_base_rate", a->precision}};
  json_t *json = json_object();
  for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
    json_object_set_new(json, figure[i].name, bs_json_real(figure[i].value));
  return json;
}

static bs_status trial_json(const bs_study *st, int i, json_t *all)
{
  const bs_study_trial *about = &st->about[i];
  const bs_study_set *set = &st->set[about->set];
  bs_study_alarm alarm;
  json_t *one = json_object();
  json_object_set_new(all, about->name, one);
  json_object_set_new(one, "learner",
                      json_string(bs_learner_name(st->trial[i].learner)));
  json_object_set_new(one, "feature_set", json_string(set->title));
  json_object_set_new(one, "features", names_of(st, set));
  BS_TRY(bs_trial_report(st->s, &st->trial[i], &st->result[i],
                         about->evaluation, &st->split[about->split].made, one,
                         NULL));
  json_object_set_new(one, "accuracy_interval",
                      bs_interval_json(&about->accuracy));
  if (bs_study_benign(st) < 0)
    return BS_OK;
  BS_TRY(bs_study_alarms(st, i, st->packets, st->base, &alarm));
  json_object_set_new(one, "alarms", alarm_json(&alarm));
  return BS_OK;
}

static bs_status clustering_json(const bs_study *st, int i, json_t *all)
{
  const bs_study_set *set = &st->set[st->cluster_set[i]];
  char name[64], **names;
  json_t *one = json_object();
  snprintf(name, sizeof name, "em_%s", set->name);
  json_object_set_new(all, name, one);
  json_object_set_new(one, "learner", json_string("em"));
  json_object_set_new(one, "feature_set", json_string(set->title));
  json_object_set_new(one, "features", names_of(st, set));
  BS_TRY(bs_mem_alloc((size_t)set->features, sizeof *names, &names));
  for (int j = 0; j < set->features; j++)
    names[j] = st->s->data->feature[set->feature[j]];
  const bs_em_report report =
      bs_clustering_report(st->s, &st->clustering[i], names);
  const bs_status status = bs_em_report_json(&report, one);
  bs_mem_free(&names);
  return status;
}

static void em_split_json(const bs_study *st, int i, json_t *all)
{
  const bs_study_em *em = &st->em_split[i];
  const bs_study_set *set = &st->set[em->set];
  json_t *one = json_object();
  json_object_set_new(all, em->name, one);
  json_object_set_new(one, "learner", json_string("em"));
  json_object_set_new(one, "feature_set", json_string(set->title));
  json_object_set_new(one, "features", names_of(st, set));
  json_object_set_new(one, "split",
                      bs_split_json(st->s, &st->split[em->split].made));
  bs_em_split_json(&em->result, st->s->data->c, one);
}

static json_t *splits_json(const bs_study *st)
{
  json_t *splits = json_object();
  for (int k = 0; k < st->splits; k++) {
    const bs_study_split *split = &st->split[k];
    json_object_set_new(splits, bs_splits_name(split->made.split.kind),
                        split->refused != NULL
                            ? json_pack("{s:s}", "refused", split->refused)
                            : bs_split_json(st->s, &split->made));
  }
  return splits;
}

/* Every set against all features, on the same split. */
static bs_status comparisons_json(const bs_study *st, json_t *results)
{
  json_t *list = json_object();
  json_object_set_new(results, "comparisons", list);
  for (int i = 0; i < st->trials; i++) {
    const int all = bs_study_rival(st, i);
    bs_paired paired;
    bs_mcnemar mcnemar;
    bs_interval interval;
    char name[200];
    if (all < 0)
      continue;
    BS_TRY(bs_study_paired(st, all, i, &paired));
    BS_TRY(bs_study_mcnemar(st, all, i, &mcnemar));
    BS_TRY(bs_study_difference(st, all, i, &interval));
    snprintf(name, sizeof name, "%s - %s", st->about[all].name,
             st->about[i].name);
    json_t *one = json_object();
    json_object_set_new(one, "accuracy_difference",
                        bs_json_real(st->about[all].evaluation->accuracy -
                                     st->about[i].evaluation->accuracy));
    json_object_set_new(one, "interval", bs_interval_json(&interval));
    json_object_set_new(one, "fold_mean_percent", bs_json_real(paired.mean));
    json_object_set_new(one, "fold_sd_percent", bs_json_real(paired.sd));
    json_object_set_new(one, "corrected_t", bs_json_real(paired.t));
    json_object_set_new(one, "corrected_t_p", bs_json_real(paired.p));
    json_object_set_new(one, "only_first_right",
                        json_integer((json_int_t)mcnemar.only_a));
    json_object_set_new(one, "only_second_right",
                        json_integer((json_int_t)mcnemar.only_b));
    json_object_set_new(one, "mcnemar_chi2", bs_json_real(mcnemar.chi2));
    json_object_set_new(one, "mcnemar_p", bs_json_real(mcnemar.p));
    const int better = bs_study_verdict(&interval, &mcnemar, &paired);
    json_object_set_new(
        one, "shown_better",
        better == 0 ? json_null()
                    : json_string(st->about[better > 0 ? all : i].name));
    json_object_set_new(list, name, one);
  }
  return BS_OK;
}

bs_status bs_study_json(const bs_study *st, json_t *results)
{
  json_t *experiments = json_object();
  json_object_set_new(results, "experiments", experiments);
  for (int i = 0; i < st->trials; i++)
    BS_TRY(trial_json(st, i, experiments));
  for (int i = 0; i < st->clusterings; i++)
    BS_TRY(clustering_json(st, i, experiments));
  for (int i = 0; i < 2; i++) {
    char name[64];
    snprintf(name, sizeof name, "em_%s", st->set[i].name);
    if (st->cluster_refused[i] != NULL)
      json_object_set_new(experiments, name,
                          json_pack("{s:s, s:s}", "learner", "em", "refused",
                                    st->cluster_refused[i]));
  }
  for (int i = 0; i < st->em_splits; i++)
    em_split_json(st, i, experiments);
  json_t *benign = json_object();
  json_object_set_new(results, "benign_only", benign);
  for (int i = 0; i < st->clusterings && bs_study_benign(st) >= 0; i++)
    json_object_set_new(benign, st->set[st->cluster_set[i]].name,
                        bs_benign_json(&st->benign[i]));
  json_object_set_new(results, "ranking", bs_ranking_json(st->s, st->ranking));
  json_object_set_new(results, "splits", splits_json(st));
  return comparisons_json(st, results);
}
