/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve rank: features by how well a rule on each alone does. */
#include "jobs/common.h"
#include "jobs/ranking.h"
#include "src/comm.h"
#include "src/features.h"
#include "src/mem.h"
#include "src/merits.h"
#include "src/oner.h"

#include <stdio.h>
#include <string.h>

typedef struct options {
  bs_common common;
  long folds, seed, min_bucket;
} options;

/* Below Weka's text: which features stand for the same column. */
static void print_twins(const bs_session *s, FILE *out)
{
  const bs_presort *presort = s->presort;
  bool any = false;
  for (int k = 0; k < presort->columns; k++) {
    const int first = presort->sorted[k].feature;
    bool open = false;
    for (int j = first + 1; j < s->data->d; j++) {
      if (presort->column[j] != k)
        continue;
      if (!any)
        fputs("\nIdentical columns (tried once, ranked each):\n", out);
      if (!open)
        fprintf(out, "%s", s->data->feature[first]);
      fprintf(out, " = %s", s->data->feature[j]);
      any = open = true;
    }
    if (open)
      fputc('\n', out);
  }
}

/* Rank 0: print the ranking and keep it. */
static bs_status report(const bs_session *s, const bs_opt *table,
                        const options *o, const double *merit, json_t **results)
{
  bs_ranking *ranking;
  BS_TRY(bs_ranking_create(merit, s->data->d, &ranking));
  const char *labels =
      o->common.labels != NULL ? o->common.labels : s->file->labels;
  const bs_ranking_text text = {s->rules, labels,        s->data->feature,
                                NULL,     (int)o->folds, (int)o->min_bucket};
  /* With --json - standard output is for programs. */
  const bool print = o->common.json == NULL || strcmp(o->common.json, "-") != 0;
  if (print && s->data->simulated)
    fputs("(simulated capture: not the study's figures)\n\n", stdout);
  if (print)
    bs_ranking_print(ranking, &text, stdout);
  if (print)
    print_twins(s, stdout);
  *results = bs_session_results(s, table);
  json_object_set_new(*results, "ranking", bs_ranking_json(s, ranking));
  bs_ranking_destroy(&ranking);
  if (fflush(stdout) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  return BS_OK;
}

static bs_status rank(bs_session *s, const bs_opt *table, const options *o)
{
  const bs_merit_spec spec = {NULL, 0, (int)o->folds, o->seed,
                              (int)o->min_bucket};
  double *merit = NULL;
  json_t *results = NULL;
  bs_status st;
  st = bs_mem_alloc((size_t)s->data->d, sizeof *merit, &merit);
  BS_GO(st, bs_agree(s->job->comm, st));
  BS_GO(st, bs_merits(s->job->comm, s->threads, s->data, s->presort, 1, &spec,
                      s->keep, "rules", merit));
  bs_session_phase(s, "rank");
  if (s->job->rank == 0)
    st = report(s, table, o, merit, &results);
  BS_GO(st, bs_agree(s->job->comm, st));
  st = bs_session_write(s, results);
  results = NULL;
done:
  json_decref(results);
  bs_mem_free(&merit);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {BS_COMMON_DEFAULTS, BS_MERIT_FOLDS, BS_MERIT_SEED,
               BS_ONER_MIN_BUCKET};
  const bs_opt table[] = {
      {BS_OPT_INT, "folds", &o.folds, "N", 2, 65535,
       "folds each feature is tried on"},
      {BS_OPT_INT, "seed", &o.seed, "N", -2147483648.0, 2147483647,
       "seed of the folds"},
      {BS_OPT_INT, "min-bucket", &o.min_bucket, "N", 1, 1000000000,
       "rows of one class that a piece of a rule needs (-B)"},
      BS_OPTIONS_DATA(o.common),
      BS_OPTIONS_RUN(o.common),
      BS_OPTIONS_CHECKPOINT(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "rank",    "Rank features as Weka's OneRAttributeEval and Ranker do.",
      "FILE.h5", 1,
      1,         "  botsieve rank camera.h5 --json ranking.json\n"};
  bs_session s;
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  int top;
  bool in_fold;
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(bs_features_top(o.common.features, &top, &in_fold));
  if (top > 0)
    return bs_fail(BS_ERR_USAGE,
                   "option --features: %s is what a ranking is "
                   "for; give the features to rank",
                   o.common.features);
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  bs_status st = bs_session_open(job, &o.common, table, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = rank(&s, table, &o);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_rank = {
    "rank", "rank features by a rule on each alone", run};
