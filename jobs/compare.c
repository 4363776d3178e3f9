/* botsieve compare: the study's experiment, all features beside the ten of its
 * Table I, on the same folds. */
#include "io/json.h"
#include "io/report.h"
#include "jobs/common.h"
#include "jobs/experiment.h"
#include "jobs/summary.h"
#include "src/comm.h"
#include "src/features.h"
#include "src/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct options {
  bs_common common;
  bs_j48_flags j48;
  const char *output;
  long folds, seed;
} options;

enum { EXPERIMENTS = 2 };
static const char *const experiment_name[EXPERIMENTS] = {"j48_all",
                                                         "j48_table1"};

/* What one run of the command holds. */
typedef struct comparison {
  bs_session *s;
  const bs_opt *table;
  const options *o;
  int count[EXPERIMENTS]; /* features of each experiment */
  int *feature[EXPERIMENTS];
  bs_j48 *j48[EXPERIMENTS];
  bs_folds *folds;
  bs_cv_result result[EXPERIMENTS];
  bs_evaluation *evaluation[EXPERIMENTS];
} comparison;

static bs_status set_up(comparison *c)
{
  const bs_session *s = c->s;
  const bs_dataset *data = s->data;
  bs_j48_options j48_options;
  BS_TRY(bs_j48_options_from(&c->o->common, &c->o->j48, &j48_options));
  for (int i = 0; i < EXPERIMENTS; i++)
    BS_TRY(bs_experiment_j48(s, &j48_options, c->count[i], c->feature[i],
                             &c->j48[i]));
  return bs_folds_create(data->y, data->n, (int)c->o->folds, c->o->seed,
                         s->rules == BS_WEKA_36, &c->folds);
}

static json_t *feature_names(const comparison *c, int i)
{
  json_t *names = json_array();
  for (int j = 0; j < c->count[i]; j++)
    json_array_append_new(names,
                          json_string(c->s->data->feature[c->feature[i][j]]));
  return names;
}

/* Rank 0: all figures, into `results` and the summary. */
static bs_status evaluate(comparison *c, json_t **results)
{
  bs_session *s = c->s;
  json_t *experiments = json_object();
  *results = bs_session_results(s, c->table);
  json_object_set_new(*results, "experiments", experiments);
  for (int i = 0; i < EXPERIMENTS; i++) {
    json_t *one = json_object();
    json_object_set_new(experiments, experiment_name[i], one);
    json_object_set_new(one, "learner", json_string("j48"));
    json_object_set_new(one, "features", feature_names(c, i));
    BS_TRY(bs_evaluation_create(c->result[i].predictions, s->rules,
                                &c->evaluation[i]));
    BS_TRY(bs_experiment_report(s, &c->result[i], c->evaluation[i], one, NULL));
  }
  return BS_OK;
}

static bs_status join(char *path, size_t size, const char *dir,
                      const char *name)
{
  if (snprintf(path, size, "%s/%s", dir, name) >= (int)size)
    return bs_fail(BS_ERR_USAGE, "option --output: the path is too long");
  return BS_OK;
}

