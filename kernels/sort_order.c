/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/lists.h"

#include <stdbool.h>
#include <string.h>

/* A radix pass takes 11 bits on long runs and 8 on short ones, where clearing
 * the counters would cost more than the sort. Three long passes sort 33 bits at
 * a time: the leading ones that differ are enough for nearly all columns. */
enum { LONG_DIGIT = 11, SHORT_DIGIT = 8, SHORT_RUN = 4096, INSERTION_RUN = 24 };
enum { WINDOW = 33, MAX_PASSES = (WINDOW + SHORT_DIGIT - 1) / SHORT_DIGIT };

static int bit_width(uint64_t v)
{
  return v == 0 ? 0 : 64 - __builtin_clzll(v);
}

/* Keys of a run and their rows. */
static void insertion_sort(size_t n, uint64_t *key, uint32_t *row)
{
  for (size_t i = 1; i < n; i++) {
    const uint64_t k = key[i];
    const uint32_t r = row[i];
    size_t j = i;
    for (; j > 0 && key[j - 1] > k; j--) {
      key[j] = key[j - 1];
      row[j] = row[j - 1];
    }
    key[j] = k;
    row[j] = r;
  }
}

/* Stable sort of words by their bits [low, low + bits); result in *words, which
 * may change places with *other. The digits of all passes are counted at once,
 * and a digit that all words share costs no pass. */
static void radix_sort(size_t n, int low, int bits, uint64_t **words,
                       uint64_t **other)
{
  int digit = n < SHORT_RUN ? SHORT_DIGIT : LONG_DIGIT;
  int passes = (bits + digit - 1) / digit;
  uint64_t mask = (UINT64_C(1) << digit) - 1;
  uint32_t start[MAX_PASSES][1 << LONG_DIGIT];
  for (int p = 0; p < passes; p++)
    memset(start[p], 0, sizeof **start << digit);
  for (size_t i = 0; i < n; i++) {
    uint64_t key = (*words)[i] >> low;
    for (int p = 0; p < passes; p++, key >>= digit)
      start[p][key & mask]++;
  }
  for (int p = 0; p < passes; p++) {
    const uint64_t *from = *words;
    uint64_t *to = *other;
    int shift = low + p * digit;
    if (start[p][(from[0] >> shift) & mask] == n)
      continue;
    uint32_t sum = 0;
    for (size_t b = 0; b <= mask; b++) {
      uint32_t count = start[p][b];
      start[p][b] = sum;
      sum += count;
    }
    for (size_t i = 0; i < n; i++)
      to[start[p][(from[i] >> shift) & mask]++] = from[i];
    uint64_t *swap = *words;
    *words = *other;
    *other = swap;
  }
}

static void sort_run(size_t n, int row_bits, const uint64_t *key,
                     uint32_t *order, uint64_t *words, uint64_t *sorted);

/* Gather the keys of rows that are sorted by the words' bits above the row, and
 * sort on where keys descend: there alone, keys that are equal so far differ.
 * A run's words are not needed any more when it has been sorted. */
static void gather_keys(size_t n, int row_bits, const uint64_t *key,
                        uint32_t *order, uint64_t *words, uint64_t *sorted)
{
  uint64_t last = 0;
  for (size_t i = 0; i < n; i++) {
    sorted[i] = key[order[i]];
    if (sorted[i] >= last) {
      last = sorted[i];
      continue;
    }
    const uint64_t prefix = words[i] >> row_bits;
    size_t begin = i, end = i + 1;
    while (begin > 0 && words[begin - 1] >> row_bits == prefix)
      begin--;
    while (end < n && words[end] >> row_bits == prefix)
      end++;
    sort_run(end - begin, row_bits, key, order + begin, words + begin,
             sorted + begin);
    last = sorted[end - 1];
    i = end - 1;
  }
}

/* Sort a run of rows, which is in row order where keys are equal. One call
 * settles at least WINDOW bits of the keys' range, or as many as fit beside a
 * row number, so the depth is at most 2. */
static void sort_run(size_t n, int row_bits, const uint64_t *key,
                     uint32_t *order, uint64_t *words, uint64_t *sorted)
{
  uint64_t lowest = UINT64_MAX, highest = 0, *other = sorted;
  for (size_t i = 0; i < n; i++) {
    const uint64_t k = sorted[i] = key[order[i]];
    lowest = k < lowest ? k : lowest;
    highest = k > highest ? k : highest;
  }
  int width = bit_width(highest - lowest);
  if (n <= INSERTION_RUN)
    insertion_sort(n, sorted, order);
  if (n <= INSERTION_RUN || width == 0)
    return;
  int room = 64 - row_bits < WINDOW ? 64 - row_bits : WINDOW;
  int shift = width > room ? width - room : 0;
  for (size_t i = 0; i < n; i++)
    words[i] = ((sorted[i] - lowest) >> shift) << row_bits | order[i];
  const uint64_t *const words_at = words;
  radix_sort(n, row_bits, width - shift, &words, &other);
  uint64_t row_mask = (UINT64_C(1) << row_bits) - 1;
  for (size_t i = 0; i < n; i++)
    order[i] = (uint32_t)(words[i] & row_mask);
  gather_keys(n, row_bits, key, order, words, other);
  if (words != words_at) /* keys are where words were at first */
    memcpy(sorted, other, n * sizeof *sorted);
}

void bs_sort_order(size_t n, const uint64_t *key, uint32_t *order,
                   uint64_t *sorted, uint64_t *work)
{
  for (size_t i = 0; i < n; i++)
    order[i] = (uint32_t)i;
  if (n > 0)
    sort_run(n, n == 1 ? 1 : bit_width(n - 1), key, order, work, sorted);
}
