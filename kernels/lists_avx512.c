/* SPDX-License-Identifier: BSD-3-Clause */
/* AVX-512: eight entries at a time. */
#include "kernels/lists.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

enum { LANES = 8 };

/* Inclusive prefix counts of the bits of a byte, one byte a lane: the bits are
 * spread to bytes, and the product with 0x0101.. adds up all bytes below. */
static inline __m512i prefix_counts(uint32_t bits)
{
  uint64_t spread = _pdep_u64(bits, UINT64_C(0x0101010101010101));
  uint64_t sums = spread * UINT64_C(0x0101010101010101);
  return _mm512_cvtepu8_epi64(_mm_cvtsi64_si128((long long)sums));
}

static size_t filter(size_t n, const uint32_t *order, const uint64_t *step,
                     const uint16_t *tag, int class_bits, uint64_t *list)
{
  size_t kept = 0, p = 0;
  uint64_t rank = 0;
  const __m256i none = _mm256_set1_epi32(UINT16_MAX);
  const __m128i up = _mm_cvtsi32_si128(class_bits + 32);
  for (; p + LANES <= n; p += LANES) {
    uint32_t bits = (uint32_t)(step[p / 64] >> (p % 64)) & 0xff;
    __m256i row = _mm256_loadu_si256((const __m256i *)(order + p));
    /* Eight loads take less time than a gather instruction. */
    __m256i code = _mm256_setr_epi32(tag[order[p]], tag[order[p + 1]],
                                     tag[order[p + 2]], tag[order[p + 3]],
                                     tag[order[p + 4]], tag[order[p + 5]],
                                     tag[order[p + 6]], tag[order[p + 7]]);
    __mmask8 keep = _mm256_cmpneq_epi32_mask(code, none);
    __m512i ranks = _mm512_add_epi64(_mm512_set1_epi64((long long)rank),
                                     prefix_counts(bits));
    __m512i entry = _mm512_or_si512(
        _mm512_or_si512(_mm512_sll_epi64(ranks, up),
                        _mm512_slli_epi64(_mm512_cvtepu32_epi64(code), 32)),
        _mm512_cvtepu32_epi64(row));
    _mm512_storeu_si512(list + kept, _mm512_maskz_compress_epi64(keep, entry));
    kept += (size_t)__builtin_popcount(keep);
    rank += (uint64_t)__builtin_popcount(bits);
  }
  for (; p < n; p++) {
    uint32_t row = order[p];
    rank += step[p / 64] >> (p % 64) & 1;
    uint64_t code = tag[row];
    list[kept] = (rank << class_bits | code) << 32 | row;
    kept += code != UINT16_MAX;
  }
  return kept;
}

/* Lanes of eight entries whose row goes right. Bit by bit: the bits lie in the
 * nearest cache, and a gather instruction takes longer than eight loads. */
static inline __mmask8 right_lanes(const uint64_t *side, const uint64_t *entry)
{
  unsigned lanes = 0;
  for (int j = 0; j < LANES; j++)
    lanes |= (unsigned)bs_list_right(side, entry[j]) << j;
  return (__mmask8)lanes;
}

/* Whole vectors are stored where the slots behind are free: already read, or
 * padding of the scratch. */
static void partition_forward(size_t n, const uint64_t *side, uint64_t *list,
                              uint64_t *work)
{
  size_t left = 0, right = 0, i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m512i entry = _mm512_loadu_si512(list + i);
    __mmask8 m = right_lanes(side, list + i);
    _mm512_storeu_si512(list + left,
                        _mm512_maskz_compress_epi64((__mmask8)~m, entry));
    _mm512_storeu_si512(work + right, _mm512_maskz_compress_epi64(m, entry));
    size_t moved = (size_t)__builtin_popcount(m);
    right += moved;
    left += LANES - moved;
  }
  for (; i < n; i++) {
    uint64_t entry = list[i], bit = bs_list_right(side, entry);
    list[left] = entry;
    work[right] = entry;
    left += 1 - bit;
    right += bit;
  }
  memcpy(list + left, work, right * sizeof *list);
}

/* The lanes chosen, at the end of a vector that ends before `end`. The lanes in
 * front of them are cleared in memory: free slots, by what is said above. */
static inline void store_before(uint64_t *end, __mmask8 m, __m512i entry)
{
  unsigned count = (unsigned)__builtin_popcount(m);
  __mmask8 last = (__mmask8)(0xff00u >> count);
  _mm512_storeu_si512(
      end - LANES,
      _mm512_maskz_expand_epi64(last, _mm512_maskz_compress_epi64(m, entry)));
}

