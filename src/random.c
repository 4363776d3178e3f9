/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/random.h"

int32_t bs_random_int(bs_random *random)
{
  uint32_t u = bs_random_bits(random, 32);
  /* Two's complement, without relying on the conversion. */
  return u < UINT32_C(1) << 31 ? (int32_t)u : -(int32_t)(UINT32_MAX - u) - 1;
}

double bs_random_double(bs_random *random)
{
  uint64_t high = bs_random_bits(random, 26);
  uint64_t low = bs_random_bits(random, 27);
  return (double)((high << 27) + low) * 0x1p-53;
}

void bs_random_shuffle(bs_random *random, uint32_t *element, size_t n)
{
  for (size_t j = n; j-- > 1;) {
    uint32_t k = bs_random_below(random, (uint32_t)j + 1);
    uint32_t kept = element[j];
    element[j] = element[k];
    element[k] = kept;
  }
}

void bs_random_skip_shuffle(bs_random *random, size_t n)
{
  for (size_t j = n; j-- > 1;) {
    uint32_t bound = (uint32_t)j + 1;
    /* u below 2^31 - bound is never rejected, whatever u mod bound is; nor is
     * anything for a power of two. */
    uint32_t sure = (UINT32_C(1) << 31) - bound;
    uint32_t u = bs_random_bits(random, 31);
    if (u < sure || (bound & (bound - 1)) == 0)
      continue;
    while ((uint64_t)u - u % bound + (bound - 1) >= UINT64_C(1) << 31)
      u = bs_random_bits(random, 31);
  }
}
