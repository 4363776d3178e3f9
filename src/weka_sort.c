/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/weka_sort.h"

#include <float.h>
#include <math.h>

typedef struct sorter {
  const double *value;
  uint32_t *index;
} sorter;

static double at(const sorter *s, ptrdiff_t i)
{
  double v = s->value[s->index[i]];
  return isnan(v) ? DBL_MAX : v;
}

static void swap(const sorter *s, ptrdiff_t i, ptrdiff_t j)
{
  uint32_t kept = s->index[i];
  s->index[i] = s->index[j];
  s->index[j] = kept;
}

static void order(const sorter *s, ptrdiff_t i, ptrdiff_t j)
{
  if (at(s, i) > at(s, j))
    swap(s, i, j);
}

/* Put the median of three at r - 1, then part [l, r] (at least 4 elements)
 * around it. Returns its final place. The outer elements of the three stop the
 * two inner loops. */
static ptrdiff_t part(const sorter *s, ptrdiff_t l, ptrdiff_t r)
{
  ptrdiff_t c = l + (r - l) / 2;
  order(s, l, c);
  order(s, l, r);
  order(s, c, r);
  swap(s, c, r - 1);
  double pivot = at(s, r - 1);
  ptrdiff_t i = l, j = r - 1;
  for (;;) {
    do
      i++;
    while (at(s, i) < pivot);
    do
      j--;
    while (at(s, j) > pivot);
    if (i >= j)
      break;
    swap(s, i, j);
  }
  swap(s, i, r - 1);
  return i;
}

static void sort_range(const sorter *s, ptrdiff_t l, ptrdiff_t r)
{
  while (r - l >= 3) {
    ptrdiff_t p = part(s, l, r);
    /* Ranges are independent: recursing into the smaller one first changes
     * nothing but the depth. */
    if (p - l < r - p) {
      sort_range(s, l, p - 1);
      l = p + 1;
    } else {
      sort_range(s, p + 1, r);
      r = p - 1;
    }
  }
  if (r - l == 1) {
    order(s, l, r);
  } else if (r - l == 2) {
    order(s, l, l + 1);
    order(s, l, r);
    order(s, l + 1, r);
  }
}

void bs_weka_sort(const double *value, uint32_t *index, size_t n)
{
  const sorter s = {value, index};
  sort_range(&s, 0, (ptrdiff_t)n - 1);
}

void bs_weka_sort_all(const double *value, uint32_t *index, size_t n)
{
  for (size_t i = 0; i < n; i++)
    index[i] = (uint32_t)i;
  bs_weka_sort(value, index, n);
}
