/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/statistics.h"

#include "src/mem.h"
#include "src/naive_bayes.h"
#include "src/random.h"
#include <math.h>
#include <stdlib.h>

bs_spread bs_spread_of(const double *x, int count)
{
  double mean = 0, square = 0;
  for (int i = 0; i < count; i++)
    mean += x[i] / count;
  for (int i = 0; i < count; i++)
    square += (x[i] - mean) * (x[i] - mean);
  return (bs_spread){mean, count > 1 ? sqrt(square / (count - 1)) : NAN};
}

/* x^(n/2). */
static double half_power(double x, int n)
{
  double out = n % 2 != 0 ? sqrt(x) : 1;
  for (int i = 0; i < n / 2; i++)
    out *= x;
  return out;
}

/* B(df/2, 1/2) by B(a + 1, b) = B(a, b) a / (a + b). */
static double half_beta(int df)
{
  static const double pi = 3.14159265358979323846;
  double a = df % 2 != 0 ? 0.5 : 1, beta = df % 2 != 0 ? pi : 2;
  for (; a < df / 2.0; a += 1)
    beta *= a / (a + 0.5);
  return beta;
}

/* The continued fraction of the incomplete beta function (26.5.8), evaluated
 * forwards by Lentz's method as modified by Thompson and Barnett. */
static double beta_fraction(double a, double b, double x)
{
  static const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double out = d;
  for (int m = 1; m < 10000; m++) {
    const double twice = 2 * m;
    const double even = m * (b - m) * x / ((a + twice - 1) * (a + twice));
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1));
    double change = 1;
    for (int i = 0; i < 2; i++) {
      const double term = i == 0 ? even : odd;
      d = 1 + term * d;
      d = 1 / (fabs(d) < tiny ? tiny : d);
      c = 1 + term / c;
      c = fabs(c) < tiny ? tiny : c;
      change = d * c;
      out *= change;
    }
    if (fabs(change - 1) < 1e-15)
      break;
  }
  return out;
}

double bs_student_p(double t, int df)
{
  if (isnan(t))
    return NAN;
  if (isinf(t))
    return 0;
  const double a = df / 2.0, b = 0.5, square = t * t;
  const double x = df / (df + square), rest = square / (df + square);
  const double front = half_power(x, df) * sqrt(rest) / half_beta(df);
  /* The fraction converges quickly on one side of the mean. */
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                   : 1 - front * beta_fraction(b, a, rest) / b;
}

bs_paired bs_paired_test(const double *a, const double *b, int count,
                         double test_to_train)
{
  bs_paired out = {0, 0, NAN, NAN};
  for (int i = 0; i < count; i++)
    out.mean += a[i] - b[i];
  out.mean /= count;
  double square = 0;
  for (int i = 0; i < count; i++) {
    const double d = a[i] - b[i] - out.mean;
    square += d * d;
  }
  const double variance = square / (count - 1);
  out.sd = sqrt(variance);
  if (variance > 0 || out.mean != 0) {
    out.t = out.mean / sqrt((1.0 / count + test_to_train) * variance);
    out.p = bs_student_p(out.t, count - 1);
  }
  return out;
}

/* Twice the probability of at most k heads in n < 25 tosses. */
static double binomial_p(uint64_t k, uint64_t n)
{
  double term = ldexp(1, -(int)n), sum = term;
  for (uint64_t i = 1; i <= k; i++) {
    term *= (double)(n - i + 1) / (double)i;
    sum += term;
  }
  return 2 * sum < 1 ? 2 * sum : 1;
}

bs_mcnemar bs_mcnemar_test(uint64_t only_a, uint64_t only_b)
{
  bs_mcnemar out = {only_a, only_b, 0, 1};
  const uint64_t n = only_a + only_b;
  const uint64_t less = only_a < only_b ? only_a : only_b;
  const double apart = (double)(n - 2 * less);
  if (n == 0)
    return out;
  if (apart > 1)
    out.chi2 = (apart - 1) * (apart - 1) / (double)n;
  out.p =
      n < 25 ? binomial_p(less, n) : 2 * bs_normal_probability(-sqrt(out.chi2));
  return out;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* One draw: as many blocks of every stratum as it has. */
static double draw(const bs_block *block, size_t count, bs_random *random)
{
  double above = 0, below = 0;
  for (size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin; end < count && block[end].stratum == block[begin].stratum;
         end++)
      ;
    for (size_t i = begin; i < end; i++) {
      const bs_block *b =
          &block[begin + bs_random_below(random, (uint32_t)(end - begin))];
      above += b->above;
      below += b->below;
    }
  }
  return below > 0 ? above / below : NAN;
}

bs_status bs_block_interval(const bs_block *block, size_t count, int draws,
                            int64_t seed, double level, bs_interval *out)
{
  bs_random random = bs_random_seeded(seed);
  double *value;
  size_t m = 0;
  BS_TRY(bs_mem_alloc((size_t)draws, sizeof *value, &value));
  for (int i = 0; i < draws; i++) {
    value[m] = draw(block, count, &random);
    m += !isnan(value[m]);
  }
  qsort(value, m, sizeof *value, ascending);
  const double tail = (1 - level) / 2, last = (double)m - 1;
  *out = (bs_interval){NAN, NAN};
  if (m > 0) {
    out->low = value[(size_t)(tail * last + 0.5)];
    out->high = value[(size_t)((1 - tail) * last + 0.5)];
  }
  bs_mem_free(&value);
  return BS_OK;
}

double bs_false_alarms_per_day(double fp_rate, double packets, double base)
{
  return fp_rate * packets * (1 - base) * 86400;
}

double bs_alarm_precision(double tp_rate, double fp_rate, double base)
{
  const double right = tp_rate * base, wrong = fp_rate * (1 - base);
  return right + wrong > 0 ? right / (right + wrong) : NAN;
}
