/* SPDX-License-Identifier: BSD-3-Clause */
/** \file clustering.h
 * Kernels of k-means and Gaussian mixtures. Each
 * kernel exists once per instruction set, with the same bits from all of them.
 *
 * A tile is BS_TILE rows of d features, feature by feature: (d, BS_TILE).
 * Shapes: n rows, d features, k clusters. Arrays need no alignment.
 */
#ifndef BS_CLUSTERING_H
#define BS_CLUSTERING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  BS_LANES = 8,        /**< partial sums side by side */
  BS_STRIP_LANES = 16, /**< columns side by side in weighted sums */
  BS_MOST_LANES = 64,  /**< columns side by side at most */
  BS_TILE = 64,        /**< rows of a tile */
  BS_TILE_GROUPS = BS_TILE / BS_LANES
};

/** BS_TILE rows as the kernels of mixtures see them. Where all rows have one
 * value in a column, the column is known by that and not read. */
typedef struct bs_tile {
  const double *const *column; /**< (d) pointers to columns, or NULL: then */
  const double *copy;          /**< (d, BS_TILE) */
  size_t first;                /**< row of the columns */
  int varying;                 /**< columns that are not one value */
  const int *which;            /**< (varying) their numbers, ascending */
  const double *level;         /**< (d) the value of the others; there NaN */
} bs_tile;

/** A tile that is wanted next, to be fetched while kernels compute: it takes a
 * few lines from each of many columns, which no processor foresees. All at once
 * they would be waited for. */
typedef struct bs_ahead {
  bs_tile tile;
  int next, end; /**< of its varying columns, still to be fetched */
  int step, due; /**< a column every BS_STEPS / step calls */
  int calls;     /**< so far */
} bs_ahead;

enum { BS_STEPS = 256 };

/** What a Gaussian mixture looks like to the kernels. */
typedef struct bs_gauss {
  int k, d;
  const double *mean; /**< (k, d) */
  const double
      *scale; /**< (k, d): 1/sd; for bs_cluster_kernels.gauss_weka 2 sd sd */
  const double *ln_sd; /**< (k, d); bs_cluster_kernels.gauss_weka only */
  const double
      *shift; /**< (k): ln prior - sum over j of (ln sd + ln sqrt(2
                   pi)); for bs_cluster_kernels.gauss_weka the ln prior */
  double cut; /**< a posterior below exp(-cut) times the largest is nought */
} bs_gauss;

/** The cut at which nothing is lost: exponentials of less are 0. */
#define BS_CUT_NONE 746.0

