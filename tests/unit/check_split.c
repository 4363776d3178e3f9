/* SPDX-License-Identifier: BSD-3-Clause */
/* The search for the best cut of a column: passing over blocks of rows changes
 * nothing, and the ranks stand for the values. */
#include "src/entropy_table.h"
#include "src/split.h"
#include "src/tolerance.h"
#include "tests/unit/draw.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 40000, MOST_CLASSES = 40, LIST = MOST_ROWS + BS_LIST_PAD };
/* Of nodes of all sorts; those of many groups are drawn apart. */
enum { MOST_SMALL_ROWS = 5000 };

static double ln[MOST_ROWS + 1], xlogx[2][MOST_ROWS + 1];

/* One column of the nodes of several trees. */
typedef struct column {
  size_t n;
  int c;
  double x[MOST_ROWS]; /* ascending */
  uint16_t y[MOST_ROWS], trees[MOST_ROWS];
  uint64_t list[LIST];
  bs_entry_layout layout;
  uint16_t near[MOST_ROWS + BS_REACH_PAD];
  uint32_t far[MOST_ROWS];
  uint32_t total[MOST_CLASSES];
  uint32_t at[MOST_ROWS]; /* of one tree's rows in all of them */
  bool wide;              /* a chain of small gaps is wider than a gap */
} column;

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int bits_of(int c)
{
  int bits = 0;
  while ((c - 1) >> bits != 0)
    bits++;
  return bits;
}

/* Ranks as the head of src/presort.h defines them, without narrow chains: every
 * distinct value has one. */
static void rank_values(column *k)
{
  uint32_t rank = 0, *first = malloc(k->n * sizeof *first);
  first[0] = 0;
  for (size_t i = 0; i < k->n; i++) {
    if (i > 0 && k->x[i] != k->x[i - 1])
      first[++rank] = (uint32_t)i;
    k->list[i] = (uint64_t)rank << bs_rank_shift(&k->layout) |
                 (uint64_t)k->trees[i] << bs_trees_shift(&k->layout) |
                 (uint64_t)k->y[i] << bs_class_shift(&k->layout) | i;
  }
  for (int i = 0; i < BS_LIST_PAD; i++)
    k->list[k->n + (size_t)i] = 0;
  for (uint32_t a = 0; a <= rank; a++) {
    uint32_t b = a + 1;
    while (b <= rank && !(k->x[first[a]] + 1e-5 < k->x[first[b]]))
      b++;
    k->far[a] = b - a;
    k->near[a] = (uint16_t)(b - a); /* MOST_ROWS is below 2^16 */
  }
  free(first);
}

static void draw_classes(bs_draw *d, column *k)
{
  uint32_t kind = draw_below(d, 5);
  for (size_t i = 0; i < k->n; i++) {
    uint32_t y = draw_below(d, (uint32_t)k->c);           /* noise */
    if (kind == 1 || (kind == 2 && draw_below(d, 4) > 0)) /* runs */
      y = (uint32_t)(i * (size_t)k->c / k->n);
    if (kind == 3) /* one rare class in another */
      y = draw_below(d, 50) == 0;
    if (kind == 4) /* many moving classes in the same place */
      y = (uint32_t)(i / 7) % (uint32_t)k->c;
    k->y[i] = (uint16_t)(y % (uint32_t)k->c);
  }
}

/* Rows of up to four trees: all, most, some or few of them; each has one. */
static void draw_trees(bs_draw *d, column *k)
{
  k->layout = (bs_entry_layout){16, bits_of(k->c), 1 + (int)draw_below(d, 4)};
  memset(k->trees, 0, k->n * sizeof *k->trees);
  for (int t = 0; t < k->layout.trees; t++) {
    uint32_t share = draw_below(d, 4), all = 0;
    for (size_t i = 0; i < k->n; i++) {
      uint32_t in = share == 0   ? 1
                    : share == 1 ? draw_below(d, 10) > 0
                    : share == 2 ? draw_below(d, 2)
                                 : draw_below(d, 20) == 0;
      k->trees[i] |= (uint16_t)(in << t);
      all += in;
    }
    if (all == 0)
      k->trees[draw_below(d, (uint32_t)k->n)] |= (uint16_t)(1 << t);
  }
}

/* The rows of one tree as a column of their own. */
static void pick(const column *from, int t, column *to)
{
  to->n = 0;
  to->c = from->c;
  memset(to->total, 0, sizeof to->total);
  for (size_t i = 0; i < from->n; i++)
    if (from->trees[i] >> t & 1) {
      to->at[to->n] = (uint32_t)i;
      to->x[to->n] = from->x[i];
      to->y[to->n] = from->y[i];
      to->total[to->y[to->n++]]++;
    }
}

