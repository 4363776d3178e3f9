/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/findings.h"

#include "jobs/published.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t wrong(const bs_study *st, int i)
{
  return st->about[i].evaluation->n - st->about[i].evaluation->correct;
}

static void percent(FILE *out, double share, int width, int decimals)
{
  if (isnan(share))
    fprintf(out, "%*s", width, "?");
  else
    fprintf(out, "%*.*f", width, decimals, 100 * share);
}

static const char *split_of(const bs_study *st, int i)
{
  return bs_splits_name(st->split[st->about[i].split].made.split.kind);
}

static void print_experiments(const bs_study *st, FILE *out)
{
  fprintf(out,
          "\nAll experiments (interval: 95 %%, blocks of neighbouring rows "
          "drawn together)\n%-38s%9s%10s%11s%10s%22s%11s%10s\n",
          "", "features", "tested", "accuracy,%", "wrong", "interval, %",
          "balanced,%", "kappa");
  for (int i = 0; i < st->trials; i++) {
    const bs_study_trial *t = &st->about[i];
    const bs_study_set *set = &st->set[t->set];
    const bs_evaluation *e = t->evaluation;
    const int features = set->top > 0 ? set->top : set->features;
    char interval[64];
    snprintf(interval, sizeof interval, "%.4f to %.4f", 100 * t->accuracy.low,
             100 * t->accuracy.high);
    fprintf(out, "%-38s%9d%10zu", t->name,
            st->trial[i].learner == BS_LEARNER_ZEROR ? 0 : features, e->n);
    percent(out, e->accuracy, 11, 4);
    fprintf(out, "%10zu%22s", wrong(st, i), interval);
    percent(out, e->balanced_accuracy, 11, 4);
    fprintf(out, "%10.4f\n", e->kappa);
  }
  for (int i = 0; i < st->clusterings; i++) {
    const bs_study_set *set = &st->set[st->cluster_set[i]];
    const bs_clustering *c = &st->clustering[i];
    char name[64];
    snprintf(name, sizeof name, "em_%s (classes to clusters)", set->name);
    fprintf(out, "%-38s%9d%10zu", name, set->features, st->s->data->n);
    percent(out, 1 - (double)c->incorrect / (double)st->s->data->n, 11, 4);
    fprintf(out, "%10" PRIu64 "\n", c->incorrect);
  }
  for (int i = 0; i < st->em_splits; i++) {
    const bs_study_em *em = &st->em_split[i];
    const bs_em_split *r = &em->result;
    if (r->refused != NULL)
      continue;
    fprintf(out, "%-38s%9d%10" PRIu64, em->name, st->set[em->set].features,
            r->tested);
    percent(out, (double)r->correct / (double)r->tested, 11, 4);
    fprintf(out, "%10" PRIu64 "\n", r->tested - r->correct);
  }
}

/* Beside ours, as the study's. */
static void print_published(const bs_study *st, FILE *out)
{
  if (bs_published_fits(st->s->data))
    fprintf(out,
            "the study, on its own data: J48 on Table I, random folds %.2f %%; "
            "EM, classes to clusters, %.2f %%\n",
            bs_published_j48, bs_published_em);
}

static void print_refused(const bs_study *st, FILE *out)
{
  for (int k = 0; k < st->splits; k++)
    if (st->split[k].refused != NULL)
      fprintf(out, "not run: %s\n", st->split[k].refused);
  for (int i = 0; i < 2; i++)
    if (st->cluster_refused[i] != NULL)
      fprintf(out, "not run: em_%s: %s\n", st->set[i].name,
              st->cluster_refused[i]);
  for (int i = 0; i < st->em_splits; i++)
    if (st->em_split[i].result.refused != NULL)
      fprintf(out, "not run: %s: %s\n", st->em_split[i].name,
              st->em_split[i].result.refused);
}

/* A figure, or '?' where it is undefined. */
static void print_figure(FILE *out, int width, int decimals, double value)
{
  if (isnan(value))
    fprintf(out, "%*s", width, "?");
  else
    fprintf(out, "%*.*f", width, decimals, value);
}

static bs_status print_alarms(const bs_study *st, FILE *out)
{
  fprintf(out,
          "\nAs an alarm for anything but %s, at %g packets a second of which "
          "%g %% attack (TPR at FPR: no interpolation)\n%-38s%12s%12s%12s%12s"
          "%18s%12s\n",
          st->s->data->class_name[bs_study_benign(st)], st->packets,
          100 * st->base, "", "FPR", "TPR", "TPR@1e-3", "TPR@1e-4",
          "false alarms/day", "precision");
  for (int i = 0; i < st->trials; i++) {
    bs_study_alarm a;
    if (st->set[st->about[i].set].ablation ||
        st->trial[i].learner == BS_LEARNER_ZEROR)
      continue;
    BS_TRY(bs_study_alarms(st, i, st->packets, st->base, &a));
    fprintf(out, "%-38s", st->about[i].name);
    print_figure(out, 12, 6, a.fp_rate);
    print_figure(out, 12, 6, a.tp_rate);
    print_figure(out, 12, 6, a.tp_rate_at_1e3);
    print_figure(out, 12, 6, a.tp_rate_at_1e4);
    print_figure(out, 18, 1, a.per_day);
    print_figure(out, 12, 4, a.precision);
    fputc('\n', out);
  }
  return BS_OK;
}

