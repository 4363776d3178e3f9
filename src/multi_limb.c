/* SPDX-License-Identifier: BSD-3-Clause */
/* Unsigned fixed point: limb[0 .. n-1] is the fraction, lowest limb first, and
 * limb[n] the whole part. One unit is 2^(-64 n). All roundings are downwards,
 * so every operation below is off by less than one unit unless it says more. */
#include "src/multi_limb.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

typedef struct fixed {
  int n;
  uint64_t limb[BS_LIMBS_MAX + 1];
} fixed;

/* Bounds in units on what log_of and power_of are off by; derived there. */
static const uint64_t LOG_ERROR = UINT64_C(1) << 24;
static const uint64_t POWER_ERROR = UINT64_C(1) << 27;

static void set_ratio(fixed *a, int n, uint64_t p, uint64_t q)
{
  a->n = n;
  a->limb[n] = p / q;
  u128 rest = p % q;
  for (int i = n - 1; i >= 0; i--) {
    rest <<= 64;
    a->limb[i] = (uint64_t)(rest / q);
    rest %= q;
  }
}

static bool is_zero(const fixed *a)
{
  for (int i = 0; i <= a->n; i++)
    if (a->limb[i] != 0)
      return false;
  return true;
}

static void add(fixed *a, const fixed *b)
{
  u128 carry = 0;
  for (int i = 0; i <= a->n; i++) {
    carry += (u128)a->limb[i] + b->limb[i];
    a->limb[i] = (uint64_t)carry;
    carry >>= 64;
  }
}

/* a -= b; a >= b. */
static void subtract(fixed *a, const fixed *b)
{
  uint64_t borrow = 0;
  for (int i = 0; i <= a->n; i++) {
    u128 t = (u128)a->limb[i] - b->limb[i] - borrow;
    a->limb[i] = (uint64_t)t;
    borrow = (uint64_t)(t >> 64) & 1;
  }
}

/* Exact; the product's whole part must fit. */
static void multiply_word(fixed *a, uint64_t w)
{
  u128 carry = 0;
  for (int i = 0; i <= a->n; i++) {
    carry += (u128)a->limb[i] * w;
    a->limb[i] = (uint64_t)carry;
    carry >>= 64;
  }
}

static void divide_word(fixed *a, uint64_t w)
{
  u128 rest = 0;
  for (int i = a->n; i >= 0; i--) {
    rest = rest << 64 | a->limb[i];
    a->limb[i] = (uint64_t)(rest / w);
    rest %= w;
  }
}

/* a *= b; the product's whole part must fit. */
static void multiply(fixed *a, const fixed *b)
{
  uint64_t product[2 * BS_LIMBS_MAX + 2] = {0};
  const int n = a->n;
  for (int i = 0; i <= n; i++) {
    u128 carry = 0;
    for (int j = 0; j <= n; j++) {
      carry += (u128)a->limb[i] * b->limb[j] + product[i + j];
      product[i + j] = (uint64_t)carry;
      carry >>= 64;
    }
    product[i + n + 1] = (uint64_t)carry;
  }
  memcpy(a->limb, product + n, ((size_t)n + 1) * sizeof *product);
}

static void shift_right(fixed *a, int bits)
{
  const int limbs = bits / 64, rest = bits % 64;
  for (int i = 0; i <= a->n; i++) {
    uint64_t low = i + limbs <= a->n ? a->limb[i + limbs] : 0;
    uint64_t high = i + limbs < a->n ? a->limb[i + limbs + 1] : 0;
    a->limb[i] = rest == 0 ? low : low >> rest | high << (64 - rest);
  }
}

/* Bit of weight 2^weight. */
static uint64_t bit(const fixed *a, int weight)
{
  const int at = weight + 64 * a->n;
  if (at < 0 || at >= 64 * (a->n + 1))
    return 0;
  return a->limb[at / 64] >> at % 64 & 1;
}

static bool any_bit_below(const fixed *a, int weight)
{
  const int at = weight + 64 * a->n;
  for (int i = 0; i < at / 64; i++)
    if (a->limb[i] != 0)
      return true;
  return at > 0 && at % 64 != 0 && a->limb[at / 64] << (64 - at % 64) != 0;
}

/* a * 2^scale as the nearest double, ties to even; subnormals included. */
static double round_nearest(const fixed *a, int scale)
{
  int top = 63;
  while (top > -64 * a->n && bit(a, top) == 0)
    top--;
  int last = top - 52; /* weight of the last bit kept */
  if (last + scale < -1074)
    last = -1074 - scale;
  uint64_t kept = 0;
  for (int weight = top; weight >= last; weight--)
    kept = kept << 1 | bit(a, weight);
  if (bit(a, last - 1) && (any_bit_below(a, last - 1) || (kept & 1)))
    kept++;
  return ldexp((double)kept, last + scale);
}

/* Ziv's test: rounding is monotone, so if both ends of the interval that holds
 * the true value round alike, so does the true value. */