static void draw_node(bs_draw *d, column *k)
{
  static const size_t sizes[] = {1,   2,   3,   4,   5,   20,  63,   64,  65,
                                 127, 128, 129, 511, 512, 513, 1023, 1025};
  size_t known = sizeof sizes / sizeof *sizes;
  uint32_t which = draw_below(d, 40);
  k->n = which < known ? sizes[which]
                       : 1 + draw_below(d, which == 39 ? MOST_SMALL_ROWS : 700);
  k->c = 1 + (int)draw_below(d, draw_below(d, 2) == 0 ? 4 : MOST_CLASSES);
  draw_column(d, (int)draw_below(d, DRAW_KINDS), k->n, k->x);
  qsort(k->x, k->n, sizeof *k->x, by_value);
  draw_classes(d, k);
  draw_trees(d, k);
  rank_values(k);
}

/* Ascending values: all different, some alike, or steps around 1e-5, so that
 * whether neighbours can be cut apart often depends on which they are. */
static void draw_long_values(bs_draw *d, column *k)
{
  const uint32_t kind = draw_below(d, 3);
  double x = 0;
  for (size_t i = 0; i < k->n; i++) {
    x += kind == 0   ? 1
         : kind == 1 ? draw_below(d, 3) == 0
                     : 4e-6 * draw_below(d, 4);
    k->x[i] = x;
  }
}

/* Classes that tell so little of the place that the gains of very many cuts are
 * close to the best: by chance, the same from both ends, or rising so slowly
 * that what is accepted first decides what is accepted last; or a little more,
 * so that a cut is worth its charge. */
static void draw_long_classes(bs_draw *d, column *k)
{
  enum { NOISE, MIRRORED, RISING, TILTED, KINDS };
  const uint32_t kind = draw_below(d, KINDS), c = (uint32_t)k->c;
  const uint32_t rare = 70 + draw_below(d, 45);
  uint32_t turn = 0;
  for (size_t i = 0; i < k->n; i++) {
    const bool left = i < (k->n + 1) / 2;
    uint32_t y = draw_below(d, c);
    if (kind == RISING)
      y = left && i % rare == 0 ? 0 : turn++ % c;
    if (kind == TILTED && draw_below(d, 10) == 0)
      y = left;
    k->y[i] = kind == MIRRORED && !left ? k->y[k->n - 1 - i] : (uint16_t)y;
  }
}

/* A node of many groups of entries. */
static void draw_long_node(bs_draw *d, column *k)
{
  k->n = MOST_ROWS / 2 + draw_below(d, MOST_ROWS / 2 + 1);
  k->c = 2 + (int)draw_below(d, 2);
  draw_long_values(d, k);
  draw_long_classes(d, k);
  draw_trees(d, k);
  rank_values(k);
}

/* The definition, on the values themselves. */
static bs_split by_definition(const column *k, const bs_criterion *f)
{
  bs_split best = {0};
  double n = (double)k->n, m = 0.1 * n / k->c, e0 = 0, most = 0;
  size_t cuts = 0;
  if (bs_sm_or_eq(m, f->min_leaf))
    m = f->min_leaf;
  else if (bs_gr(m, 25))
    m = 25;
  if (bs_sm(n, 2 * m))
    return best;
  for (int c = 0; c < k->c; c++)
    e0 += f->xlogx[k->total[c]];
  e0 = (f->xlogx[k->n] - e0) / f->unit;
  uint32_t left[MOST_CLASSES] = {0};
  for (size_t i = 0; i + 1 < k->n; i++) {
    left[k->y[i]]++;
    if (!(k->x[i] + 1e-5 < k->x[i + 1]) || !bs_gr_or_eq((double)(i + 1), m) ||
        !bs_gr_or_eq(n - (double)i - 1, m))
      continue;
    cuts++;
    double r = 0;
    for (int c = 0; c < k->c; c++)
      r += f->xlogx[left[c]];
    r -= f->xlogx[i + 1];
    for (int c = 0; c < k->c; c++)
      r += f->xlogx[k->total[c] - left[c]];
    r -= f->xlogx[k->n - i - 1];
    double g = e0 - -(r / f->unit), gain = bs_eq(g, 0) ? 0 : g / n;
    if (bs_gr(gain, most)) {
      most = gain;
      best.left = i + 1;
    }
  }
  if (best.left == 0)
    return best;
  best.gain = most - (f->mdl ? ln[cuts] / ln[2] / n : 0);
  if (bs_sm_or_eq(best.gain, 0))
    return (bs_split){0};
  best.valid = true;
  double s = -f->xlogx[best.left] - f->xlogx[k->n - best.left];
  s = (s + f->xlogx[k->n]) / f->unit;
  best.ratio = bs_eq(s, 0) ? 0 : best.gain / (s / n);
  return best;
}

