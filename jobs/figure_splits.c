/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy by split. */
#include "jobs/figures_internal.h"

#include "src/exact_math.h"
#include <math.h>
#include <string.h>

static bool in_split_figure(const bs_study *st, int i)
{
  const bs_study_set *set = &st->set[st->about[i].set];
  return st->trial[i].learner == BS_LEARNER_J48 &&
         (!set->ablation || strcmp(set->name, "no_clock") == 0);
}

/* Logarithm to base 10 of the share told wrongly, in percent; none counts as
 * half a row. */
static double log_wrong(const bs_evaluation *e, double accuracy)
{
  const double least = 0.5 / (double)e->n, wrong = 1 - accuracy;
  return bs_exact_log(100 * (wrong > least ? wrong : least)) / bs_exact_log(10);
}

bs_status bs_figure_splits(const bs_study *st, const char *dir)
{
  int place[BS_SPLIT_LAST], splits = 0, colour[BS_STUDY_SETS], sets = 0;
  double low = INFINITY, high = -INFINITY;
  bs_figure f;
  for (int k = 0; k < st->splits; k++)
    place[k] = st->split[k].refused == NULL ? splits++ : -1;
  for (int s = 0; s < st->sets; s++)
    colour[s] = -1;
  for (int i = 0; i < st->trials; i++) {
    if (!in_split_figure(st, i))
      continue;
    const bs_evaluation *e = st->about[i].evaluation;
    low = fmin(low, log_wrong(e, st->about[i].accuracy.high));
    high = fmax(high, log_wrong(e, st->about[i].accuracy.low));
    if (colour[st->about[i].set] < 0)
      colour[st->about[i].set] = sets++;
  }
  const bs_axes a = {95, 50,     150.0 * splits, 360,
                     0,  splits, low - 0.1,      high + 0.1};
  const double legend = a.left + fmax(a.width, 500) + 20;
  BS_TRY(bs_figure_begin(&f, dir, "accuracy_by_split",
                         "J48 by split, with 95 % intervals by blocks of rows",
                         legend + 140, 470));
  bs_axes_decades(f.svg, &a, "rows told wrongly, % (logarithmic)");
  for (int k = 0; k < st->splits; k++)
    if (place[k] >= 0)
      bs_svg_text(f.svg, bs_axes_x(&a, place[k] + 0.5), a.top + a.height + 18,
                  12, BS_SVG_MIDDLE, 0, bs_splits_name((bs_split_kind)k));
  fputs("split,features,accuracy,low,high\n", f.csv);
  for (int i = 0; i < st->trials; i++) {
    if (!in_split_figure(st, i))
      continue;
    const bs_study_trial *t = &st->about[i];
    const double x =
        bs_axes_x(&a, place[t->split] + (colour[t->set] + 1.0) / (sets + 1.0));
    const char *c = bs_svg_colour(colour[t->set]);
    bs_svg_line(
        f.svg, x, bs_axes_y(&a, log_wrong(t->evaluation, t->accuracy.low)), x,
        bs_axes_y(&a, log_wrong(t->evaluation, t->accuracy.high)), c, 2);
    bs_svg_circle(
        f.svg, x,
        bs_axes_y(&a, log_wrong(t->evaluation, t->evaluation->accuracy)), 4, c,
        1);
    fprintf(f.csv, "%s,%s,%.17g,%.17g,%.17g\n",
            bs_splits_name((bs_split_kind)t->split), st->set[t->set].title,
            t->evaluation->accuracy, t->accuracy.low, t->accuracy.high);
  }
  for (int s = 0; s < st->sets; s++) {
    if (colour[s] < 0)
      continue;
    const double y = 70 + 20.0 * colour[s];
    bs_svg_circle(f.svg, legend, y - 4, 4, bs_svg_colour(colour[s]), 1);
    bs_svg_text(f.svg, legend + 12, y, 12, BS_SVG_START, 0, st->set[s].title);
  }
  return bs_figure_end(&f);
}
