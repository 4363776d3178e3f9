/* SPDX-License-Identifier: BSD-3-Clause */
/* AVX2: four entries at a time. */
#include "kernels/lists.h"

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
/* The same for the end of a vector. */
static const int32_t to_back[16][8] = {
    HALVES(0, 1, 2, 3), HALVES(1, 2, 3, 0), HALVES(0, 2, 3, 1),
    HALVES(2, 3, 0, 1), HALVES(0, 1, 3, 2), HALVES(1, 3, 0, 2),
    HALVES(0, 3, 1, 2), HALVES(3, 0, 1, 2), HALVES(0, 1, 2, 3),
    HALVES(1, 2, 0, 3), HALVES(0, 2, 1, 3), HALVES(2, 0, 1, 3),
    HALVES(0, 1, 2, 3), HALVES(1, 0, 2, 3), HALVES(0, 1, 2, 3),
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
                     const uint16_t *tag, int class_bits, uint64_t *list)
{
  size_t kept = 0, p = 0;
  uint64_t rank = 0;
  const __m128i none = _mm_set1_epi32(UINT16_MAX);
  const __m128i up = _mm_cvtsi32_si128(class_bits + 32);
  for (; p + LANES <= n; p += LANES) {
    uint32_t bits = (uint32_t)(step[p / 64] >> (p % 64)) & 0xf;
    uint32_t spread = _pdep_u32(bits, 0x01010101) * 0x01010101;
    __m128i row = _mm_loadu_si128((const __m128i *)(order + p));
    /* Four loads take less time than a gather instruction. */
    __m128i code = _mm_setr_epi32(tag[order[p]], tag[order[p + 1]],
                                  tag[order[p + 2]], tag[order[p + 3]]);
    int drop = _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(code, none)));
    __m256i ranks =
        _mm256_add_epi64(_mm256_set1_epi64x((long long)rank),
                         _mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)spread)));
    __m256i entry = _mm256_or_si256(
        _mm256_or_si256(_mm256_sll_epi64(ranks, up),
                        _mm256_slli_epi64(_mm256_cvtepu32_epi64(code), 32)),
        _mm256_cvtepu32_epi64(row));
    _mm256_storeu_si256((__m256i *)(list + kept), compress(15 & ~drop, entry));
    kept += LANES - (size_t)__builtin_popcount((unsigned)drop);
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

/* Lanes of four entries whose row goes right. Bit by bit: the bits lie in the
 * nearest cache, and a gather instruction takes longer than four loads. */
static inline int right_lanes(const uint64_t *side, const uint64_t *entry)
{
  unsigned lanes = 0;
  for (int j = 0; j < LANES; j++)
    lanes |= (unsigned)bs_list_right(side, entry[j]) << j;
  return (int)lanes;
}

/* Whole vectors are stored where the slots behind are free: already read, or
 * padding of the scratch. */
static void partition_forward(size_t n, const uint64_t *side, uint64_t *list,
                              uint64_t *work)
{
  size_t left = 0, right = 0, i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256i entry = load(list + i);
    int m = right_lanes(side, list + i);
    _mm256_storeu_si256((__m256i *)(list + left), compress(15 & ~m, entry));
    _mm256_storeu_si256((__m256i *)(work + right), compress(m, entry));
    size_t moved = (size_t)__builtin_popcount((unsigned)m);
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

/* The lanes chosen, at the end of a vector that ends before `end`. The slots in
 * front of them are free, by what is said above. */
static inline void store_before(uint64_t *end, int m, __m256i entry)
{
  _mm256_storeu_si256((__m256i *)(end - LANES),
                      _mm256_permutevar8x32_epi32(entry, load(to_back[m])));
}

/* The same from the end; the scratch is free in front of its first slot. */
static void partition_backward(size_t n, const uint64_t *side, size_t left,
                               uint64_t *list, uint64_t *work)
{
  size_t to = n, aside = left, i = n;
  work += LANES;
  for (; i >= LANES; i -= LANES) {
    __m256i entry = load(list + i - LANES);
    int m = right_lanes(side, list + i - LANES);
    store_before(list + to, m, entry);
    store_before(work + aside, 15 & ~m, entry);
    size_t moved = (size_t)__builtin_popcount((unsigned)m);
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

/* Cuts among four neighbours: ranks differ, and where the column has reaches by
 * at least the left one's. */
static inline uint32_t cut_lanes(const uint64_t *list, int rank_shift,
                                 const uint16_t *near)
{
  const __m128i shift = _mm_cvtsi32_si128(rank_shift);
  __m256i a = _mm256_srl_epi64(load(list), shift);
  __m256i b = _mm256_srl_epi64(load(list + 1), shift);
  uint32_t differ = 15u & ~(uint32_t)sign_lanes(_mm256_cmpeq_epi64(a, b));
  if (near == NULL || differ == 0)
    return differ;
  __m256i reach = _mm256_setr_epi64x(
      near[list[0] >> rank_shift], near[list[1] >> rank_shift],
      near[list[2] >> rank_shift], near[list[3] >> rank_shift]);
  __m256i short_of = _mm256_cmpgt_epi64(reach, _mm256_sub_epi64(b, a));
  return differ & ~(uint32_t)sign_lanes(short_of);
}

/* Bit planes of the class codes of a full block, lowest bit first. */
static inline uint64_t plane(const uint64_t *list, int bit)
{
  uint64_t p = 0;
  const __m128i to_sign = _mm_cvtsi32_si128(31 - bit);
  for (int i = 0; i < BS_BLOCK; i += LANES)
    p |= (uint64_t)sign_lanes(_mm256_sll_epi64(load(list + i), to_sign)) << i;
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

const bs_list_kernels bs_list_kernels_avx2 = {"avx2", filter, partition,
                                              summary};