static void expect_same(bs_split got, bs_split want, const column *of,
                        const char *what, unsigned round)
{
  ck_assert_msg(
      got.valid == want.valid &&
          (!got.valid ||
           (got.left == want.left && got.gain == want.gain &&
            got.ratio == want.ratio && got.below == of->at[want.left - 1] &&
            got.above == of->at[want.left])),
      "round %u, %s: %d %u %.17g %.17g, wanted %d %u %.17g %.17g", round, what,
      got.valid, got.left, got.gain, got.ratio, want.valid, want.left,
      want.gain, want.ratio);
}

/* How often what was met. */
typedef struct outcomes {
  unsigned valid, dead, all;
} outcomes;

enum { MOST_TREES = 4, GROUPS = MOST_ROWS / BS_GROUP + 4 };

/* Sums that are kept, at some place among others. */
static bs_list_sums make_sums(const column *k, unsigned round)
{
  static uint32_t last[GROUPS * MOST_TREES];
  static uint16_t count[GROUPS * MOST_TREES * (MOST_CLASSES + 1)];
  static uint64_t stale[GROUPS / 64 + 1];
  memset(count, 0xa5, sizeof count);
  const bs_list_sums sums = {k->layout.trees, last, count, stale, round % 3};
  for (size_t i = 0; i < bs_groups(k->n); i++)
    bs_set_stale(&sums, i);
  return sums;
}

/* Take a row out of a tree, unless it is the last there; the group that it was
 * in is stale. */
static void take_out(column *k, const bs_list_sums *sums, size_t i, int t,
                     size_t *rows)
{
  if (!(k->trees[i] >> t & 1) || *rows == 1)
    return;
  k->trees[i] ^= (uint16_t)(1 << t);
  k->list[i] ^= UINT64_C(1) << (bs_trees_shift(&k->layout) + t);
  --*rows;
  bs_set_stale(sums, i / BS_GROUP);
}

/* The last of a tree's entries in every other group: the next group may now
 * begin with a cut, though it loses no entry itself. */
static void take_out_last(bs_draw *d, column *k, const bs_list_sums *sums,
                          int t, size_t *rows)
{
  for (size_t group = draw_below(d, 2); group < bs_groups(k->n); group += 2) {
    const size_t begin = group * BS_GROUP;
    size_t end = begin + BS_GROUP < k->n ? begin + BS_GROUP : k->n;
    while (end > begin && !(k->trees[end - 1] >> t & 1))
      end--;
    if (end > begin)
      take_out(k, sums, end - 1, t, rows);
  }
}

/* Some rows leave the trees: a share of those in a part of the list, or the
 * last of groups. */
static void take_some_out(bs_draw *d, column *k, const bs_list_sums *sums)
{
  const bool last = draw_below(d, 2) == 0;
  const uint32_t share = 2 + draw_below(d, 200);
  const size_t from = draw_below(d, (uint32_t)k->n);
  const size_t to = from + draw_below(d, (uint32_t)(k->n - from) + 1);
  for (int t = 0; t < k->layout.trees; t++) {
    size_t rows = 0;
    for (size_t i = 0; i < k->n; i++)
      rows += k->trees[i] >> t & 1;
    if (last)
      take_out_last(d, k, sums, t, &rows);
    for (size_t i = from; !last && i < to; i++)
      if (draw_below(d, share) == 0)
        take_out(k, sums, i, t, &rows);
  }
}

/* All searches, in all trees, against the definition; with sums that are kept
 * also when rows have left. */
