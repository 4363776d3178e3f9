/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/lists.h"

#include <string.h>

static size_t filter(size_t n, const uint32_t *order, const uint64_t *step,
                     const uint16_t *tag, int class_bits, uint64_t *list)
{
  size_t kept = 0;
  uint32_t rank = 0;
  for (size_t p = 0; p < n; p++) {
    uint32_t row = order[p];
    rank += (uint32_t)(step[p / 64] >> (p % 64)) & 1;
    uint32_t class_code = tag[row];
    /* Written always, kept only when the row counts: no branch to miss. */
    list[kept] = (uint64_t)((rank << class_bits) | class_code) << 32 | row;
    kept += class_code != UINT16_MAX;
  }
  return kept;
}

/* Few go right: move the left ones forward in place, the others aside. */
static void partition_forward(size_t n, const uint64_t *side, uint64_t *list,
                              uint64_t *work)
{
  size_t left = 0, right = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t entry = list[i], bit = bs_list_right(side, entry);
    list[left] = entry; /* left <= i: only settled entries are overwritten */
    work[right] = entry;
    left += 1 - bit;
    right += bit;
  }
  memcpy(list + left, work, right * sizeof *list);
}

/* Few go left: the same from the end. */
static void partition_backward(size_t n, const uint64_t *side, size_t left,
                               uint64_t *list, uint64_t *work)
{
  size_t to = n, aside = left;
  work++; /* the slot before the first is written to, and never kept */
  for (size_t i = n; i-- > 0;) {
    uint64_t entry = list[i], bit = bs_list_right(side, entry);
    list[to - 1] = entry;
    work[(ptrdiff_t)aside - 1] = entry;
    to -= bit;
    aside -= 1 - bit;
  }
  memcpy(list, work, left * sizeof *list);
}

static void partition(size_t n, const uint64_t *side, size_t left,
                      uint64_t *list, uint64_t *work)
{
  if (left == 0 || left == n)
    return;
  if (left > n - left)
    partition_forward(n, side, list, work);
  else
    partition_backward(n, side, left, list, work);
}

static uint64_t summary(int n, const uint64_t *list, int classes,
                        int class_bits, bs_reach reach, uint32_t *count)
{
  uint32_t class_mask = (UINT32_C(1) << class_bits) - 1;
  uint64_t cuts = 0;
  uint32_t high = (uint32_t)(list[0] >> 32);
  (void)classes;
  for (int i = 0; i < n; i++) {
    uint32_t next = (uint32_t)(list[i + 1] >> 32);
    uint32_t a = high >> class_bits, b = next >> class_bits;
    count[high & class_mask]++;
    cuts |= (uint64_t)bs_reach_allows(reach, a, b) << i;
    high = next;
  }
  return cuts;
}

const bs_list_kernels bs_list_kernels_ref = {"ref", filter, partition, summary};