/* The same from the end; the scratch is free in front of its first slot. */
static void partition_backward(size_t n, const uint64_t *side, size_t left,
                               uint64_t *list, uint64_t *work)
{
  size_t to = n, aside = left, i = n;
  work += LANES;
  for (; i >= LANES; i -= LANES) {
    __m512i entry = _mm512_loadu_si512(list + i - LANES);
    __mmask8 m = right_lanes(side, list + i - LANES);
    store_before(list + to, m, entry);
    store_before(work + aside, (__mmask8)~m, entry);
    size_t moved = (size_t)__builtin_popcount(m);
    to -= moved;
    aside -= LANES - moved;
  }
  while (i-- > 0) {
    uint64_t entry = list[i];
    if (bs_list_right(side, entry))
      list[--to] = entry;
    else
      work[--aside] = entry;
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

/* Cuts among eight neighbours: ranks differ, and where the column has reaches
 * by at least the left one's. */
static inline uint32_t cut_lanes(const uint64_t *list, int rank_shift,
                                 const uint16_t *near)
{
  const __m128i shift = _mm_cvtsi32_si128(rank_shift);
  __m512i a = _mm512_srl_epi64(_mm512_loadu_si512(list), shift);
  __m512i b = _mm512_srl_epi64(_mm512_loadu_si512(list + 1), shift);
  __mmask8 differ = _mm512_cmpneq_epi64_mask(a, b);
  if (near == NULL || differ == 0)
    return differ;
  __m256i reach = _mm256_setr_epi32(
      near[list[0] >> rank_shift], near[list[1] >> rank_shift],
      near[list[2] >> rank_shift], near[list[3] >> rank_shift],
      near[list[4] >> rank_shift], near[list[5] >> rank_shift],
      near[list[6] >> rank_shift], near[list[7] >> rank_shift]);
  return _mm256_mask_cmpge_epu32_mask(
      differ, _mm512_cvtepi64_epi32(_mm512_sub_epi64(b, a)), reach);
}

/* Bit planes of the class codes of a full block, lowest bit first. */
static inline uint64_t plane(const uint64_t *list, int bit)
{
  uint64_t p = 0;
  const __m512i mask =
      _mm512_set1_epi64((long long)(UINT64_C(1) << (32 + bit)));
  for (int i = 0; i < BS_BLOCK; i += LANES)
    p |= (uint64_t)_mm512_test_epi64_mask(_mm512_loadu_si512(list + i), mask)
         << i;
  return p;
}

static inline uint32_t ones(uint64_t word)
{
  return (uint32_t)__builtin_popcountll(word);
}

/* Class counts of a full block from the planes. */
static inline void count_classes(const uint64_t *list, int classes,
                                 int class_bits, uint32_t *count)
{
  if (class_bits <= 2) {
    uint64_t p = class_bits >= 1 ? plane(list, 0) : 0;
    uint64_t q = class_bits == 2 ? plane(list, 1) : 0;
    uint32_t both = ones(p & q), low = ones(p), high = ones(q);
    uint32_t by_code[4] = {BS_BLOCK - low - high + both, low - both,
                           high - both, both};
    for (int k = 0; k < classes; k++)
      count[k] += by_code[k];
    return;
  }
  uint64_t p[16];
  for (int b = 0; b < class_bits; b++)
    p[b] = plane(list, b);
  for (int k = 0; k < classes; k++) {
    uint64_t is = ~UINT64_C(0);
    for (int b = 0; b < class_bits; b++)
      is &= k >> b & 1 ? p[b] : ~p[b];
    count[k] += ones(is);
  }
}

static uint64_t summary(int n, const uint64_t *list, int classes,
                        int class_bits, bs_reach reach, uint32_t *count)
{
  if (n < BS_BLOCK || class_bits > 5 || reach.far != NULL)
    return bs_list_kernels_ref.summary(n, list, classes, class_bits, reach,
                                       count);
  const int rank_shift = 32 + class_bits;
  uint64_t cuts = 0;
  for (int i = 0; i < BS_BLOCK; i += LANES)
    cuts |= (uint64_t)cut_lanes(list + i, rank_shift, reach.near) << i;
  count_classes(list, classes, class_bits, count);
  return cuts;
}

const bs_list_kernels bs_list_kernels_avx512 = {"avx512", filter, partition,
                                                summary};
