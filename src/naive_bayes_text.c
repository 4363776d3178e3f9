/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/naive_bayes.h"
#include "src/weka_format.h"

#include <string.h>

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

static int wider(int width, const char *text)
{
  const int length = (int)strlen(text);
  return length > width ? length : width;
}

/* Columns are as wide as the widest name or number, but for the deviations:
 * Weka lets these run over. */
static int column_width(const bs_naive_bayes *m, char *const *class_name)
{
  char text[BS_NUMBER_TEXT];
  int width = 0;
  for (int k = 0; k < m->c; k++)
    width = wider(width, class_name[k]);
  for (int j = 0; j < m->d; j++)
    for (int k = 0; k < m->c; k++)
      for (int i = 0; i < FIGURES; i++) {
        if (i == 1)
          continue;
        bs_format_fixed(m->rules, figure(m, j, k, i), 4, text);
        width = wider(width, text);
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
  char text[BS_NUMBER_TEXT];
  fprintf(out, "%*s", label, "");
  for (int k = 0; k < m->c; k++) {
    bs_format_fixed(m->rules, m->prior[k], 2, text);
    fprintf(out, "%*s(%s)", width - (int)strlen(text) - 1, "", text);
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
    fprintf(out, " %*s", width, class_name[k]);
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
        fprintf(out, " %*s", width, text);
      }
      fputc('\n', out);
    }
    fputc('\n', out);
  }
}
