/* SPDX-License-Identifier: BSD-3-Clause */
/* AVX-512: eight entries at a time. */
#include "kernels/lists_planes.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 8, HALF = 32, AHEAD = 256 };

/* Inclusive prefix counts of the bits of a byte, one byte a lane: the bits are
 * spread to bytes, and the product with 0x0101.. adds up all bytes below. */
static inline __m512i prefix_counts(uint32_t bits)
{
  uint64_t spread = _pdep_u64(bits, UINT64_C(0x0101010101010101));
  uint64_t sums = spread * UINT64_C(0x0101010101010101);
  return _mm512_cvtepu8_epi64(_mm_cvtsi64_si128((long long)sums));
}

static size_t filter(size_t n, const uint32_t *order, const uint64_t *step,
                     const uint32_t *tag, const bs_entry_layout *layout,
                     uint64_t *list)
{
  size_t kept = 0, p = 0;
  uint64_t rank = 0;
  const __m256i one_tree = _mm256_set1_epi32(1 << layout->class_bits);
  const __m128i rank_up = _mm_cvtsi32_si128(bs_rank_shift(layout));
  const __m128i tag_up = _mm_cvtsi32_si128(bs_class_shift(layout));
  for (; p + LANES <= n; p += LANES) {
    uint32_t bits = (uint32_t)(step[p / 64] >> (p % 64)) & 0xff;
    __m256i row = _mm256_loadu_si256((const __m256i *)(order + p));
    /* Eight loads take less time than a gather instruction. */
    __m256i of_row = _mm256_setr_epi32(
        (int)tag[order[p]], (int)tag[order[p + 1]], (int)tag[order[p + 2]],
        (int)tag[order[p + 3]], (int)tag[order[p + 4]], (int)tag[order[p + 5]],
        (int)tag[order[p + 6]], (int)tag[order[p + 7]]);
    __mmask8 keep = _mm256_cmpge_epu32_mask(of_row, one_tree);
    __m512i ranks = _mm512_add_epi64(_mm512_set1_epi64((long long)rank),
                                     prefix_counts(bits));
    __m512i entry = _mm512_or_si512(
        _mm512_or_si512(
            _mm512_sll_epi64(ranks, rank_up),
            _mm512_sll_epi64(_mm512_cvtepu32_epi64(of_row), tag_up)),
        _mm512_cvtepu32_epi64(row));
    _mm512_storeu_si512(list + kept, _mm512_maskz_compress_epi64(keep, entry));
    kept += (size_t)__builtin_popcount(keep);
    rank += (uint64_t)__builtin_popcount(bits);
  }
  for (; p < n; p++) {
    uint32_t row = order[p];
    rank += step[p / 64] >> (p % 64) & 1;
    list[kept] = rank << bs_rank_shift(layout) |
                 (uint64_t)tag[row] << bs_class_shift(layout) | row;
    kept += tag[row] >> layout->class_bits != 0;
  }
  return kept;
}

/* What deal keeps at hand. */
typedef struct dealer {
  const bs_entry_layout *layout;
  const bs_sides *sides;
  uint64_t row_mask;
  __m512i field, take[2];
  uint64_t *out[2];
} dealer;

/* The trees field of eight entries, all ones where a tree sends the row right.
 */
static inline __m512i right_trees(const dealer *d, const uint64_t *entry)
{
  unsigned codes = 0;
  uint32_t row[LANES];
  for (int j = 0; j < LANES; j++) {
    row[j] = (uint32_t)(entry[j] & d->row_mask);
    codes |= (unsigned)bs_side_of(d->sides->code, row[j]) << (2 * j);
  }
  if ((codes & 0xaaaa) == 0)
    return _mm512_maskz_mov_epi64((__mmask8)_pext_u32(codes, 0x5555), d->field);
  const uint16_t *right = d->sides->right;
  __m128i of_row = _mm_setr_epi16((short)right[row[0]], (short)right[row[1]],
                                  (short)right[row[2]], (short)right[row[3]],
                                  (short)right[row[4]], (short)right[row[5]],
                                  (short)right[row[6]], (short)right[row[7]]);
  return _mm512_sll_epi64(_mm512_cvtepu16_epi64(of_row),
                          _mm_cvtsi32_si128(bs_trees_shift(d->layout)));
}

