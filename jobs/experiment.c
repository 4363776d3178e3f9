#include "jobs/experiment.h"

#include "io/report.h"
#include "src/mem.h"
#include <stdlib.h>

bs_status bs_experiment_j48(const bs_session *s, const bs_j48_options *options,
                            int features, const int *feature, bs_j48 **out)
{
  int *all = NULL;
  bs_status st = bs_mem_alloc((size_t)features, sizeof *all, &all);
  for (int j = 0; st == BS_OK && j < features; j++)
    all[j] = feature == NULL ? j : feature[j];
  if (st == BS_OK)
    st = bs_j48_create(s->data, s->presort, &s->tables, s->kernels, options,
                       features, all, out);
  bs_mem_free(&all);
  return st;
}

void bs_experiment_log_messages(const bs_session *s, const bs_cv_result *result,
                                int count, int trees)
{
  double messages = 0, bytes = 0;
  for (int i = 0; i < count; i++) {
    messages += (double)result[i].messages;
    bytes += (double)result[i].bytes;
  }
  bs_job_log(s->job,
             "messages between ranks: %.1f a tree, bringing each %.3f MB",
             messages / trees, bytes / trees / 1e6);
}

static json_t *folds_json(const bs_cv_result *result, const bs_evaluation *e)
{
  json_t *folds = json_array();
  for (int f = 0; f < e->folds; f++) {
    json_t *fold = bs_report_fold_json(e, f);
    json_object_set_new(fold, "leaves", json_integer(result->leaves[f]));
    json_object_set_new(fold, "size", json_integer(result->size[f]));
    json_array_append_new(folds, fold);
  }
  return folds;
}

bs_status bs_experiment_report(const bs_session *s, const bs_cv_result *result,
                               const bs_evaluation *e, json_t *results,
                               FILE *out)
{
  const bs_dataset *data = s->data;
  char *text;
  BS_TRY(bs_tree_text(result->model, data->feature, data->class_name, &text));
  json_t *figures = bs_report_json(e, data->class_name);
  int bad = json_object_update(results, figures);
  json_decref(figures);
  bad |= json_object_set_new(results, "folds", folds_json(result, e));
  bad |= json_object_set_new(
      results, "model",
      json_pack("{s:I, s:I, s:s}", "leaves",
                (json_int_t)bs_tree_leaves(result->model), "size",
                (json_int_t)result->model->size, "text", text));
  if (out != NULL) {
    if (data->simulated)
      fputs("(simulated capture: not the study's figures)\n\n", out);
    fprintf(out, "%s\n", text);
    bs_report_print(e, data->class_name,
                    "=== Stratified cross-validation ===", out);
  }
  free(text);
  return bad ? bs_fail(BS_ERR_RESOURCE, "out of memory: results") : BS_OK;
}
