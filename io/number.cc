/* The one C++ file: fast_float (header only) behind a C function. Nothing here
 * throws or allocates, so the program needs no C++ library. */
#include "io/number.h"

#include <fast_float/fast_float.h>

const char *bs_number_parse(const char *p, const char *end, double *value)
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
