/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/exact_math.h"
#include "src/naive_bayes.h"
#include "src/weka_format.h"

#include <math.h>

enum { LABEL = 14, FIGURES = 4 };

/* What the table has of each class: name, unit text, decimals. */
static const char *const figure_name[FIGURES] = {"mean", "std. dev.",
                                                 "weight sum", "precision"};

static double figure(const bs_naive_bayes *m, int j, int k, int i)
{
  const size_t at = (size_t)j * (size_t)m->c + (size_t)k;
  switch (i) {
  case 0:
    return m->mean[at];
  case 1:
    return m->sd[at];
  case 2:
    return (double)m->count[k];
  default:
    return m->precision[j];
  }
}

/* Characters as Java counts them: 16 bits each. */
static int characters(const char *text)
{
  int count = 0;
  for (; *text != '\0'; text++)
    count += ((unsigned char)*text & 0xc0) != 0x80
                 ? 1 + ((unsigned char)*text >= 0xf0)
                 : 0;
  return count;
}

/* Spaces up to a width, as far as there is room, and the text. */
static void put_right(FILE *out, int width, const char *text)
{
  const int pad = width - characters(text);
  fprintf(out, "%*s%s", pad > 0 ? pad : 0, "", text);
}

static int wider(int width, const char *text)
{
  const int length = characters(text);
  return length > width ? length : width;
}

/* Logarithm to base 10; less than any for what has none. */
static double magnitude(double x)
{
  return x > 0 && isfinite(x) ? bs_exact_log(x) / bs_exact_log(10) : -INFINITY;
}

/* Places that Weka expects a number to take: those of the larger of mean and
 * precision, by its logarithm, and six for point and decimals. */
static int places(double mean, double precision)
{
  const double most = fmax(magnitude(fabs(mean)), magnitude(precision));
  return (int)((most < 0 ? 1 : most) + 6);
}

/* Columns are as wide as the widest name or expected number; what is wider
 * runs over, as in Weka. */
static int column_width(const bs_naive_bayes *m, char *const *class_name)
{
  int width = 0;
  for (int k = 0; k < m->c; k++)
    width = wider(width, class_name[k]);
  for (int j = 0; j < m->d; j++)
    for (int k = 0; k < m->c; k++) {
      const int number = places(m->mean[(size_t)j * (size_t)m->c + (size_t)k],
                                m->precision[j]);
      width = number > width ? number : width;
    }
  return width;
}

static int label_width(const bs_naive_bayes *m, char *const *feature)
{
  int width = LABEL - 2;
  for (int j = 0; j < m->d; j++)
    width = wider(width, feature[m->feature[j]]);
  return width + 2;
}

static void print_priors(const bs_naive_bayes *m, int label, int width,
                         FILE *out)
{
  char text[BS_NUMBER_TEXT], quoted[BS_NUMBER_TEXT + 2];
  fprintf(out, "%*s", label, "");
  for (int k = 0; k < m->c; k++) {
    bs_format_fixed(m->rules, m->prior[k], 2, text);
    snprintf(quoted, sizeof quoted, "(%s)", text);
    put_right(out, width + 1, quoted);
  }
  fputc('\n', out);
}

void bs_naive_bayes_print(const bs_naive_bayes *m, char *const *feature,
                          char *const *class_name, FILE *out)
{
  const int label = label_width(m, feature);
  const int width = column_width(m, class_name);
  char text[BS_NUMBER_TEXT];
  fprintf(out, "Naive Bayes Classifier\n\n%*s\n%-*s", label + 1 + width,
          "Class", label, "Attribute");
  for (int k = 0; k < m->c; k++)
    put_right(out, width + 1, class_name[k]);
  fputc('\n', out);
  print_priors(m, label, width, out);
  for (int i = 0; i < label + m->c * (width + 1) + 1; i++)
    fputc('=', out);
  fputc('\n', out);
  for (int j = 0; j < m->d; j++) {
    fprintf(out, "%s\n", feature[m->feature[j]]);
    for (int i = 0; i < FIGURES; i++) {
      fprintf(out, "  %-*s", label - 1, figure_name[i]);
      for (int k = 0; k < m->c; k++) {
        bs_format_fixed(m->rules, figure(m, j, k, i), 4, text);
        put_right(out, width + 1, text);
      }
      fputc('\n', out);
    }
    fputc('\n', out);
  }
}
