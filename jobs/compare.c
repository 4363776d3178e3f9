/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve compare: the whole study, all features beside few of them, on random
 * folds and on splits that near-identical rows cannot leak through. */
#include "io/json.h"
#include "jobs/common.h"
#include "jobs/figures.h"
#include "jobs/summary.h"
#include "src/comm.h"
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
  long folds, seed, benign_clusters;
  double packets, base, benign_target;
} options;

static bs_status join(char *path, size_t size, const char *dir,
                      const char *name)
{
  if (snprintf(path, size, "%s/%s", dir, name) >= (int)size)
    return bs_fail(BS_ERR_USAGE, "option --output: the path is too long");
  return BS_OK;
}

/* The text's columns: the main sets on Weka's folds. */
static bs_summary summarize(const bs_study *study)
{
  bs_summary summary = {.s = study->s,
                        .study = study,
                        .folds = study->folds,
                        .seed = study->seed};
  for (int i = 0; i < study->trials; i++) {
    const bs_study_set *set = &study->set[study->about[i].set];
    if (study->about[i].split != BS_SPLIT_RANDOM || set->ablation ||
        study->trial[i].learner != BS_LEARNER_J48 ||
        summary.columns == BS_SUMMARY_COLUMNS)
      continue;
    summary.column[summary.columns++] =
        (bs_summary_column){set->title, set->top > 0 ? set->top : set->features,
                            study->about[i].evaluation, &study->result[i]};
  }
  return summary;
}

static bs_status save_splits(const bs_study *study, const char *dir)
{
  const bs_split_made *made[BS_SPLIT_LAST];
  char path[4096];
  int count = 0;
  for (int k = 0; k < study->splits; k++)
    if (study->split[k].refused == NULL)
      made[count++] = &study->split[k].made;
  BS_TRY(join(path, sizeof path, dir, "splits.h5"));
  return bs_split_save(path, count, made);
}

/* Rank 0: print the summary and write the files of the output folder. */
static bs_status write_folder(const bs_study *study, const bs_scatter *scatter,
                              const char *dir, const json_t *results)
{
  char path[4096];
  const bs_summary summary = summarize(study);
  if (!bs_prints_json(study->s->common->json)) {
    BS_TRY(bs_summary_print(&summary, stdout));
    BS_TRY(bs_summary_costs(&summary, stdout));
  }
  if (fflush(stdout) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  BS_TRY(join(path, sizeof path, dir, "summary.txt"));
  BS_TRY(bs_summary_write(&summary, bs_summary_print, path));
  BS_TRY(join(path, sizeof path, dir, "run.txt"));
  BS_TRY(bs_summary_write(&summary, bs_summary_costs, path));
  BS_TRY(save_splits(study, dir));
  BS_TRY(join(path, sizeof path, dir, "figures"));
  BS_TRY(bs_figures_write(study, scatter, path));
  BS_TRY(join(path, sizeof path, dir, "results.json"));
  return bs_json_write(results, path);
}

static bs_status compare(bs_study *study, const bs_opt *table, const options *o)
{
  bs_session *s = study->s;
  MPI_Comm comm = s->job->comm;
  json_t *results = NULL;
  static char run_json[4096]; /* written at the very end */
  bs_scatter scatter[2] = {0};
  bs_status st;
  BS_GO(st, bs_j48_options_from(&o->common, &o->j48, &study->j48));
  BS_GO(st, bs_study_run(study));
  for (int i = 0; i < study->clusterings; i++)
    BS_GO(st, bs_scatter_gather(study, i, &scatter[i]));
  if (s->job->rank == 0) {
    results = bs_session_results(s, table);
    st = bs_study_json(study, results);
    if (st == BS_OK)
      st = write_folder(study, scatter, o->output, results);
  }
  if (st == BS_OK)
    st = join(run_json, sizeof run_json, o->output, "run.json");
  BS_GO(st, bs_agree(comm, st));
  bs_session_phase(s, "write");
  bs_job_record_to(s->job, run_json);
  st = bs_session_write(s, results);
  results = NULL;
done:
  for (int i = 0; i < 2; i++)
    bs_scatter_free(&scatter[i]);
  json_decref(results);
  return st;
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
  options o = {.common = BS_COMMON_DEFAULTS,
               .j48 = BS_J48_DEFAULTS,
               .folds = 10,
               .seed = 1,
               .benign_clusters = 5,
               .packets = 100,
               .base = 0.01,
               .benign_target = 1e-3};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "output", &o.output, "DIR", 0, 0, "where everything goes"},
      {BS_OPT_INT, "folds", &o.folds, "N", 2, 65535, "number of folds"},
      {BS_OPT_INT, "seed", &o.seed, "N", -2147483648.0, 2147483647,
       "seed of the folds"},
      {BS_OPT_REAL, "packet-rate", &o.packets, "X", 1e-9, 1e12,
       "packets a second that false alarms are told for"},
      {BS_OPT_REAL, "base-rate", &o.base, "X", 0, 1,
       "share of attacks among them"},
      {BS_OPT_INT, "benign-clusters", &o.benign_clusters, "N", 1, 65535,
       "clusters of the mixture that learns from benign rows alone"},
      {BS_OPT_REAL, "benign-fpr", &o.benign_target, "X", 0, 1,
       "false positive rate that its threshold is set for"},
      BS_OPTIONS_J48(o.j48),
      BS_OPTIONS_LABELS(o.common),
      BS_OPTIONS_RUN(o.common),
      BS_OPTIONS_CHECKPOINT(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "compare",
      "The whole study: all features beside few, by every split, with "
      "findings.",
      "FILE.h5",
      1,
      1,
      "  mpirun -n 10 botsieve compare camera.h5 --output camera\n"};
  bs_session s;
  bs_j48_options unused; /* only to refuse what does not go together */
  int first;
  bool made = false;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(bs_j48_options_from(&o.common, &o.j48, &unused));
  if (o.output == NULL && !o.common.dry_run)
    return bs_fail(BS_ERR_USAGE, "option --output is missing");
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  if (!o.common.dry_run)
    BS_TRY(make_folder(job, o.output, &made));
  bs_study *study;
  BS_TRY(bs_agree(job->comm, bs_mem_zalloc(1, sizeof *study, &study)));
  study->s = &s;
  study->folds = o.folds;
  study->seed = o.seed;
  study->packets = o.packets;
  study->base = o.base;
  study->benign_clusters = o.benign_clusters;
  study->benign_target = o.benign_target;
  bs_status st = bs_session_open(job, &o.common, table, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = compare(study, table, &o);
  if (st != BS_OK && !o.common.dry_run && made)
    rmdir(o.output); /* only if nothing is in it */
  bs_study_free(study);
  bs_mem_free(&study);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_compare = {
    "compare", "the main job: all features beside the study's ten", run};
