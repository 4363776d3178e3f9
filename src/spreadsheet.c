/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/spreadsheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Round to whole multiples of 10^-decimals: exact up to 2^53 and 10^22, hence
 * the double nearest to the decimal number. */
static double round_decimals(double x, int decimals)
{
  static const double power[] = {1,   1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
  if (decimals >= 0)
    return floor(x * power[decimals] + 0.5) / power[decimals];
  return floor(x / power[-decimals] + 0.5) * power[-decimals];
}

/* Digits before the point of x >= 1. */
static int whole_digits(double x)
{
  int digits = 1;
  for (double limit = 10; x >= limit; limit *= 10)
    digits++;
  return digits;
}

static double round_size(double x)
{
  if (x >= 1e-4 && x < 1)
    return round_decimals(x, 9);
  if (x >= 1 && x < 1e11) {
    int digits = whole_digits(x);
    return round_decimals(x, digits < 10 ? 10 - digits : 0);
  }
  if (x >= 1e11 && x < 1e16)
    return round_decimals(x, 6 - whole_digits(x));
  char text[32]; /* rare: glibc prints and reads exactly */
  snprintf(text, sizeof text, "%.2e", x);
  return strtod(text, NULL);
}

double bs_spreadsheet_round(double x)
{
  if (x == 0)
    return 0;
  return x < 0 ? -round_size(-x) : round_size(x);
}
