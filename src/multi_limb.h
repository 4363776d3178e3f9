/* SPDX-License-Identifier: BSD-3-Clause */
/** \file multi_limb.h
 * Logarithm, power and exponential in fixed point of any width, for the few
 * arguments whose rounding a narrow computation leaves open.
 */
#ifndef BS_MULTI_LIMB_H
#define BS_MULTI_LIMB_H
#include <stdbool.h>

/** Widest computation offered, in 64-bit limbs of fraction. */
#define BS_LIMBS_MAX 128

/** Round ln x to the nearest double, if \a limbs limbs of fraction (1 ..
 * BS_LIMBS_MAX) decide the rounding. x is positive, finite and not 1. Not
 * collective. Cost: some 7 us at 4 limbs, 6 ms at 128; a power takes two to
 * four times that.
 * \param [out] out  RN(ln x); untouched where undecided.
 * \return           True if decided: every number within the proven error of
 *                   the computed one rounds to *out.
 */
bool bs_multi_log(double x, int limbs, double *out);

/** The same for base^exponent, 0 < base < 1, 0 < exponent < 1. An exact power
 * is decided too: it is a double, and rounding turns at midpoints only. */
bool bs_multi_pow(double base, double exponent, int limbs, double *out);

/** The same for e^x, -746 <= x < 0. */
bool bs_multi_exp(double x, int limbs, double *out);

#endif /* BS_MULTI_LIMB_H */
