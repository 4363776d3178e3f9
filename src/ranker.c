/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/ranker.h"

#include "src/exact_math.h"
#include "src/mem.h"
#include "src/weka_format.h"
#include "src/weka_sort.h"
#include <math.h>
#include <string.h>

static double log10_of(double x)
{
  return bs_exact_log(x) / bs_exact_log(10);
}

/* Digits before and after the point that the column needs
 * (ASEvaluation output of AttributeSelection). The fraction's leading zeros and
 * three digits more are shown; a rounding error of 1e-14 counts as a fraction.
 */
static void find_layout(bs_ranking *r)
{
  for (int i = 0; i < r->d; i++) {
    const double merit = r->merit[r->order[i]], x = fabs(merit);
    const double whole = trunc(x);
    double decimals = x - whole;
    if (decimals > 0)
      decimals = fabs(log10_of(decimals)) + 3;
    if (decimals > r->decimals)
      r->decimals = (int)decimals;
    if (whole == 0)
      r->whole = r->whole < 2 ? 2 : r->whole;
    else if (fabs(log10_of(x)) + 1 > r->whole && merit > 0)
      r->whole = (int)fabs(log10_of(x)) + 1;
  }
}

bs_status bs_ranking_create(const double *merit, int d, bs_ranking **out)
{
  bs_status st;
  bs_ranking *r = NULL;
  const size_t count = (size_t)d;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *r, &r));
  r->d = d;
  BS_GO(st, bs_mem_alloc(count, sizeof *r->merit, &r->merit));
  BS_GO(st, bs_mem_alloc(count, sizeof *r->order, &r->order));
  memcpy(r->merit, merit, count * sizeof *merit);
  bs_weka_sort_all(merit, r->order, count);
  for (size_t i = 0; i < count / 2; i++) {
    const uint32_t kept = r->order[i];
    r->order[i] = r->order[count - 1 - i];
    r->order[count - 1 - i] = kept;
  }
  find_layout(r);
  *out = r;
  return BS_OK;
done:
  bs_ranking_destroy(&r);
  return st;
}

void bs_ranking_destroy(bs_ranking **ranking)
{
  bs_ranking *r = *ranking;
  if (r == NULL)
    return;
  bs_mem_free(&r->merit);
  bs_mem_free(&r->order);
  bs_mem_free(ranking);
}

static int number(const bs_ranking_text *text, uint32_t feature)
{
  return text->number == NULL ? (int)feature + 1 : text->number[feature];
}

void bs_ranking_print(const bs_ranking *r, const bs_ranking_text *text,
                      FILE *out)
{
  /* The width for numbers comes from the natural logarithm of all attributes,
   * the class included. */
  const int width = (int)(bs_exact_log(r->d + 1) + 1);
  char merit[BS_NUMBER_TEXT];
  fprintf(out,
          "=== Attribute Selection on all input data ===\n\n"
          "Search Method:\n\tAttribute ranking.\n\n"
          "Attribute Evaluator (supervised, Class (nominal): %d %s):\n"
          "\tOneR feature evaluator.\n\n"
          "\tUsing %d fold cross validation for evaluating attributes.\n"
          "\tMinimum bucket size for OneR: %d\n\nRanked attributes:\n",
          r->d + 1, text->class_name, text->folds, text->min_bucket);
  for (int i = 0; i < r->d; i++) {
    const uint32_t k = r->order[i];
    bs_format_aligned(text->weka, r->merit[k], r->decimals + r->whole + 1,
                      r->decimals, merit);
    fprintf(out, "%s %*d %s\n", merit, width, number(text, k), text->name[k]);
  }
  fputs("\nSelected attributes: ", out);
  for (int i = 0; i < r->d; i++)
    fprintf(out, "%s%d", i > 0 ? "," : "", number(text, r->order[i]));
  fprintf(out, " : %d\n", r->d);
}
