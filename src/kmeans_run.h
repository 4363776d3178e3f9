/* SPDX-License-Identifier: BSD-3-Clause */
/** \file kmeans_run.h
 * Inside k-means: one run's state, and the parts that kmeans.c puts together.
 */
#ifndef BS_KMEANS_RUN_H
#define BS_KMEANS_RUN_H
#include "src/kmeans.h"

/** One run. Shapes: n all rows, m rows owned by the rank, a whole number of
 * tiles at least. */
typedef struct bs_run {
  int k;          /**< clusters now */
  double *centre; /**< (k, d) */
  double *unit;   /**< (last_k, d): centres of the last assignment, in units
                       of the columns' ranges */
  int last_k;
  uint16_t *cluster; /**< (n): of the last assignment */
  float *upper;      /**< (m): bound on the distance to the row's centre, less
                          the centre's rise when it was taken */
  float *lower;      /**< (m): bound on the distance to any other centre */
  double *rise;      /**< (k): how far the centre has moved so far */
  double *fall;      /**< (k): how far any other one has, summed over passes */
  size_t moved;      /**< places where the working order is not the row order */
  uint32_t *place;   /**< (moved): ascending */
  uint32_t *row;     /**< (moved): row at that place */
  bool has_means;    /**< the centres are the means of all clusters */
  bool done;
} bs_run;

/** All runs and what they share. */
typedef struct bs_runs {
  const bs_ranks *team;
  const bs_columns *rows;
  bs_weka weka;
  bs_range own; /**< rows of this rank */
  int count;
  int k;               /**< clusters at most */
  bs_run *run;         /**< (count) */
  double *low, *width; /**< (d): smallest value, and the range */
  double margin;       /**< factor that keeps bounds clear of rounding */
} bs_runs;

/** Smallest value and range of every column. Collective over the team. */
bs_status bs_runs_ranges(bs_runs *runs);

/** Choose a run's first centres by Weka's draws, and with them the working
 * order. Local, the same on every rank. Fewer than k distinct rows make k
 * smaller. \a order is scratch (n), 0 .. n-1, and is left so. */
bs_status bs_run_start(bs_runs *runs, bs_run *run, int32_t seed,
                       uint32_t *order);

/** Sums over each cluster's rows in working order, for the runs \a which
 * (count): sum is (count, k, d), zero before, complete on every rank after.
 * Collective over the team. */
bs_status bs_runs_sum(const bs_runs *runs, const int *which, int count,
                      double *sum);

/** Standard deviations of a run's clusters, each over its rows in working
 * order, to sd (k, d), zero before. \a size (k). Collective over the team. */
bs_status bs_run_deviations(const bs_runs *runs, const bs_run *run,
                            const size_t *size, bool textbook, double *sd);

/** Errors of all runs, to error (count). Collective over the team. */
bs_status bs_runs_errors(const bs_runs *runs, double *error);

/** Keep the state of all runs after so many passes: centres and clusters, from
 * which bounds follow. Rank 0. */
void bs_runs_save(const bs_runs *runs, const bs_keep *keep, const char *key,
                  int passes);

/** Take over what an earlier run has kept, if anything, into runs that have
 * just been started: the number of its passes, else 0. Collective over the
 * team. */
bs_status bs_runs_restore(bs_runs *runs, const bs_keep *keep, const char *key,
                          int *passes);

/** centre (k, d) in units of the ranges. */
void bs_runs_normalise(const bs_runs *runs, int k, const double *centre,
                       double *unit);

#endif /* BS_KMEANS_RUN_H */
