/* SPDX-License-Identifier: BSD-3-Clause */
/* AVX2: four entries at a time. */
#include "kernels/lists_planes.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 4 };

/* For each set of lanes: the 32-bit halves that bring them to the front. */
#define HALVES(a, b, c, d)                                                     \
  {                                                                            \
    2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1, 2 * (c), 2 * (c) + 1, 2 * (d), \
        2 * (d) + 1                                                            \
  }
static const int32_t to_front[16][8] = {
    HALVES(0, 1, 2, 3), HALVES(0, 1, 2, 3), HALVES(1, 0, 2, 3),
    HALVES(0, 1, 2, 3), HALVES(2, 0, 1, 3), HALVES(0, 2, 1, 3),
    HALVES(1, 2, 0, 3), HALVES(0, 1, 2, 3), HALVES(3, 0, 1, 2),
    HALVES(0, 3, 1, 2), HALVES(1, 3, 0, 2), HALVES(0, 1, 3, 2),
    HALVES(2, 3, 0, 1), HALVES(0, 2, 3, 1), HALVES(1, 2, 3, 0),
    HALVES(0, 1, 2, 3)};
static inline __m256i load(const void *p)
{
  return _mm256_loadu_si256((const __m256i *)p);
}

static inline __m256i compress(int lanes, __m256i entry)
{
  return _mm256_permutevar8x32_epi32(entry, load(to_front[lanes]));
}

static inline int sign_lanes(__m256i v)
{
  return _mm256_movemask_pd(_mm256_castsi256_pd(v));
}

static size_t filter(size_t n, const uint32_t *order, const uint64_t *step,
                     const uint32_t *tag, const bs_entry_layout *layout,
                     uint64_t *list)
{
  size_t kept = 0, p = 0;
  uint64_t rank = 0;
  const __m128i rank_up = _mm_cvtsi32_si128(bs_rank_shift(layout));
  const __m128i tag_up = _mm_cvtsi32_si128(bs_class_shift(layout));
  const __m128i to_trees = _mm_cvtsi32_si128(layout->class_bits);
  for (; p + LANES <= n; p += LANES) {
    uint32_t bits = (uint32_t)(step[p / 64] >> (p % 64)) & 0xf;
    uint32_t spread = _pdep_u32(bits, 0x01010101) * 0x01010101;
    __m128i row = _mm_loadu_si128((const __m128i *)(order + p));
    /* Four loads take less time than a gather instruction. */
    __m128i of_row =
        _mm_setr_epi32((int)tag[order[p]], (int)tag[order[p + 1]],
                       (int)tag[order[p + 2]], (int)tag[order[p + 3]]);
    int drop = _mm_movemask_ps(_mm_castsi128_ps(
        _mm_cmpeq_epi32(_mm_srl_epi32(of_row, to_trees), _mm_setzero_si128())));
    __m256i ranks =
        _mm256_add_epi64(_mm256_set1_epi64x((long long)rank),
                         _mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)spread)));
    __m256i entry = _mm256_or_si256(
        _mm256_or_si256(
            _mm256_sll_epi64(ranks, rank_up),
            _mm256_sll_epi64(_mm256_cvtepu32_epi64(of_row), tag_up)),
        _mm256_cvtepu32_epi64(row));
    _mm256_storeu_si256((__m256i *)(list + kept), compress(15 & ~drop, entry));
    kept += LANES - (size_t)__builtin_popcount((unsigned)drop);
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
  __m256i field, take[2];
  uint64_t *out[2];
} dealer;

/* The trees field of four entries, all ones where a tree sends the row right.
 */
static inline __m256i right_trees(const dealer *d, const uint64_t *entry)
{
  uint64_t side[LANES], mixed = 0;
  uint32_t row[LANES];
  for (int j = 0; j < LANES; j++) {
    row[j] = (uint32_t)(entry[j] & d->row_mask);
    side[j] = (uint64_t)bs_side_of(d->sides->code, row[j]);
    mixed |= side[j];
  }
  if ((mixed & BS_MIXED) == 0) {
    __m256i right = _mm256_setr_epi64x((long long)side[0], (long long)side[1],
                                       (long long)side[2], (long long)side[3]);
    return _mm256_and_si256(_mm256_sub_epi64(_mm256_setzero_si256(), right),
                            d->field);
  }
  const uint16_t *right = d->sides->right;
  return _mm256_sll_epi64(_mm256_setr_epi64x(right[row[0]], right[row[1]],
                                             right[row[2]], right[row[3]]),
                          _mm_cvtsi32_si128(bs_trees_shift(d->layout)));
}

/* Append the entries that have one of the trees, with these trees alone. `end`
 * is where the child's list ends. */
