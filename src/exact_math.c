/* SPDX-License-Identifier: BSD-3-Clause */
/* Each function first computes in 64- and 128-bit integers with a proven bound
 * on the error. Where that error leaves open to which double to round,
 * multi_limb.c decides with as many bits as it takes. Right shifts of negative
 * numbers round down, as gcc and clang define them. */
#include "src/exact_math.h"
#include "src/exact_log_table.h"
#include "src/multi_limb.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

/* x = mantissa * 2^(exponent - 52), 2^52 <= mantissa < 2^53. */
typedef struct parts {
  uint64_t mantissa;
  int exponent;
} parts;

static parts parts_of(double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  parts p = {bits & ((UINT64_C(1) << 52) - 1), (int)(bits >> 52) - 1023};
  if (p.exponent > -1023) {
    p.mantissa |= UINT64_C(1) << 52;
  } else {
    const int shift = __builtin_clzll(p.mantissa) - 11;
    p.mantissa <<= shift;
    p.exponent = -1022 - shift;
  }
  return p;
}

/* v * 2^scale to the nearest double (a normal one), for v > 0 known to within
 * \a error; false if that leaves the rounding open (Ziv's test). With the top
 * bit of v moved to bit 127, a double keeps bits 127 to 75, and midpoints have
 * bit 74 set and none below. So the rounding is decided if v is further than
 * the error from the nearest midpoint. Below 2^127 midpoints lie twice as
 * close: from there 2^73 is the distance to the first, and more than the error.
 */
static bool round_decided(u128 v, u128 error, int scale, double *out)
{
  const u128 half = (u128)1 << 74;
  const uint64_t high = (uint64_t)(v >> 64);
  const int zeros =
      high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)v);
  if (zeros > 50) /* and the error too large by far */
    return false;
  v <<= zeros;
  error <<= zeros;
  const u128 rest = v & (2 * half - 1);
  const u128 distance = rest > half ? rest - half : half - rest;
  if (error >= half / 2 || distance <= error)
    return false;
  const uint64_t kept = (uint64_t)(v >> 75) + (rest > half);
  const uint64_t power = (uint64_t)(scale + 75 - zeros + 1023) << 52;
  double factor;
  memcpy(&factor, &power, sizeof factor);
  *out = (double)(int64_t)kept * factor; /* both exact, and so the product */
  return true;
}

enum { LOG_BITS = 116 };
/* Bound on the error of narrow_log in units of 2^-116; derived there. */
static const u128 LOG_ERROR = (u128)1 << 39;

/* ln x in units of 2^-116. x = 2^e f and f = (1 + r) * 1024/inverse, so
 * ln x = e ln 2 + ln(1024/inverse) + ln(1 + r), where r is exact and |r| <
 * 0.00422. ln(1 + r) = r - r^2 q with q = 1/2 - r/3 + r^2/4 - ... + r^8/10 in
 * units of 2^-63. A step of Horner's rule is off by less than 2 units (constant
 * and product truncated), the last by 1, and each shrinks what came before by
 * |r|; the tail is 0.001: q is within 1.01 units. r^2 < 2^-15.77 is truncated
 * to units of 2^-77. So r^2 q is off by less than 1.01 * 2^-78.77 + 0.503 *
 * 2^-77 < 0.81 * 2^-77; the 1076 half units of the constants and the last
 * truncation do not show beside that: the sum is within 2^-77 = 2^39 units. */
static i128 narrow_log(parts p)
{
  static const int64_t c[] = {INT64_MAX / 3, INT64_MAX / 4, INT64_MAX / 5,
                              INT64_MAX / 6, INT64_MAX / 7, INT64_MAX / 8,
                              INT64_MAX / 9, INT64_MAX / 10};
  const bs_log_entry *entry = &bs_log_entries[p.mantissa >> 45 & 127];
  const int64_t r = (int64_t)(p.mantissa * entry->scaled_inverse -
                              (UINT64_C(1) << 62)); /* in 2^-62 */
  int64_t q = c[7];
  for (int i = 6; i >= 0; i--)
    q = c[i] - (int64_t)((i128)r * q >> 62);
  q = (INT64_C(1) << 62) - (int64_t)((i128)r * q >> 62);
  const int64_t r2 = (int64_t)((i128)r * r >> 47); /* in 2^-77 */
  i128 sum = (i128)((u128)entry->high << 64 | entry->low);
  sum += (i128)r * ((int64_t)1 << (LOG_BITS - 62)) - ((i128)r2 * q >> 24);
  return sum + p.exponent * (i128)((u128)BS_LN2_HIGH << 64 | BS_LN2_LOW);
}

/* The widening ends: neither value below is ever half way between two doubles.
 * For ln x, x != 1, 2^-118 relative is known to be enough (Lefevre and Muller,
 * worst cases of the elementary functions in double precision), which the first
 * width already exceeds. The abort would mean a power within 2^-8000 of half
 * way; a wrong bit passed on in silence is worse. */
