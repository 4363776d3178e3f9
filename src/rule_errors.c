/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of one class that follow each other in sorted order are a stretch. A
 * fold's rule can be carried over a stretch in one step: its values all have
 * the same top class k, so if the open bucket is closed at all it is at the
 * first of them; from then on, or if the open bucket is too small to be closed
 * (no row of its top class is added before its top class is k), all of them
 * join it. A value that several classes share is a step of its own. Which rows
 * of a step train a fold matters only for how many there are, and for the
 * values on both sides of a cut. */
#include "src/rule_errors.h"

#include "src/mem.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MIXED = -1 };

/* The rule of one fold as it grows. */
typedef struct grower {
  uint64_t *count;  /* (c): training rows in the open bucket */
  uint64_t *tested; /* (c): rows of the fold from the last cut to here */
  int top;          /* first class with the largest count */
  bool any;         /* a training row was met */
  bool ended;       /* the rows tested from here on are told to be `told` */
  int told;
  size_t reached; /* no training row met lies beyond this position */
  uint64_t right; /* rows of the fold told rightly, left of the last cut */
  uint64_t fit;   /* training rows told rightly, left of the last cut */
} grower;

typedef struct pass {
  const bs_rule_column *col;
  grower *fold;   /* (folds) */
  uint64_t *here; /* (c, folds): rows of the step at hand */
} pass;

static uint32_t tag_at(const bs_rule_column *col, size_t p)
{
  return col->tag[col->order[p]];
}

static double value_at(const bs_rule_column *col, size_t p)
{
  return col->x[col->order[p]];
}

static int class_of(const bs_rule_column *col, uint32_t tag)
{
  return (int)(tag & ((1u << col->class_bits) - 1));
}

static bool trains(const bs_rule_column *col, int f, size_t p)
{
  const uint32_t tag = tag_at(col, p);
  return tag != BS_TAG_NONE && (int)(tag >> col->class_bits) != f;
}

static bool tests(const bs_rule_column *col, int f, size_t p)
{
  const uint32_t tag = tag_at(col, p);
  return tag != BS_TAG_NONE && (int)(tag >> col->class_bits) == f;
}

/* Close the open bucket of fold f in the step that starts at `begin`. The cut
 * is half way between two training values; the fold's own rows between these go
 * by it, and so do those equal to the left one where half way is rounded to it.
 * tested counts all rows left of begin; afterwards, those from the cut on, less
 * those of the step that lie left of it (which are added with the step). */
static void close_bucket(const bs_rule_column *col, int f, size_t begin,
                         grower *g)
{
  size_t last = g->reached, first = begin;
  while (!trains(col, f, last))
    last--;
  while (!trains(col, f, first))
    first++;
  const double middle = (value_at(col, last) + value_at(col, first)) / 2;
  uint64_t kept = g->tested[g->top];
  g->fit += g->count[g->top];
  memset(g->count, 0, (size_t)col->c * sizeof *g->count);
  if (!g->ended && isinf(middle) && middle > 0) {
    g->ended = true; /* too large a sum: no value lies right of the cut */
    g->told = g->top;
  }
  if (g->ended)
    return;
  memset(g->tested, 0, (size_t)col->c * sizeof *g->tested);
  for (size_t p = begin; p-- > 0 && value_at(col, p) >= middle;)
    if (tests(col, f, p)) {
      const int k = class_of(col, tag_at(col, p));
      g->tested[k]++;
      kept -= k == g->top;
    }
  for (size_t p = begin; p < first && !(value_at(col, p) >= middle); p++)
    if (tests(col, f, p)) {
      const int k = class_of(col, tag_at(col, p));
      g->tested[k]--; /* modulo 2^64, made good with the step */
      kept += k == g->top;
    }
  g->right += kept;
}

/* Class with most training rows among those of the step, the first of equals;
 * *rows is the number of training rows. */
static int top_of_step(const pass *s, int f, const uint64_t *total, int low,
                       int high, uint64_t *rows)
{
  uint64_t most = 0;
  int top = low;
  *rows = 0;
  for (int k = low; k < high; k++) {
    const uint64_t count =
        total[k - low] - s->here[(size_t)k * (size_t)s->col->folds + (size_t)f];
    *rows += count;
    if (count > most) {
      most = count;
      top = k;
    }
  }
  return top;
}

/* Let the step's training rows join the open bucket. */
static void join(const pass *s, int f, const uint64_t *total, int low, int high)
{
  grower *g = &s->fold[f];
  for (int k = low; k < high; k++)
    g->count[k] +=
        total[k - low] - s->here[(size_t)k * (size_t)s->col->folds + (size_t)f];
  if (high - low == 1) {
    if (g->count[low] > g->count[g->top] ||
        (g->count[low] == g->count[g->top] && low < g->top))
      g->top = low;
    return;
  }
  g->top = 0;
  for (int k = 1; k < s->col->c; k++)
    if (g->count[k] > g->count[g->top])
      g->top = k;
}

