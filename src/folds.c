/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/folds.h"

#include "src/mem.h"
#include <string.h>

static bs_status check(size_t n, int folds)
{
  if (n >= (size_t)1 << 31)
    return bs_fail(BS_ERR_INPUT,
                   "%zu rows are too many for folds: fewer than 2^31 wanted",
                   n);
  if (folds < 2)
    return bs_fail(BS_ERR_USAGE, "number of folds: %d given, at least 2 needed",
                   folds);
  if ((size_t)folds > n)
    return bs_fail(BS_ERR_USAGE,
                   "number of folds: %d given, more than the %zu rows", folds,
                   n);
  if (folds > UINT16_MAX)
    return bs_fail(BS_ERR_USAGE,
                   "number of folds: %d given, at most %d allowed", folds,
                   UINT16_MAX);
  return BS_OK;
}

static bs_status allocate(size_t n, int folds, bool keep, bs_folds **out)
{
  bs_folds *f;
  BS_TRY(bs_mem_zalloc(1, sizeof *f, out));
  f = *out;
  f->n = n;
  f->folds = folds;
  BS_TRY(bs_mem_alloc(n, sizeof *f->order, &f->order));
  BS_TRY(bs_mem_alloc((size_t)folds + 1, sizeof *f->start, &f->start));
  BS_TRY(bs_mem_alloc(n, sizeof *f->member, &f->member));
  if (keep)
    BS_TRY(bs_mem_alloc((size_t)folds, sizeof *f->random, &f->random));
  return BS_OK;
}

/* First half of the stratification: bring rows of a class together, class after
 * class in the order they turn up in. The exchanges move rows of other classes
 * about, so they have to be made literally. cls[i] is the class of row[i]. */
static void group_classes(uint32_t *row, uint16_t *cls, size_t n)
{
  for (size_t i = 1; i < n; i++) {
    const uint16_t c = cls[i - 1];
    for (size_t j = i; j < n; j++) {
      if (cls[j] != c)
        continue;
      uint32_t kept = row[i];
      row[i] = row[j];
      row[j] = kept;
      cls[j] = cls[i];
      cls[i] = c;
      i++;
    }
  }
}

/* Second half: deal the rows out with stride F. Dealing has more rows in the
 * first n mod F hands, and so have the folds. */
static void deal(const uint32_t *row, bs_folds *folds)
{
  const size_t stride = (size_t)folds->folds;
  size_t k = 0;
  for (size_t f = 0; f < stride; f++) {
    folds->start[f] = k;
    for (size_t i = f; i < folds->n; i += stride) {
      folds->order[k++] = row[i];
      folds->member[row[i]] = (uint16_t)f;
    }
  }
  folds->start[stride] = k;
}

static bs_status build(const uint16_t *y, int64_t seed, bs_folds *folds)
{
  bs_status st;
  uint32_t *row = NULL;
  uint16_t *cls = NULL;
  bs_random random = bs_random_seeded(seed);
  BS_GO(st, bs_mem_alloc(folds->n, sizeof *row, &row));
  BS_GO(st, bs_mem_alloc(folds->n, sizeof *cls, &cls));
  for (size_t i = 0; i < folds->n; i++)
    row[i] = (uint32_t)i;
  bs_random_shuffle(&random, row, folds->n);
  for (size_t i = 0; i < folds->n; i++)
    cls[i] = y[row[i]];
  group_classes(row, cls, folds->n);
  deal(row, folds);
  /* One stream for all folds: each fold's second shuffle goes on where the
   * last one stopped. */
  for (int f = 0; folds->random != NULL && f < folds->folds; f++) {
    folds->random[f] = random;
    bs_random_skip_shuffle(&random, bs_folds_train_count(folds, f));
  }
done:
  bs_mem_free(&row);
  bs_mem_free(&cls);
  return st;
}

bs_status bs_folds_create(const uint16_t *y, size_t n, int folds, int64_t seed,
                          bool keep_training_order, bs_folds **out)
{
  bs_folds *made = NULL;
  *out = NULL;
  BS_TRY(check(n, folds));
  bs_status st = allocate(n, folds, keep_training_order, &made);
  if (st == BS_OK)
    st = build(y, seed, made);
  if (st == BS_OK)
    *out = made;
  else
    bs_folds_destroy(&made);
  return st;
}

void bs_folds_destroy(bs_folds **folds)
{
  bs_folds *f = *folds;
  if (f == NULL)
    return;
  bs_mem_free(&f->order);
  bs_mem_free(&f->start);
  bs_mem_free(&f->member);
  bs_mem_free(&f->left_out);
  bs_mem_free(&f->left_start);
  bs_mem_free(&f->random);
  bs_mem_free(folds);
}

