/* SPDX-License-Identifier: BSD-3-Clause */
/** \file lists_planes.h
 * What the vector variants of the list kernels share: cuts and class counts of
 * a full block from bit planes, 64 entries at a time. Included by one file for
 * each instruction set, to be compiled with its options.
 */
#ifndef BS_LISTS_PLANES_H
#define BS_LISTS_PLANES_H
#include "kernels/lists.h"

/** Neighbours in a full block, by the left one's bit, as if all were live. */
typedef struct bs_pairs {
  uint64_t differ; /**< ranks of i and i + 1 differ */
  uint64_t cut;    /**< i and i + 1 may be cut apart */
  uint64_t cut2;   /**< i and i + 2 may be (only with a table of reaches) */
} bs_pairs;

static inline int bs_has_reaches(bs_reach reach)
{
  return reach.near != NULL || reach.far != NULL;
}

static inline uint32_t bs_reach_of(bs_reach reach, uint64_t rank)
{
  return reach.near != NULL ? reach.near[rank] : reach.far[rank];
}

/** Flags of entries of a run of dead ones go to the live one behind it: an
 * addition carries them there. */
static inline uint64_t bs_carry_to_live(uint64_t flags, uint64_t live)
{
  uint64_t dead = ~live;
  return (flags | (dead + (flags & dead))) & live;
}

/** Cuts before the live entries of one tree. Values ascend, so two entries may
 * be cut apart if any two neighbours between them may; where none may, and dead
 * entries lie between, the table decides. */
static inline uint64_t bs_live_cuts(const bs_pairs *pairs, const uint64_t *list,
                                    const bs_entry_layout *layout,
                                    bs_reach reach, uint64_t live,
                                    uint32_t *last)
{
  if (live == 0)
    return 0;
  const int first = __builtin_ctzll(live), end = 63 - __builtin_clzll(live);
  const uint64_t behind = ~UINT64_C(1) << first; /* 0 where first is 63 */
  uint64_t cuts = bs_carry_to_live(pairs->cut << 1 & behind, live);
  if (bs_has_reaches(reach)) {
    const uint64_t after_dead = live & ~live << 1 & behind;
    const uint64_t after_one = after_dead & live << 2;
    cuts |= pairs->cut2 << 2 & after_one;
    uint64_t open = bs_carry_to_live(pairs->differ << 1 & behind, live) &
                    after_dead & ~after_one & ~cuts;
    for (; open != 0; open &= open - 1) {
      const uint64_t bit = open & (0 - open);
      const int i = __builtin_ctzll(bit);
      const int before = 63 - __builtin_clzll(live & (bit - 1));
      if (bs_reach_allows(reach, bs_entry_rank(layout, list[before]),
                          bs_entry_rank(layout, list[i])))
        cuts |= bit;
    }
  }
  if (*last != BS_NO_RANK &&
      bs_reach_allows(reach, *last, bs_entry_rank(layout, list[first])))
    cuts |= UINT64_C(1) << first;
  *last = bs_entry_rank(layout, list[end]);
  return cuts;
}

static inline uint32_t bs_ones(uint64_t word)
{
  return (uint32_t)__builtin_popcountll(word);
}

/** Class counts of some entries; see bs_list_kernels.count. */
static inline void bs_count_planes(const bs_list_block *block, uint64_t some,
                                   int classes, int class_bits, uint32_t *count)
{
  const uint64_t *plane = block->class_plane;
  if (class_bits == 2) {
    uint64_t p = some & plane[0], q = some & plane[1];
    uint32_t both = bs_ones(p & q), low = bs_ones(p), high = bs_ones(q);
    count[0] = bs_ones(some) - low - high + both;
    count[1] = low - both;
    count[2] = high - both;
    if (classes > 3)
      count[3] = both;
    return;
  }
  for (int k = 0; k < classes; k++) {
    uint64_t is = some;
    for (int b = 0; b < class_bits; b++)
      is &= k >> b & 1 ? plane[b] : ~plane[b];
    count[k] = bs_ones(is);
  }
}

#endif /* BS_LISTS_PLANES_H */
