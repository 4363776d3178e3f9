/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/naive_bayes.h"

#include "src/exact_math.h"
#include "src/mem.h"
#include "src/stop.h"
#include "src/weka_sort.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- The normal distribution function. S. L. Moshier, Cephes Math Library:
 * ndtr.c; coefficients from the highest power down. */

/* p[0] x^n + ... + p[n] by Horner's rule. */
static double polynomial(double x, const double *p, int n)
{
  double sum = p[0];
  for (int i = 1; i <= n; i++)
    sum = sum * x + p[i];
  return sum;
}

/* x^n + p[0] x^(n - 1) + ... + p[n - 1]. */
static double monic(double x, const double *p, int n)
{
  double sum = x + p[0];
  for (int i = 1; i < n; i++)
    sum = sum * x + p[i];
  return sum;
}

/* erf of |x| <= 1. */
static double erf_inside(double x)
{
  static const double t[] = {9.60497373987051638749, 90.0260197203842689217,
                             2232.00534594684319226, 7003.32514112805075473,
                             55592.3013010394962768};
  static const double u[] = {33.5617141647503099647, 521.357949780152679795,
                             4594.32382970980127987, 22629.0000613890934246,
                             49267.3942608635921086};
  const double z = x * x;
  return x * polynomial(z, t, 4) / monic(z, u, 5);
}

/* erfc of a >= 0. */
static double erfc_above(double a)
{
  static const double p[] = {
      2.46196981473530512524e-10, 0.564189564831068821977,
      7.46321056442269912687,     48.6371970985681366614,
      196.520832956077098242,     526.445194995477358631,
      934.528527171957607540,     1027.55188689515710272,
      557.535335369399327526};
  static const double q[] = {13.2281951154744992508, 86.7072140885989742329,
                             354.937778887819891062, 975.708501743205489753,
                             1823.90916687909736289, 2246.33760818710981792,
                             1656.66309194161350182, 557.535340817727675546};
  static const double r[] = {0.564189583547755073984, 1.27536670759978104416,
                             5.01905042251180477414,  6.16021097993053585195,
                             7.40974269950448939160,  2.97886665372100240670};
  static const double s[] = {2.26052863220117276590, 9.39603524938001434673,
                             12.0489539808096656605, 17.0814450747565897222,
                             9.60896809063285878198, 3.36907645100081516050};
  if (a < 1)
    return 1 - erf_inside(a);
  const double z = -a * a;
  if (!(z >= -7.09782712893383996732E2))
    return 0;
  const double e = bs_exact_exp(z);
  return a < 8 ? e * polynomial(a, p, 8) / monic(a, q, 8)
               : e * polynomial(a, r, 5) / monic(a, s, 6);
}

double bs_normal_probability(double a)
{
  static const double root_half = 7.07106781186547524401E-1;
  const double x = a * root_half, z = fabs(x);
  if (z < root_half)
    return 0.5 + 0.5 * erf_inside(x);
  const double y = 0.5 * erfc_above(z);
  return x > 0 ? 1 - y : y;
}

/* ---- Training. */

/* Mean difference of neighbouring distinct values; x by rows in ascending
 * order. */
static double find_precision(const double *x, const uint32_t *rows, size_t n)
{
  double sum = 0;
  size_t steps = 0;
  for (size_t i = 1; i < n; i++) {
    const double before = x[rows[i - 1]], value = x[rows[i]];
    if (value != before) {
      sum += value - before;
      steps++;
    }
  }
  return steps > 0 ? sum / (double)steps : 0.01;
}

/* Sums of one class. */
typedef struct moments {
  double count, sum, square;
} moments;

static double deviation(const moments *m, double mean)
{
  return sqrt(fabs(m->square - mean * m->sum) / m->count);
}

/* A deviation of 1e-10 or less is not taken over: the one of an earlier row
 * stays. So if the last one is that small all of them have to be looked at. */
