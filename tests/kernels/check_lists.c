/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels on column lists: filter, deal, block summary, every variant
 * against a plain loop, with guards around what they may write to. */
#include "kernels/lists.h"
#include "tests/unit/draw.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 5000, CLASSES = 70, GUARD = 4 };
static const uint64_t MARK = UINT64_C(0xdeadbeefcafef00d);

static const size_t sizes[] = {0,   1,   2,    3,    31,   32,   33,  63,  64,
                               65,  66,  127,  128,  129,  191,  192, 193, 511,
                               512, 513, 1000, 4095, 4096, 4097, MOST};
enum { SIZES = sizeof sizes / sizeof *sizes };

static uint64_t list[MOST + BS_LIST_PAD + GUARD], want[2][MOST + 1];
static const bs_list_kernels *kernels; /* those under test */

static void mark(uint64_t *p, size_t count)
{
  for (size_t i = 0; i < count; i++)
    p[i] = MARK;
}

static void expect_marked(const uint64_t *p, size_t count)
{
  for (size_t i = 0; i < count; i++)
    ck_assert_uint_eq(p[i], MARK);
}

/* Shares of rows, in percent, that make both branches of the code busy. */
static const uint32_t shares[] = {0, 1, 10, 49, 50, 51, 90, 99, 100};
enum { SHARES = sizeof shares / sizeof *shares };

/* Widths, from one tree and one class to where the quick ways end. */
static const bs_entry_layout layouts[] = {{13, 0, 1},  {13, 2, 11}, {13, 1, 15},
                                          {13, 4, 12}, {13, 8, 8},  {20, 9, 16},
                                          {31, 2, 5},  {13, 16, 1}};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static uint32_t draw_trees(bs_draw *d, const bs_entry_layout *l)
{
  return draw_below(d, UINT32_C(1) << l->trees);
}

START_TEST(filter_keeps_tagged_rows_with_their_ranks)
{
  static uint32_t order[MOST], tag[MOST];
  static uint64_t step[MOST / 64 + 1];
  bs_draw d = 1;
  for (int s = 0; s < SIZES; s++)
    for (int share = 0; share < SHARES; share++)
      for (int w = 0; w < LAYOUTS; w++) {
        const bs_entry_layout *l = &layouts[w];
        size_t n = sizes[s], kept = 0;
        uint64_t rank = 0;
        memset(step, 0, sizeof step);
        for (size_t i = 0; i < n; i++)
          order[i] = (uint32_t)((i * 7919) % n);
        for (size_t i = 0; i < n; i++) {
          uint32_t trees =
              draw_below(&d, 100) < shares[share] ? draw_trees(&d, l) : 0;
          tag[i] = trees << l->class_bits |
                   draw_below(&d, UINT32_C(1) << l->class_bits);
        }
        for (size_t p = 0; p < n; p++) {
          if (p > 0 && draw_below(&d, 3) == 0) {
            step[p / 64] |= UINT64_C(1) << (p % 64);
            rank++;
          }
          if (tag[order[p]] >> l->class_bits != 0)
            want[0][kept++] = rank << (l->row_bits + l->class_bits + l->trees) |
                              (uint64_t)tag[order[p]] << l->row_bits | order[p];
        }
        mark(list, MOST + BS_LIST_PAD + GUARD);
        ck_assert_uint_eq(kernels->filter(n, order, step, tag, l, list), kept);
        ck_assert_mem_eq(list, want[0], kept * sizeof *list);
        expect_marked(list + kept + BS_LIST_PAD, GUARD);
      }
}
END_TEST

/* A random entry of that row. */
static uint64_t draw_entry(bs_draw *d, const bs_entry_layout *l, uint32_t row)
{
  uint64_t mask = (UINT64_C(1) << l->row_bits) - 1;
  return (draw_bits(d) & ~mask) | row;
}

/* Do the entries of the list lose the trees of their side, and nothing else? */
static void expect_peeled(size_t n, const bs_entry_layout *l,
                          const bs_sides *sides, const uint16_t drop[2])
{
  mark(list + n, GUARD);
  for (size_t i = 0; i < n; i++) {
    uint16_t right = sides->right[bs_entry_row(l, list[i])];
    uint64_t gone = (drop[0] & (uint16_t)~right) | (drop[1] & right);
    want[0][i] = list[i] & ~(gone << (l->row_bits + l->class_bits));
  }
  kernels->peel(n, list, l, sides, drop);
  ck_assert_mem_eq(list, want[0], n * sizeof *list);
  expect_marked(list + n, GUARD);
}

