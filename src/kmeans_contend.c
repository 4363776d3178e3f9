/* SPDX-License-Identifier: BSD-3-Clause */
/* Which runs can have the least error. Where centres are means, a run's error
 * is the rows' sum of squares, the same for all runs, less the sum over
 * clusters of |mass|^2 / size: known without a look at the rows, up to
 * rounding.
 */
#include "src/kmeans_run.h"

#include <float.h>
#include <math.h>

/* What the squares of a run's masses take off its error. Units lie between 0
 * and 1, so that n rows of d columns have no more than n d as sum of squares.
 * *off: how far that, and Weka's error, can be from what they are without
 * rounding. A centre is off by delta at most (bs_run_follow), which changes
 * |centre|^2 by (2 sqrt(d) + delta) delta, and the error by delta^2, for each
 * row; sums of n + d squares are off by (n + d) u of themselves (N. Higham,
 * Accuracy and Stability of Numerical Algorithms, 3.1). All doubled. */
static double spared(const bs_runs *runs, const bs_run *run, double *off)
{
  const size_t d = (size_t)runs->rows->d;
  const double n = (double)runs->rows->n, columns = runs->rows->d;
  double all = 0;
  *off = 2 * DBL_EPSILON * (n + 2 * columns + 32) * n * columns;
  for (int i = 0; i < run->k; i++) {
    const double size = (double)run->size[i],
                 delta = bs_run_doubt(runs, run, i);
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
      const double mean = run->mass[(size_t)i * d + j] / size;
      sum += mean * mean;
    }
    all += size * sum;
    *off += 2 * size * delta * (2 * sqrt(columns) + 2 * delta);
  }
  return all;
}

void bs_runs_contend(bs_runs *runs)
{
  double most = -INFINITY, off;
  for (int i = 0; i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    run->contends = !run->at_means || run->masses != BS_MASSES_KEPT;
    if (!run->contends)
      most = fmax(most, spared(runs, run, &off) - off);
  }
  for (int i = 0; i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    if (!run->contends)
      run->contends = !(spared(runs, run, &off) + off < most);
  }
}
