/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve cv: cross-validation with Weka's folds, and the tree on all rows. */
#include "io/report.h"
#include "jobs/common.h"
#include "jobs/trial.h"
#include "src/comm.h"
#include "src/evaluation.h"
#include "src/mem.h"
#include "src/oner.h"
#include "src/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
  bs_common common;
  bs_j48_flags j48;
  const char *learner, *split, *save_split;
  long folds, seed, repeats;
} options;

/* Rank 0: figures of every repeat, those of the first in full. */
static bs_status report(const bs_session *s, const bs_opt *table,
                        const options *o, const bs_split_made *split,
                        const bs_trial *trial, const bs_trial_result *result,
                        json_t **results)
{
  double *accuracy = NULL;
  json_t *list = json_array();
  /* With --json - standard output is for programs. */
  const char *json = o->common.json;
  bool text = json == NULL || strcmp(json, "-") != 0;
  bs_status st = bs_mem_alloc((size_t)o->repeats, sizeof *accuracy, &accuracy);
  *results = bs_session_results(s, table);
  for (int i = 0; st == BS_OK && i < o->repeats; i++) {
    bs_evaluation *e = NULL;
    st = bs_evaluation_create(result[i].predictions, s->rules, &e);
    if (st != BS_OK)
      break;
    accuracy[i] = e->accuracy;
    json_t *figures = bs_report_json(e, s->data->class_name);
    json_object_set_new(figures, "seed", json_integer(o->seed + i));
    json_array_append_new(list, figures);
    if (i == 0)
      st = bs_trial_report(s, &trial[0], &result[0], e, &split[0], *results,
                           text ? stdout : NULL);
    bs_evaluation_destroy(&e);
  }
  if (st == BS_OK && o->repeats > 1) {
    json_object_set(*results, "repeats", list);
    const bs_spread over = bs_spread_of(accuracy, (int)o->repeats);
    json_object_set_new(*results, "accuracy_over_repeats",
                        bs_trial_spread_json(&over));
    if (text)
      printf("\nAccuracy over %ld repeats: mean %.6f %%, deviation %.6f %%\n",
             o->repeats, 100 * over.mean, 100 * over.sd);
  }
  json_decref(list);
  if (st == BS_OK && o->save_split != NULL) {
    const bs_split_made *first = &split[0];
    st = bs_split_save(o->save_split, 1, &first);
  }
  bs_mem_free(&accuracy);
  if (st == BS_OK && fflush(stdout) != 0)
    st = bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  return st;
}

/* One experiment a repeat, each with its own folds. */
static bs_status set_up(const bs_session *s, const options *o,
                        const bs_j48_options *j48, bs_split_made *split,
                        bs_trial *trial)
{
  const bs_learner learner = bs_learner_find(o->learner);
  const bool ordered = bs_trial_needs_order(s, learner, s->top);
  for (int i = 0; i < o->repeats; i++) {
    BS_TRY(bs_split_make(s, o->split, (int)o->folds, o->seed + i, ordered,
                         &split[i]));
    trial[i] = (bs_trial){learner,        j48,         BS_ONER_MIN_BUCKET,
                          split[i].folds, s->features, s->feature,
                          s->top,         i == 0};
  }
  return BS_OK;
}

static bs_status cross_validate(bs_session *s, const bs_opt *table,
                                const options *o)
{
  size_t repeats = (size_t)o->repeats;
  bs_j48_options j48;
  bs_split_made *split = NULL;
  bs_trial *trial = NULL;
  bs_trial_result *result = NULL;
  json_t *results = NULL;
  bs_status st = bs_mem_zalloc(repeats, sizeof *split, &split);
  if (st == BS_OK)
    st = bs_mem_zalloc(repeats, sizeof *trial, &trial);
  if (st == BS_OK)
    st = bs_mem_zalloc(repeats, sizeof *result, &result);
  if (st == BS_OK)
    st = bs_j48_options_from(&o->common, &o->j48, &j48);
  if (st == BS_OK)
    st = set_up(s, o, &j48, split, trial);
  BS_GO(st, bs_agree(s->job->comm, st));
  bs_session_phase(s, "folds");
  BS_GO(st, bs_trials_run(s, (int)repeats, trial, result));
  bs_session_phase(s, "train");
  if (s->job->rank == 0)
    st = report(s, table, o, split, trial, result, &results);
  BS_GO(st, bs_agree(s->job->comm, st));
  bs_session_phase(s, "evaluate");
  st = bs_session_write(s, results);
  results = NULL;
done:
  json_decref(results);
  for (size_t i = 0; split != NULL && result != NULL && i < repeats; i++) {
    bs_trial_result_free(&result[i]);
    bs_split_free(&split[i]);
  }
  bs_mem_free(&split);
  bs_mem_free(&trial);
  bs_mem_free(&result);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {
      BS_COMMON_DEFAULTS, BS_J48_DEFAULTS, "j48", "random", NULL, 10, 1, 1};
  const bs_opt table[] = {
      {BS_OPT_CHOICE, "learner", &o.learner, "j48|oner|zeror|nb", 0, 0,
       "what to train"},
      {BS_OPT_TEXT, "split", &o.split, "SPLIT", 0, 0,
       "what is tested: random, dedup, blocked[:gap=N], "
       "tail[:part=P,gap=N], device-out, attack-out or family-transfer"},
      {BS_OPT_TEXT, "save-split", &o.save_split, "FILE.h5", 0, 0,
       "save which fold tests which row"},
      {BS_OPT_INT, "folds", &o.folds, "N", 2, 65535, "number of folds"},
      {BS_OPT_INT, "seed", &o.seed, "N", -2147483648.0, 2147483647,
       "seed of the folds"},
      {BS_OPT_INT, "repeats", &o.repeats, "N", 1, 1000,
       "cross-validations, with seeds N, N + 1, ..."},
      BS_OPTIONS_J48(o.j48),
      BS_OPTIONS_DATA(o.common),
      BS_OPTIONS_RUN(o.common),
      BS_OPTIONS_CHECKPOINT(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "cv",
      "Cross-validate a learner with Weka's stratified folds.",
      "FILE.h5",
      1,
      1,
      "  botsieve cv camera.h5 --json cv.json\n"
      "  mpirun -n 10 botsieve cv camera.h5 --features table1\n"};
  bs_session s;
  bs_j48_options unused; /* only to refuse what does not go together */
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(bs_j48_options_from(&o.common, &o.j48, &unused));
  bs_split_spec checked;
  BS_TRY(bs_splits_parse(o.split, &checked));
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  bs_status st = bs_session_open(job, &o.common, table, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = cross_validate(&s, table, &o);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_cv = {
    "cv", "cross-validate a learner, with Weka's folds", run};
