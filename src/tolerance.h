/* SPDX-License-Identifier: BSD-3-Clause */
/** \file tolerance.h
 * Weka's tolerant comparisons. They decide by the difference, with an absolute
 * tolerance, so bs_gr is not the exact opposite of bs_sm_or_eq.
 */
#ifndef BS_TOLERANCE_H
#define BS_TOLERANCE_H
#include <stdbool.h>

/** Absolute tolerance of all of them (Weka: Utils.SMALL). */
#define BS_SMALL 1e-6

/** a and b are the same or less than BS_SMALL apart. */
static inline bool bs_eq(double a, double b)
{
  return a == b || (a - b < BS_SMALL && b - a < BS_SMALL);
}

/** a is greater than b by more than BS_SMALL. */
static inline bool bs_gr(double a, double b)
{
  return a - b > BS_SMALL;
}

/** a is smaller than b by more than BS_SMALL. */
static inline bool bs_sm(double a, double b)
{
  return b - a > BS_SMALL;
}

/** a is at least b, or less than BS_SMALL below it. */
static inline bool bs_gr_or_eq(double a, double b)
{
  return b - a < BS_SMALL || a >= b;
}

/** a is at most b, or less than BS_SMALL above it. */
static inline bool bs_sm_or_eq(double a, double b)
{
  return a - b < BS_SMALL || a <= b;
}

#endif /* BS_TOLERANCE_H */