/* Rank 0: print the summary and write the files of the output folder. */
static bs_status write_folder(comparison *c, const json_t *results)
{
  char path[4096];
  bs_summary summary = {.s = c->s,
                        .folds = c->o->folds,
                        .seed = c->o->seed,
                        .columns = EXPERIMENTS};
  for (int i = 0; i < EXPERIMENTS; i++)
    summary.column[i] =
        (bs_summary_column){i == 0 ? "all" : "Table I", c->count[i],
                            c->evaluation[i], &c->result[i]};
  BS_TRY(bs_summary_print(&summary, stdout));
  BS_TRY(bs_summary_costs(&summary, stdout));
  if (fflush(stdout) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  BS_TRY(join(path, sizeof path, c->o->output, "summary.txt"));
  BS_TRY(bs_summary_write(&summary, bs_summary_print, path));
  BS_TRY(join(path, sizeof path, c->o->output, "run.txt"));
  BS_TRY(bs_summary_write(&summary, bs_summary_costs, path));
  BS_TRY(join(path, sizeof path, c->o->output, "results.json"));
  return bs_json_write(results, path);
}

static bs_status compare(comparison *c)
{
  bs_session *s = c->s;
  MPI_Comm comm = s->job->comm;
  json_t *results = NULL;
  char run_json[4096];
  bs_status st;
  BS_GO(st, bs_features_select(comm, "all", NULL, s->data->feature, s->data->d,
                               &c->feature[0], &c->count[0]));
  BS_GO(st, bs_features_select(comm, "table1", NULL, s->data->feature,
                               s->data->d, &c->feature[1], &c->count[1]));
  BS_GO(st, bs_agree(comm, set_up(c)));
  bs_session_phase(s, "folds");
  bs_cv_spec spec[EXPERIMENTS];
  for (int i = 0; i < EXPERIMENTS; i++)
    spec[i] = (bs_cv_spec){c->j48[i], c->folds, true};
  bs_layout layout = bs_session_layout(s, EXPERIMENTS * (1 + (int)c->o->folds));
  BS_GO(st, bs_cv_run(comm, &layout, EXPERIMENTS, spec, c->result));
  bs_session_phase(s, "grow");
  bs_experiment_log_messages(s, c->result, EXPERIMENTS,
                             EXPERIMENTS * (1 + (int)c->o->folds));
  if (s->job->rank == 0)
    st = evaluate(c, &results);
  BS_GO(st, bs_agree(comm, st));
  bs_session_phase(s, "evaluate");
  if (s->job->rank == 0)
    st = write_folder(c, results);
  if (st == BS_OK)
    st = join(run_json, sizeof run_json, c->o->output, "run.json");
  BS_GO(st, bs_agree(comm, st));
  st = bs_session_write(s, results, run_json);
  results = NULL;
done:
  json_decref(results);
  return st;
}

static void release(comparison *c)
{
  for (int i = 0; i < EXPERIMENTS; i++) {
    bs_evaluation_destroy(&c->evaluation[i]);
    bs_cv_result_free(&c->result[i]);
    bs_j48_destroy(&c->j48[i]);
    bs_mem_free(&c->feature[i]);
  }
  bs_folds_destroy(&c->folds);
}

/* Rank 0 makes the output folder before any work is done; *made tells whether
 * it was not there. */
static bs_status make_folder(const bs_job *job, const char *path, bool *made)
{
  bs_status st = BS_OK;
  *made = false;
  if (job->rank == 0) {
    *made = mkdir(path, 0777) == 0;
    struct stat info;
    if (!*made && errno != EEXIST)
      st = bs_fail(BS_ERR_RESOURCE, "cannot make folder %s: %s", path,
                   strerror(errno));
    else if (!*made && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
      st = bs_fail(BS_ERR_RESOURCE, "%s is not a folder", path);
    else if (access(path, W_OK | X_OK) != 0)
      st = bs_fail(BS_ERR_RESOURCE, "cannot write to folder %s: %s", path,
                   strerror(errno));
  }
  return bs_agree(job->comm, st);
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {BS_COMMON_DEFAULTS, BS_J48_DEFAULTS, NULL, 10, 1};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "output", &o.output, "DIR", 0, 0, "where everything goes"},
      {BS_OPT_INT, "folds", &o.folds, "N", 2, 65535, "number of folds"},
      {BS_OPT_INT, "seed", &o.seed, "N", -2147483648.0, 2147483647,
       "seed of the folds"},
      BS_OPTIONS_J48(o.j48),
      BS_OPTIONS_LABELS(o.common),
      BS_OPTIONS_RUN(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "compare",
      "The study's experiment: all features beside the ten of its Table I.",
      "FILE.h5",
      1,
      1,
      "  mpirun -n 10 botsieve compare camera.h5 --output camera\n"};
  bs_session s;
  int first;
  bool made = false;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  if (o.output == NULL && !o.common.dry_run)
    return bs_fail(BS_ERR_USAGE, "option --output is missing");
  if (!o.common.dry_run)
    BS_TRY(make_folder(job, o.output, &made));
  comparison c = {.s = &s, .table = table, .o = &o};
  bs_status st = bs_session_open(job, &o.common, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = compare(&c);
  if (st != BS_OK && !o.common.dry_run && made)
    rmdir(o.output); /* only if nothing is in it */
  release(&c);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_compare = {
    "compare", "the main job: all features beside the study's ten", run};
