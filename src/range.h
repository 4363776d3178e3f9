/* SPDX-License-Identifier: BSD-3-Clause */
/** \file range.h
 * Things shared out in parts that follow each other.
 */
#ifndef BS_RANGE_H
#define BS_RANGE_H
#include <stddef.h>

/** A part first .. end - 1 of something. */
typedef struct bs_range {
  size_t first, end;
} bs_range;

/** Part \a i of \a parts of \a count things, sizes differing by one at most. */
static inline bs_range bs_range_part(size_t count, size_t i, size_t parts)
{
  return (bs_range){count / parts * i + (count % parts < i ? count % parts : i),
                    count / parts * (i + 1) +
                        (count % parts < i + 1 ? count % parts : i + 1)};
}

#endif /* BS_RANGE_H */
