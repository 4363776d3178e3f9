/* SPDX-License-Identifier: BSD-3-Clause */
/** \file draw.h
 * Random test data: a stream of its own, apart from the program's, and columns
 * of the kinds that J48's tolerances make difficult.
 */
#ifndef BS_DRAW_H
#define BS_DRAW_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/** State of a stream (splitmix64). */
typedef uint64_t bs_draw;

static inline uint64_t draw_bits(bs_draw *d)
{
  uint64_t z = *d += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/** 0 .. bound - 1. */
static inline uint32_t draw_below(bs_draw *d, uint32_t bound)
{
  return (uint32_t)((draw_bits(d) >> 32) * bound >> 32);
}

/** 0 <= x < 1. */
static inline double draw_unit(bs_draw *d)
{
  return (double)(draw_bits(d) >> 11) * 0x1p-53;
}

/** Kinds of columns, for draw_column. */
enum {
  DRAW_FEW,     /* a handful of whole numbers */
  DRAW_GRID_6,  /* multiples of 1e-6 */
  DRAW_GRID_5,  /* multiples of 1e-5 */
  DRAW_SUMS,    /* the same by repeated addition */
  DRAW_WALK,    /* steps around 1e-5 and 1e-6: long chains */
  DRAW_UNIFORM, /* all different */
  DRAW_CONSTANT,
  DRAW_ZEROS,     /* 0, -0 and a few around them */
  DRAW_OFFSET,    /* 1e9 and a little */
  DRAW_HUGE,      /* up to 1e17, both signs */
  DRAW_EXPONENTS, /* powers of ten from 1e-12 to 1e12 */
  DRAW_LIMIT,     /* up to the largest double: midpoints overflow */
  DRAW_TINY,      /* below any gap */
  DRAW_NEAR,      /* few numbers, each with a jitter below the tolerances */
  DRAW_KINDS
};

/** Fill x (n) with values of a kind. */
static inline void draw_column(bs_draw *d, int kind, size_t n, double *x)
{
  static const double steps[] = {0,       1e-6,   1e-6, 9.999999e-7,
                                 4e-6,    1e-5,   1e-5, 1.0000001e-5,
                                 9.99e-6, 1.1e-5, 2e-5, 5e-7};
  static const double zeros[] = {0, -0.0, 0, -0.0, 1, -1, 1e-5, -1.1e-5, 2e-6};
  enum { ZEROS = sizeof zeros / sizeof *zeros };
  uint32_t levels = 2 + draw_below(d, 12);
  double at = (double)draw_below(d, 3) * 1000;
  for (size_t i = 0; i < n; i++) {
    double u = draw_unit(d);
    switch (kind) {
    case DRAW_FEW:
      x[i] = draw_below(d, levels);
      break;
    case DRAW_GRID_6:
      x[i] = (double)draw_below(d, 8 * levels) * 1e-6;
      break;
    case DRAW_GRID_5:
      x[i] = at + (double)draw_below(d, 8 * levels) * 1e-5;
      break;
    case DRAW_SUMS:
      x[i] = 0;
      for (uint32_t k = draw_below(d, 4 * levels); k > 0; k--)
        x[i] += levels % 2 == 0 ? 1e-5 : 1e-6;
      break;
    case DRAW_WALK:
      at += steps[draw_below(d, sizeof steps / sizeof *steps)];
      x[i] = at;
      break;
    case DRAW_UNIFORM:
      x[i] = u * 100;
      break;
    case DRAW_CONSTANT:
      x[i] = at;
      break;
    case DRAW_ZEROS:
      x[i] = zeros[draw_below(d, levels % 2 == 0 ? 6 : ZEROS)];
      break;
    case DRAW_OFFSET:
      x[i] = 1e9 + (double)draw_below(d, 20 * levels) * 1e-5;
      break;
    case DRAW_HUGE:
      x[i] = (u - 0.5) * 2e17;
      break;
    case DRAW_EXPONENTS:
      x[i] = pow(10, (double)draw_below(d, 25) - 12) *
             (draw_below(d, 4) == 0 ? -1 : 1);
      break;
    case DRAW_LIMIT:
      x[i] = (draw_below(d, levels) - 5.0) * 1.7e307;
      break;
    case DRAW_TINY:
      x[i] = u * 1.5e-5;
      break;
    default:
      x[i] = draw_below(d, levels) + (double)draw_below(d, 5) * 5e-7;
    }
  }
  /* A walk comes sorted: mix it. */
  for (size_t i = n; kind == DRAW_WALK && i > 1; i--) {
    size_t j = draw_below(d, (uint32_t)i);
    double swap = x[i - 1];
    x[i - 1] = x[j];
    x[j] = swap;
  }
}

#endif /* BS_DRAW_H */
