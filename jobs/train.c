/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve train: one tree on all rows, printed as Weka prints it and saved. */
#include "io/json.h"
#include "io/model.h"
#include "jobs/common.h"
#include "jobs/experiment.h"
#include "src/comm.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct options {
  bs_common common;
  bs_j48_flags j48;
  const char *learner, *output;
} options;

/* Rank 0: print and save the model. */
static bs_status report(const bs_session *s, const bs_tree *tree,
                        const bs_opt *table, const options *o, json_t **results)
{
  char *text;
  const bs_dataset *data = s->data;
  if (!bs_prints_json(o->common.json) && !bs_prints_json(o->output)) {
    BS_TRY(bs_tree_text(tree, data->feature, data->class_name, &text));
    printf("%s%s\n", data->simulated ? "(simulated capture)\n" : "", text);
    free(text);
  }
  *results = bs_session_results(s, table);
  BS_TRY(bs_model_describe(*results, tree, data->d, data->feature,
                           data->class_name));
  json_object_set_new(*results, "class",
                      json_string(o->common.labels != NULL ? o->common.labels
                                                           : s->file->labels));
  if (fflush(stdout) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  return o->output == NULL ? BS_OK : bs_json_write(*results, o->output);
}

static bs_status train(bs_session *s, const bs_opt *table, const options *o)
{
  bs_j48_options j48_options;
  bs_j48 *j48 = NULL;
  bs_cv_result result = {0};
  json_t *results = NULL;
  bs_status st = bs_session_refuse_top(s);
  if (st == BS_OK)
    st = bs_j48_options_from(&o->common, &o->j48, &j48_options);
  if (st == BS_OK)
    st = bs_experiment_j48(s, &j48_options, s->features, s->feature, &j48);
  BS_GO(st, bs_agree(s->job->comm, st));
  bs_cv_spec spec = {j48, NULL, true};
  bs_layout layout = bs_session_layout(s, 1);
  BS_GO(st, bs_cv_run(s->job->comm, &layout, 1, &spec, s->keep, &result));
  bs_session_phase(s, "grow");
  bs_experiment_log_messages(s, &result, 1, 1);
  if (s->job->rank == 0)
    st = report(s, result.model, table, o, &results);
  BS_GO(st, bs_agree(s->job->comm, st));
  st = bs_session_write(s, results);
  results = NULL;
done:
  json_decref(results);
  bs_cv_result_free(&result);
  bs_j48_destroy(&j48);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {BS_COMMON_DEFAULTS, BS_J48_DEFAULTS, "j48", NULL};
  const bs_opt table[] = {
      {BS_OPT_CHOICE, "learner", &o.learner, "j48", 0, 0, "what to train"},
      {BS_OPT_TEXT, "output", &o.output, "MODEL.json", 0, 0,
       "where the model goes"},
      BS_OPTIONS_J48(o.j48),
      BS_OPTIONS_DATA(o.common),
      BS_OPTIONS_RUN(o.common),
      BS_OPTIONS_CHECKPOINT(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "train", "Grow a tree on all rows of a data file.",        "FILE.h5", 1,
      1,       "  botsieve train camera.h5 --output tree.json\n"};
  bs_session s;
  bs_j48_options unused; /* only to refuse what does not go together */
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(bs_j48_options_from(&o.common, &o.j48, &unused));
  if (o.output == NULL && !o.common.dry_run)
    return bs_fail(BS_ERR_USAGE, "option --output is missing");
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  bs_status st = bs_session_open(job, &o.common, table, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = train(&s, table, &o);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_train = {
    "train", "grow a tree on all rows, print and save it", run};