static void check_column(bs_draw *d, column *k, const bs_criterion *f,
                         bs_reach reach, unsigned round, outcomes *met)
{
  static uint32_t work[BS_SPLIT_WORK * MOST_CLASSES];
  static column of[MOST_TREES];
  const int trees = k->layout.trees;
  const bs_list_sums sums = make_sums(k, round);
  bs_split_node node[MOST_TREES];
  bs_split fast[MOST_TREES], plain[MOST_TREES], known[MOST_TREES];
  for (int again = 0; again < 3; again++) {
    for (int t = 0; t < trees; t++) {
      pick(k, t, &of[t]);
      bs_split_node_init(f, t, of[t].n, of[t].total, &node[t]);
    }
    bs_split_find(f, &k->layout, k->n, k->list, reach, trees, node, NULL, work,
                  fast);
    bs_split_find(f, &k->layout, k->n, k->list, reach, trees, node, &sums, work,
                  known);
    bs_split_find_plain(f, &k->layout, k->n, k->list, reach, trees, node, work,
                        plain);
    for (int t = 0; t < trees; t++) {
      bs_split want = by_definition(&of[t], f);
      expect_same(fast[t], want, &of[t], "search", round);
      expect_same(known[t], want, &of[t], "search with sums", round);
      expect_same(plain[t], want, &of[t], "plain search", round);
      ck_assert_int_eq(fast[t].dead,
                       !(of[t].x[0] + 1e-5 < of[t].x[of[t].n - 1]));
      met->valid += fast[t].valid;
      met->dead += fast[t].dead;
      met->all++;
    }
    take_some_out(d, k, &sums);
  }
}

/* Rules drawn for a column, and the instruction sets in turn. */
static bs_criterion draw_criterion(bs_draw *d, const column *k, unsigned round)
{
  static const char *const variants[] = {"ref", NULL, "avx2"};
  static const long leaf[] = {1, 1, 2, 2, 2, 3, 5, 10, 25, 26, 50};
  const int rules = (int)draw_below(d, 2);
  const bs_list_kernels *kernels = bs_list_kernels_find(variants[round % 3]);
  if (kernels == NULL)
    kernels = &bs_list_kernels_ref;
  return (bs_criterion){.kernels = kernels,
                        .c = k->c,
                        .min_leaf = (double)leaf[draw_below(d, 11)],
                        .mdl = draw_below(d, 4) > 0,
                        .unit = rules == BS_WEKA_38 ? BS_LN2 : 1,
                        .ln = ln,
                        .xlogx = xlogx[rules]};
}

/* Draw columns and check them. */
static outcomes check_rounds(unsigned rounds, void (*draw)(bs_draw *, column *))
{
  static column k;
  bs_draw d = 1;
  outcomes met = {0, 0, 0};
  for (unsigned i = 0; i < rounds; i++) {
    draw(&d, &k);
    const bs_criterion f = draw_criterion(&d, &k, i);
    const bs_reach reach = {k.near, NULL}, far = {NULL, k.far};
    check_column(&d, &k, &f, i % 4 == 0 ? far : reach, i, &met);
  }
  return met;
}

START_TEST(blocks_passed_over_hold_no_better_cut)
{
  const outcomes met = check_rounds(20000, draw_node);
  /* The rounds are worth something: all three outcomes are met. */
  ck_assert_uint_gt(met.valid, met.all / 10);
  ck_assert_uint_gt(met.dead, met.all / 50);
  ck_assert_uint_gt(met.all - met.valid - met.dead, met.all / 10);
}
END_TEST

/* Here the sums of groups decide what is read, and the tolerance which of many
 * cuts is the best. */
START_TEST(groups_passed_over_hold_no_better_cut)
{
  const outcomes met = check_rounds(400, draw_long_node);
  ck_assert_uint_gt(met.valid, met.all / 4);
}
END_TEST

START_TEST(without_a_table_neighbouring_ranks_can_be_cut)
{
  static column k;
  bs_draw d = 2;
  outcomes met = {0, 0, 0};
  for (unsigned i = 0; i < 500; i++) {
    draw_node(&d, &k);
    for (size_t j = 0; j < k.n; j++) /* whole numbers: no small gaps */
      k.x[j] = floor((double)j / (double)(1 + i % 9));
    rank_values(&k);
    bs_criterion f = {
        bs_list_kernels_find(NULL), k.c, 2, true, BS_LN2, ln, xlogx[1]};
    check_column(&d, &k, &f, (bs_reach){0}, i, &met);
  }
}
END_TEST

int main(void)
{
  bs_entropy_table_fill(MOST_ROWS, BS_WEKA_36, ln, xlogx[BS_WEKA_36]);
  bs_entropy_table_fill(MOST_ROWS, BS_WEKA_38, ln, xlogx[BS_WEKA_38]);
  const bs_unit_test tests[] = {
      BS_UNIT(blocks_passed_over_hold_no_better_cut),
      BS_UNIT(groups_passed_over_hold_no_better_cut),
      BS_UNIT(without_a_table_neighbouring_ranks_can_be_cut),
  };
  return bs_unit_run("split", tests, sizeof tests / sizeof *tests);
}