static double search_deviation(const double *x, const uint16_t *y, int k,
                               const uint32_t *rows, size_t n, double p)
{
  moments m = {0, 0, 0};
  double sd = p / 6;
  for (size_t i = 0; i < n; i++) {
    if (y[rows[i]] != k)
      continue;
    const double value = rint(x[rows[i]] / p) * p;
    m.count += 1;
    m.sum += value;
    m.square += value * value;
    const double d = deviation(&m, m.sum / m.count);
    if (d > 1e-10)
      sd = fmax(p / 6, d);
  }
  return sd;
}

/* Estimators of one feature: mean, sd (c); sums (c) is work space. */
static void estimate(const bs_dataset *data, int feature, const uint32_t *rows,
                     size_t n, double p, moments *sums, double *mean,
                     double *sd)
{
  const double *x = data->x + (size_t)feature * data->n;
  const uint16_t *y = data->y;
  memset(sums, 0, (size_t)data->c * sizeof *sums);
  for (size_t i = 0; i < n; i++) {
    moments *m = &sums[y[rows[i]]];
    const double value = rint(x[rows[i]] / p) * p;
    m->count += 1;
    m->sum += value;
    m->square += value * value;
  }
  for (int k = 0; k < data->c; k++) {
    mean[k] = 0;
    sd[k] = p / 6;
    if (sums[k].count == 0)
      continue;
    mean[k] = sums[k].sum / sums[k].count;
    const double d = deviation(&sums[k], mean[k]);
    sd[k] = d > 1e-10 ? fmax(p / 6, d) : search_deviation(x, y, k, rows, n, p);
  }
}

static bs_status allocate(int c, int d, bs_naive_bayes **out)
{
  bs_naive_bayes *m;
  const size_t width = (size_t)c, cells = (size_t)d * width;
  BS_TRY(bs_mem_zalloc(1, sizeof *m, out));
  m = *out;
  m->c = c;
  m->d = d;
  BS_TRY(bs_mem_alloc((size_t)d, sizeof *m->feature, &m->feature));
  BS_TRY(bs_mem_alloc((size_t)d, sizeof *m->precision, &m->precision));
  BS_TRY(bs_mem_alloc(width, sizeof *m->prior, &m->prior));
  BS_TRY(bs_mem_alloc(cells, sizeof *m->mean, &m->mean));
  BS_TRY(bs_mem_alloc(cells, sizeof *m->sd, &m->sd));
  return bs_mem_zalloc(width, sizeof *m->count, &m->count);
}

bs_status bs_naive_bayes_train(const bs_dataset *data, int d,
                               const int *feature, const uint32_t *rows,
                               size_t n, bs_weka rules, bs_naive_bayes **out)
{
  bs_naive_bayes *m = NULL;
  uint32_t *sorted = NULL;
  moments *sums = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, allocate(data->c, d, &m));
  BS_GO(st, bs_mem_alloc(n, sizeof *sorted, &sorted));
  BS_GO(st, bs_mem_alloc((size_t)data->c, sizeof *sums, &sums));
  m->rules = rules;
  memcpy(m->feature, feature, (size_t)d * sizeof *feature);
  memcpy(sorted, rows, n * sizeof *rows);
  /* The set is sorted by each feature in turn, from the order the last sort
   * left, and taken in the order of the last one. */
  for (int j = 0; j < d; j++) {
    const double *x = data->x + (size_t)feature[j] * data->n;
    bs_weka_sort(x, sorted, n);
    m->precision[j] = find_precision(x, sorted, n);
    BS_GO(st, bs_stop_check());
  }
  for (int j = 0; j < d; j++) {
    const size_t at = (size_t)j * (size_t)data->c;
    estimate(data, feature[j], sorted, n, m->precision[j], sums, m->mean + at,
             m->sd + at);
    BS_GO(st, bs_stop_check());
  }
  for (size_t i = 0; i < n; i++)
    m->count[data->y[rows[i]]]++;
  for (int k = 0; k < data->c; k++)
    m->prior[k] = ((double)m->count[k] + 1) / ((double)n + data->c);
  *out = m;
  m = NULL;
