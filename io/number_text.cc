/* SPDX-License-Identifier: BSD-3-Clause */
/* double-conversion behind a C function. Nothing here throws or allocates, so
 * the program needs no C++ library. */
#include "io/number_text.h"

#include <double-conversion/double-conversion.h>

using double_conversion::DoubleToStringConverter;

char *bs_number_print(double value, char *to)
{
  constexpr int flags =
      DoubleToStringConverter::EMIT_TRAILING_DECIMAL_POINT |
      DoubleToStringConverter::EMIT_TRAILING_ZERO_AFTER_POINT |
      DoubleToStringConverter::EMIT_POSITIVE_EXPONENT_SIGN;
  const DoubleToStringConverter converter(flags, "inf", "nan", 'e', -4, 16, 0,
                                          0, 2);
  double_conversion::StringBuilder builder(to, BS_NUMBER_ROOM);
  converter.ToShortest(value, &builder);
  to += builder.position();
  builder.Finalize();
  return to;
}
