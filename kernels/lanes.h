/* SPDX-License-Identifier: BSD-3-Clause */
/** \file lanes.h
 * Doubles side by side in one register of the instruction set compiled for.
 * Where sums run over rows, lanes belong to the algorithm: there are always
 * BS_LANES of them, in one, two or four registers.
 */
#ifndef BS_LANES_H
#define BS_LANES_H
#include "kernels/clustering.h"

#include <math.h>
#include <string.h>

#if defined(__AVX512F__)
#define BS_WIDTH 8
#elif defined(__AVX2__)
#define BS_WIDTH 4
#else
#define BS_WIDTH 2
#endif

typedef double bs_vec __attribute__((vector_size(8 * BS_WIDTH)));
/* Bits of a bs_vec, or all ones where a comparison holds. */
typedef int64_t bs_mask __attribute__((vector_size(8 * BS_WIDTH)));

static inline bs_vec vec_load(const double *p)
{
  bs_vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline void vec_store(double *p, bs_vec v)
{
  memcpy(p, &v, sizeof v);
}

static inline bs_vec vec_all(double x)
{
  return x - (bs_vec){0};
}

static inline bs_mask mask_all(int64_t x)
{
  return x - (bs_mask){0};
}

/* Where the mask is set a, elsewhere b. */
static inline bs_vec vec_select(bs_mask mask, bs_vec a, bs_vec b)
{
  return (bs_vec)((mask & (bs_mask)a) | (~mask & (bs_mask)b));
}

static inline bs_mask mask_select(bs_mask mask, bs_mask a, bs_mask b)
{
  return (mask & a) | (~mask & b);
}

/* Elements of a and b in turn, from the lower and from the upper halves. */
#if BS_WIDTH == 8
#define BS_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define BS_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif BS_WIDTH == 4
#define BS_LOW 0, 4, 1, 5
#define BS_HIGH 2, 6, 3, 7
#else
#define BS_LOW 0, 2
#define BS_HIGH 1, 3
#endif

/* Rows of a square become columns: shuffled as a deck of cards is, as often as
 * the width can be halved. */
static inline void vec_transpose(bs_vec v[BS_WIDTH])
{
#pragma GCC unroll 3
  for (int n = 1; n < BS_WIDTH; n *= 2) {
    bs_vec t[BS_WIDTH];
#pragma GCC unroll 4
    for (int i = 0; i < BS_WIDTH / 2; i++) {
      bs_vec a = v[i], b = v[i + BS_WIDTH / 2];
      t[2 * i] = __builtin_shufflevector(a, b, BS_LOW);
      t[2 * i + 1] = __builtin_shufflevector(a, b, BS_HIGH);
    }
    memcpy(v, t, sizeof t);
  }
}

static inline bs_vec vec_sqrt(bs_vec x)
{
  for (int l = 0; l < BS_WIDTH; l++)
    x[l] = sqrt(x[l]);
  return x;
}

#endif /* BS_LANES_H */