/* Order the rows by the fold that tests them; a counting sort. */
static bs_status order_members(bs_folds *f)
{
  size_t *next;
  const size_t folds = (size_t)f->folds;
  BS_TRY(bs_mem_zalloc(folds + 2, sizeof *next, &next));
  for (size_t i = 0; i < f->n; i++) {
    const size_t fold = f->member[i] == BS_FOLD_NONE ? folds : f->member[i];
    next[fold + 1]++;
  }
  for (size_t k = 1; k < folds + 2; k++)
    next[k] += next[k - 1];
  memcpy(f->start, next, (folds + 1) * sizeof *f->start);
  for (size_t i = 0; i < f->n; i++) {
    const size_t fold = f->member[i] == BS_FOLD_NONE ? folds : f->member[i];
    f->order[next[fold]++] = (uint32_t)i;
  }
  bs_mem_free(&next);
  return BS_OK;
}

bs_status bs_folds_from_members(const uint16_t *member, size_t n, int folds,
                                bs_folds **out)
{
  bs_folds *made = NULL;
  *out = NULL;
  if (folds > 1)
    BS_TRY(check(n, folds));
  bs_status st = allocate(n, folds, false, &made);
  if (st == BS_OK) {
    memcpy(made->member, member, n * sizeof *member);
    st = order_members(made);
  }
  if (st == BS_OK)
    *out = made;
  else
    bs_folds_destroy(&made);
  return st;
}

/* The rows left out go to the end of the order, where training would pick them
 * up, and into the list of those left out. */
bs_status bs_folds_single(const bs_folds *folds, int f, bs_folds **out)
{
  const size_t tested = bs_folds_test_count(folds, f);
  const size_t train = bs_folds_train_count(folds, f);
  const size_t left = bs_folds_left_count(folds, f);
  bs_folds *made = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, allocate(folds->n, 1, false, &made));
  memcpy(made->order, folds->order + folds->start[f],
         tested * sizeof *made->order);
  bs_folds_training(folds, f, made->order + tested);
  for (size_t i = 0; i < folds->n; i++)
    made->member[i] = folds->member[i] == f ? 0 : BS_FOLD_NONE;
  made->start[0] = 0;
  made->start[1] = tested;
  if (left > 0) {
    BS_GO(st, bs_mem_alloc(left, sizeof *made->left_out, &made->left_out));
    BS_GO(st, bs_mem_alloc(2, sizeof *made->left_start, &made->left_start));
    made->left_start[0] = 0;
    made->left_start[1] = left;
    memcpy(made->left_out, folds->left_out + folds->left_start[f],
           left * sizeof *made->left_out);
    memcpy(made->order + tested + train, made->left_out,
           left * sizeof *made->left_out);
  }
  *out = made;
  return BS_OK;
done:
  bs_folds_destroy(&made);
  return st;
}

static bool is_listed(const uint32_t *list, size_t count, uint32_t row)
{
  size_t low = 0;
  while (low < count) {
    const size_t middle = low + (count - low) / 2;
    if (list[middle] == row)
      return true;
    if (list[middle] < row)
      low = middle + 1;
    else
      count = middle;
  }
  return false;
}

/* Append rows to a list of training rows, less those left out. */
static size_t append(const bs_folds *folds, int f, size_t begin, size_t end,
                     size_t k, uint32_t *rows)
{
  const size_t left = bs_folds_left_count(folds, f);
  if (left == 0) {
    memcpy(rows + k, folds->order + begin, (end - begin) * sizeof *rows);
    return k + (end - begin);
  }
  const uint32_t *list = folds->left_out + folds->left_start[f];
  for (size_t i = begin; i < end; i++)
    if (!is_listed(list, left, folds->order[i]))
      rows[k++] = folds->order[i];
  return k;
}

void bs_folds_training(const bs_folds *folds, int f, uint32_t *rows)
{
  size_t k = append(folds, f, 0, folds->start[f], 0, rows);
  append(folds, f, folds->start[f + 1], folds->n, k, rows);
  if (folds->random != NULL) {
    bs_random random = folds->random[f];
    bs_random_shuffle(&random, rows, bs_folds_train_count(folds, f));
  }
}

void bs_folds_count(const bs_folds *folds, const uint16_t *y, int c,
                    uint64_t *count)
{
  const size_t width = (size_t)c;
  memset(count, 0, (size_t)folds->folds * width * sizeof *count);
  /* Count what each fold tests; it trains on the rest. */
  for (size_t i = 0; i < folds->start[folds->folds]; i++)
    count[folds->member[folds->order[i]] * width + y[folds->order[i]]]++;
  const size_t cells = (size_t)folds->folds * width;
  for (size_t k = 0; k < width; k++) {
    uint64_t all = 0;
    for (size_t i = k; i < cells; i += width)
      all += count[i];
    for (size_t i = k; i < cells; i += width)
      count[i] = all - count[i];
  }
  for (size_t i = folds->start[folds->folds]; i < folds->n; i++)
    for (size_t k = y[folds->order[i]]; k < cells; k += width)
      count[k]++;
  for (size_t f = 0; folds->left_out != NULL && f < (size_t)folds->folds; f++)
    for (size_t i = folds->left_start[f]; i < folds->left_start[f + 1]; i++)
      count[f * width + y[folds->left_out[i]]]--;
}