/** One instruction set's kernels. */
typedef struct bs_cluster_kernels {
  const char *name; /**< "ref", "avx2", "avx512" */

  /** y[i] = exp(x[i]) or ln(x[i]), i < n; see exp_log.h. */
  void (*exp)(size_t n, const double *x, double *y);
  void (*log)(size_t n, const double *x, double *y);

  /** Copy rows first .. first + rows - 1 (1 <= rows <= BS_TILE) of the columns
   * to \a tile; the rest of the tile repeats the last row. */
  void (*tile)(int d, const double *const *column, size_t first, size_t rows,
               double *tile);
  /** The same, normalised: (x - low) / width, 0 where the width is 0. */
  void (*unit_tile)(int d, const double *const *column, const double *low,
                    const double *width, size_t first, size_t rows,
                    double *tile);
  /** The same of any rows: for each bit g of \a groups the BS_LANES rows first
   * + row[g BS_LANES] .. to their place in \a tile, which is (BS_LANES, d,
   * BS_TILE). */
  void (*unit_groups)(int d, const double *const *column, const double *low,
                      const double *width, size_t first, const uint16_t *row,
                      uint64_t groups, double *tile);
  /** Smallest and largest of n >= 1 values. */
  void (*range)(size_t n, const double *x, double *low, double *high);

  /** joint (k, BS_TILE) = ln(prior density) of each row under each cluster:
   * shift - 1/2 sum over j of ((x - mean) scale)^2, the columns of one value
   * first, added up in lane j mod BS_LANES; but where that is so far below
   * another cluster's that the cut makes nothing of it, it may be anything that
   * far below. Cluster \a first is looked at first; a good guess of where the
   * rows belong saves time. */
  void (*gauss)(const bs_gauss *g, int first, const bs_tile *tile,
                bs_ahead *ahead, double *joint);
  /** The same by Weka's operations in Weka's order: from 0, for j ascending
   * add (-((x - mean)^2 / scale) - ln sqrt(2 pi)) - ln sd; at last add shift.
   */
  void (*gauss_weka)(const bs_gauss *g, const bs_tile *tile, double *joint);
  /** From the joint logarithms (k, BS_TILE), in place, to the posterior
   * probabilities exp(joint - max) / sum, 0 for exp where joint - max < -cut;
   * density (BS_TILE) = max + ln sum, the sum over clusters ascending. */
  void (*posterior)(int k, double cut, double *joint, double *density);
  /** lanes (k, 1 + 2 d, BS_LANES): for every cluster add the sums over the
   * tile's rows, row r to lane r mod BS_LANES, of w, w (x - mean)[d] and
   * w (x - mean)^2 [d]; for a column of one value, the sum of w times that. w
   * is (k, BS_TILE). */
  void (*moments)(int k, int d, const double *mean, const bs_tile *tile,
                  const double *w, bs_ahead *ahead, double *lanes);

  /** distance (k, BS_TILE) = sum over j ascending of (x - centre)^2 for those
   * groups of BS_LANES rows whose bit is set in \a groups; others are left
   * alone. centre is (k, d). */
  void (*distances)(int k, int d, const double *centre, const double *tile,
                    unsigned groups, double *distance);
  /** Per row of the groups set: the first cluster of smallest distance, that
   * distance's root, and the root of the next smallest (infinity for k = 1).
   * \a rooted compares the roots, else the squares. */
  void (*nearest)(int k, bool rooted, const double *distance, unsigned groups,
                  uint16_t *cluster, double *root, double *second_root);

  /** room (BS_TILE) = (lower - fall[label]) - (upper + rise[label]) margin.
   * Bounds upper, lower and label are (BS_TILE). */
  void (*room)(const uint16_t *label, const float *upper, const float *lower,
               const double *rise, const double *fall, double margin,
               double *room);
  /** Means of a tile's groups of BS_LANES rows in succession, to the first
   * BS_TILE_GROUPS columns of mean (d, BS_TILE); far (BS_TILE_GROUPS): squared
   * distance of the farthest row of each from its mean. */
  void (*group_means)(int d, const double *tile, double *mean, double *far);
  /** lanes (k, d, BS_LANES) += sums over the tile's rows, row r to lane r mod
   * BS_LANES, of w x. w is (k, BS_TILE). Returns how many groups' worth of
   * work that was: those of which some w is not 0, over all clusters. */
  int (*weigh)(int k, int d, const double *w, const double *tile,
               double *lanes);

  /** Rows first .. first + rows - 1 of some columns side by side: strip (rows,
   * lanes). Here and below lanes is a multiple of BS_LANES, at most
   * BS_MOST_LANES. */
  void (*strip)(int lanes, const double *const *column, size_t first,
                size_t rows, double *strip);
  /** For every row r < rows, in this order, add the strip's row to the sums of
   * its cluster: sum (k, lanes). */
  void (*group_sums)(int lanes, const uint16_t *cluster, size_t rows,
                     const double *strip, double *sum);
  /** Squares by cluster: sum (k, lanes) += x x. */
  void (*group_squares)(int lanes, const uint16_t *cluster, size_t rows,
                        const double *strip, double *sum);
  /** Running mean and squared deviations by cluster: state (k, 3, lanes) is
   * count, mean, sum of squares; the first row of a cluster sets the mean. */
  void (*group_deviations)(int lanes, const uint16_t *cluster, size_t rows,
                           const double *strip, double *state);
  /** For cluster i < k and rows ascending: sum (k, 2, BS_STRIP_LANES) += x w
   * and (x x) w, with weights w (k, stride). The strip has BS_STRIP_LANES. */
  void (*weighted_sums)(int k, const double *w, size_t stride, size_t rows,
                        const double *strip, double *sum);
} bs_cluster_kernels;

/** The sum of BS_LANES lanes. */
static inline double bs_lane_sum(const double *lane)
{
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
         ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

extern const bs_cluster_kernels bs_cluster_kernels_ref;
extern const bs_cluster_kernels bs_cluster_kernels_avx2;
extern const bs_cluster_kernels bs_cluster_kernels_avx512;

/** The kernels of that name, or the best for NULL; NULL where the name is
 * unknown or this machine cannot run them. */
const bs_cluster_kernels *bs_cluster_kernels_find(const char *name);

#endif /* BS_CLUSTERING_H */
