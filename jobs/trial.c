/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/trial.h"

#include "jobs/experiment.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/merits.h"
#include "src/oner.h"
#include <string.h>

bool bs_trial_needs_order(const bs_session *s, bs_learner learner, int top)
{
  return top > 0 || learner == BS_LEARNER_NB ||
         (learner == BS_LEARNER_J48 && s->rules == BS_WEKA_36);
}

/* One training for its own sake: a trial, or one fold of a trial whose folds
 * differ in their features, or its model. */
typedef struct part {
  int trial;
  int fold; /* of the trial; folds: the model; -1: all of it */
  const int *feature;
  int features;
  bs_folds *own;         /* of the one fold (none for a model), or NULL */
  const bs_folds *folds; /* own, or the trial's */
  bs_j48 *j48;
  bs_predictions *predictions;
  uint32_t *leaves, *size;
  int *chosen; /* by OneR, of each fold */
} part;

typedef struct run {
  bs_session *s;
  int count;
  const bs_trial *trial;
  bs_trial_result *result;
  int parts;
  part *part;
  bs_cv_spec *spec; /* trees: one for each part of J48 */
  bs_cv_result *grown;
  bs_learner_spec *other; /* the same for other learners */
  bs_learner_result *learned;
  int trees, others;
} run;

/* ---- Features chosen inside folds. */

/* Trials that share folds rank once. Returns the lowest trial with these. */
static int first_with_folds(const run *r, int t)
{
  for (int i = 0; i < t; i++)
    if (r->trial[i].top > 0 && r->trial[i].folds == r->trial[t].folds)
      return i;
  return t;
}

/* Rank on the training rows of every fold of one trial, and on all rows;
 * merit is (folds + 1, d). */
static bs_status rank_in_folds(bs_session *s, const bs_folds *folds,
                               const char *key, double **merit)
{
  const size_t count = (size_t)folds->folds + 1, d = (size_t)s->data->d;
  bs_merit_spec *spec = NULL;
  uint32_t **rows = NULL;
  bs_status st;
  st = bs_mem_zalloc(count, sizeof *rows, &rows);
  if (st == BS_OK)
    st = bs_mem_alloc(count, sizeof *spec, &spec);
  if (st == BS_OK)
    st = bs_mem_alloc(count * d, sizeof **merit, merit);
  for (size_t f = 0; st == BS_OK && f < count; f++) {
    const bool all = f + 1 == count;
    const size_t n = all ? folds->n : bs_folds_train_count(folds, (int)f);
    if (!all)
      st = bs_mem_alloc(n, sizeof **rows, &rows[f]);
    if (st == BS_OK && !all)
      bs_folds_training(folds, (int)f, rows[f]);
    spec[f] = (bs_merit_spec){rows[f], n, BS_MERIT_FOLDS, BS_MERIT_SEED,
                              BS_ONER_MIN_BUCKET};
  }
  BS_GO(st, bs_agree(s->job->comm, st));
  st = bs_merits(s->job->comm, s->threads, s->data, s->presort, (int)count,
                 spec, s->keep, key, *merit);
done:
  for (size_t f = 0; rows != NULL && f < count; f++)
    bs_mem_free(&rows[f]);
  bs_mem_free(&rows);
  bs_mem_free(&spec);
  return st;
}

static bs_status choose_of(const run *r, int t, const double *merit)
{
  const bs_trial *trial = &r->trial[t];
  const size_t count = (size_t)trial->folds->folds + 1,
               top = (size_t)trial->top;
  int **best = &r->result[t].best;
  BS_TRY(bs_mem_alloc(count * top, sizeof **best, best));
  for (size_t f = 0; f < count; f++)
    BS_TRY(bs_merits_best(merit + f * (size_t)r->s->data->d, trial->features,
                          trial->feature, trial->top, *best + f * top));
  return BS_OK;
}

static bs_status choose_features(const run *r)
{
  for (int t = 0; t < r->count; t++) {
    double *merit = NULL;
    char key[32];
    if (r->trial[t].top == 0 || first_with_folds(r, t) != t)
      continue;
    snprintf(key, sizeof key, "rules-%d", t);
    bs_status st = rank_in_folds(r->s, r->trial[t].folds, key, &merit);
    for (int i = t; st == BS_OK && i < r->count; i++)
      if (r->trial[i].top > 0 && first_with_folds(r, i) == t)
        st = choose_of(r, i, merit);
    bs_mem_free(&merit);
    BS_TRY(bs_agree(r->s->job->comm, st));
  }
  return BS_OK;
}

