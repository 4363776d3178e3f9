/* SPDX-License-Identifier: BSD-3-Clause */
/** \file kmeans.h
 * k-means as Weka's EM starts from it: Weka's random streams, working order of
 * rows and order of sums, so that errors, and with them the run that is kept
 * and the numbers of its clusters, have Weka's bits on any number of ranks.
 */
#ifndef BS_KMEANS_H
#define BS_KMEANS_H
#include "src/cluster.h"
#include "src/keep.h"
#include <stdbool.h>

/** A partition of n rows into k clusters. Free with bs_partition_clear. */
typedef struct bs_partition {
  int k;          /**< clusters, none empty */
  double *centre; /**< (k, d): means */
  double *sd;     /**< (k, d): sample standard deviations; NaN for one row
                       under 3.8's rules, 0 under 3.6's */
  size_t *size;   /**< (k): rows */
} bs_partition;

void bs_partition_clear(bs_partition *partition);

/** What the runs are. */
typedef struct bs_kmeans {
  int k;               /**< clusters wanted, 1 .. 65535; rows that are equal or
                            clusters that empty make them fewer */
  int runs;            /**< >= 1 */
  const int32_t *seed; /**< (runs) */
  bs_weka weka;
  bool textbook_sd;    /**< deviations from sums of squares where Weka 3.6 does
                            so, although they cancel; else in running form */
  const bs_keep *keep; /**< or NULL; then it can be stopped between passes */
  const char *key;     /**< where its state is kept; NULL: nowhere */
} bs_kmeans;

/** Run k-means from every seed and keep the run of least error, the first of
 * equals. Collective over the team; alike on every rank. The runs share scans
 * of the rows. Bounds on distances spare most of the work (after G. Hamerly,
 * SIAM SDM 2010), and are those of groups of eight rows that are alike, whose
 * mean finds the nearest centre of all; centres follow the rows that change
 * cluster. None of that changes an assignment: bounds keep clear of rounding
 * and of what centres are off by, and where that leaves a row in doubt, Weka's
 * sums are taken. Of all runs only those get Weka's last sums and errors that
 * can have the least. Cost a pass: one or two MPI_Allreduce; where Weka's sums
 * are taken, 2 n bytes a run gathered and a third. Memory: bs_kmeans_bytes.
 * \param [out] best  See bs_partition_clear; empty on failure.
 * \return            BS_OK, BS_ERR_RESOURCE or BS_STOPPED.
 */
bs_status bs_kmeans_best(const bs_ranks *team, const bs_columns *rows,
                         const bs_kmeans *what, bs_partition *best);

/** Bytes that a number of runs over n rows of d columns take on a number of
 * ranks together: d + 3 doubles for every 8 rows, and 10 bytes a run; on every
 * rank 4 bytes a row and run, and to draw the first centres 12 a row. */
size_t bs_kmeans_bytes(size_t n, int d, int runs, int ranks);

#endif /* BS_KMEANS_H */