static inline void give(dealer *d, int b, __m256i entry, __m256i trees,
                        const uint64_t *end)
{
  int drop = sign_lanes(_mm256_cmpeq_epi64(trees, _mm256_setzero_si256()));
  int count = LANES - __builtin_popcount((unsigned)drop);
  __m256i kept = compress(
      15 & ~drop, _mm256_or_si256(_mm256_andnot_si256(d->field, entry), trees));
  if (end - d->out[b] >= LANES) {
    _mm256_storeu_si256((__m256i *)d->out[b], kept);
  } else if (count > 0) {
    uint64_t few[LANES];
    _mm256_storeu_si256((__m256i *)few, kept);
    memcpy(d->out[b], few, (size_t)count * sizeof *few);
  }
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
              _mm256_set1_epi64x(
                  (long long)(((UINT64_C(1) << layout->trees) - 1) << shift)),
              {_mm256_set1_epi64x((long long)((uint64_t)take[0] << shift)),
               _mm256_set1_epi64x((long long)((uint64_t)take[1] << shift))},
              {out[0], out[1]}};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256i entry = load(list + i);
    __m256i right = right_trees(&d, list + i);
    if (take[0] != 0)
      give(&d, 0, entry,
           _mm256_andnot_si256(right, _mm256_and_si256(entry, d.take[0])),
           end[0]);
    if (take[1] != 0)
      give(&d, 1, entry,
           _mm256_and_si256(right, _mm256_and_si256(entry, d.take[1])), end[1]);
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
      .field = _mm256_set1_epi64x(
          (long long)(((UINT64_C(1) << layout->trees) - 1) << shift))};
  const __m256i left =
      _mm256_set1_epi64x((long long)((uint64_t)drop[0] << shift));
  const __m256i right =
      _mm256_set1_epi64x((long long)((uint64_t)drop[1] << shift));
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256i to_right = right_trees(&d, list + i);
    __m256i gone = _mm256_or_si256(_mm256_andnot_si256(to_right, left),
                                   _mm256_and_si256(to_right, right));
    _mm256_storeu_si256((__m256i *)(list + i),
                        _mm256_andnot_si256(gone, load(list + i)));
  }
  bs_list_kernels_ref.peel(n - i, list + i, layout, sides, drop);
}

/* Pairs among four entries and the two behind them. */
static inline void pair_lanes(const uint64_t *list, int rank_shift,
                              bs_reach reach, int at, bs_pairs *pairs)
{
  const __m128i shift = _mm_cvtsi32_si128(rank_shift);
  __m256i a = _mm256_srl_epi64(load(list), shift);
  __m256i b = _mm256_srl_epi64(load(list + 1), shift);
  uint64_t differ = 15u & ~(unsigned)sign_lanes(_mm256_cmpeq_epi64(a, b));
  pairs->differ |= differ << at;
  if (!bs_has_reaches(reach))
    return;
  __m256i c = _mm256_srl_epi64(load(list + 2), shift);
  uint64_t differ2 = 15u & ~(unsigned)sign_lanes(_mm256_cmpeq_epi64(a, c));
  if ((differ | differ2) == 0)
    return;
  __m256i least = _mm256_setr_epi64x(bs_reach_of(reach, list[0] >> rank_shift),
                                     bs_reach_of(reach, list[1] >> rank_shift),
                                     bs_reach_of(reach, list[2] >> rank_shift),
                                     bs_reach_of(reach, list[3] >> rank_shift));
  __m256i less = _mm256_cmpgt_epi64(least, _mm256_sub_epi64(b, a));
  __m256i less2 = _mm256_cmpgt_epi64(least, _mm256_sub_epi64(c, a));
  pairs->cut |= (differ & ~(unsigned)sign_lanes(less)) << at;
  pairs->cut2 |= (differ2 & ~(unsigned)sign_lanes(less2)) << at;
}

/* Bit planes of 64 numbers of 16 bits. */
static inline uint64_t plane(const uint16_t *word, int bit)
{
  const __m128i to_sign = _mm_cvtsi32_si128(15 - bit);
  uint64_t p = 0;
  for (int i = 0; i < BS_BLOCK; i += 32) {
    __m256i pair =
        _mm256_packs_epi16(_mm256_sll_epi16(load(word + i), to_sign),
                           _mm256_sll_epi16(load(word + i + 16), to_sign));
    /* Packing works on halves. */
    p |= (uint64_t)(uint32_t)_mm256_movemask_epi8(
             _mm256_permute4x64_epi64(pair, 0xd8))
         << i;
  }
  return p;
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
  uint16_t fields[BS_BLOCK]; /* class code and trees */
  for (int i = 0; i < BS_BLOCK; i += LANES)
    pair_lanes(list + i, bs_rank_shift(layout), reach, i, &pairs);
  if (!bs_has_reaches(reach))
    pairs.cut = pairs.differ;
  for (int i = 0; i < BS_BLOCK; i++)
    fields[i] = (uint16_t)(list[i] >> bs_class_shift(layout));
  for (int b = 0; b < layout->class_bits; b++)
    block->class_plane[b] = plane(fields, b);
  for (; trees != 0; trees &= trees - 1) {
    const int t = __builtin_ctz(trees);
    const uint64_t live = plane(fields, layout->class_bits + t);
    block->live[t] = live;
    block->cut[t] = bs_live_cuts(&pairs, list, layout, reach, live, &last[t]);
    block->rows[t] = (uint8_t)bs_ones(live);
    block->cuts[t] = (uint8_t)bs_ones(block->cut[t]);
    bs_count_planes(block, live, classes, layout->class_bits,
                    count + (size_t)t * (size_t)classes);
  }
}

const bs_list_kernels bs_list_kernels_avx2 = {"avx2", filter,  deal,
                                              peel,   summary, bs_count_planes};