/* ---- Findings. */

/* When a difference counts. */
static void print_rule_of_evidence(const bs_study *st, FILE *out)
{
  int comparisons = 0;
  for (int i = 0; i < st->trials; i++)
    comparisons += bs_study_rival(st, i) >= 0;
  fprintf(
      out,
      "A difference is shown where its interval leaves out 0, McNemar's p is "
      "below 0.05 and, with two folds or more, that of the corrected t too. "
      "%d sets are compared with all features; no p is corrected for their "
      "number.\n",
      comparisons);
}

/* A set against all features on one split. */
static bs_status against_all(const bs_study *st, int i, FILE *out)
{
  const int all = bs_study_rival(st, i);
  bs_interval in;
  bs_mcnemar m;
  bs_paired p;
  if (all < 0)
    return BS_OK;
  BS_TRY(bs_study_difference(st, all, i, &in));
  BS_TRY(bs_study_mcnemar(st, all, i, &m));
  BS_TRY(bs_study_paired(st, all, i, &p));
  const size_t a = wrong(st, all), b = wrong(st, i);
  fprintf(out, "- Split %s: %s gets %zu rows wrong, %s %zu", split_of(st, i),
          st->about[all].name, a, st->about[i].name, b);
  if (a > 0 && b > 0)
    fprintf(out, " (%.2f times as many)", (double)b / (double)a);
  const int better = bs_study_verdict(&in, &m, &p);
  fprintf(out,
          "; accuracy differs by %.4f points (95 %% interval by blocks %.4f "
          "to %.4f): %s.",
          100 * (st->about[all].evaluation->accuracy -
                 st->about[i].evaluation->accuracy),
          100 * in.low, 100 * in.high,
          better > 0   ? "all features are better"
          : better < 0 ? "fewer features are better"
                       : "neither is shown to be better");
  fprintf(out,
          " Rows only one gets right: %" PRIu64 " and %" PRIu64
          " (McNemar p %.3g, which takes rows for independent).",
          m.only_a, m.only_b, m.p);
  if (!isnan(p.t))
    fprintf(out, " Corrected t over folds: %.2f, p %.3g.", p.t, p.p);
  fputc('\n', out);
  return BS_OK;
}

/* A part of the columns, in short; without the clock in full. */
static void about_part(const bs_study *st, int i, FILE *out)
{
  const bs_study_set *set = &st->set[st->about[i].set];
  const int all = bs_study_rival(st, i);
  if (all >= 0)
    fprintf(out,
            "- Split %s, %s (%d columns): %zu rows wrong, all columns %zu.\n",
            split_of(st, i), set->title, set->features, wrong(st, i),
            wrong(st, all));
}

static bool is_part(const bs_study *st, int i)
{
  const bs_study_set *set = &st->set[st->about[i].set];
  return set->ablation && strcmp(set->name, "no_clock") != 0;
}

/* How far random folds flatter a set. */
static void against_random(const bs_study *st, int i, FILE *out)
{
  char name[96];
  snprintf(name, sizeof name, "%s_%s", bs_learner_name(st->trial[i].learner),
           st->set[st->about[i].set].name);
  const int random = bs_study_find(st, name);
  if (st->about[i].split == BS_SPLIT_RANDOM || random < 0)
    return;
  const bs_evaluation *here = st->about[i].evaluation;
  const bs_evaluation *there = st->about[random].evaluation;
  const double fall = 100 * (there->accuracy - here->accuracy);
  fprintf(out, "- Random folds put %s at %.4f %%; split %s at %.4f %%: ", name,
          100 * there->accuracy, split_of(st, i), 100 * here->accuracy);
  if (fall > 0)
    fprintf(out, "%.4f points lower.\n", fall);
  else if (fall < 0)
    fprintf(out, "%.4f points higher.\n", -fall);
  else
    fprintf(out, "the same.\n");
}

/* Is a trial better than a floor? */
static bs_status against_floor(const bs_study *st, int trial, int floor,
                               const char *name, FILE *out)
{
  bs_interval in;
  bs_mcnemar m;
  bs_paired p;
  BS_TRY(bs_study_difference(st, trial, floor, &in));
  BS_TRY(bs_study_mcnemar(st, trial, floor, &m));
  BS_TRY(bs_study_paired(st, trial, floor, &p));
  const int better = bs_study_verdict(&in, &m, &p);
  fprintf(out,
          " is%s shown to be %s than %s (%zu rows wrong, not %zu; difference "
          "%.4f to %.4f points)",
          better == 0 ? " not" : "", better < 0 ? "worse" : "better", name,
          wrong(st, trial), wrong(st, floor), 100 * in.low, 100 * in.high);
  return BS_OK;
}

