/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve predict: a saved tree or mixture on rows that may or may not know
 * their class. */
#include "io/apply.h"
#include "io/json.h"
#include "io/prediction_file.h"
#include "io/report.h"
#include "jobs/common.h"
#include "jobs/predict_em.h"
#include "src/comm.h"
#include "src/cv.h"
#include "src/evaluation.h"
#include "src/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct options {
  bs_common common;
  const char *output, *class_column;
} options;

/* What rank 0 works with. */
typedef struct outcome {
  const bs_job *job;
  const bs_model *model;
  const bs_applied *rows;
  double *prob;        /* (size, c); NULL for a mixture */
  uint16_t *predicted; /* (size): class of a leaf, or BS_NO_CLASS; or (k): the
                          class a cluster stands for */
} outcome;

static bs_status classify_leaves(outcome *o)
{
  const bs_tree *tree = o->model->tree;
  size_t c = (size_t)tree->c;
  BS_TRY(bs_mem_alloc(tree->size * c, sizeof *o->prob, &o->prob));
  BS_TRY(bs_mem_alloc(tree->size, sizeof *o->predicted, &o->predicted));
  bs_tree_probabilities(tree, o->prob);
  for (uint32_t i = 0; i < tree->size; i++) {
    int k = bs_predicted_class(o->prob + i * c, tree->c);
    o->predicted[i] = k < 0 ? BS_NO_CLASS : (uint16_t)k;
  }
  return BS_OK;
}

static bs_status classify_clusters(outcome *o)
{
  const bs_em_model *em = o->model->em;
  size_t k = (size_t)em->mixture.k;
  BS_TRY(bs_mem_alloc(k, sizeof *o->predicted, &o->predicted));
  for (size_t i = 0; i < k; i++)
    o->predicted[i] =
        em->mapping[i] < 0 ? BS_NO_CLASS : (uint16_t)em->mapping[i];
  return BS_OK;
}

/* The labelled rows as predictions of one test set; the priors are those of the
 * rows that the tree was trained on. */
static bs_status collect_predictions(const outcome *o, bs_predictions **out)
{
  const bs_tree *tree = o->model->tree;
  const bs_applied *rows = o->rows;
  size_t n = 0, at = 0, c = (size_t)tree->c;
  for (uint64_t i = 0; i < rows->n; i++)
    n += rows->truth[i] != BS_NO_CLASS;
  BS_TRY(bs_predictions_create(tree->c, 1, n, out));
  bs_predictions *p = *out;
  p->m = tree->size;
  BS_TRY(bs_mem_alloc(p->m * c, sizeof *p->prob, &p->prob));
  memcpy(p->prob, o->prob, p->m * c * sizeof *p->prob);
  p->fold_start[0] = 0;
  p->fold_start[1] = n;
  for (size_t k = 0; k < c; k++)
    p->train_count[k] =
        (uint64_t)bs_tree_count(tree, 0, 0)[k] + bs_tree_count(tree, 0, 1)[k];
  for (uint64_t i = 0; i < rows->n; i++)
    if (rows->truth[i] != BS_NO_CLASS) {
      p->truth[at] = rows->truth[i];
      p->dist[at++] = rows->leaf[i];
    }
  return BS_OK;
}

/* Print the evaluation and add its figures. */
static bs_status evaluate(const outcome *o, json_t *results)
{
  bs_predictions *p = NULL;
  bs_evaluation *e = NULL;
  char *const *names = o->model->classes.item;
  bs_status st;
  BS_GO(st, collect_predictions(o, &p));
  if (p->n == 0)
    goto done;
  BS_GO(st, bs_evaluation_create(p, o->model->tree->rules, &e));
  json_t *figures = bs_report_json(e, names);
  json_object_update(results, figures);
  json_decref(figures);
  bs_report_print(e, names, "=== Error on test data ===", stdout);
done:
  bs_evaluation_destroy(&e);
  bs_predictions_destroy(&p);
  return st;
}

