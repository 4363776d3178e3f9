/* SPDX-License-Identifier: BSD-3-Clause */
/** \file json.h
 * Small helpers around jansson.
 */
#ifndef BS_JSON_H
#define BS_JSON_H
#include "src/status.h"
#include <jansson.h>
#include <stdbool.h>

/** A JSON number that reads back to the same double; null where \a value is
 * not finite (an undefined figure). */
json_t *bs_json_real(double value);

/** Can \a text be a JSON string: is it UTF-8? */
bool bs_json_is_text(const char *text);

/** A JSON string of any \a text. Where that is not UTF-8, as paths need not be,
 * each byte that is not ASCII becomes "\xE9" or the like, and each backslash
 * two. NULL where memory runs out. */
json_t *bs_json_bytes(const char *text);

/** A JSON array of \a count strings. */
json_t *bs_json_names(char *const *name, int count);

/** Write \a value to \a path ("-": standard output) with 17 significant digits,
 * to a temporary name beside it first and renamed when whole. Not collective:
 * rank 0 calls it and the ranks agree.
 * \return BS_OK, BS_ERR_RESOURCE (cannot write) or BS_ERR_RUNTIME.
 */
bs_status bs_json_write(const json_t *value, const char *path);

#endif /* BS_JSON_H */
