/* SPDX-License-Identifier: BSD-3-Clause */
/** \file pruning_estimate.h
 * J48's pessimistic estimate of the errors of a leaf.
 */
#ifndef BS_PRUNING_ESTIMATE_H
#define BS_PRUNING_ESTIMATE_H
#include "src/status.h"

/** What the estimate needs of the confidence; plain data, freely copied. */
typedef struct bs_pruning {
  double confidence; /**< the 32-bit float, promoted */
  double z;          /**< normal deviate exceeded with that probability; 0 where
                          the estimate does not use it (confidence > 1/2) */
} bs_pruning;

/** Prepare for a confidence. Weka holds it as a 32-bit float (0.1 becomes
 * 0.10000000149011612); parse it as a decimal and convert before the call.
 * \return  BS_OK, or BS_ERR_USAGE for a value not in (0, 1], or so small that
 *          1 - confidence rounds to 1, where the normal deviate is
 *          infinite. *out is then untouched.
 */
bs_status bs_pruning_init(float confidence, bs_pruning *out);

/** Errors to expect of a leaf beyond those counted: Weka's Stats.addErrs.
 * Pure; about 0.1 us where e = 0.
 * \param [in] n  Rows (total weight) at the leaf, >= 1.
 * \param [in] e  Rows of other classes than its own, 0 <= e <= n.
 */
double bs_add_errs(const bs_pruning *pruning, double n, double e);

/** Estimated errors of a leaf: e + bs_add_errs, and 0 for a leaf without rows.
 * \param [in] n  0, or as for bs_add_errs.
 */
double bs_estimated_errors(const bs_pruning *pruning, double n, double e);

/** Quantile of the standard normal distribution for 0 < p < 1, as the Cephes
 * library's ndtri computes it (S. L. Moshier), relative error below 1e-15. */
double bs_normal_quantile(double p);

#endif /* BS_PRUNING_ESTIMATE_H */