/* How many rows each class was predicted for. */
static json_t *predicted_rows(const outcome *o)
{
  const bs_names *classes = &o->model->classes;
  json_t *rows = json_object();
  uint64_t *count = calloc((size_t)classes->count, sizeof *count);
  for (uint64_t i = 0; count != NULL && i < o->rows->n; i++) {
    uint16_t k = o->predicted[o->rows->leaf[i]];
    if (k != BS_NO_CLASS)
      count[k]++;
  }
  for (int k = 0; count != NULL && k < classes->count; k++)
    json_object_set_new(rows, classes->item[k],
                        json_integer((json_int_t)count[k]));
  free(count);
  return rows;
}

static json_t *list_names(const bs_names *names)
{
  json_t *list = json_array();
  for (int i = 0; i < names->count; i++)
    json_array_append_new(list, json_string(names->item[i]));
  return list;
}

static json_t *describe(const outcome *o, const options *choice)
{
  const bs_applied *rows = o->rows;
  json_t *checksum =
      rows->checksum == NULL ? json_null() : json_string(rows->checksum);
  json_t *label = choice->class_column == NULL
                      ? json_null()
                      : json_string(choice->class_column);
  return json_pack(
      "{s:i, s:s, s:{s:I, s:o, s:o, s:o, s:s}, s:{s:s, s:o}, s:I, s:o}",
      "schema", 1, "command", "predict", "data", "rows", (json_int_t)rows->n,
      "features", list_names(&o->model->features), "classes",
      list_names(&o->model->classes), "checksum", checksum, "source",
      rows->source, "parameters", "weka",
      o->model->rules == BS_WEKA_36 ? "3.6" : "3.8", "class-column", label,
      "rows", (json_int_t)rows->n, "predicted_rows", predicted_rows(o));
}