START_TEST(deal_gives_each_child_its_entries_and_peel_takes_them)
{
  static uint64_t code[MOST / BS_CODES_PER_WORD + 1], out[2][MOST + GUARD];
  static uint16_t right[MOST];
  bs_draw d = 2;
  for (int s = 0; s < SIZES; s++)
    for (int share = 0; share < SHARES; share++)
      for (int round = 0; round < 2 * LAYOUTS; round++) {
        const bs_entry_layout *l = &layouts[round / 2];
        size_t n = sizes[s], made[2] = {0, 0};
        uint32_t all = (UINT32_C(1) << l->trees) - 1;
        uint16_t take[2] = {
            (uint16_t)(draw_below(&d, 4) == 0 ? 0 : draw_trees(&d, l)),
            (uint16_t)(draw_below(&d, 4) == 0 ? all : draw_trees(&d, l))};
        memset(code, 0, sizeof code);
        for (uint32_t r = 0; r < n; r++) {
          uint32_t side = draw_below(&d, 100) < shares[share];
          right[r] = (uint16_t)(side != 0 ? all : 0);
          if (round % 2 == 0 && draw_below(&d, 9) == 0) {
            right[r] = (uint16_t)draw_trees(&d, l);
            side = BS_MIXED;
          }
          code[r / BS_CODES_PER_WORD] |= (uint64_t)side
                                         << (2 * (r % BS_CODES_PER_WORD));
        }
        for (size_t i = 0; i < n; i++) {
          uint32_t row = (uint32_t)((i * 7919) % n);
          list[i] = draw_entry(&d, l, row);
          uint64_t trees = list[i] >> (l->row_bits + l->class_bits) & all;
          uint64_t of[2] = {trees & take[0] & (uint16_t)~right[row],
                            trees & take[1] & right[row]};
          for (int b = 0; b < 2; b++)
            if (of[b] != 0)
              want[b][made[b]++] =
                  list[i] ^ (trees ^ of[b]) << (l->row_bits + l->class_bits);
        }
        for (int b = 0; b < 2; b++)
          mark(out[b], made[b] + GUARD);
        bs_sides sides = {code, right};
        uint64_t *to[2] = {out[0], out[1]};
        kernels->deal(n, list, l, &sides, take, to,
                      (uint64_t *const[2]){out[0] + made[0], out[1] + made[1]});
        for (int b = 0; b < 2; b++) {
          ck_assert_ptr_eq(to[b], out[b] + made[b]);
          ck_assert_mem_eq(out[b], want[b], made[b] * sizeof **want);
          expect_marked(out[b] + made[b], GUARD);
        }
        expect_peeled(n, l, &sides, take);
      }
}
END_TEST

/* What a summary has to say of one tree. */
static void expect_summary(const bs_entry_layout *l, int n, int c,
                           bs_reach reach, int t, uint32_t *last,
                           const bs_list_block *block, const uint32_t *count)
{
  uint64_t live = 0, cut = 0;
  uint32_t of_class[CLASSES] = {0}, before[CLASSES], half[CLASSES] = {0};
  int rows = 0, cuts = 0;
  for (int i = 0; i < n; i++) {
    if (!(bs_entry_trees(l, list[i]) >> t & 1))
      continue;
    uint32_t rank = (uint32_t)(list[i] >> bs_rank_shift(l));
    live |= UINT64_C(1) << i;
    rows++;
    of_class[bs_entry_class(l, list[i])]++;
    half[bs_entry_class(l, list[i])] += i < n / 2;
    if (*last != BS_NO_RANK && bs_reach_allows(reach, *last, rank)) {
      cut |= UINT64_C(1) << i;
      cuts++;
    }
    *last = rank;
  }
  ck_assert_uint_eq(block->live[t], live);
  ck_assert_uint_eq(block->cut[t], cut);
  ck_assert_int_eq(block->rows[t], rows);
  ck_assert_int_eq(block->cuts[t], cuts);
  ck_assert_mem_eq(count, of_class, (size_t)c * sizeof *count);
  kernels->count(block, live & ((UINT64_C(1) << n / 2) - 1), c, l->class_bits,
                 before);
  ck_assert_mem_eq(before, half, (size_t)c * sizeof *before);
}

