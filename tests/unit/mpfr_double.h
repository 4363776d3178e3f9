/* SPDX-License-Identifier: BSD-3-Clause */
/** \file mpfr_double.h
 * Correctly rounded doubles from MPFR, subnormals included.
 */
#ifndef BS_MPFR_DOUBLE_H
#define BS_MPFR_DOUBLE_H
#include <mpfr.h>
#include <stdint.h>

/** Numbers of MPFR shaped like doubles. Call once before the others; free what
 * MPFR caches with mpfr_free_cache(). */
static inline void mpfr_like_double(void)
{
  mpfr_set_default_prec(53);
  mpfr_set_emin(-1073);
  mpfr_set_emax(1024);
}

static inline double mpfr_double_log(double x)
{
  mpfr_t a;
  mpfr_init_set_d(a, x, MPFR_RNDN);
  mpfr_log(a, a, MPFR_RNDN);
  const double out = mpfr_get_d(a, MPFR_RNDN);
  mpfr_clear(a);
  return out;
}

static inline double mpfr_double_pow(double base, double exponent)
{
  mpfr_t a, b;
  mpfr_init_set_d(a, base, MPFR_RNDN);
  mpfr_init_set_d(b, exponent, MPFR_RNDN);
  const int ternary = mpfr_pow(a, a, b, MPFR_RNDN);
  mpfr_subnormalize(a, ternary, MPFR_RNDN);
  const double out = mpfr_get_d(a, MPFR_RNDN);
  mpfr_clear(a);
  mpfr_clear(b);
  return out;
}

static inline double mpfr_double_exp(double x)
{
  mpfr_t a;
  mpfr_init_set_d(a, x, MPFR_RNDN);
  const int ternary = mpfr_exp(a, a, MPFR_RNDN);
  mpfr_subnormalize(a, ternary, MPFR_RNDN);
  const double out = mpfr_get_d(a, MPFR_RNDN);
  mpfr_clear(a);
  return out;
}

/** The next of a fixed sequence of 64-bit numbers (splitmix64). */
static inline uint64_t next_bits(uint64_t *state)
{
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

#endif /* BS_MPFR_DOUBLE_H */