/* Append the entries that have one of the trees, with these trees alone. */
static inline void give(dealer *d, int b, __m512i entry, __m512i trees)
{
  __mmask8 keep = _mm512_test_epi64_mask(trees, trees);
  unsigned count = (unsigned)__builtin_popcount(keep);
  __m512i kept = _mm512_or_si512(_mm512_andnot_si512(d->field, entry), trees);
  _mm512_mask_storeu_epi64(d->out[b], (__mmask8)_bzhi_u32(0xff, count),
                           _mm512_maskz_compress_epi64(keep, kept));
  d->out[b] += count;
}

static void deal(size_t n, const uint64_t *list, const bs_entry_layout *layout,
                 const bs_sides *sides, const uint16_t take[2],
                 uint64_t *out[2], uint64_t *const end[2])
{
  const int shift = bs_trees_shift(layout);
  dealer d = {layout,
              sides,
              (UINT64_C(1) << layout->row_bits) - 1,
              _mm512_set1_epi64(
                  (long long)(((UINT64_C(1) << layout->trees) - 1) << shift)),
              {_mm512_set1_epi64((long long)((uint64_t)take[0] << shift)),
               _mm512_set1_epi64((long long)((uint64_t)take[1] << shift))},
              {out[0], out[1]}};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m512i entry = _mm512_loadu_si512(list + i);
    _mm_prefetch((const char *)(list + i + AHEAD), _MM_HINT_T0);
    __m512i right = right_trees(&d, list + i);
    if (take[0] != 0)
      give(&d, 0, entry,
           _mm512_andnot_si512(right, _mm512_and_si512(entry, d.take[0])));
    if (take[1] != 0)
      give(&d, 1, entry,
           _mm512_and_si512(right, _mm512_and_si512(entry, d.take[1])));
  }
  for (int b = 0; b < 2; b++)
    out[b] = d.out[b];
  bs_list_kernels_ref.deal(n - i, list + i, layout, sides, take, out, end);
}

static void peel(size_t n, uint64_t *list, const bs_entry_layout *layout,
                 const bs_sides *sides, const uint16_t drop[2])
{
  const int shift = bs_trees_shift(layout);
  const dealer d = {
      .layout = layout,
      .sides = sides,
      .row_mask = (UINT64_C(1) << layout->row_bits) - 1,
      .field = _mm512_set1_epi64(
          (long long)(((UINT64_C(1) << layout->trees) - 1) << shift))};
  const __m512i left =
      _mm512_set1_epi64((long long)((uint64_t)drop[0] << shift));
  const __m512i right =
      _mm512_set1_epi64((long long)((uint64_t)drop[1] << shift));
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m512i to_right = right_trees(&d, list + i);
    __m512i gone = _mm512_or_si512(_mm512_andnot_si512(to_right, left),
                                   _mm512_and_si512(to_right, right));
    _mm512_storeu_si512(
        list + i, _mm512_andnot_si512(gone, _mm512_loadu_si512(list + i)));
  }
  bs_list_kernels_ref.peel(n - i, list + i, layout, sides, drop);
}

