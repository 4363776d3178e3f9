/* SPDX-License-Identifier: BSD-3-Clause */
/** \file statistics.h
 * What can be said about a difference, and about rare alarms. Arithmetic and
 * square roots only, or src/exact_math.h: the same bits on every machine.
 */
#ifndef BS_STATISTICS_H
#define BS_STATISTICS_H
#include "src/status.h"
#include <stddef.h>
#include <stdint.h>

/** Mean and standard deviation (divisor count - 1; NaN for one value) of folds
 * or repeats. */
typedef struct bs_spread {
  double mean, sd;
} bs_spread;

bs_spread bs_spread_of(const double *x, int count);

/** A paired comparison over folds or repeats. */
typedef struct bs_paired {
  double mean; /**< of the differences a - b */
  double sd;   /**< of them, divisor count - 1 */
  double t;    /**< corrected; NaN where all differences are 0 */
  double p;    /**< two-sided; NaN where t is */
} bs_paired;

/** Corrected resampled t test: t = mean / sqrt((1/J + n_test/n_train) var) with
 * J - 1 degrees of freedom, since training sets overlap.
 * C. Nadeau, Y. Bengio, Inference for the generalization error, Machine
 * Learning 52 (2003), 239-281, section 3 (there for random splits; for k folds
 * Weka's Experimenter takes the same formula).
 * \param [in] a, b     (count): figures of both on the same test sets; count of
 *                      2 or more.
 * \param [in] test_to_train  Rows tested over rows trained on, of one fold.
 */
bs_paired bs_paired_test(const double *a, const double *b, int count,
                         double test_to_train);

/** Two-sided p of Student's t with df >= 1 degrees of freedom: the regularised
 * incomplete beta function I_x(df/2, 1/2) at x = df / (df + t^2) (Abramowitz
 * and Stegun 26.7.1, 26.5.8). */
double bs_student_p(double t, int df);

/** Rows that one of two classifiers gets right and the other does not. */
typedef struct bs_mcnemar {
  uint64_t only_a, only_b;
  double chi2; /**< (|only_a - only_b| - 1)^2 / (only_a + only_b) */
  double p;    /**< two-sided: binomial below 25 such rows, else by chi2 */
} bs_mcnemar;

/** Q. McNemar, Psychometrika 12 (1947), 153-157, with Edwards' correction for
 * continuity (ibid. 13, 1948). It takes rows for independent, which
 * neighbouring ones are not: see bs_block_interval. */
bs_mcnemar bs_mcnemar_test(uint64_t only_a, uint64_t only_b);

/** Neighbouring rows that are drawn together. */
typedef struct bs_block {
  int stratum;  /**< blocks of one stratum (file) replace each other */
  double above; /**< what the block adds to the numerator, */
  double below; /**< and to the denominator */
} bs_block;

typedef struct bs_interval {
  double low, high;
} bs_interval;

/** Bootstrap percentile interval of sum(above) / sum(below), whole blocks drawn
 * with replacement within each stratum: neighbours stay together.
 * B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), 13.3 and
 * 8.6 (blocks). The quantile at q of m sorted values v is v[floor(q (m - 1) +
 * 1/2)]; draws without a denominator are left out.
 * \param [in] block   (count): strata ascending.
 * \param [in] level   0.95, say.
 * \param [out] out    NaN where no draw has a denominator.
 * \return             BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_block_interval(const bs_block *block, size_t count, int draws,
                            int64_t seed, double level, bs_interval *out);

/** False alarms in 24 hours: fp_rate of the packets that are no attacks.
 * \param [in] packets  A second.
 * \param [in] base     Share of them that are attacks.
 */
double bs_false_alarms_per_day(double fp_rate, double packets, double base);
/** Share of alarms that are right at a base rate (Bayes; S. Axelsson, The base-
 * rate fallacy, ACM TISSEC 3 (2000), 186-205). */
double bs_alarm_precision(double tp_rate, double fp_rate, double base);

#endif /* BS_STATISTICS_H */