static bs_status about_floor(const bs_study *st, FILE *out)
{
  const int tree = bs_study_find(st, "j48_all");
  const int rule = bs_study_find(st, "oner_all");
  const int zero = bs_study_find(st, "zeror");
  if (tree < 0 || rule < 0 || zero < 0)
    return BS_OK;
  const bs_oner_rule *model = st->result[rule].other.rule;
  fprintf(out,
          "- On random folds the commonest class alone is right for %.4f %% of "
          "the rows, and a rule on one feature for %.4f %%",
          100 * st->about[zero].evaluation->accuracy,
          100 * st->about[rule].evaluation->accuracy);
  if (model != NULL)
    fprintf(out, " (on all rows: %s, %zu pieces)",
            st->s->data->feature[model->feature], model->buckets);
  fputs(". J48 on all features", out);
  BS_TRY(against_floor(st, tree, zero, "the commonest class", out));
  fputs(" and", out);
  BS_TRY(against_floor(st, tree, rule, "that rule", out));
  fputs(".\n", out);
  return BS_OK;
}

/* Does a choice inside the folds agree with the choice on all rows? */
static void about_choice(const bs_study *st, FILE *out)
{
  for (int i = 0; i < st->trials; i++) {
    const int top = st->trial[i].top, *best = st->result[i].best;
    if (top == 0 || best == NULL)
      continue;
    const int folds = st->trial[i].folds->folds;
    const int *all = best + (size_t)folds * (size_t)top;
    int same = 0;
    for (int f = 0; f < folds; f++)
      same += memcmp(best + (size_t)f * (size_t)top, all,
                     (size_t)top * sizeof *all) == 0;
    fprintf(out,
            "- Split %s: ranked inside its training rows, %d of %d folds "
            "choose the ten that all rows choose.\n",
            split_of(st, i), same, folds);
  }
}

static void about_clusters(const bs_study *st, FILE *out)
{
  for (int i = 0; i < st->clusterings; i++) {
    const bs_clustering *c = &st->clustering[i];
    int used = 0;
    for (int k = 0; k < c->fit.model.k; k++)
      used += c->mapping[k] >= 0;
    fprintf(out,
            "- EM without labels on %s: %.4f %% of the rows lie in their "
            "class's cluster; %d of %d classes have one.\n",
            st->set[st->cluster_set[i]].title,
            100 * (1 - (double)c->incorrect / (double)st->s->data->n), used,
            st->s->data->c);
  }
  for (int i = 0; i < st->em_splits; i++) {
    const bs_study_em *em = &st->em_split[i];
    const bs_em_split *r = &em->result;
    if (r->refused == NULL)
      fprintf(out,
              "- EM on %s, fitted and given classes on training rows: by split "
              "%s %.4f %% of the rows tested are told rightly, %.4f %% lie in "
              "a cluster without a class.\n",
              st->set[em->set].title,
              bs_splits_name(st->split[em->split].made.split.kind),
              100 * (double)r->correct / (double)r->tested,
              100 * (double)r->unclassified / (double)r->tested);
  }
}

static void about_benign(const bs_study *st, FILE *out)
{
  for (int i = 0; i < st->clusterings; i++) {
    const bs_benign *b = &st->benign[i];
    const char *title = st->set[st->cluster_set[i]].title;
    if (b->refused != NULL) {
      fprintf(out, "- From %s rows alone on %s: not done, %s.\n",
              st->s->data->class_name[bs_study_benign(st)], title, b->refused);
      continue;
    }
    fprintf(out,
            "- From %s rows alone on %s (a mixture of %d, threshold set for a "
            "false positive rate of %g): %.4f %% of the other classes' rows "
            "raise an alarm, and %.4f %% of its own later rows; area %.6f.\n",
            st->s->data->class_name[bs_study_benign(st)], title, b->clusters,
            b->target, 100 * (double)b->true_alarms / (double)b->attacks,
            100 * (double)b->false_alarms / (double)b->benign, b->auc);
  }
}

static void about_twins(const bs_study *st, FILE *out)
{
  const int d = st->s->data->d, distinct = st->s->presort->columns;
  if (distinct == d)
    return;
  fprintf(out,
          "- %d of %d columns repeat another one exactly; they say nothing "
          "new, but count in J48's average gain.\n",
          d - distinct, d);
}

bs_status bs_findings_print(const bs_study *st, FILE *out)
{
  print_experiments(st, out);
  print_published(st, out);
  print_refused(st, out);
  if (bs_study_benign(st) >= 0)
    BS_TRY(print_alarms(st, out));
  fputs("\nFindings\n", out);
  print_rule_of_evidence(st, out);
  BS_TRY(about_floor(st, out));
  for (int i = 0; i < st->trials; i++)
    if (!is_part(st, i))
      BS_TRY(against_all(st, i, out));
  for (int i = 0; i < st->trials; i++)
    if (is_part(st, i))
      about_part(st, i, out);
  for (int i = 0; i < st->trials; i++)
    if (st->trial[i].learner == BS_LEARNER_J48)
      against_random(st, i, out);
  about_choice(st, out);
  about_clusters(st, out);
  if (bs_study_benign(st) >= 0)
    about_benign(st, out);
  about_twins(st, out);
  return BS_OK;
}
