/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/exact_sum.h"

#include "src/comm.h"
#include <limits.h>
#include <math.h>
#include <string.h>

/* Places count from the one that holds bit 2^-1074 as its lowest. */
enum { PLACE_BITS = 32, LOWEST_BIT = 1074 };

/* Make the window start at place \a top: digits that fall out at the bottom are
 * dropped, for good, as the final window starts there or higher. */
static void raise_top(bs_exact_sum *sum, int32_t top)
{
  int32_t up = top - sum->top;
  if (sum->top == 0 || up >= BS_EXACT_DIGITS) {
    memset(sum->digit, 0, sizeof sum->digit);
  } else {
    memmove(sum->digit + up, sum->digit,
            (size_t)(BS_EXACT_DIGITS - up) * sizeof *sum->digit);
    memset(sum->digit, 0, (size_t)up * sizeof *sum->digit);
  }
  sum->top = top;
}

void bs_exact_sum_add(bs_exact_sum *sum, double term)
{
  uint64_t bits;
  memcpy(&bits, &term, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & UINT64_C(0xfffffffffffff);
  if (exponent == 0x7ff) {
    sum->odd |= mantissa != 0     ? BS_EXACT_NAN
                : bits >> 63 != 0 ? BS_EXACT_MINUS_INF
                                  : BS_EXACT_PLUS_INF;
    return;
  }
  if (exponent != 0)
    mantissa |= UINT64_C(1) << 52;
  else
    exponent = 1;
  if (mantissa == 0)
    return;
  int low = exponent - 1; /* bit number of the mantissa's lowest bit */
  int high = low + 63 - __builtin_clzll(mantissa);
  int32_t top = high / PLACE_BITS + 1;
  if (top > sum->top)
    raise_top(sum, top);
  int place = low / PLACE_BITS, shift = low % PLACE_BITS;
  /* Three digits of mantissa * 2^shift, lowest first. */
  uint64_t below = (mantissa & UINT32_MAX) << shift;
  uint64_t above = (mantissa >> 32 << shift) + (below >> 32);
  int64_t digit[3] = {(int64_t)(below & UINT32_MAX),
                      (int64_t)(above & UINT32_MAX), (int64_t)(above >> 32)};
  int at = sum->top - 1 - place; /* index of the lowest digit */
  for (int i = 0; i < 3; i++, at--)
    if (at >= 0 && at < BS_EXACT_DIGITS)
      sum->digit[at] += bits >> 63 != 0 ? -digit[i] : digit[i];
}

void bs_exact_sum_join(bs_exact_sum *sum, const bs_exact_sum *other)
{
  sum->odd |= other->odd;
  if (other->top == 0)
    return;
  if (other->top > sum->top)
    raise_top(sum, other->top);
  int32_t down = sum->top - other->top;
  for (int32_t i = 0; i + down < BS_EXACT_DIGITS; i++)
    sum->digit[i + down] += other->digit[i];
}

/* Nearest double to the magnitude given by \a count digits below 2^32, highest
 * first, the last one at \a place. */
static double round_digits(const uint32_t *digit, int count, int place)
{
  int first = 0;
  while (first < count && digit[first] == 0)
    first++;
  if (first == count)
    return 0;
  /* The 64 leading bits, and whether anything is set below them. */
  int spare = __builtin_clz(digit[first]);
  uint64_t lead = (uint64_t)digit[first] << 32;
  uint32_t next = 0;
  if (first + 1 < count)
    lead |= digit[first + 1];
  if (first + 2 < count)
    next = digit[first + 2];
  int sticky = 0;
  if (spare > 0)
    lead = lead << spare | next >> (32 - spare);
  sticky = (uint32_t)((uint64_t)next << spare) != 0;
  for (int i = first + 3; i < count; i++)
    sticky |= digit[i] != 0;
  /* lead * 2^exponent, of which a double keeps bits from 2^-1074 on. */
  int exponent =
      (place + count - 1 - first) * PLACE_BITS - 32 - spare - LOWEST_BIT;
  int cut = 11;
  if (exponent + cut < -LOWEST_BIT)
    cut = -LOWEST_BIT - exponent;
  if (cut > 64)
    return 0;
  uint64_t kept = cut == 64 ? 0 : lead >> cut;
  uint64_t half = UINT64_C(1) << (cut - 1), rest = lead & (half - 1);
  if ((lead & half) != 0 && (rest != 0 || sticky || (kept & 1) != 0))
    kept++;
  return ldexp((double)kept, exponent + cut);
}

double bs_exact_sum_value(const bs_exact_sum *sum)
{
  if ((sum->odd & BS_EXACT_NAN) != 0 ||
      sum->odd == (BS_EXACT_PLUS_INF | BS_EXACT_MINUS_INF))
    return NAN;
  if (sum->odd != 0)
    return sum->odd == BS_EXACT_PLUS_INF ? INFINITY : -INFINITY;
  if (sum->top == 0)
    return 0;
  /* Carries, from the lowest digit up, leave digits of 32 bits below and a
   * signed rest on top; two more digits take the rest. */
  enum { COUNT = BS_EXACT_DIGITS + 2 };
  uint32_t digit[COUNT];
  int64_t carry = 0;
  for (int i = BS_EXACT_DIGITS - 1; i >= 0; i--) {
    int64_t v = sum->digit[i] + carry;
    digit[i + 2] = (uint32_t)v;
    carry = v >> 32; /* towards minus infinity */
  }
  digit[1] = (uint32_t)carry;
  digit[0] = (uint32_t)(carry >> 32);
  int negative = carry < 0;
  if (negative) { /* two's complement of the whole */
    uint64_t one = 1;
    for (int i = COUNT - 1; i >= 0; i--) {
      one += (uint32_t)~digit[i];
      digit[i] = (uint32_t)one;
      one >>= 32;
    }
  }
  double v = round_digits(digit, COUNT, sum->top - BS_EXACT_DIGITS);
  return negative ? -v : v;
}

static void join_op(void *in, void *inout, int *length, MPI_Datatype *type)
{
  (void)type;
  const bs_exact_sum *from = in;
  bs_exact_sum *to = inout;
  for (int i = 0; i < *length; i++)
    bs_exact_sum_join(&to[i], &from[i]);
}

void bs_exact_sum_allreduce(MPI_Comm comm, bs_exact_sum *sums, size_t count)
{
  MPI_Datatype type;
  MPI_Op op;
  BS_MPI(MPI_Type_contiguous((int)sizeof *sums, MPI_BYTE, &type));
  BS_MPI(MPI_Type_commit(&type));
  BS_MPI(MPI_Op_create(join_op, 1, &op));
  for (size_t done = 0; done < count;) {
    size_t some = count - done < INT_MAX ? count - done : INT_MAX;
    BS_MPI(MPI_Allreduce(MPI_IN_PLACE, sums + done, (int)some, type, op, comm));
    done += some;
  }
  BS_MPI(MPI_Op_free(&op));
  BS_MPI(MPI_Type_free(&type));
}
