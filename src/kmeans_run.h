/* SPDX-License-Identifier: BSD-3-Clause */
/** \file kmeans_run.h
 * Inside k-means: one run's state, and the parts that kmeans.c puts together.
 */
#ifndef BS_KMEANS_RUN_H
#define BS_KMEANS_RUN_H
#include "src/kmeans.h"
#include <math.h>

/** Rows of a block, which are put into an order in which neighbours are alike,
 * and into groups of BS_LANES. A group whose rows lie close to their mean has
 * its nearest centre found by the mean, for all of them at once. */
enum { BS_BLOCK_GROUPS = BS_TILE, BS_BLOCK_ROWS = BS_BLOCK_GROUPS * BS_LANES };

/** What a run knows of the sums of its clusters' rows, in units. */
typedef enum bs_masses {
  BS_MASSES_NONE,
  BS_MASSES_ANEW, /**< the next pass looks at every row and adds up all */
  BS_MASSES_KEPT  /**< they follow the rows that change */
} bs_masses;

/** One run. Shapes: n all rows, m these in whole rounds, b blocks of the rank,
 * g = b BS_BLOCK_GROUPS groups. Assignments are Weka's at any time, centres
 * need not be: they follow the rows that change cluster (bs_run_follow), and \a
 * doubt says how far off they can be. A row that they leave in doubt has Weka's
 * sums taken after all. */
typedef struct bs_run {
  int k;          /**< clusters now */
  double *centre; /**< (k, d): Weka's means, when last taken */
  double *unit;   /**< (last_k, d): centres of the last assignment, in units
                       of the columns' ranges */
  int last_k;
  double doubt; /**< distance of the centres from Weka's at most; 0: they
                     are Weka's */
  bs_masses masses;
  uint64_t *size;    /**< (k): rows */
  double *mass;      /**< (k, d): sums in units, about those of the rows */
  uint64_t changes;  /**< rows that have changed cluster in this pass */
  uint64_t strays;   /**< and since the masses were taken */
  uint16_t *cluster; /**< (m): of the last assignment; those of other ranks'
                          rows as last gathered */
  uint16_t *before;  /**< (m): of the assignment before, where centres are in
                          doubt */
  bool *touched;     /**< (b): before may not be up to date */
  uint16_t *label;   /**< (g): cluster of all rows of the group, or
                          bs_runs.k where they differ */
  float *upper;      /**< (g): bound on the distance of any row to its centre,
                          less the centre's rise when it was taken; 0 where
                          clusters differ */
  float *lower;      /**< (g): bound on the distance to any other centre; where
                          clusters differ, on the room between the two */
  double *rise;      /**< (bs_runs.k + 1): how far the centre has moved so far;
                          0 where clusters differ */
  double *fall;      /**< (bs_runs.k + 1): how far any other one has, summed
                          over passes; where clusters differ, the drift */
  float *slack;      /**< (b): least room between the bounds of the block's
                          groups, and the drift when it was taken */
  double drift;      /**< how much room moves have cost a row so far, at most */
  size_t moved;      /**< places where the working order is not the row order */
  uint32_t *place;   /**< (moved): ascending */
  uint32_t *row;     /**< (moved): row at that place */
  bool has_means;    /**< the centres are the means of all clusters */
  bool at_means;     /**< and each row is in that of its nearest: nothing has
                          changed in the last pass */
  bool contends;     /**< no other run is known to have a smaller error */
  bool done;
} bs_run;

/** All runs and what they share. */
typedef struct bs_runs {
  const bs_ranks *team;
  const bs_columns *rows;
  bs_weka weka;
  int count;
  int k;               /**< clusters at most */
  bs_run *run;         /**< (count) */
  double *low, *width; /**< (d): smallest value, and the range */
  uint16_t *order; /**< (b, BS_BLOCK_ROWS): the block's row at that place of the
                        order, the last one again where there are fewer */
  double *mean;    /**< (b, d, BS_BLOCK_GROUPS): of the groups, in units */
  float *radius;   /**< (g): distance of the farthest row from the mean, at
                        least; infinite unless the group is whole */
  bool has_groups; /**< these have been taken */
  double margin;   /**< factor that keeps bounds clear of rounding */
  double rounding; /**< doubt of a cluster: this (rows that were in it)^2 /
                        rows that are; may be infinite */
  bool follows;    /**< changes can be followed; the same on every rank */
} bs_runs;

