/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/oner.h"

#include "src/mem.h"
#include "src/weka_format.h"
#include <string.h>

bs_status bs_oner_column_create(size_t n, int c, bool with_folds,
                                bs_oner_column **out)
{
  bs_status st;
  bs_oner_column *column = NULL;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *column, &column));
  column->n = n;
  column->c = c;
  BS_GO(st, bs_mem_alloc(n, sizeof *column->value, &column->value));
  BS_GO(st, bs_mem_alloc(n, sizeof *column->label, &column->label));
  if (with_folds)
    BS_GO(st, bs_mem_alloc(n, sizeof *column->fold, &column->fold));
  *out = column;
  return BS_OK;
done:
  bs_oner_column_destroy(&column);
  return st;
}

void bs_oner_column_destroy(bs_oner_column **column)
{
  bs_oner_column *col = *column;
  if (col == NULL)
    return;
  bs_mem_free(&col->value);
  bs_mem_free(&col->label);
  bs_mem_free(&col->fold);
  bs_mem_free(column);
}

void bs_oner_column_load(bs_oner_column *column, int feature, const double *x,
                         const uint16_t *y, const bs_folds *folds,
                         const uint32_t *sorted)
{
  column->feature = feature;
  for (size_t i = 0; i < column->n; i++) {
    column->value[i] = x[sorted[i]];
    column->label[i] = y[sorted[i]];
    if (folds != NULL)
      column->fold[i] = folds->member[sorted[i]];
  }
}

/* Class counts, and the first class that has the most. */
typedef struct bucket {
  uint64_t *count; /* (c) */
  int top;
} bucket;

static void clear(bucket *b, int c)
{
  memset(b->count, 0, (size_t)c * sizeof *b->count);
  b->top = 0;
}

static void add(bucket *b, int label)
{
  const uint64_t count = ++b->count[label], most = b->count[b->top];
  if (count > most || (count == most && label < b->top))
    b->top = label;
}

static void merge(bucket *into, const bucket *from, int c)
{
  for (int i = 0; i < c; i++)
    into->count[i] += from->count[i];
  into->top = 0;
  for (int i = 1; i < c; i++)
    if (into->count[i] > into->count[into->top])
      into->top = i;
}

/* Close the bucket before boundary. Neighbours that say the same are one bucket
 * (Weka merges them in a second pass, which leaves their class what it is). */
static void close_bucket(bs_oner_rule *rule, const bucket *b, double boundary)
{
  rule->correct += b->count[b->top];
  if (rule->buckets > 0 && rule->label[rule->buckets - 1] == b->top) {
    rule->boundary[rule->buckets - 1] = boundary;
    return;
  }
  rule->label[rule->buckets] = (uint16_t)b->top;
  rule->boundary[rule->buckets++] = boundary;
}

/* Position of the next training row at or after i; column->n if none. */
static size_t next(const bs_oner_column *column, int f, size_t i)
{
  if (column->fold != NULL)
    while (i < column->n && column->fold[i] == f)
      i++;
  return i;
}

/* OneR.newNumericRule: values are gathered into buckets from the left. The rows
 * of one value stay together; they join the bucket before them if they have
 * the same top class, or if its top class is still rarer than min_bucket. */
static void build(const bs_oner_column *column, int f, int min_bucket,
                  bucket *open, bucket *here, bs_oner_rule *rule)
{
  const int c = column->c;
  bool any = false;
  double before = 0;
  size_t i = next(column, f, 0);
  while (i < column->n) {
    const double value = column->value[i];
    clear(here, c);
    while (i < column->n && column->value[i] == value) {
      add(here, column->label[i]);
      rule->rows++;
      i = next(column, f, i + 1);
    }
    if (any && (here->top == open->top ||
                open->count[open->top] < (uint64_t)min_bucket)) {
      merge(open, here, c);
    } else {
      if (any)
        close_bucket(rule, open, (before + value) / 2);
      const bucket kept = *open;
      *open = *here;
      *here = kept;
    }
    any = true;
    before = value;
  }
  if (any)
    close_bucket(rule, open, 0);
}

bs_status bs_oner_rule_create(const bs_oner_column *column, int f,
                              int min_bucket, bs_oner_rule **out)
{
  bs_status st;
  bs_oner_rule *rule = NULL;
  uint64_t *count = NULL;
  const size_t c = (size_t)column->c;
  min_bucket = min_bucket < 1 ? 1 : min_bucket;
  /* Every bucket but the last has min_bucket rows or more. */
  const size_t most = column->n / (size_t)min_bucket + 1;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *rule, &rule));
  rule->feature = column->feature;
  BS_GO(st, bs_mem_alloc(most, sizeof *rule->boundary, &rule->boundary));
  BS_GO(st, bs_mem_alloc(most, sizeof *rule->label, &rule->label));
  BS_GO(st, bs_mem_zalloc(2 * c, sizeof *count, &count));
  bucket open = {count, 0}, here = {count + c, 0};
  build(column, f, min_bucket, &open, &here, rule);
  *out = rule;
  rule = NULL;
done:
  bs_oner_rule_destroy(&rule);
  bs_mem_free(&count);
  return st;
}

void bs_oner_rule_destroy(bs_oner_rule **rule)
{
  bs_oner_rule *r = *rule;
  if (r == NULL)
    return;
  bs_mem_free(&r->boundary);
  bs_mem_free(&r->label);
  bs_mem_free(rule);
}

uint16_t bs_oner_rule_predict(const bs_oner_rule *rule, double x)
{
  size_t low = 0, high = rule->buckets - 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (x >= rule->boundary[middle])
      low = middle + 1;
    else
      high = middle;
  }
  return rule->label[low];
}

void bs_oner_rule_print(const bs_oner_rule *rule, const char *feature,
                        char *const *class_name, FILE *out)
{
  char text[BS_NUMBER_TEXT] = "";
  fprintf(out, "%s:\n", feature);
  for (size_t i = 0; i < rule->buckets; i++) {
    const bool last = i + 1 == rule->buckets;
    if (!last)
      bs_format_java(rule->boundary[i], text);
    fprintf(out, "\t%s%s\t-> %s\n",
            !last                ? "< "
            : rule->buckets == 1 ? "not ?"
                                 : ">= ",
            text, class_name[rule->label[i]]);
  }
  fprintf(out, "(%zu/%zu instances correct)\n", rule->correct, rule->rows);
}

bs_status bs_oner_predict(const bs_dataset *data, const bs_folds *folds,
                          bs_oner_rule *const *rule, bs_predictions **out)
{
  const size_t c = (size_t)data->c;
  BS_TRY(bs_predictions_of_folds(folds, data->y, data->c, c, out));
  bs_predictions *p = *out;
  for (size_t i = 0; i < c; i++)
    p->prob[i * c + i] = 1;
  for (int f = 0; f < folds->folds; f++) {
    const double *x = data->x + (size_t)rule[f]->feature * data->n;
    for (size_t i = p->fold_start[f]; i < p->fold_start[f + 1]; i++)
      p->dist[i] = bs_oner_rule_predict(rule[f], x[folds->order[i]]);
  }
  return BS_OK;
}
