/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/json.h"
#include "io/report.h"
#include "jobs/trial.h"
#include "src/mem.h"
#include "src/zeror.h"

#include <inttypes.h>
#include <stdlib.h>

/* More lines than this are for programs. */
enum { FOLDS_SHOWN = 100 };

/* The model of a learner without trees. */
static void print_other(const bs_session *s, const bs_trial *trial,
                        const bs_trial_result *result, FILE *out)
{
  const bs_dataset *data = s->data;
  const bs_learner_result *other = &result->other;
  if (trial->learner == BS_LEARNER_ONER)
    bs_oner_rule_print(other->rule, data->feature[other->rule->feature],
                       data->class_name, out);
  else if (trial->learner == BS_LEARNER_ZEROR)
    bs_zeror_print(other->prior, data->c, data->class_name, out);
  else
    bs_naive_bayes_print(other->bayes, data->feature, data->class_name, out);
}

bs_status bs_trial_model_text(const bs_session *s, const bs_trial *trial,
                              const bs_trial_result *result, char **text)
{
  if (trial->learner == BS_LEARNER_J48)
    return bs_tree_text(result->tree, s->data->feature, s->data->class_name,
                        text);
  size_t size;
  FILE *out = open_memstream(text, &size);
  if (out != NULL) {
    print_other(s, trial, result, out);
    if (fclose(out) == 0)
      return BS_OK;
    free(*text);
  }
  *text = NULL;
  return bs_fail(BS_ERR_RESOURCE, "out of memory: a model's text");
}

static json_t *names_json(const bs_session *s, int count, const int *feature)
{
  json_t *list = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(list, json_string(s->data->feature[feature[i]]));
  return list;
}

static json_t *folds_json(const bs_session *s, const bs_trial *trial,
                          const bs_trial_result *result, const bs_evaluation *e,
                          const bs_split_made *split)
{
  json_t *folds = json_array();
  for (int f = 0; f < e->folds; f++) {
    json_t *fold = bs_report_fold_json(e, f);
    if (bs_split_held(s, split, f) != NULL)
      json_object_set_new(fold, "held_out",
                          json_string(bs_split_held(s, split, f)));
    if (trial->learner == BS_LEARNER_J48) {
      json_object_set_new(fold, "leaves", json_integer(result->leaves[f]));
      json_object_set_new(fold, "size", json_integer(result->size[f]));
    }
    if (result->other.chosen != NULL)
      json_object_set_new(
          fold, "feature",
          json_string(s->data->feature[result->other.chosen[f]]));
    if (result->best != NULL)
      json_object_set_new(
          fold, "features",
          names_json(s, trial->top,
                     result->best + (size_t)f * (size_t)trial->top));
    json_array_append_new(folds, fold);
  }
  return folds;
}

static json_t *model_json(const bs_session *s, const bs_trial *trial,
                          const bs_trial_result *result, const char *text)
{
  json_t *model = json_object();
  if (result->tree != NULL) {
    json_object_set_new(model, "leaves",
                        json_integer(bs_tree_leaves(result->tree)));
    json_object_set_new(model, "size", json_integer(result->tree->size));
  }
  json_object_set_new(model, "text", json_string(text));
  if (result->best != NULL)
    json_object_set_new(model, "features",
                        names_json(s, trial->top,
                                   result->best + (size_t)trial->folds->folds *
                                                      (size_t)trial->top));
  return model;
}

json_t *bs_trial_spread_json(const bs_spread *spread)
{
  json_t *json = json_object();
  json_object_set_new(json, "mean", bs_json_real(spread->mean));
  json_object_set_new(json, "sd", bs_json_real(spread->sd));
  return json;
}

/* Mean and deviation of the folds' accuracies; no fold is empty. */
static bs_status over_folds(const bs_evaluation *e, bs_spread *out)
{
  double *accuracy;
  BS_TRY(bs_mem_alloc((size_t)e->folds, sizeof *accuracy, &accuracy));
  for (int f = 0; f < e->folds; f++)
    accuracy[f] = (double)e->fold_correct[f] / (double)e->fold_test[f];
  *out = bs_spread_of(accuracy, e->folds);
  bs_mem_free(&accuracy);
  return BS_OK;
}

/* Share of the rows tested that the commonest class of the training rows alone
 * is right for: ZeroR, the floor. */
