/* SPDX-License-Identifier: BSD-3-Clause */
/** \file exp_log.h
 * exp and log of doubles with the same bits on every machine: additions,
 * multiplications and integer operations only, no fused multiply-add. The error
 * is below 0.51 units in the last place (tests measure it), so results are the
 * correctly rounded ones but for about one argument in a hundred.
 */
#ifndef BS_EXP_LOG_H
#define BS_EXP_LOG_H
#include "kernels/exp_log_tables.h"
#include "kernels/lanes.h"

#include <math.h>

/* Adding it rounds a double below 2^51 to an integer held in the low bits. */
#define BS_ROUNDER 0x1.8p52
#define BS_ROUNDER_BITS 0x4338000000000000

/* 2^e for -1022 <= e <= 1023. */
static inline bs_vec vec_power_of_two(bs_mask e)
{
  return (bs_vec)((e + 1023) << 52);
}

static inline bs_vec vec_exp_column(bs_mask index, int column)
{
  bs_vec v = vec_all(0);
  for (int l = 0; l < BS_WIDTH; l++)
    v[l] = bs_exp_table[index[l]][column];
  return v;
}

/** exp(x), also for infinities and NaN; results below the normal range are
 * rounded twice.
 *
 * x = (128 e + i) ln2/128 + r, |r| <= ln2/256, so exp(x) = 2^e 2^(i/128)
 * exp(r), the middle factor from a table to 106 bits and exp(r) by six terms.
 */
static inline bs_vec vec_exp(bs_vec x)
{
  x = vec_select(x > 710, vec_all(710), x);
  x = vec_select(x < -746, vec_all(-746), x);
  bs_vec rounded = x * BS_EXP_INV_STEP + BS_ROUNDER;
  bs_mask n = (bs_mask)rounded - BS_ROUNDER_BITS;
  bs_vec nd = rounded - BS_ROUNDER;
  bs_vec r = (x - nd * BS_EXP_STEP_HI) - nd * BS_EXP_STEP_LO;
  bs_vec tail =
      r * r *
      (1. / 2 + r * (1. / 6 + r * (1. / 24 + r * (1. / 120 + r * (1. / 720)))));
  bs_mask i = n & 127;
  bs_vec hi = vec_exp_column(i, 0), lo = vec_exp_column(i, 1);
  bs_vec y = hi + (lo + hi * (r + tail));
  bs_mask e = n >> 7, half = e >> 1;
  return y * vec_power_of_two(half) * vec_power_of_two(e - half);
}

static inline bs_vec vec_log_column(bs_mask index, int column)
{
  bs_vec v = vec_all(0);
  for (int l = 0; l < BS_WIDTH; l++)
    v[l] = bs_log_table[index[l]][column];
  return v;
}

/** ln(x), also for 0 (-inf), negative numbers (NaN), infinity and NaN.
 *
 * x = 2^e z with z near the centre of cell i; g ~ 1/centre is so short that
 * z g - 1 = r comes out exactly as a pair: ln x = e ln2 - ln g + ln(1 + r).
 * Around 1 cells have g = 1, and the leading term r is exact.
 */
static inline bs_vec vec_log(bs_vec x)
{
  bs_mask tiny = x < 0x1p-1022;
  bs_mask bits = (bs_mask)vec_select(tiny, x * 0x1p54, x);
  bs_mask fraction = bits & 0xfffffffffffff;
  bs_mask i = (fraction + ((int64_t)1 << 44)) >> 45;
  bs_mask upper = i > 52; /* -1 where z is halved */
  bs_mask e = ((bits >> 52) & 0x7ff) - 1023 - upper - (tiny & 54);
  bs_vec z = (bs_vec)(fraction | ((1023 + upper) << 52));
  bs_vec z_hi = (bs_vec)((bs_mask)z & ~(int64_t)0x7ffffff), z_lo = z - z_hi;
  bs_vec g = vec_log_column(i, 0);
  bs_vec u = z_hi * g - 1, v = z_lo * g;
  bs_vec r = u + v, r_lo = (u - r) + v;
  bs_vec ed = (bs_vec)(e + BS_ROUNDER_BITS) - BS_ROUNDER;
  bs_vec whole = ed * BS_LOG_LN2_HI + vec_log_column(i, 1); /* exact */
  bs_vec sum = whole + r, sum_lo = (whole - sum) + r;
  bs_vec tail =
      r * r *
      (-1. / 2 +
       r * (1. / 3 +
            r * (-1. / 4 +
                 r * (1. / 5 +
                      r * (-1. / 6 +
                           r * (1. / 7 + r * (-1. / 8 + r * (1. / 9))))))));
  bs_vec small = vec_log_column(i, 2) + ed * BS_LOG_LN2_LO;
  bs_vec y = sum + (sum_lo + (r_lo + small) + tail);
  y = vec_select(x == 0, vec_all(-INFINITY), y);
  y = vec_select(x == INFINITY, x, y);
  bs_mask number = x >= 0; /* false for NaN */
  return vec_select(number, y, vec_all(NAN));
}

#endif /* BS_EXP_LOG_H */