done:
  bs_naive_bayes_destroy(&m);
  bs_mem_free(&sorted);
  bs_mem_free(&sums);
  return st;
}

void bs_naive_bayes_destroy(bs_naive_bayes **model)
{
  bs_naive_bayes *m = *model;
  if (m == NULL)
    return;
  bs_mem_free(&m->feature);
  bs_mem_free(&m->precision);
  bs_mem_free(&m->prior);
  bs_mem_free(&m->mean);
  bs_mem_free(&m->sd);
  bs_mem_free(&m->count);
  bs_mem_free(model);
}

/* ---- Keeping. */

void bs_naive_bayes_pack(const bs_naive_bayes *m, bs_pack *to)
{
  const size_t c = (size_t)m->c, d = (size_t)m->d;
  bs_pack_add(to, m->precision, d * sizeof *m->precision);
  bs_pack_add(to, m->prior, c * sizeof *m->prior);
  bs_pack_add(to, m->mean, d * c * sizeof *m->mean);
  bs_pack_add(to, m->sd, d * c * sizeof *m->sd);
  bs_pack_add(to, m->count, c * sizeof *m->count);
}

bs_status bs_naive_bayes_unpack(bs_unpack *from, int c, int d,
                                const int *feature, bs_weka rules,
                                bs_naive_bayes **out)
{
  const size_t width = (size_t)c, height = (size_t)d;
  bs_naive_bayes *m = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, allocate(c, d, &m));
  m->rules = rules;
  memcpy(m->feature, feature, height * sizeof *feature);
  if (!bs_unpack_take(from, m->precision, height * sizeof *m->precision) ||
      !bs_unpack_take(from, m->prior, width * sizeof *m->prior) ||
      !bs_unpack_take(from, m->mean, height * width * sizeof *m->mean) ||
      !bs_unpack_take(from, m->sd, height * width * sizeof *m->sd) ||
      !bs_unpack_take(from, m->count, width * sizeof *m->count))
    BS_GO(st, bs_fail(BS_ERR_RUNTIME, "a model of naive Bayes is too short"));
  *out = m;
  m = NULL;
done:
  bs_naive_bayes_destroy(&m);
  return st;
}

/* ---- Prediction. */

/* Probability of the interval that is rounded to the value; 3.8 divides it by
 * the interval's length. */
static double factor(const bs_naive_bayes *m, int j, int k, double value)
{
  const size_t at = (size_t)j * (size_t)m->c + (size_t)k;
  const double p = m->precision[j], mean = m->mean[at], sd = m->sd[at];
  const double low = bs_normal_probability((value - mean - p / 2) / sd);
  const double high = bs_normal_probability((value - mean + p / 2) / sd);
  return m->rules == BS_WEKA_36 ? high - low : (high - low) / p;
}

void bs_naive_bayes_predict(const bs_naive_bayes *m, const bs_dataset *data,
                            size_t row, double *prob)
{
  memcpy(prob, m->prior, (size_t)m->c * sizeof *prob);
  for (int j = 0; j < m->d; j++) {
    const double p = m->precision[j];
    const double x = data->x[(size_t)m->feature[j] * data->n + row];
    const double value = rint(x / p) * p;
    double most = 0;
    for (int k = 0; k < m->c; k++) {
      prob[k] *= fmax(1e-75, factor(m, j, k, value));
      if (prob[k] > most)
        most = prob[k];
    }
    if (most > 0 && most < 1e-75)
      for (int k = 0; k < m->c; k++)
        prob[k] *= 1e75;
  }
  double sum = 0;
  bool defined = true;
  for (int k = 0; k < m->c; k++)
    sum += prob[k];
  for (int k = 0; k < m->c; k++) {
    prob[k] /= sum;
    defined = defined && !isnan(prob[k]);
  }
  if (!defined)
    memset(prob, 0, (size_t)m->c * sizeof *prob);
}
