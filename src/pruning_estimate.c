/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of operations is Weka's: last bits decide prunings only in ties,
 * but in those they do. */
#include "src/pruning_estimate.h"
#include "src/exact_math.h"

#include <math.h>

/* Horner's rule, highest power first, as Cephes' polevl and p1evl. */
static double polynomial(double x, const double *c, int degree)
{
  double sum = c[0];
  for (int i = 1; i <= degree; i++)
    sum = sum * x + c[i];
  return sum;
}

/* The constants of the three rational functions are Cephes' (ndtri.c), highest
 * power first; every denominator starts with a 1 that Cephes leaves out, which
 * makes no difference: 1 * x + c is x + c. */
static double central(double p)
{
  static const double num[] = {
      -5.99633501014107895267E1, 9.80010754185999661536E1,
      -5.66762857469070293439E1, 1.39312609387279679503E1,
      -1.23916583867381258016E0,
  };
  static const double den[] = {
      1,
      1.95448858338141759834E0,
      4.67627912898881538453E0,
      8.63602421390890590575E1,
      -2.25462687854119370527E2,
      2.00260212380060660359E2,
      -8.20372256168333339912E1,
      1.59056225126211695515E1,
      -1.18331621121330003142E0,
  };
  /* Computed as Weka's z shows it is there (0.6744897501960816 for 0.75): one
   * ulp below the constant 2.5066282746310005 in Cephes. */
  const double sqrt_2pi = sqrt(2 * 3.141592653589793);
  const double y = p - 0.5;
  const double y2 = y * y;
  const double x =
      y + y * (y2 * polynomial(y2, num, 4) / polynomial(y2, den, 8));
  return x * sqrt_2pi;
}

/* Minus the quantile of p <= exp(-2). */
static double tail(double p)
{
  /* sqrt(-2 ln p) from 2 to 8, that is p down to exp(-32) */
  static const double near_num[] = {
      4.05544892305962419923E0,   3.15251094599893866154E1,
      5.71628192246421288162E1,   4.40805073893200834700E1,
      1.46849561928858024014E1,   2.18663306850790267539E0,
      -1.40256079171354495875E-1, -3.50424626827848203418E-2,
      -8.57456785154685413611E-4,
  };
  static const double near_den[] = {
      1,
      1.57799883256466749731E1,
      4.53907635128879210584E1,
      4.13172038254672030440E1,
      1.50425385692907503408E1,
      2.50464946208309415979E0,
      -1.42182922854787788574E-1,
      -3.80806407691578277194E-2,
      -9.33259480895457427372E-4,
  };
  /* from 8 to 64, that is all smaller p */
  static const double far_num[] = {
      3.23774891776946035970E0,  6.91522889068984211695E0,
      3.93881025292474443415E0,  1.33303460815807542389E0,
      2.01485389549179081538E-1, 1.23716634817820021358E-2,
      3.01581553508235416007E-4, 2.65806974686737550832E-6,
      6.23974539184983293730E-9,
  };
  static const double far_den[] = {
      1,
      6.02427039364742014255E0,
      3.67983563856160859403E0,
      1.37702099489081330271E0,
      2.16236993594496635890E-1,
      1.34204006088543189037E-2,
      3.28014464682127739104E-4,
      2.89247864745380683936E-6,
      6.79019408009981274425E-9,
  };
  const double x = sqrt(-2.0 * bs_exact_log(p));
  const double x0 = x - bs_exact_log(x) / x;
  const double z = 1.0 / x;
  const double x1 =
      x < 8.0 ? z * polynomial(z, near_num, 8) / polynomial(z, near_den, 8)
              : z * polynomial(z, far_num, 8) / polynomial(z, far_den, 8);
  return x0 - x1;
}

double bs_normal_quantile(double p)
{
  const double exp_minus_2 = 0.13533528323661269189;
  if (p > 1.0 - exp_minus_2)
    return tail(1.0 - p);
  return p > exp_minus_2 ? central(p) : -tail(p);
}

bs_status bs_pruning_init(float confidence, bs_pruning *out)
{
  const double cf = confidence;
  if (!(cf > 0 && cf <= 1) || 1 - cf == 1)
    return bs_fail(BS_ERR_USAGE,
                   "pruning confidence %g is not in (0, 1], or so small that "
                   "no normal deviate belongs to it",
                   cf);
  out->confidence = cf;
  out->z = cf > 0.5 ? 0 : bs_normal_quantile(1 - cf);
  return BS_OK;
}

double bs_add_errs(const bs_pruning *pruning, double n, double e)
{
  const double cf = pruning->confidence, z = pruning->z;
  if (cf > 0.5)
    return 0;
  if (e < 1) {
    const double base = n * (1 - bs_exact_pow(cf, 1 / n));
    if (e == 0)
      return base;
    return base + e * (bs_add_errs(pruning, n, 1) - base);
  }
  if (e + 0.5 >= n)
    return n - e > 0 ? n - e : 0;
  /* Upper limit of the confidence interval of a proportion (Wilson's score
   * with a continuity correction). */
  const double f = (e + 0.5) / n;
  const double r = (f + z * z / (2 * n) +
                    z * sqrt(f / n - f * f / n + z * z / (4 * n * n))) /
                   (1 + z * z / n);
  return r * n - e;
}

double bs_estimated_errors(const bs_pruning *pruning, double n, double e)
{
  if (n < 1e-6)
    return 0;
  return e + bs_add_errs(pruning, n, e);
}
