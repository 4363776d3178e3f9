/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/lists.h"

#include <string.h>

static size_t filter(size_t n, const uint32_t *order, const uint64_t *step,
                     const uint32_t *tag, const bs_entry_layout *layout,
                     uint64_t *list)
{
  size_t kept = 0;
  uint64_t rank = 0;
  for (size_t p = 0; p < n; p++) {
    uint32_t row = order[p];
    rank += step[p / 64] >> (p % 64) & 1;
    /* Written always, kept only when the row counts: no branch to miss. */
    list[kept] = rank << bs_rank_shift(layout) |
                 (uint64_t)tag[row] << bs_class_shift(layout) | row;
    kept += tag[row] >> layout->class_bits != 0;
  }
  return kept;
}

/* Trees in which the row goes right. */
static uint32_t right_trees(const bs_sides *sides, uint32_t row)
{
  bs_side side = bs_side_of(sides->code, row);
  return side == BS_LEFT    ? 0
         : side == BS_RIGHT ? UINT16_MAX
                            : sides->right[row];
}

static void deal(size_t n, const uint64_t *list, const bs_entry_layout *layout,
                 const bs_sides *sides, const uint16_t take[2],
                 uint64_t *out[2], uint64_t *const end[2])
{
  const int shift = bs_trees_shift(layout);
  const uint64_t field = ((UINT64_C(1) << layout->trees) - 1) << shift;
  (void)end;
  for (size_t i = 0; i < n; i++) {
    uint32_t right = right_trees(sides, bs_entry_row(layout, list[i]));
    uint32_t trees = bs_entry_trees(layout, list[i]);
    uint64_t of_child[2] = {trees & take[0] & ~right, trees & take[1] & right};
    for (int b = 0; b < 2; b++)
      if (of_child[b] != 0)
        *out[b]++ = (list[i] & ~field) | of_child[b] << shift;
  }
}

static void peel(size_t n, uint64_t *list, const bs_entry_layout *layout,
                 const bs_sides *sides, const uint16_t drop[2])
{
  for (size_t i = 0; i < n; i++) {
    uint32_t right = right_trees(sides, bs_entry_row(layout, list[i]));
    uint64_t gone = (drop[0] & ~right) | (drop[1] & right);
    list[i] &= ~(gone << bs_trees_shift(layout));
  }
}

static void count(const bs_list_block *block, uint64_t some, int classes,
                  int class_bits, uint32_t *of_class)
{
  memset(of_class, 0, (size_t)classes * sizeof *of_class);
  for (; some != 0; some &= some - 1) {
    int i = __builtin_ctzll(some);
    uint32_t k = 0;
    for (int b = 0; b < class_bits; b++)
      k |= (uint32_t)(block->class_plane[b] >> i & 1) << b;
    of_class[k]++;
  }
}

static void summary(int n, const uint64_t *list, const bs_entry_layout *layout,
                    bs_reach reach, uint32_t trees, int classes, uint32_t *last,
                    bs_list_block *block, uint32_t *of_class)
{
  memset(block, 0, sizeof *block);
  for (uint32_t left = trees; left != 0; left &= left - 1)
    memset(of_class + (size_t)__builtin_ctz(left) * (size_t)classes, 0,
           (size_t)classes * sizeof *of_class);
  for (int i = 0; i < n; i++) {
    uint32_t rank = bs_entry_rank(layout, list[i]);
    uint32_t k = bs_entry_class(layout, list[i]);
    for (int b = 0; b < layout->class_bits; b++)
      block->class_plane[b] |= (uint64_t)(k >> b & 1) << i;
    uint32_t left = trees & bs_entry_trees(layout, list[i]);
    for (; left != 0; left &= left - 1) {
      int t = __builtin_ctz(left);
      block->live[t] |= UINT64_C(1) << i;
      block->rows[t]++;
      if (last[t] != BS_NO_RANK && bs_reach_allows(reach, last[t], rank)) {
        block->cut[t] |= UINT64_C(1) << i;
        block->cuts[t]++;
      }
      last[t] = rank;
      of_class[(size_t)t * (size_t)classes + k]++;
    }
  }
}

const bs_list_kernels bs_list_kernels_ref = {"ref", filter,  deal,
                                             peel,  summary, count};