/* Rank 0: everything after the rows have found their leaves or clusters. */
static bs_status report(outcome *o, const options *choice, json_t **results)
{
  const bs_applied *rows = o->rows;
  BS_TRY(o->model->em != NULL ? classify_clusters(o) : classify_leaves(o));
  *results = describe(o, choice);
  if (*results == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: results");
  BS_TRY(bs_predictions_write(choice->output, o->model, rows, o->prob,
                              o->predicted));
  if (rows->simulated)
    fputs("(simulated capture)\n\n", stdout);
  if (o->model->em != NULL)
    BS_TRY(bs_predict_clusters(o->model, rows, *results));
  else if (rows->labelled)
    BS_TRY(evaluate(o, *results));
  if (!rows->labelled && rows->unknown != NULL)
    bs_job_log(o->job, "no evaluation: the model has no class '%.200s'",
               rows->unknown);
  bool told = rows->labelled || o->model->em != NULL;
  printf("%s%llu rows to %s\n", told ? "\n" : "", (unsigned long long)rows->n,
         choice->output);
  return fflush(stdout) == 0
             ? BS_OK
             : bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
}

/* The output must not replace the model or an input. */
static bs_status check_output(const char *output, int count,
                              char *const *operand)
{
  struct stat out, in;
  if (stat(output, &out) != 0)
    return BS_OK;
  for (int i = 0; i < count; i++)
    if (stat(operand[i], &in) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino)
      return bs_fail(BS_ERR_USAGE, "option --output: %s is an input file",
                     output);
  return BS_OK;
}

static void log_plan(const bs_job *job, const bs_model *model,
                     const bs_apply_options *how, const bs_applied *rows)
{
  char what[64];
  if (model->em != NULL)
    snprintf(what, sizeof what, "%d clusters", model->em->mixture.k);
  else
    snprintf(what, sizeof what, "a tree of %u nodes", model->tree->size);
  bs_job_log(job,
             "%d ranks, %d threads each; %s on %d features, all of them in the "
             "input",
             job->size, how->threads, what, model->features.count);
  int row = 6 + rows->width * (int)sizeof(double);
  if (how->dry_run && rows->checksum != NULL)
    bs_job_log(job, "memory per node: %.2f GB",
               ((double)model->features.count * 8 + row) * (double)rows->n /
                   1e9);
  else if (how->dry_run)
    bs_job_log(job, "memory: %d bytes a row, beside blocks of text", row);
}

static bs_status predict(const bs_job *job, const options *choice, int count,
                         char *const *operand)
{
  bs_session s = {.job = job,
                  .common = &choice->common,
                  .threads = bs_job_threads(choice->common.threads)};
  bs_model *model = NULL;
  bs_applied rows = {0};
  json_t *results = NULL;
  bs_status st = BS_OK;
  if (job->rank == 0 && choice->output != NULL)
    st = check_output(choice->output, count, operand);
  if (st == BS_OK)
    st = bs_session_kernels(&s);
  BS_GO(st, bs_agree(job->comm, st));
  BS_GO(st, bs_model_read(job->comm, operand[0], &model));
  bs_session_phase(&s, "model");
  bs_apply_options how = {choice->class_column, s.threads, s.cluster_kernels,
                          choice->common.dry_run};
  BS_GO(st, bs_apply(job->comm, &job->node, model, count - 1, operand + 1, &how,
                     &rows));
  log_plan(job, model, &how, &rows);
  if (how.dry_run)
    goto done;
  bs_job_rows(job, rows.n);
  bs_session_phase(&s, "apply");
  outcome o = {.job = job, .model = model, .rows = &rows};
  if (job->rank == 0)
    st = report(&o, choice, &results);
  bs_mem_free(&o.prob);
  bs_mem_free(&o.predicted);
  BS_GO(st, bs_agree(job->comm, st));
  bs_session_phase(&s, "write");
  st = bs_session_write(&s, results);
  results = NULL;
done:
  json_decref(results);
  bs_applied_free(&rows);
  bs_model_destroy(&model);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {BS_COMMON_DEFAULTS, NULL, NULL};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "output", &o.output, "FILE.csv|FILE.h5", 0, 0,
       "where the predictions go"},
      {BS_OPT_TEXT, "class-column", &o.class_column, "NAME", 0, 0,
       "column of a CSV or ARFF file that is the class; default: the one that "
       "the model was trained on, if it is there"},
      {BS_OPT_INT, "threads", &o.common.threads, "N", 0, 4096,
       "threads per rank; 0: as OpenMP finds them"},
      {BS_OPT_TEXT, "json", &o.common.json, "FILE|-", 0, 0,
       "write the results"},
      {BS_OPT_TEXT, "run-json", &o.common.run_json, "FILE", 0, 0,
       "write what the run was like"},
      {BS_OPT_FLAG, "dry-run", &o.common.dry_run, "", 0, 0,
       "check the model and the input's names, tell layout and memory, stop"},
      {0},
  };
  const bs_opt_spec spec = {
      "predict",
      "Apply a model of train or em to rows of a data file, of CSV files (also "
      "in\n"
      "folders, also packed) or of an ARFF file. Where the rows' classes are\n"
      "there, the predictions are evaluated.",
      "MODEL.json INPUT...",
      2,
      -1,
      "  botsieve predict tree.json camera.h5 --output predicted.h5\n"
      "  botsieve predict tree.json flows.csv --output predicted.csv\n"};
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  if (o.output == NULL && !o.common.dry_run)
    return bs_fail(BS_ERR_USAGE, "option --output is missing");
  if (o.output != NULL && !bs_predictions_name(o.output))
    return bs_fail(BS_ERR_USAGE,
                   "option --output: '%s' ends neither in .csv nor in .h5",
                   o.output);
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  return predict(job, &o, argc - first, argv + first);
}

const bs_command bs_command_predict = {
    "predict",
    "apply a saved tree or mixture to rows, evaluate where classes are known",
    run};