static bs_status majority(const bs_session *s, const bs_folds *folds,
                          double *accuracy)
{
  const size_t c = (size_t)s->data->c, tested = folds->start[folds->folds];
  uint64_t *train;
  size_t right = 0;
  BS_TRY(bs_mem_alloc((size_t)folds->folds * c, sizeof *train, &train));
  bs_folds_count(folds, s->data->y, s->data->c, train);
  for (int f = 0; f < folds->folds; f++) {
    const uint64_t *count = train + (size_t)f * c;
    size_t most = 0;
    for (size_t k = 1; k < c; k++)
      most = count[k] > count[most] ? k : most;
    for (size_t i = folds->start[f]; i < folds->start[f + 1]; i++)
      right += s->data->y[folds->order[i]] == most;
  }
  *accuracy = (double)right / (double)tested;
  bs_mem_free(&train);
  return BS_OK;
}

/* A line a fold, and what they have in common. */
static void print_folds(const bs_session *s, const bs_trial *trial,
                        const bs_trial_result *result, const bs_evaluation *e,
                        const bs_split_made *split, const bs_spread *over,
                        double floor, FILE *out)
{
  const bool tree = trial->learner == BS_LEARNER_J48;
  fprintf(out, "=== Folds ===\n\n%5s%10s%10s%10s%12s", "fold", "train", "test",
          "correct", "accuracy,%");
  if (tree)
    fprintf(out, "%8s%8s", "leaves", "size");
  fputc('\n', out);
  for (int f = 0; f < e->folds && f < FOLDS_SHOWN; f++) {
    fprintf(out, "%5d%10" PRIu64 "%10" PRIu64 "%10" PRIu64 "%12.4f", f + 1,
            e->fold_train[f], e->fold_test[f], e->fold_correct[f],
            100 * (double)e->fold_correct[f] / (double)e->fold_test[f]);
    if (tree)
      fprintf(out, "%8" PRIu32 "%8" PRIu32, result->leaves[f], result->size[f]);
    if (result->other.chosen != NULL)
      fprintf(out, "  rule on %s", s->data->feature[result->other.chosen[f]]);
    if (bs_split_held(s, split, f) != NULL)
      fprintf(out, "  without %s", bs_split_held(s, split, f));
    fputc('\n', out);
  }
  if (e->folds > FOLDS_SHOWN)
    fprintf(out, "(%d more: --json)\n", e->folds - FOLDS_SHOWN);
  fprintf(out, "mean accuracy of the folds %.4f %%", 100 * over->mean);
  if (e->folds > 1)
    fprintf(out, ", standard deviation %.4f %%", 100 * over->sd);
  fprintf(out,
          "\nfloor, the commonest class of the training rows alone: %.4f %% of "
          "all rows tested\n\n",
          100 * floor);
}

bs_status bs_trial_report(const bs_session *s, const bs_trial *trial,
                          const bs_trial_result *result, const bs_evaluation *e,
                          const bs_split_made *split, json_t *results,
                          FILE *out)
{
  const bs_dataset *data = s->data;
  char *text = NULL;
  bs_spread over;
  double floor;
  BS_TRY(over_folds(e, &over));
  BS_TRY(majority(s, trial->folds, &floor));
  if (trial->model)
    BS_TRY(bs_trial_model_text(s, trial, result, &text));
  json_t *figures = bs_report_json(e, data->class_name);
  int bad = json_object_update(results, figures);
  json_decref(figures);
  bad |= json_object_set_new(results, "split", bs_split_json(s, split));
  bad |= json_object_set_new(results, "folds",
                             folds_json(s, trial, result, e, split));
  bad |= json_object_set_new(results, "accuracy_over_folds",
                             bs_trial_spread_json(&over));
  bad |= json_object_set_new(results, "majority_accuracy", bs_json_real(floor));
  if (trial->model)
    bad |= json_object_set_new(results, "model",
                               model_json(s, trial, result, text));
  if (out != NULL) {
    if (data->simulated)
      fputs("(simulated capture: not the study's figures)\n\n", out);
    if (text != NULL)
      fprintf(out, "%s\n", text);
    print_folds(s, trial, result, e, split, &over, floor, out);
    char title[256];
    bs_split_title(split, title, sizeof title);
    bs_report_print(e, data->class_name, title, out);
  }
  free(text);
  return bad ? bs_fail(BS_ERR_RESOURCE, "out of memory: results") : BS_OK;
}
