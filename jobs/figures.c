/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/figures_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Experiments that figures show: J48 on the main sets, random folds. */
static int main_trials(const bs_study *st, int *trial, int most)
{
  int count = 0;
  for (int i = 0; i < st->trials && count < most; i++)
    if (st->about[i].split == BS_SPLIT_RANDOM &&
        st->trial[i].learner == BS_LEARNER_J48 &&
        !st->set[st->about[i].set].ablation)
      trial[count++] = i;
  return count;
}

bs_status bs_figures_write(const bs_study *st, const bs_scatter *scatter,
                           const char *dir)
{
  enum { CLASSES = 30 }; /* with more, a matrix is no figure */
  int trial[BS_FIGURE_TRIALS];
  const int count = main_trials(st, trial, BS_FIGURE_TRIALS);
  if (mkdir(dir, 0777) != 0 && errno != EEXIST)
    return bs_fail(BS_ERR_RESOURCE, "cannot make folder %s: %s", dir,
                   strerror(errno));
  for (int k = 0; k < st->s->data->c && k < CLASSES; k++)
    BS_TRY(bs_figure_roc(st, dir, k, trial, count));
  for (int i = 0; i < count && st->s->data->c <= CLASSES; i++)
    BS_TRY(bs_figure_confusion(st, dir, trial[i]));
  BS_TRY(bs_figure_ranking(st, dir));
  BS_TRY(bs_figure_splits(st, dir));
  for (int i = 0; i < st->clusterings; i++)
    BS_TRY(bs_figure_clusters(st, dir, i, &scatter[i]));
  return BS_OK;
}