static double wide_log(double x)
{
  double out;
  for (int limbs = 4; limbs <= BS_LIMBS_MAX; limbs *= 2)
    if (bs_multi_log(x, limbs, &out))
      return out;
  abort();
}

static double wide_pow(double base, double exponent)
{
  double out;
  for (int limbs = 4; limbs <= BS_LIMBS_MAX; limbs *= 2)
    if (bs_multi_pow(base, exponent, limbs, &out))
      return out;
  abort();
}

static double wide_exp(double x)
{
  double out;
  for (int limbs = 4; limbs <= BS_LIMBS_MAX; limbs *= 2)
    if (bs_multi_exp(x, limbs, &out))
      return out;
  abort();
}

double bs_exact_log(double x)
{
  double out;
  if (x == 1)
    return 0;
  const i128 v = narrow_log(parts_of(x));
  if (!round_decided((u128)(v < 0 ? -v : v), LOG_ERROR, -LOG_BITS, &out))
    return wide_log(x);
  return v < 0 ? -out : out;
}

/* Bound on the error of narrow_exp for s off by 2^-64 + 2^-76, in units of
 * 2^-126; derived there. */
static const u128 EXP_ERROR = (u128)6 << 63;

/* e^s in units of 2^-126 for 0 <= s < 0.6932 in units of 2^-64: 1 + s v with
 * v = 1 + s/2! + ... + s^19/20! in units of 2^-63. A step of Horner's rule is
 * off by less than 2 units and s shrinks what came before: v is within 2/(1 -
 * s) < 6.53 units, s v within 4.53 * 2^-63, the tail is below 2^-76. s itself
 * adds e^s (2^-64 + 2^-76) < 1.01 * 2^-63: less than 6 * 2^-63 in all. */
static u128 narrow_exp(uint64_t s)
{
/* 1/n! in units of 2^-63. */
#define INVERSE(factorial) (UINT64_C(1) << 63) / UINT64_C(factorial)
  static const uint64_t c[] = {INVERSE(1),
                               INVERSE(2),
                               INVERSE(6),
                               INVERSE(24),
                               INVERSE(120),
                               INVERSE(720),
                               INVERSE(5040),
                               INVERSE(40320),
                               INVERSE(362880),
                               INVERSE(3628800),
                               INVERSE(39916800),
                               INVERSE(479001600),
                               INVERSE(6227020800),
                               INVERSE(87178291200),
                               INVERSE(1307674368000),
                               INVERSE(20922789888000),
                               INVERSE(355687428096000),
                               INVERSE(6402373705728000),
                               INVERSE(121645100408832000),
                               INVERSE(2432902008176640000)};
#undef INVERSE
  uint64_t v = c[19];
  for (int i = 18; i >= 0; i--)
    v = c[i] + (uint64_t)((u128)s * v >> 64);
  return ((u128)1 << 126) + ((u128)s * v >> 1);
}

/* e^-t = e^s * 2^-k for t in units of 2^-116, off by LOG_ERROR and two units at
 * most; s = k ln 2 - t, with k = floor(t/ln 2) + 1 taken from above with 32
 * bits, so that 0 < s < 0.6932. s is off by at most 540 units more. Returns
 * false where the rounding is open or the result nears underflow. */
static bool narrow_exp_of_minus(u128 t, double *out)
{
  const uint64_t k =
      ((uint64_t)(t >> (LOG_BITS - 32)) + 1) / (BS_LN2_HIGH >> 20) + 1;
  if (k > 900)
    return false;
  const u128 s = k * ((u128)BS_LN2_HIGH << 64 | BS_LN2_LOW) - t;
  return round_decided(narrow_exp((uint64_t)(s >> (LOG_BITS - 64))), EXP_ERROR,
                       -126 - (int)k, out);
}

/* base^exponent = e^-t with t = -exponent ln base. */
static bool narrow_pow(double base, double exponent, double *out)
{
  const parts y = parts_of(exponent);
  const u128 l = (u128)-narrow_log(parts_of(base));
  const uint64_t m = y.mantissa << 11;
  const int shift = -1 - y.exponent;
  u128 t = (l >> 64) * m + ((u128)(uint64_t)l * m >> 64);
  t = shift < 128 ? t >> shift : 0;
  return narrow_exp_of_minus(t, out);
}

double bs_exact_pow(double base, double exponent)
{
  double out;
  if (base == 1 || exponent == 1)
    return base;
  return narrow_pow(base, exponent, &out) ? out : wide_pow(base, exponent);
}

double bs_exact_exp(double x)
{
  double out;
  if (x == 0)
    return 1;
  const parts p = parts_of(-x);
  const int shift = LOG_BITS - 52 + p.exponent; /* at most 73 */
  const u128 m = p.mantissa;
  const u128 t = shift >= 0 ? m << shift : shift > -64 ? m >> -shift : 0;
  return narrow_exp_of_minus(t, &out) ? out : wide_exp(x);
}