/* Pairs among eight entries and the two behind them. */
static inline void pair_lanes(const uint64_t *list, int rank_shift,
                              bs_reach reach, int at, bs_pairs *pairs)
{
  const __m128i shift = _mm_cvtsi32_si128(rank_shift);
  __m512i a = _mm512_srl_epi64(_mm512_loadu_si512(list), shift);
  __m512i b = _mm512_srl_epi64(_mm512_loadu_si512(list + 1), shift);
  __mmask8 differ = _mm512_cmpneq_epi64_mask(a, b);
  pairs->differ |= (uint64_t)differ << at;
  if (!bs_has_reaches(reach))
    return;
  __m512i c = _mm512_srl_epi64(_mm512_loadu_si512(list + 2), shift);
  __mmask8 differ2 = _mm512_cmpneq_epi64_mask(a, c);
  if ((differ | differ2) == 0)
    return;
  __m256i least =
      _mm256_setr_epi32((int)bs_reach_of(reach, list[0] >> rank_shift),
                        (int)bs_reach_of(reach, list[1] >> rank_shift),
                        (int)bs_reach_of(reach, list[2] >> rank_shift),
                        (int)bs_reach_of(reach, list[3] >> rank_shift),
                        (int)bs_reach_of(reach, list[4] >> rank_shift),
                        (int)bs_reach_of(reach, list[5] >> rank_shift),
                        (int)bs_reach_of(reach, list[6] >> rank_shift),
                        (int)bs_reach_of(reach, list[7] >> rank_shift));
  pairs->cut |=
      (uint64_t)_mm256_mask_cmpge_epu32_mask(
          differ, _mm512_cvtepi64_epi32(_mm512_sub_epi64(b, a)), least)
      << at;
  pairs->cut2 |=
      (uint64_t)_mm256_mask_cmpge_epu32_mask(
          differ2, _mm512_cvtepi64_epi32(_mm512_sub_epi64(c, a)), least)
      << at;
}

/* Class code and trees of 32 entries, 16 bits each. */
static inline __m512i fields(const uint64_t *list, int class_shift)
{
  const __m128i shift = _mm_cvtsi32_si128(class_shift);
  __m128i part[4];
  for (int i = 0; i < 4; i++)
    part[i] = _mm512_cvtepi64_epi16(
        _mm512_srl_epi64(_mm512_loadu_si512(list + i * LANES), shift));
  __m512i all = _mm512_castsi128_si512(part[0]);
  all = _mm512_inserti32x4(all, part[1], 1);
  all = _mm512_inserti32x4(all, part[2], 2);
  return _mm512_inserti32x4(all, part[3], 3);
}

static inline uint64_t plane(__m512i low, __m512i high, int bit)
{
  const __m512i mask = _mm512_set1_epi16((short)(1 << bit));
  return _mm512_test_epi16_mask(low, mask) |
         (uint64_t)_mm512_test_epi16_mask(high, mask) << HALF;
}

static void summary(int n, const uint64_t *list, const bs_entry_layout *layout,
                    bs_reach reach, uint32_t trees, int classes, uint32_t *last,
                    bs_list_block *block, uint32_t *count)
{
  if (n < BS_BLOCK || layout->class_bits + layout->trees > 16) {
    bs_list_kernels_ref.summary(n, list, layout, reach, trees, classes, last,
                                block, count);
    return;
  }
  bs_pairs pairs = {0, 0, 0};
  for (int i = 0; i < BS_BLOCK; i += LANES)
    pair_lanes(list + i, bs_rank_shift(layout), reach, i, &pairs);
  if (!bs_has_reaches(reach))
    pairs.cut = pairs.differ;
  __m512i low = fields(list, bs_class_shift(layout));
  __m512i high = fields(list + HALF, bs_class_shift(layout));
  for (int b = 0; b < layout->class_bits; b++)
    block->class_plane[b] = plane(low, high, b);
  for (; trees != 0; trees &= trees - 1) {
    const int t = __builtin_ctz(trees);
    const uint64_t live = plane(low, high, layout->class_bits + t);
    block->live[t] = live;
    block->cut[t] = bs_live_cuts(&pairs, list, layout, reach, live, &last[t]);
    block->rows[t] = (uint8_t)bs_ones(live);
    block->cuts[t] = (uint8_t)bs_ones(block->cut[t]);
    bs_count_planes(block, live, classes, layout->class_bits,
                    count + (size_t)t * (size_t)classes);
  }
}

const bs_list_kernels bs_list_kernels_avx512 = {
    "avx512", filter, deal, peel, summary, bs_count_planes};
