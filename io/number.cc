/* SPDX-License-Identifier: BSD-3-Clause */
/* The one C++ file: fast_float (header only) behind C functions. Nothing here
 * throws or allocates, so the program needs no C++ library. */
#include "io/number.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fast_float/fast_float.h>

static inline const char *parse(const char *p, const char *end, double *value)
{
  const char *digits = p;
  if (digits < end && (*digits == '+' || *digits == '-'))
    digits++;
  if (digits == end || ((*digits < '0' || *digits > '9') && *digits != '.'))
    return nullptr; /* also refuses "inf" and "nan", which fast_float takes */
  if (*p == '+')
    p++; /* std::from_chars takes no plus sign */
  auto result = fast_float::from_chars(p, end, *value);
  return result.ec == std::errc::invalid_argument ? nullptr : result.ptr;
}

const char *bs_number_parse(const char *p, const char *end, double *value)
{
  return parse(p, end, value);
}

/* Half of the fields of this data are as short as "60.0". A number of so few
 * digits is exact as an integer, and so is the power of ten; their quotient is
 * rounded once (Clinger 1990). Only plain digits, ended by a comma within 8
 * bytes: the rest is left to the general way. */
static inline const char *parse_short(const char *p, const char *end,
                                      double *value)
{
  static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
  const uint64_t ones = 0x0101010101010101u;
  uint64_t bytes;
  if (end - p < 8)
    return nullptr;
  std::memcpy(&bytes, p, 8);
  uint64_t no_comma = bytes ^ ones * ','; /* a byte 0 where a comma is */
  uint64_t found = (no_comma - ones) & ~no_comma & ones * 0x80;
  if (found == 0)
    return nullptr;
  const char *stop = p + (__builtin_ctzll(found) >> 3);
  const char *start = *p == '-' ? p + 1 : p, *point = nullptr;
  uint64_t integer = 0;
  for (const char *q = start; q < stop; q++) {
    unsigned digit = (unsigned char)*q - (unsigned)'0';
    if (digit < 10)
      integer = integer * 10 + digit;
    else if (*q == '.' && point == nullptr)
      point = q + 1;
    else
      return nullptr;
  }
  if (stop - start - (point != nullptr) < 1)
    return nullptr;
  double magnitude =
      (double)integer / power[point == nullptr ? 0 : stop - point];
  *value = start == p ? magnitude : -magnitude;
  return stop;
}

int bs_numbers_parse(const char **p, const char *end, int count, double *x)
{
  const char *at = *p;
  for (int i = 0; i < count; i++) {
    const char *stop = parse_short(at, end, &x[i]);
    if (stop == nullptr)
      stop = parse(at, end, &x[i]);
    if (stop == nullptr || (stop < end && *stop != ',') || !std::isfinite(x[i]))
      return i;
    *p = stop;
    if (stop == end)
      return i + 1;
    at = stop + 1;
  }
  return count;
}
