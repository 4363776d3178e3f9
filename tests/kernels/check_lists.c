/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels on column lists: filter, partition, block summary, every variant
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

static uint64_t list[MOST + BS_LIST_PAD + GUARD], want[MOST + 1];
static const bs_list_kernels *kernels; /* those under test */
static uint64_t side[MOST / 64 + 2];

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

START_TEST(filter_keeps_tagged_rows_with_their_ranks)
{
  static uint32_t order[MOST];
  static uint16_t tag[MOST + BS_TAG_PAD];
  static uint64_t step[MOST / 64 + 1];
  bs_draw d = 1;
  for (int s = 0; s < SIZES; s++)
    for (int share = 0; share < SHARES; share++)
      for (int bits = 0; bits <= 16; bits += 4) {
        size_t n = sizes[s], kept = 0;
        uint32_t rank = 0;
        memset(step, 0, sizeof step);
        for (size_t i = 0; i < n; i++)
          order[i] = (uint32_t)((i * 7919) % n);
        for (size_t i = 0; i < n; i++)
          tag[i] =
              draw_below(&d, 100) < shares[share]
                  ? (uint16_t)draw_below(&d, bits == 16 ? 65535 : 1U << bits)
                  : UINT16_MAX;
        for (size_t p = 0; p < n; p++) {
          if (p > 0 && draw_below(&d, 3) == 0) {
            step[p / 64] |= UINT64_C(1) << (p % 64);
            rank++;
          }
          if (tag[order[p]] != UINT16_MAX)
            want[kept++] =
                ((uint64_t)rank << bits | tag[order[p]]) << 32 | order[p];
        }
        mark(list, MOST + BS_LIST_PAD + GUARD);
        ck_assert_uint_eq(kernels->filter(n, order, step, tag, bits, list),
                          kept);
        ck_assert_mem_eq(list, want, kept * sizeof *list);
        expect_marked(list + kept + BS_LIST_PAD, GUARD);
      }
}
END_TEST

START_TEST(partition_is_stable_and_stays_within_its_scratch)
{
  bs_draw d = 2;
  for (int s = 0; s < SIZES; s++)
    for (int share = 0; share < SHARES; share++) {
      size_t n = sizes[s], left = 0, right = 0;
      memset(side, 0, sizeof side);
      for (size_t r = 0; r < n; r++)
        if (draw_below(&d, 100) < shares[share])
          side[r / 64] |= UINT64_C(1) << (r % 64);
        else
          left++;
      mark(list, MOST + BS_LIST_PAD + GUARD);
      size_t to_left = 0, to_right = left;
      for (size_t i = 0; i < n; i++) {
        uint32_t row = (uint32_t)((i * 7919) % n);
        list[i] = draw_bits(&d) << 32 | row;
        if (side[row / 64] >> (row % 64) & 1)
          want[to_right++] = list[i];
        else
          want[to_left++] = list[i];
      }
      right = n - left;
      size_t scratch = (left < right ? left : right) + BS_LIST_PAD;
      uint64_t *work = malloc((scratch + GUARD) * sizeof *work);
      mark(work, scratch + GUARD);
      kernels->partition(n, side, left, list, work);
      ck_assert_msg(n == 0 || memcmp(list, want, n * sizeof *list) == 0,
                    "n = %zu, %zu left", n, left);
      expect_marked(list + n, GUARD);
      expect_marked(work + scratch, GUARD);
      free(work);
    }
}
END_TEST

START_TEST(summary_counts_classes_and_finds_cuts)
{
  static uint16_t near[(1 << 12) + BS_REACH_PAD];
  static uint32_t far[1 << 12];
  bs_draw d = 3;
  for (int round = 0; round < 20000; round++) {
    int n = 1 + (int)draw_below(&d, BS_BLOCK),
        c = 1 + (int)draw_below(&d, CLASSES);
    int bits = 0;
    uint32_t rank = 0, got[CLASSES], count[CLASSES];
    while ((c - 1) >> bits != 0)
      bits++;
    for (int k = 0; k < c; k++)
      got[k] = count[k] = draw_below(&d, 9);
    for (int i = 0; i <= n; i++) { /* one entry past the block */
      rank += draw_below(&d, 3) == 0 ? draw_below(&d, 4) : 0;
      uint32_t y = draw_below(&d, (uint32_t)c);
      list[i] = (uint64_t)(rank << bits | y) << 32 | draw_below(&d, 1U << 31);
      if (i < n)
        count[y]++;
    }
    for (uint32_t a = 0; a <= rank; a++)
      far[a] = near[a] = (uint16_t)(1 + (a % 5 == 0 ? draw_below(&d, 4) : 0));
    for (int table = 0; table < 3; table++) {
      bs_reach reach = {table == 1 ? near : NULL, table == 2 ? far : NULL};
      uint64_t cuts = 0;
      uint32_t here[CLASSES];
      memcpy(here, got, sizeof here);
      for (int i = 0; i < n; i++) {
        uint64_t a = list[i] >> 32 >> bits, b = list[i + 1] >> 32 >> bits;
        cuts |= (uint64_t)(b > a && (table == 0 || b - a >= far[a])) << i;
      }
      ck_assert_uint_eq(kernels->summary(n, list, c, bits, reach, here), cuts);
      ck_assert_mem_eq(here, count, (size_t)c * sizeof *here);
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
      BS_UNIT(partition_is_stable_and_stays_within_its_scratch),
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
