/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a run's centres go, and what their moves cost the bounds. */
#include "src/kmeans_run.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Centres in units move to next (k, d), and the bounds with them. */
static void move_to(const bs_runs *runs, bs_run *run, const double *next)
{
  double first = 0, second = 0; /* the two largest moves */
  size_t d = (size_t)runs->rows->d;
  int who = 0;
  for (int i = 0; i < run->k; i++) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
      double z = next[(size_t)i * d + j] - run->unit[(size_t)i * d + j];
      sum += z * z;
    }
    double length = sqrt(sum) * runs->margin;
    run->rise[i] = (run->rise[i] + length) * (1 + DBL_EPSILON); /* at least */
    if (length > first) {
      second = first;
      first = length;
      who = i;
    } else if (length > second) {
      second = length;
    }
  }
  for (int i = 0; i < run->k; i++)
    run->fall[i] = (run->fall[i] + (i == who ? second : first)) *
                   (1 + DBL_EPSILON); /* at least */
  run->drift = (run->drift + (first + second) * runs->margin) *
               (1 + DBL_EPSILON); /* the same */
  run->fall[runs->k] = run->drift;
  memcpy(run->unit, next, (size_t)run->k * d * sizeof *next);
  run->last_k = run->k;
}

void bs_run_count(const bs_runs *runs, bs_run *run, const int64_t *tally,
                  const double *mass)
{
  const int64_t *number = tally + runs->k;
  const size_t masses = (size_t)run->k * (size_t)runs->rows->d;
  run->changes += (uint64_t)number[BS_CHANGED];
  if (number[BS_LOST] > 0 ||
      (run->masses == BS_MASSES_ANEW && number[BS_DOUBTED] > 0))
    run->masses = BS_MASSES_NONE;
  if (run->masses == BS_MASSES_ANEW) {
    memset(run->size, 0, (size_t)run->k * sizeof *run->size);
    memset(run->mass, 0, masses * sizeof *run->mass);
    run->strays = 0;
    run->masses = BS_MASSES_KEPT;
  } else if (run->masses == BS_MASSES_NONE || number[BS_CHANGED] == 0) {
    return;
  } else {
    run->strays += (uint64_t)number[BS_CHANGED];
  }
  for (int i = 0; i < run->k; i++)
    run->size[i] += (uint64_t)tally[i];
  for (size_t i = 0; i < masses; i++)
    run->mass[i] += mass[i];
}

double bs_run_doubt(const bs_runs *runs, const bs_run *run, int i)
{
  const double size = (double)run->size[i],
               all = size + 2 * (double)run->strays + 16;
  return runs->rounding * all * all / size;
}

void bs_run_follow(const bs_runs *runs, bs_run *run, double *next)
{
  size_t d = (size_t)runs->rows->d;
  double worst = 0;
  for (int i = 0; i < run->k; i++) {
    worst = fmax(worst, bs_run_doubt(runs, run, i));
    for (size_t j = 0; j < d; j++)
      next[(size_t)i * d + j] =
          run->mass[(size_t)i * d + j] / (double)run->size[i];
  }
  move_to(runs, run, next);
  run->doubt = worst;
  run->has_means = true;
}

static void set_centre(const bs_runs *runs, bs_run *run, const double *sum)
{
  size_t d = (size_t)runs->rows->d;
  for (size_t i = 0; i < (size_t)run->k * d; i++)
    run->centre[i] = sum[i] / (double)run->size[i / d];
}

void bs_run_set_means(const bs_runs *runs, bs_run *run, const double *sum,
                      double *next)
{
  size_t d = (size_t)runs->rows->d;
  set_centre(runs, run, sum);
  bs_runs_normalise(runs, run->k, run->centre, next);
  move_to(runs, run, next);
  for (size_t i = 0; i < (size_t)run->k * d; i++)
    run->mass[i] = run->unit[i] * (double)run->size[i / d];
  run->doubt = 0;
  run->strays = 0;
}

void bs_run_update(const bs_runs *runs, bs_run *run, bool last, double *sum,
                   double *next)
{
  size_t d = (size_t)runs->rows->d;
  uint16_t number[UINT16_MAX + 1];
  int kept = 0;
  for (int i = 0; i < run->k; i++) {
    number[i] = (uint16_t)kept;
    if (run->size[i] == 0)
      continue;
    memmove(sum + (size_t)kept * d, sum + (size_t)i * d, d * sizeof *sum);
    run->size[kept++] = run->size[i];
  }
  bool fewer = kept < run->k;
  run->k = kept;
  run->done = last;
  run->has_means = !fewer;
  run->masses = runs->follows ? BS_MASSES_KEPT : BS_MASSES_NONE;
  if (last && fewer)
    for (size_t r = 0; r < runs->rows->n; r++)
      run->cluster[r] = number[run->cluster[r]];
  if (last && runs->weka == BS_WEKA_36) {
    set_centre(runs, run, sum);
    return; /* the error is taken against the centres before the update */
  }
  bs_run_set_means(runs, run, sum, next);
  if (fewer)
    bs_run_open(runs, run);
}