/* ---- Parts. */

static bool wants_tree(const run *r, const part *p)
{
  return r->trial[p->trial].learner == BS_LEARNER_J48;
}

/* Is the part to train on all rows as well, or only? */
static bool wants_model(const run *r, const part *p)
{
  return r->trial[p->trial].model &&
         (p->fold < 0 || p->fold == r->trial[p->trial].folds->folds);
}

/* Folds that test nothing: for a model alone. */
static bs_status no_folds(size_t n, bs_folds **out)
{
  uint16_t *member;
  BS_TRY(bs_mem_alloc(n, sizeof *member, &member));
  memset(member, 0xff, n * sizeof *member);
  const bs_status st = bs_folds_from_members(member, n, 0, out);
  bs_mem_free(&member);
  return st;
}

static bs_status set_part(const run *r, int t, int fold, part *p)
{
  const bs_trial *trial = &r->trial[t];
  *p = (part){.trial = t,
              .fold = fold,
              .feature = trial->feature,
              .features = trial->features,
              .folds = trial->folds};
  if (fold >= 0) {
    p->feature = r->result[t].best + (size_t)fold * (size_t)trial->top;
    p->features = trial->top;
    BS_TRY(fold < trial->folds->folds
               ? bs_folds_single(trial->folds, fold, &p->own)
               : no_folds(trial->folds->n, &p->own));
    p->folds = p->own;
  }
  if (trial->learner != BS_LEARNER_J48)
    return BS_OK;
  return bs_j48_create(r->s->data, r->s->presort, &r->s->tables, r->s->kernels,
                       trial->j48, p->features, p->feature, &p->j48);
}

static bs_status set_parts(run *r)
{
  size_t most = 0;
  for (int t = 0; t < r->count; t++)
    most += r->trial[t].top > 0 ? (size_t)r->trial[t].folds->folds + 1 : 1;
  BS_TRY(bs_mem_zalloc(most, sizeof *r->part, &r->part));
  for (int t = 0; t < r->count; t++) {
    const bool split = r->trial[t].top > 0;
    const int end = r->trial[t].folds->folds + (r->trial[t].model ? 1 : 0);
    for (int f = split ? 0 : -1; f < (split ? end : 0); f++)
      BS_TRY(set_part(r, t, f, &r->part[r->parts++]));
  }
  return BS_OK;
}

static bs_status set_specs(run *r)
{
  const size_t parts = (size_t)r->parts;
  BS_TRY(bs_mem_zalloc(parts, sizeof *r->spec, &r->spec));
  BS_TRY(bs_mem_zalloc(parts, sizeof *r->grown, &r->grown));
  BS_TRY(bs_mem_zalloc(parts, sizeof *r->other, &r->other));
  BS_TRY(bs_mem_zalloc(parts, sizeof *r->learned, &r->learned));
  for (int i = 0; i < r->parts; i++) {
    const part *p = &r->part[i];
    const bs_trial *trial = &r->trial[p->trial];
    if (wants_tree(r, p))
      r->spec[r->trees++] = (bs_cv_spec){
          p->j48, p->folds->folds > 0 ? p->folds : NULL, wants_model(r, p)};
    else
      r->other[r->others++] = (bs_learner_spec){
          trial->learner, p->folds,    wants_model(r, p), p->features,
          p->feature,     r->s->rules, trial->min_bucket};
  }
  return BS_OK;
}

/* ---- Results, rank 0. */

/* Hand the trees' results to the parts. */
static void take(run *r)
{
  int tree = 0, other = 0;
  for (int i = 0; i < r->parts; i++) {
    part *p = &r->part[i];
    bs_trial_result *to = &r->result[p->trial];
    if (wants_tree(r, p)) {
      bs_cv_result *from = &r->grown[tree++];
      p->predictions = from->predictions;
      p->leaves = from->leaves;
      p->size = from->size;
      to->seconds += from->seconds;
      if (from->model != NULL)
        to->tree = from->model;
      *from = (bs_cv_result){0};
    } else {
      bs_learner_result *from = &r->learned[other++];
      p->predictions = from->predictions;
      p->chosen = from->chosen;
      from->predictions = NULL;
      from->chosen = NULL;
      if (wants_model(r, p)) {
        to->other = *from;
        *from = (bs_learner_result){0};
      }
    }
  }
}

