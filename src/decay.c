/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/decay.h"

#include <stdint.h>
#include <string.h>

static double from_bits(uint64_t bits)
{
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

double bs_exp2_minus(double x)
{
  /* ln(2)^i / i!, the series of 2^f; |f| <= 1/2 needs 13 terms. */
  static const double c[] = {1.0,
                             0x1.62e42fefa39efp-1,
                             0x1.ebfbdff82c58fp-3,
                             0x1.c6b08d704a0cp-5,
                             0x1.3b2ab6fba4e77p-7,
                             0x1.5d87fe78a6731p-10,
                             0x1.430912f86c787p-13,
                             0x1.ffcbfc588b0c7p-17,
                             0x1.62c0223a5c824p-20,
                             0x1.b5253d395e7c4p-24,
                             0x1.e4cf5158b8ecap-28,
                             0x1.e8cac7351bb25p-32,
                             0x1.c3bd650fc2986p-36,
                             0x1.816193166d0f9p-40};
  if (!(x < 1022))
    return 0;
  int64_t whole = (int64_t)(x + 0.5);
  double f = (double)whole - x, y = c[13];
  for (int i = 12; i >= 0; i--)
    y = y * f + c[i];
  return y * from_bits((uint64_t)(1023 - whole) << 52);
}
