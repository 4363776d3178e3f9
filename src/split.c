/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/split.h"

#include "src/tolerance.h"
#include <float.h>
#include <string.h>

/* Blocks whose bound is taken together before each one's own. */
enum { GROUP = 8, CORNERS_MAX = 3 };

/* One search: constants of the node and the best cut so far. */
typedef struct search {
  const bs_criterion *k;
  const uint64_t *list;
  bs_reach reach;
  const uint32_t *total;
  size_t n;
  size_t first, last; /* a cut after position i needs first <= i <= last */
  double before;      /* E0 of weka-style gain: n times the node's entropy */
  size_t cuts;        /* cuts met that leave enough rows on both sides */
  double best;        /* best gain accepted, 0 at the start */
  size_t best_left;   /* rows left of it, 0 if there is none */
  double skip;        /* a cut whose term sum is not above this can't win */
} search;

/* Rows a branch must have at least: C45Split, 0.1 n / classes held between the
 * option and 25. */
static double smallest_branch(const bs_criterion *k, size_t n)
{
  double m = 0.1 * (double)n / k->c;
  if (bs_sm_or_eq(m, k->min_leaf))
    return k->min_leaf;
  return bs_gr(m, 25) ? 25 : m;
}

/* Smallest whole number that the tolerant comparison takes as >= m. */
static size_t branch_rows(double m)
{
  size_t rows = m > 1 ? (size_t)m - 1 : 0;
  while (!bs_gr_or_eq((double)rows, m))
    rows++;
  return rows;
}

/* Any cut accepted from now on has a gain above best + 1e-6. The term sum r of
 * term_sum() gives the gain (E0 + r / unit) / n; it is compared with a margin
 * far above its rounding (about 1e-15 n ln n) and far below 1e-6 n. */
static void set_skip(search *s)
{
  double n = (double)s->n;
  s->skip = ((s->best + 1e-6 - 1e-9) * n - s->before) * s->k->unit;
}

/* Sum over branches of (sum over classes of x log x) - (x log x of the branch),
 * in Weka's order of additions. */
static double term_sum(const search *s, const uint32_t *left, size_t rows_left)
{
  const double *x = s->k->xlogx;
  double r = 0;
  for (int c = 0; c < s->k->c; c++)
    r += x[left[c]];
  r -= x[rows_left];
  for (int c = 0; c < s->k->c; c++)
    r += x[s->total[c] - left[c]];
  return r - x[s->n - rows_left];
}

/* InfoGainSplitCrit.splitCritValue, then the tolerant comparison with the best
 * so far: the leftmost of nearly equal gains stays. */
static void try_cut(search *s, const uint32_t *left, size_t rows_left)
{
  double r = term_sum(s, left, rows_left);
  if (r <= s->skip)
    return;
  double g = s->before - -(r / s->k->unit);
  double gain = bs_eq(g, 0) ? 0 : g / (double)s->n;
  if (!bs_gr(gain, s->best))
    return;
  s->best = gain;
  s->best_left = rows_left;
  set_skip(s);
}

/* An upper bound of term_sum over all cuts between `left` rows (inclusive) and
 * `left + count`. The sum is convex in the class counts to the left, so over
 * the box that the path stays in its maximum is at a corner: a set of classes
 * whose rows are all taken. With many moving classes the class terms and the
 * branch terms are bounded apart. */
static double bound(const search *s, const uint32_t *left, size_t rows_left,
                    const uint32_t *count, size_t rows)
{
  const double *x = s->k->xlogx;
  double fixed = 0, at[CORNERS_MAX][2], separate = 0;
  uint32_t step[CORNERS_MAX];
  int moving = 0;
  for (int c = 0; c < s->k->c; c++) {
    uint32_t l = left[c], r = s->total[c] - l;
    double low = x[l] + x[r];
    if (count[c] == 0) {
      fixed += low;
      continue;
    }
    double high = x[l + count[c]] + x[r - count[c]];
    separate += low > high ? low : high;
    if (moving < CORNERS_MAX) {
      at[moving][0] = low;
      at[moving][1] = high;
      step[moving] = count[c];
    }
    moving++;
  }
  if (moving > CORNERS_MAX) { /* x(l) + x(n - l) is smallest at the middle */
    size_t l = s->n / 2;
    if (l < rows_left)
      l = rows_left;
    if (l > rows_left + rows)
      l = rows_left + rows;
    return fixed + separate - (x[l] + x[s->n - l]);
  }
  double most = -DBL_MAX;
  for (int corner = 0; corner < 1 << moving; corner++) {
    double sum = fixed;
    size_t taken = rows_left;
    for (int m = 0; m < moving; m++) {
      int bit = corner >> m & 1;
      sum += at[m][bit];
      taken += bit ? step[m] : 0;
    }
    sum -= x[taken] + x[s->n - taken];
    most = sum > most ? sum : most;
  }
  return most;
}

/* Clear the bits of cuts that leave too few rows on a side: the block starts at
 * position `begin`. */
static uint64_t feasible(const search *s, size_t begin, uint64_t cuts)
{
  if (begin > s->last || begin + BS_BLOCK <= s->first)
    return 0;
  if (begin < s->first)
    cuts &= ~UINT64_C(0) << (s->first - begin);
  if (s->last - begin < BS_BLOCK - 1)
    cuts &= (UINT64_C(1) << (s->last - begin + 1)) - 1;
  return cuts;
}

/* Evaluate the cuts of one block one by one. */
static void try_block(search *s, size_t begin, uint64_t cuts,
                      const uint32_t *left, uint32_t *running)
{
  uint32_t mask = (UINT32_C(1) << s->k->class_bits) - 1;
  memcpy(running, left, (size_t)s->k->c * sizeof *running);
  for (size_t i = begin; cuts != 0; i++, cuts >>= 1) {
    running[(uint32_t)(s->list[i] >> 32) & mask]++;
    if (cuts & 1)
      try_cut(s, running, i + 1);
  }
}