/* Pool the folds of a trial that trained them one by one. */
static bs_status pool(run *r, int t)
{
  const int folds = r->trial[t].folds->folds;
  bs_trial_result *to = &r->result[t];
  const bs_predictions **one = NULL;
  bs_status st;
  const bool trees = r->trial[t].learner == BS_LEARNER_J48;
  const bool rules = r->trial[t].learner == BS_LEARNER_ONER;
  BS_GO(st, bs_mem_alloc((size_t)folds, sizeof *one, &one));
  BS_GO(st, bs_mem_zalloc((size_t)folds, sizeof *to->leaves, &to->leaves));
  BS_GO(st, bs_mem_zalloc((size_t)folds, sizeof *to->size, &to->size));
  if (rules)
    BS_GO(st, bs_mem_zalloc((size_t)folds, sizeof *to->other.chosen,
                            &to->other.chosen));
  for (int i = 0; i < r->parts; i++) {
    const part *p = &r->part[i];
    if (p->trial != t || p->fold >= folds)
      continue;
    one[p->fold] = p->predictions;
    if (rules)
      to->other.chosen[p->fold] = p->chosen[0];
    if (trees) {
      to->leaves[p->fold] = p->leaves[0];
      to->size[p->fold] = p->size[0];
    }
  }
  st = bs_predictions_join(one, folds, &to->predictions);
done:
  bs_mem_free(&one);
  return st;
}

static bs_status finish(run *r)
{
  take(r);
  for (int i = 0; i < r->parts; i++) {
    part *p = &r->part[i];
    if (p->fold >= 0)
      continue;
    bs_trial_result *to = &r->result[p->trial];
    to->predictions = p->predictions;
    to->leaves = p->leaves;
    to->size = p->size;
    to->other.chosen = p->chosen;
    p->predictions = NULL;
    p->leaves = p->size = NULL;
    p->chosen = NULL;
  }
  for (int t = 0; t < r->count; t++)
    if (r->trial[t].top > 0)
      BS_TRY(pool(r, t));
  return BS_OK;
}

static void release(run *r)
{
  for (int i = 0; i < r->parts; i++) {
    part *p = &r->part[i];
    bs_folds_destroy(&p->own);
    bs_j48_destroy(&p->j48);
    bs_predictions_destroy(&p->predictions);
    bs_mem_free(&p->leaves);
    bs_mem_free(&p->size);
    bs_mem_free(&p->chosen);
    if (r->grown != NULL)
      bs_cv_result_free(&r->grown[i]);
    if (r->learned != NULL)
      bs_learner_result_free(&r->learned[i]);
  }
  bs_mem_free(&r->part);
  bs_mem_free(&r->spec);
  bs_mem_free(&r->grown);
  bs_mem_free(&r->other);
  bs_mem_free(&r->learned);
}

static int tree_count(const run *r)
{
  int trees = 0;
  for (int i = 0; i < r->trees; i++)
    trees += r->spec[i].model +
             (r->spec[i].folds == NULL ? 0 : r->spec[i].folds->folds);
  return trees;
}

bs_status bs_trials_run(bs_session *s, int count, const bs_trial *trial,
                        bs_trial_result *result)
{
  run r = {.s = s, .count = count, .trial = trial, .result = result};
  MPI_Comm comm = s->job->comm;
  bs_status st;
  memset(result, 0, (size_t)count * sizeof *result);
  BS_GO(st, choose_features(&r));
  st = set_parts(&r);
  if (st == BS_OK)
    st = set_specs(&r);
  BS_GO(st, bs_agree(comm, st));
  if (r.trees > 0) {
    const bs_layout layout = bs_session_layout(s, tree_count(&r));
    BS_GO(st, bs_cv_run(comm, &layout, r.trees, r.spec, s->keep, r.grown));
    bs_experiment_log_messages(s, r.grown, r.trees, tree_count(&r));
  }
  BS_GO(st, bs_learners_run(comm, s->threads, s->data, s->presort, r.others,
                            r.other, s->keep, r.learned));
  st = bs_agree(comm, s->job->rank == 0 ? finish(&r) : BS_OK);
done:
  release(&r);
  for (int t = 0; st != BS_OK && t < count; t++)
    bs_trial_result_free(&result[t]);
  return st;
}

void bs_trial_result_free(bs_trial_result *result)
{
  bs_predictions_destroy(&result->predictions);
  bs_tree_destroy(&result->tree);
  bs_mem_free(&result->leaves);
  bs_mem_free(&result->size);
  bs_learner_result_free(&result->other);
  bs_mem_free(&result->best);
}
