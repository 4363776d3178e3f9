/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve em: a Gaussian mixture by expectation maximisation, as Weka's EM,
 * and how its clusters match the classes. */
#include "io/json.h"
#include "jobs/clustering.h"
#include "src/comm.h"
#include "src/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
  bs_common common;
  const char *clusters, *sums, *output, *assignments;
  long seed, max_iterations;
  double min_sd;
} options;

/* --clusters N|auto, by default the number of classes. */
static bs_status parse_clusters(const char *text, int classes, int *clusters)
{
  char *end;
  if (text == NULL) {
    *clusters = classes;
    return BS_OK;
  }
  if (strcmp(text, "auto") == 0) {
    *clusters = 0;
    return BS_OK;
  }
  errno = 0;
  long n = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || n < 1 || n > UINT16_MAX)
    return bs_fail(BS_ERR_USAGE,
                   "option --clusters: '%s' is neither auto nor "
                   "a whole number from 1 to 65535",
                   text);
  *clusters = (int)n;
  return BS_OK;
}

/* The model file: the results, with what predict must know. */
static bs_status save_model(const options *o, const char *label,
                            const json_t *results)
{
  json_t *model = json_copy((json_t *)results);
  json_t *data = json_object_get(results, "data");
  json_object_set_new(model, "learner", json_string("em"));
  json_object_set_new(model, "weka", json_string(o->common.weka));
  json_object_set_new(model, "sums", json_string(o->sums));
  json_object_set_new(model, "class", json_string(label));
  json_object_set(model, "features", json_object_get(data, "features"));
  json_object_set(model, "classes", json_object_get(data, "classes"));
  bs_status st = bs_json_write(model, o->output);
  json_decref(model);
  return st;
}

static bs_status report_names(const bs_session *s, const bs_opt *table,
                              const options *o, const bs_clustering *clustering,
                              char *const *names, json_t **results)
{
  bs_em_report r = bs_clustering_report(s, clustering, names);
  if (!bs_prints_json(o->common.json)) {
    if (s->data->simulated)
      puts("(simulated capture)");
    putchar('\n');
    bs_em_report_model(&r, stdout);
    bs_em_report_clusters(&r, stdout);
    putchar('\n');
  }
  if (fflush(stdout) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
  *results = bs_session_results(s, table);
  BS_TRY(bs_em_report_json(&r, *results));
  return o->output == NULL ? BS_OK : save_model(o, r.class_attribute, *results);
}

/* Rank 0: print, and make the results. */
static bs_status report(const bs_session *s, const bs_opt *table,
                        const options *o, const bs_clustering *clustering,
                        json_t **results)
{
  char **names;
  BS_TRY(bs_mem_alloc((size_t)s->features, sizeof *names, &names));
  for (int j = 0; j < s->features; j++)
    names[j] = s->data->feature[s->feature[j]];
  const bs_status st = report_names(s, table, o, clustering, names, results);
  bs_mem_free(&names);
  return st;
}

static void log_fit(const bs_session *s, const bs_em_result *fit)
{
  bs_job_log(s->job,
             "%d clusters, %d iterations, %d restarts; k-means %.3f s, "
             "iterations %.3f s; messages of %zu bytes an iteration",
             fit->model.k, fit->iterations, fit->restarts, fit->start_seconds,
             fit->iterate_seconds, fit->message_bytes);
}

static bs_status cluster(bs_session *s, const bs_opt *table, const options *o)
{
  bs_clustering clustering = {0};
  json_t *results = NULL;
  bs_status st;
  bs_em_options em = {.seed = (int)o->seed,
                      .max_iterations = (int)o->max_iterations,
                      .min_sd = o->min_sd,
                      .weka = s->rules,
                      .keep = s->keep,
                      .key = "em",
                      .sums = strcmp(o->sums, "weka") == 0 ? BS_SUMS_WEKA
                                                           : BS_SUMS_EXACT};
  BS_TRY(parse_clusters(o->clusters, s->data->c, &em.clusters));
  BS_TRY(bs_session_refuse_top(s));
  BS_GO(st, bs_clustering_run(s, &em, s->features, s->feature, &clustering));
  bs_session_phase(s, "em");
  log_fit(s, &clustering.fit);
  if (s->job->rank == 0)
    st = report(s, table, o, &clustering, &results);
  BS_GO(st, bs_agree(s->job->comm, st));
  if (o->assignments != NULL)
    BS_GO(st, bs_clustering_save(s, &clustering, o->assignments));
  st = bs_session_write(s, results);
  results = NULL;
done:
  json_decref(results);
  bs_clustering_clear(&clustering);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {.common = BS_COMMON_DEFAULTS,
               .sums = "exact",
               .seed = 100,
               .max_iterations = 100,
               .min_sd = 1e-6};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "clusters", &o.clusters, "N|auto", 0, 0,
       "number of clusters; auto: by cross-validated likelihood [as classes]"},
      {BS_OPT_INT, "seed", &o.seed, "N", -2147483648.0, 2147483647,
       "seed of the start"},
      {BS_OPT_INT, "max-iterations", &o.max_iterations, "N", 1, 1000000000,
       "most iterations"},
      {BS_OPT_REAL, "min-sd", &o.min_sd, "X", 1e-150, 1e150,
       "smallest standard deviation, in the units of the features"},
      {BS_OPT_CHOICE, "sums", &o.sums, "exact|weka", 0, 0,
       "sums over rows: exact, or rounded row by row as in Weka"},
      {BS_OPT_TEXT, "output", &o.output, "MODEL.json", 0, 0,
       "where the model goes"},
      {BS_OPT_TEXT, "assignments", &o.assignments, "FILE.h5", 0, 0,
       "write cluster and log density of every row"},
      BS_OPTIONS_DATA(o.common),
      BS_OPTIONS_RUN(o.common),
      BS_OPTIONS_CHECKPOINT(o.common),
      {0},
  };
  const bs_opt_spec spec = {
      "em",
      "Fit a mixture of Gaussians and match its clusters to the classes.",
      "FILE.h5",
      1,
      1,
      "  botsieve em camera.h5 --json em.json\n"
      "  mpirun -n 4 botsieve em camera.h5 --clusters auto --features "
      "table1\n"};
  bs_session s;
  int first, clusters;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(parse_clusters(o.clusters, 1, &clusters));
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  bs_status st = bs_session_load(job, &o.common, table, argv[first], &s);
  if (st == BS_OK && s.data != NULL)
    st = cluster(&s, table, &o);
  bs_session_close(&s);
  return st;
}

const bs_command bs_command_em = {
    "em", "cluster by a mixture of Gaussians, as Weka's EM", run};
