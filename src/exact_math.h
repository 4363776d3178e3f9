/* SPDX-License-Identifier: BSD-3-Clause */
/** \file exact_math.h
 * Logarithm, power and exponential, correctly rounded: the same bits on every
 * machine, which no C library promises (glibc's differ with and without fused
 * multiply-add).
 */
#ifndef BS_EXACT_MATH_H
#define BS_EXACT_MATH_H

/** ln x rounded to the nearest double. Pure; about 20 ns.
 * \param [in] x  Positive and finite, subnormals included.
 */
double bs_exact_log(double x);

/** base^exponent rounded to the nearest double. Pure; about 0.1 us.
 * \param [in] base      0 < base <= 1.
 * \param [in] exponent  0 < exponent <= 1.
 */
double bs_exact_pow(double base, double exponent);

/** e^x rounded to the nearest double, subnormals and 0 included. Pure; about
 * 20 ns, near underflow some 10 us.
 * \param [in] x  -746 <= x <= 0.
 */
double bs_exact_exp(double x);

#endif /* BS_EXACT_MATH_H */
