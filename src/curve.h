/* SPDX-License-Identifier: BSD-3-Clause */
/** \file curve.h
 * The receiver operating characteristic of pooled predictions.
 */
#ifndef BS_CURVE_H
#define BS_CURVE_H
#include "src/predictions.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Points from the strictest threshold to the loosest, starting at (0, 0); the
 * last one is (1, 1). */
typedef struct bs_curve {
  size_t points;
  double *threshold; /**< (points): score at or above which a row counts as
                          positive; the first is infinity */
  uint64_t *tp, *fp; /**< (points) */
  uint64_t pos, neg; /**< rows */
} bs_curve;

/** The curve of a class against the rest, by its probability; or, with
 * \a rest, of the rest against the class, by 1 - probability: with the benign
 * class, of alarms. Rows of the same score make one point. Local.
 * \param [out] out  Owned by the caller, see bs_curve_destroy; NULL on failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_curve_create(const bs_predictions *predictions, int k, bool rest,
                          bs_curve **out);
/** The same of scores: (n), and whether a row is positive: (n). */
bs_status bs_curve_of_scores(const double *score, const bool *positive,
                             size_t n, bs_curve **out);
/** Free *curve and set it to NULL; NULL is a no-op. */
void bs_curve_destroy(bs_curve **curve);

/** Highest true positive rate at a threshold whose false positive rate is at
 * most \a fp_rate; nothing is interpolated. NaN without positives or
 * negatives. */
double bs_curve_tp_rate_at(const bs_curve *curve, double fp_rate);
/** Lowest false positive rate at a threshold whose true positive rate is at
 * least \a tp_rate. */
double bs_curve_fp_rate_at(const bs_curve *curve, double tp_rate);

/** Area under the curve, ties half (trapezoids); NaN without positives or
 * negatives. */
double bs_curve_area(const bs_curve *curve);

#endif /* BS_CURVE_H */