/* Walk the list in groups of blocks. work: left counts, running counts, counts
 * of a group, counts of each block. */
static void search_blocks(search *s, uint32_t *work)
{
  size_t c = (size_t)s->k->c;
  uint32_t *left = work, *running = left + c, *sum = running + c;
  uint32_t *count = sum + c;
  memset(left, 0, c * sizeof *left);
  for (size_t begin = 0; begin < s->n && begin <= s->last;) {
    uint64_t cuts[GROUP], any = 0;
    size_t start = begin;
    int blocks = 0;
    memset(sum, 0, c * sizeof *sum);
    memset(count, 0, GROUP * c * sizeof *count);
    for (; blocks < GROUP && begin < s->n; blocks++) {
      size_t rows = s->n - begin < BS_BLOCK ? s->n - begin : BS_BLOCK;
      uint32_t *here = count + (size_t)blocks * c;
      cuts[blocks] =
          feasible(s, begin,
                   s->k->kernels->summary((int)rows, s->list + begin, s->k->c,
                                          s->k->class_bits, s->reach, here));
      s->cuts += (size_t)__builtin_popcountll(cuts[blocks]);
      any |= cuts[blocks];
      for (size_t j = 0; j < c; j++)
        sum[j] += here[j];
      begin += rows;
    }
    bool worth =
        any != 0 && bound(s, left, start, sum, begin - start) > s->skip;
    for (int b = 0; b < blocks; b++, start += BS_BLOCK) {
      uint32_t *here = count + (size_t)b * c;
      size_t rows = s->n - start < BS_BLOCK ? s->n - start : BS_BLOCK;
      if (worth && cuts[b] != 0 && bound(s, left, start, here, rows) > s->skip)
        try_block(s, start, cuts[b], left, running);
      for (size_t j = 0; j < c; j++)
        left[j] += here[j];
    }
  }
}

/* The oracle: every cut evaluated. */
static void search_plainly(search *s, uint32_t *left)
{
  uint32_t mask = (UINT32_C(1) << s->k->class_bits) - 1;
  memset(left, 0, (size_t)s->k->c * sizeof *left);
  for (size_t i = 0; i + 1 < s->n; i++) {
    uint32_t a = (uint32_t)(s->list[i] >> 32),
             b = (uint32_t)(s->list[i + 1] >> 32);
    left[a & mask]++;
    a >>= s->k->class_bits;
    b >>= s->k->class_bits;
    if (!bs_reach_allows(s->reach, a, b) || i < s->first || i > s->last)
      continue;
    s->cuts++;
    s->skip = -DBL_MAX;
    try_cut(s, left, i + 1);
  }
}

/* Split information and gain ratio of the best cut (GainRatioSplitCrit). */
static void finish(const search *s, bs_split *split)
{
  const bs_criterion *k = s->k;
  double n = (double)s->n;
  if (s->best_left == 0)
    return;
  double gain = s->best;
  if (k->mdl) /* log2 of a count is ln / ln 2 in both versions */
    gain -= k->ln[s->cuts] / k->ln[2] / n;
  if (bs_sm_or_eq(gain, 0))
    return;
  double info = 0;
  info -= k->xlogx[s->best_left];
  info -= k->xlogx[s->n - s->best_left];
  info -= 0; /* rows with a missing value: none */
  info += k->xlogx[s->n];
  info /= k->unit;
  split->valid = true;
  split->left = s->best_left;
  split->gain = gain;
  split->ratio = bs_eq(info, 0) ? 0 : gain / (info / n);
}

/* Can the first and the last row of the list be cut apart at all? */
static bool is_dead(const bs_criterion *k, size_t n, const uint64_t *list,
                    bs_reach reach)
{
  uint32_t a = (uint32_t)(list[0] >> 32) >> k->class_bits;
  uint32_t b = (uint32_t)(list[n - 1] >> 32) >> k->class_bits;
  return !bs_reach_allows(reach, a, b);
}

/* Set up a search; false if no cut can be found. */
static bool prepare(search *s, bs_split *split)
{
  const bs_criterion *k = s->k;
  split->dead = is_dead(k, s->n, s->list, s->reach);
  double m = smallest_branch(k, s->n), sum = 0;
  size_t rows = branch_rows(m);
  if (split->dead || bs_sm((double)s->n, 2 * m) || 2 * rows > s->n || rows == 0)
    return false;
  s->first = rows - 1;
  s->last = s->n - rows - 1;
  for (int c = 0; c < k->c; c++)
    sum += k->xlogx[s->total[c]];
  s->before = (k->xlogx[s->n] - sum) / k->unit;
  set_skip(s);
  return true;
}

bs_split bs_split_find(const bs_criterion *criterion, size_t n,
                       const uint64_t *list, bs_reach reach,
                       const uint32_t *total, uint32_t *work)
{
  bs_split split = {0};
  search s = {criterion, list, reach, total, n, 0, 0, 0, 0, 0, 0, 0};
  if (prepare(&s, &split)) {
    search_blocks(&s, work);
    finish(&s, &split);
  }
  return split;
}

bs_split bs_split_find_plain(const bs_criterion *criterion, size_t n,
                             const uint64_t *list, bs_reach reach,
                             const uint32_t *total, uint32_t *work)
{
  bs_split split = {0};
  search s = {criterion, list, reach, total, n, 0, 0, 0, 0, 0, 0, 0};
  if (prepare(&s, &split)) {
    search_plainly(&s, work);
    finish(&s, &split);
  }
  return split;
}