/** Scratch of the passes. */
typedef struct bs_pass {
  size_t scratch; /**< doubles per thread in work */
  double *work;   /**< (threads, scratch) */
  double *next;   /**< (k, d) */
  double *sum;    /**< (count, k, d) */
  int64_t *tally; /**< (threads, count, k + BS_TALLIES): change of the clusters'
                       sizes, then the bs_tally */
  size_t most;    /**< groups that a thread adds row by row in a run */
  double *lanes;  /**< (threads, count, k, d, BS_LANES): change of the masses */
  double *mass;   /**< (count, k, d): the same, summed up */
  uint64_t *open; /**< (threads, count): groups of a block */
  int *which, *some; /**< (count): runs */
} bs_pass;

/** What a pass counts beside sizes: rows that change cluster, that are in
 * doubt; groups added row by row, and tiles with those that are not any more.
 */
enum bs_tally { BS_CHANGED, BS_DOUBTED, BS_ADDED, BS_LOST, BS_TALLIES };

/** True if sums can be kept of every run's clusters. */
bool bs_runs_can_follow(const bs_runs *runs);

bs_status bs_pass_alloc(const bs_runs *runs, bs_pass *pass);
void bs_pass_free(bs_pass *pass);

/** Blocks are dealt to ranks in turn, as some parts of a capture make more work
 * than others: the rounds of that, the blocks of this rank, and the rows of its
 * \a index-th. */
size_t bs_runs_rounds(const bs_runs *runs);
size_t bs_runs_blocks(const bs_runs *runs);
bs_range bs_runs_block(const bs_runs *runs, size_t index);

/** A block of this rank's rows in units, in order, as far as it has been looked
 * at. Bit i of a set of groups stands for places i BS_LANES .. of the order. */
typedef struct bs_block {
  size_t index, first, rows; /**< first: of all rows */
  const uint16_t *order;     /**< (BS_BLOCK_ROWS) */
  uint64_t loaded;           /**< groups that are in tile */
  double *tile;              /**< (BS_LANES, d, BS_TILE) */
} bs_block;

/** Load rows first .. first + rows - 1 (1 <= rows <= BS_TILE), which follow
 * each other, as a tile in units of the ranges: (d, BS_TILE). */
void bs_runs_tile(const bs_runs *runs, size_t first, size_t rows, double *tile);
/** Doubles that a block needs. */
size_t bs_block_scratch(const bs_runs *runs);
bs_block bs_block_make(const bs_runs *runs, size_t index, double *scratch);
/** Tile \a t of the block. */
double *bs_block_tile(const bs_runs *runs, const bs_block *block, size_t t);
/** See to it that these groups are in the tiles. */
void bs_block_load(const bs_runs *runs, bs_block *block, uint64_t groups);
/** Means of the block's groups: (d, BS_BLOCK_GROUPS). */
double *bs_block_means(const bs_runs *runs, const bs_block *block);
/** Take these, their order and radius; loads all groups. */
void bs_block_take_groups(bs_runs *runs, bs_block *block);

/** Bounds are kept in single precision, rounded outwards. */
static inline float bs_bound_above(double v)
{
  return isinf(v) ? (float)v : (float)v + fabsf((float)v) * 0x1p-22F + 1e-37F;
}

static inline float bs_bound_below(double v)
{
  return isinf(v) ? (float)v : (float)v - fabsf((float)v) * 0x1p-22F - 1e-37F;
}

/** True if the bounds alone say that each row of the block is in the cluster of
 * Weka's nearest centre. */
bool bs_run_is_settled(const bs_runs *runs, const bs_run *run, size_t block);

/** Assign the rows of the runs \a which (count) to their nearest centres;
 * pass->tally and pass->mass have what has changed, alike on every rank, for
 * each of which in turn. Rows in doubt keep their cluster. Collective over the
 * team. */
void bs_runs_assign(bs_runs *runs, const int *which, int count, bs_pass *pass);

/** Forget bounds and masses: the next pass looks at every row. */
void bs_run_open(const bs_runs *runs, bs_run *run);
/** Add what a pass has changed, in the first one after bs_run_open found: tally
 * (k + BS_TALLIES), mass (k, d). */
void bs_run_count(const bs_runs *runs, bs_run *run, const int64_t *tally,
                  const double *mass);
/** Centres from mass and size. Scratch: next (k, d). */
void bs_run_follow(const bs_runs *runs, bs_run *run, double *next);
/** Distance of cluster i's centre, by mass and size, from Weka's at most. */
double bs_run_doubt(const bs_runs *runs, const bs_run *run, int i);
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

/** Find the runs that can have the least error. Local, the same on every rank.
 */
void bs_runs_contend(bs_runs *runs);

/** Errors of the runs \a which (some), to error (some). Collective over the
 * team. */
bs_status bs_runs_errors(const bs_runs *runs, const int *which, int some,
                         double *error);

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
