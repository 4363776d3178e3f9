/* SPDX-License-Identifier: BSD-3-Clause */
/** \file random.h
 * java.util.Random, number for number: the stream behind folds and EM.
 * A 48-bit linear congruential generator, state' = (a state + c) mod 2^48.
 */
#ifndef BS_RANDOM_H
#define BS_RANDOM_H
#include <stddef.h>
#include <stdint.h>

/** State of one stream. Copy it to return to a place in the stream. */
typedef struct bs_random {
  uint64_t state; /**< 48 bits */
} bs_random;

/** Start the stream of \a seed (a Java int seed is sign-extended). */
static inline bs_random bs_random_seeded(int64_t seed)
{
  return (bs_random){((uint64_t)seed ^ UINT64_C(0x5DEECE66D)) &
                     ((UINT64_C(1) << 48) - 1)};
}

/** The top \a bits (1 to 32) bits of the next state, unsigned. */
static inline uint32_t bs_random_bits(bs_random *random, int bits)
{
  random->state =
      (random->state * UINT64_C(0x5DEECE66D) + 0xB) & ((UINT64_C(1) << 48) - 1);
  return (uint32_t)(random->state >> (48 - bits));
}

/** nextInt(): uniform over all 32-bit integers. */
int32_t bs_random_int(bs_random *random);

/** nextInt(bound): uniform over 0 .. bound - 1; 1 <= bound < 2^31. Draws again,
 * rarely, to stay uniform. */
static inline uint32_t bs_random_below(bs_random *random, uint32_t bound)
{
  uint32_t u = bs_random_bits(random, 31);
  if ((bound & (bound - 1)) == 0)
    return (uint32_t)(((uint64_t)bound * u) >> 31);
  uint32_t v = u % bound;
  while ((uint64_t)u - v + (bound - 1) >= UINT64_C(1) << 31) {
    u = bs_random_bits(random, 31);
    v = u % bound;
  }
  return v;
}

/** nextDouble(): uniform over the multiples of 2^-53 in [0, 1). */
double bs_random_double(bs_random *random);

/** Shuffle \a n elements as Weka does (Instances.randomize): for j = n-1 down
 * to 1 exchange elements j and nextInt(j + 1). n < 2^31. */
void bs_random_shuffle(bs_random *random, uint32_t *element, size_t n);

/** Go on in the stream as if \a n elements had been shuffled. Several times
 * faster than a shuffle: draws need no division unless one may be rejected. */
void bs_random_skip_shuffle(bs_random *random, size_t n);

#endif /* BS_RANDOM_H */