/* Reaches of the ranks of ascending values with small gaps: what can be cut
 * apart from a can be cut apart from all below it. */
static void draw_reaches(bs_draw *d, uint32_t ranks, uint32_t *far,
                         uint16_t *near)
{
  static double value[1 << 12];
  double x = 0;
  for (uint32_t a = 0; a < ranks; a++, x += draw_below(d, 8) * 0.2)
    value[a] = x += 1e-3;
  for (uint32_t a = 0; a < ranks; a++) {
    uint32_t b = a + 1;
    while (b < ranks && value[b] <= value[a] + 1)
      b++;
    far[a] = b - a;
    near[a] = (uint16_t)(b - a);
  }
  near[ranks] = 1;
}

START_TEST(summary_counts_classes_and_finds_cuts)
{
  static uint16_t near[(1 << 12) + BS_REACH_PAD];
  static uint32_t far[1 << 12], count[BS_TREES * CLASSES];
  bs_draw d = 3;
  for (int round = 0; round < 10000; round++) {
    const bs_entry_layout *l = &layouts[round % LAYOUTS];
    int n =
        draw_below(&d, 2) == 0 ? BS_BLOCK : 1 + (int)draw_below(&d, BS_BLOCK);
    int c = 1 << l->class_bits;
    c = c > CLASSES ? CLASSES : c;
    c = c > 2 ? c - (int)draw_below(&d, (uint32_t)c / 2) : c;
    uint32_t rank = 0, still = 1 + draw_below(&d, 5);
    uint32_t live = draw_below(&d, 3), trees = draw_trees(&d, l) | 1;
    for (int i = 0; i < n + BS_LIST_PAD; i++) {
      uint64_t of = draw_trees(&d, l);
      for (uint32_t k = 0; k < live; k++) /* most trees have most rows */
        of |= draw_trees(&d, l);
      rank += draw_below(&d, still) == 0 ? draw_below(&d, 4) : 0;
      list[i] = (uint64_t)rank << bs_rank_shift(l) | of << bs_trees_shift(l) |
                (uint64_t)draw_below(&d, (uint32_t)c) << bs_class_shift(l) |
                draw_below(&d, UINT32_C(1) << l->row_bits);
    }
    draw_reaches(&d, rank + 1, far, near);
    for (int table = 0; table < 3; table++) {
      bs_reach reach = {table == 1 ? near : NULL, table == 2 ? far : NULL};
      uint32_t last[BS_TREES], own[BS_TREES];
      bs_list_block block;
      memset(&block, 0x5a, sizeof block);
      for (int t = 0; t < BS_TREES; t++)
        last[t] = own[t] = draw_below(&d, 2) == 0 ? BS_NO_RANK : 0;
      kernels->summary(n, list, l, reach, trees, c, last, &block, count);
      for (int t = 0; t < l->trees; t++)
        if (trees >> t & 1) {
          expect_summary(l, n, c, reach, t, &own[t], &block, count + t * c);
          ck_assert_uint_eq(last[t], own[t]);
        }
    }
  }
}
END_TEST

/* Whether this machine has the instructions of a variant. */
static bool have(const char *name)
{
  kernels = bs_list_kernels_find(name);
  return kernels != NULL;
}

int main(void)
{
  static const char *const variants[] = {"ref", "avx2", "avx512"};
  const bs_unit_test tests[] = {
      BS_UNIT(filter_keeps_tagged_rows_with_their_ranks),
      BS_UNIT(deal_gives_each_child_its_entries_and_peel_takes_them),
      BS_UNIT(summary_counts_classes_and_finds_cuts),
  };
  int code = 0;
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    if (have(variants[i]))
      code |= bs_unit_run(variants[i], tests, sizeof tests / sizeof *tests);
    else
      printf("%s: not on this machine\n", variants[i]);
  return code;
}