/* Carry all rules over the rows begin .. end - 1, of class k or of one value,
 * counted in s->here, which is left empty. Weka: OneR.newNumericRule. */
static void step(const pass *s, int k, size_t begin, size_t end,
                 uint64_t *total)
{
  const bs_rule_column *col = s->col;
  const int low = k == MIXED ? 0 : k, high = k == MIXED ? col->c : k + 1;
  const size_t folds = (size_t)col->folds;
  for (int i = low; i < high; i++) {
    total[i - low] = 0;
    for (size_t f = 0; f < folds; f++)
      total[i - low] += s->here[(size_t)i * folds + f];
  }
  for (int f = 0; f < col->folds; f++) {
    grower *g = &s->fold[f];
    uint64_t rows;
    const int top = top_of_step(s, f, total, low, high, &rows);
    if (rows > 0) {
      if (g->any && top != g->top &&
          g->count[g->top] >= (uint64_t)col->min_bucket)
        close_bucket(col, f, begin, g);
      join(s, f, total, low, high);
      g->any = true;
      g->reached = end - 1;
    }
    for (int i = low; i < high; i++)
      g->tested[i] += s->here[(size_t)i * folds + (size_t)f];
  }
  memset(s->here + (size_t)low * folds, 0,
         (size_t)(high - low) * folds * sizeof *s->here);
}

static void count_row(const pass *s, size_t p, uint64_t sign)
{
  const uint32_t tag = tag_at(s->col, p);
  if (tag == BS_TAG_NONE)
    return;
  const size_t k = (size_t)class_of(s->col, tag);
  s->here[k * (size_t)s->col->folds + (tag >> s->col->class_bits)] += sign;
}

/* Count the rows of one class from p on; returns the position of the next row
 * of another class, or n. *prev is the last row counted. */
static size_t count_stretch(const pass *s, int k, size_t p, size_t *prev)
{
  const bs_rule_column *col = s->col;
  uint64_t *here = s->here + (size_t)k * (size_t)col->folds;
  for (; p < col->n; p++) {
    const uint32_t tag = tag_at(col, p);
    if (tag == BS_TAG_NONE)
      continue;
    if (class_of(col, tag) != k)
      break;
    here[tag >> col->class_bits]++;
    *prev = p;
  }
  return p;
}

/* Cut the column into steps and go through them. */
static void go_through(const pass *s, uint64_t *total)
{
  const bs_rule_column *col = s->col;
  size_t begin = 0;
  while (begin < col->n) {
    if (tag_at(col, begin) == BS_TAG_NONE) {
      begin++;
      continue;
    }
    const int k = class_of(col, tag_at(col, begin));
    size_t prev = begin, end = count_stretch(s, k, begin, &prev);
    const double value = value_at(col, prev);
    if (end == col->n || value != value_at(col, end)) {
      step(s, k, begin, end, total);
      begin = end;
      continue;
    }
    /* The last value of the stretch has rows of other classes too. */
    size_t first = end;
    while (first > begin && value_at(col, first - 1) == value)
      count_row(s, --first, UINT64_MAX);
    if (first > begin)
      step(s, k, begin, first, total);
    for (end = first; end < col->n && value_at(col, end) == value; end++)
      count_row(s, end, 1);
    step(s, MIXED, first, end, total);
    begin = end;
  }
}

bs_status bs_rule_errors(const bs_rule_column *col, uint64_t *errors,
                         uint64_t *fit)
{
  const size_t folds = (size_t)col->folds, c = (size_t)col->c;
  uint64_t *work = NULL;
  pass s = {.col = col};
  bs_status st;
  BS_GO(st, bs_mem_zalloc(folds, sizeof *s.fold, &s.fold));
  BS_GO(st, bs_mem_zalloc((3 * folds + 1) * c, sizeof *work, &work));
  for (size_t f = 0; f < folds; f++) {
    s.fold[f].count = work + 2 * f * c;
    s.fold[f].tested = work + (2 * f + 1) * c;
  }
  s.here = work + 2 * folds * c;
  go_through(&s, work + 3 * folds * c);
  uint64_t tested = 0, told = 0;
  for (size_t p = 0; p < col->n; p++)
    tested += col->tag[p] != BS_TAG_NONE;
  for (size_t f = 0; f < folds; f++)
    told += s.fold[f].right +
            s.fold[f].tested[s.fold[f].ended ? s.fold[f].told : s.fold[f].top];
  *errors = tested - told;
  for (size_t f = 0; fit != NULL && f < folds; f++)
    fit[f] = s.fold[f].fit + s.fold[f].count[s.fold[f].top];
done:
  bs_mem_free(&work);
  bs_mem_free(&s.fold);
  return st;
}
