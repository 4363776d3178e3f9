/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_sums_internal.h
 * The two ways of summing, behind em_sums.h.
 */
#ifndef BS_EM_SUMS_INTERNAL_H
#define BS_EM_SUMS_INTERNAL_H
#include "src/em_sums.h"

enum { BS_STRIP = 256 }; /**< rows of a strip of columns */

/** Fused E and M pass in blocks, moments about \a centre (k, d); returns the
 * average log density. */
double bs_em_exact_pass(bs_em_sums *sums, const bs_mixture *mixture,
                        const double *centre);
double bs_em_exact_sum_rows(const bs_ranks *team, size_t n,
                            const double *value);

/** E pass that keeps posteriors and densities; the sums in row order. */
double bs_em_serial_expect(bs_em_sums *sums, const bs_mixture *mixture);
void bs_em_serial_moments(bs_em_sums *sums, const bs_mixture *mixture);
double bs_em_serial_sum_rows(const bs_ranks *team, const double *value,
                             size_t count);

#endif /* BS_EM_SUMS_INTERNAL_H */