static bool decide(const fixed *a, uint64_t error, int scale, double *out)
{
  fixed low = *a, high = *a, e;
  set_ratio(&e, a->n, 0, 1);
  e.limb[0] = error;
  add(&high, &e);
  bool positive = a->limb[0] >= error;
  for (int i = 1; i <= a->n; i++)
    positive = positive || a->limb[i] != 0;
  if (!positive)
    return false;
  subtract(&low, &e);
  double nearest = round_nearest(&low, scale);
  if (nearest != round_nearest(&high, scale))
    return false;
  *out = nearest;
  return true;
}

/* 2 atanh(p/q) for 0 <= p/q <= 1/3 and q < 2^54, by the odd power series.
 * A power is off by at most 1.5 units (two roundings, then a factor below 1/9),
 * a term by 1.5/(2k + 1) + 1, and the tail left out is below 2. At 3.17 bits a
 * term there are at most 20.2 n + 2 terms: in all less than 106 n + 16 units.
 */
static void twice_atanh(fixed *sum, int n, uint64_t p, uint64_t q)
{
  fixed power, term;
  set_ratio(&power, n, p, q);
  *sum = power;
  for (uint64_t k = 3; !is_zero(&power); k += 2) {
    for (int twice = 0; twice < 2; twice++) {
      multiply_word(&power, p);
      divide_word(&power, q);
    }
    term = power;
    divide_word(&term, k);
    add(sum, &term);
  }
  add(sum, sum);
}

/* |ln x|; returns true if ln x < 0. x = 2^e m with m in [1/sqrt 2, sqrt 2], and
 * ln m = 2 atanh((m - 1)/(m + 1)), |.| <= 0.1716. As |e| <= 1075, the error is
 * at most 1076 (106 n + 16) < 2^24 = LOG_ERROR units for n <= 128. */
static bool log_of(fixed *a, double x, int n)
{
  const uint64_t root2 = UINT64_C(0x16a09e667f3bcc);
  uint64_t one = UINT64_C(1) << 52;
  int e;
  uint64_t m = (uint64_t)ldexp(frexp(x, &e), 53);
  e--;
  if (m > root2) {
    one <<= 1;
    e++;
  }
  const bool below = m < one;
  fixed part;
  twice_atanh(&part, n, below ? one - m : m - one, m + one);
  if (e == 0) {
    *a = part;
    return below;
  }
  twice_atanh(a, n, 1, 3); /* ln 2 */
  multiply_word(a, (uint64_t)(e < 0 ? -e : e));
  if ((e < 0) == below)
    add(a, &part);
  else
    subtract(a, &part);
  return e < 0;
}

bool bs_multi_log(double x, int limbs, double *out)
{
  fixed a;
  const bool negative = log_of(&a, x, limbs);
  if (!decide(&a, LOG_ERROR, 0, out))
    return false;
  if (negative)
    *out = -*out;
  return true;
}

/* e^s for 0 <= s < 0.7 by the power series; a term is off by at most 3 units,
 * of terms there are fewer than 1100. */
static void exp_of(fixed *sum, const fixed *s)
{
  fixed term;
  set_ratio(&term, s->n, 1, 1);
  *sum = term;
  for (uint64_t k = 1; !is_zero(&term); k++) {
    multiply(&term, s);
    divide_word(&term, k);
    add(sum, &term);
  }
}

/* e^-t = a * 2^-result, a in [1, 2.000001), for t below 2^31 that is off by at
 * most 2^24 + 1 units. k = floor(t/ln 2) + 1 is taken from above with 32 bits
 * so that s = k ln 2 - t lies in (0, ln 2 + 3e-7]. s is off by the error of t
 * and k
 * <= 1078 times that of ln 2: below 2^25 + 1; its exponential by 2.001 times
 * that and 3300 for the series: below 2^27. */
static int exp_of_minus(fixed *a, const fixed *t)
{
  const int n = t->n;
  fixed s;
  twice_atanh(&s, n, 1, 3);
  const uint64_t t32 = (t->limb[n] << 32 | t->limb[n - 1] >> 32) + 1;
  const uint64_t k = t32 / (s.limb[n - 1] >> 32) + 1;
  multiply_word(&s, k);
  subtract(&s, t);
  exp_of(a, &s);
  return (int)k;
}

/* base^exponent = e^-t with t = -exponent ln base, off by LOG_ERROR and one
 * unit for the shift. */
static int power_of(fixed *a, double base, double exponent, int n)
{
  fixed t;
  int e;
  const uint64_t m = (uint64_t)ldexp(frexp(exponent, &e), 53);
  log_of(&t, base, n);
  multiply_word(&t, m); /* below 2^10 * 2^53 */
  shift_right(&t, 53 - e);
  return exp_of_minus(a, &t);
}

bool bs_multi_pow(double base, double exponent, int limbs, double *out)
{
  fixed a;
  const int k = power_of(&a, base, exponent, limbs);
  return decide(&a, POWER_ERROR, -k, out);
}

bool bs_multi_exp(double x, int limbs, double *out)
{
  fixed a, t;
  int e;
  set_ratio(&t, limbs, (uint64_t)ldexp(frexp(-x, &e), 53), 1);
  shift_right(&t, 53 - e);
  const int k = exp_of_minus(&a, &t);
  return decide(&a, POWER_ERROR, -k, out);
}
