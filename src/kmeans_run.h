/* SPDX-License-Identifier: BSD-3-Clause */
/** \file kmeans_run.h
 * Inside k-means: one run's state, and the parts that kmeans.c puts together.
 */
#ifndef BS_KMEANS_RUN_H
#define BS_KMEANS_RUN_H
#include "src/kmeans.h"

/** One run. Shapes: n all rows, m rows owned by the rank, a whole number of
 * tiles at least. Assignments are Weka's at any time, centres need not be:
 * where few rows change cluster, centres follow them (bs_run_follow) without a
 * look at the others, and \a doubt says how far off they can be. A row that
 * they leave in doubt has Weka's sums taken after all. */
typedef struct bs_run {
  int k;          /**< clusters now */
  double *centre; /**< (k, d): Weka's means, when last taken */
  double *unit;   /**< (last_k, d): centres of the last assignment, in units
                       of the columns' ranges */
  int last_k;
  double doubt;      /**< distance of the centres from Weka's at most; 0: they
                          are Weka's */
  bool follows;      /**< size and mass go on from pass to pass */
  uint64_t *size;    /**< (k): rows */
  double *mass;      /**< (k, d): sums in units, about those of the rows */
  uint64_t changes;  /**< rows that have changed cluster in this pass */
  uint64_t strays;   /**< and since the centres were Weka's */
  uint16_t *cluster; /**< (n): of the last assignment; those of other ranks'
                          rows as last gathered */
  uint16_t *before;  /**< (n): of the assignment before, where centres are in
                          doubt */
  float *upper;      /**< (m): bound on the distance to the row's centre, less
                          the centre's rise when it was taken */
  float *lower;      /**< (m): bound on the distance to any other centre */
  double *rise;      /**< (k): how far the centre has moved so far */
  double *fall;      /**< (k): how far any other one has, summed over passes */
  float *slack;      /**< (tiles of m): least room between the bounds of the
                          tile's rows, and the drift when it was taken */
  double drift;      /**< how much room moves have cost a row so far, at most */
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
  double rounding;     /**< doubt of a cluster: this (rows that were in it)^2 /
                            rows that are; may be infinite */
} bs_runs;

/** Scratch of the passes. */
typedef struct bs_pass {
  size_t scratch; /**< doubles per thread in work */
  double *work;   /**< (threads, scratch) */
  double *next;   /**< (k, d) */
  double *sum;    /**< (count, k, d) */
  int64_t *tally; /**< (threads, count, k + BS_TALLIES): change of the clusters'
                       sizes, then the bs_tally */
  bool follows;   /**< changes can be followed; the same on every rank */
  size_t most;    /**< changes that a thread follows in a run */
  double *mass;   /**< (threads, count, k, d): change of the masses */
  int *which, *some; /**< (count): runs */
} bs_pass;

/** What a pass counts beside sizes: rows that change cluster, that are in
 * doubt, and that change without being followed. */
enum bs_tally { BS_CHANGED, BS_DOUBTED, BS_LOST, BS_TALLIES };

bs_status bs_pass_alloc(const bs_runs *runs, bs_pass *pass);
void bs_pass_free(bs_pass *pass);

/** Rows of this rank, in whole tiles. */
size_t bs_runs_tiles(const bs_runs *runs);

/** True if the bounds alone say that each of the tile's rows, the \a tile-th of
 * this rank, is in the cluster of Weka's nearest centre. */
bool bs_run_is_settled(const bs_runs *runs, const bs_run *run, size_t tile);

/** Assign the rows of the runs \a which (count) to their nearest centres;
 * pass->tally and pass->mass have what has changed, alike on every rank, for
 * each of which in turn. Rows in doubt keep their cluster. Collective over the
 * team. */
void bs_runs_assign(bs_runs *runs, const int *which, int count, bs_pass *pass);

/** Forget the bounds: the next pass looks at every row. */
void bs_run_open(const bs_runs *runs, bs_run *run);
/** Add what a pass has changed: tally (k + BS_TALLIES), mass (k, d). */
void bs_run_count(const bs_runs *runs, bs_run *run, const int64_t *tally,
                  const double *mass);
/** Centres from mass and size. Scratch: next (k, d). */
void bs_run_follow(const bs_runs *runs, bs_run *run, double *next);
/** Centres from Weka's sums (k, d) over the clusters of these sizes, none of
 * which is empty. Scratch: next (k, d). */
void bs_run_set_means(const bs_runs *runs, bs_run *run, const double *sum,
                      double *next);
/** The same at the end of a pass: clusters without rows go, the others keep
 * their order, in sum too. On the last pass rows are renumbered as well. */
void bs_run_update(const bs_runs *runs, bs_run *run, bool last, double *sum,
                   double *next);

/** Smallest value and range of every column. Collective over the team. */
bs_status bs_runs_ranges(bs_runs *runs);

/** Choose a run's first centres by Weka's draws, and with them the working
 * order. Local, the same on every rank. Fewer than k distinct rows make k
 * smaller. \a order is scratch (n), 0 .. n-1, and is left so; \a drawn too,
 * (2 n). */
bs_status bs_run_start(bs_runs *runs, bs_run *run, int32_t seed,
                       uint32_t *order, uint32_t *drawn);

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
 * which the rest follows. Rank 0, which must have the clusters of all rows. */
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
