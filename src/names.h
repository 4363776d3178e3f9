/* SPDX-License-Identifier: BSD-3-Clause */
/** \file names.h
 * A growing list of names without doubles, found by hashing.
 */
#ifndef BS_NAMES_H
#define BS_NAMES_H
#include "src/status.h"
#include <stddef.h>

/** Start with all zero: BS_NAMES_NONE. */
typedef struct bs_names {
  char **item; /**< (count): 0-terminated, owned by the list */
  int count, room;
  int *slot; /**< (slots): index + 1 of an item, 0 where free */
  int slots;
} bs_names;
#define BS_NAMES_NONE                                                          \
  {                                                                            \
    NULL, 0, 0, NULL, 0                                                        \
  }

/** Index of a name, or -1. The text needs no terminating 0. */
int bs_names_find(const bs_names *names, const char *text, size_t length);
/** Append a name; one that is there already is not added again.
 * \param [out] index  Where the name is; may be NULL.
 * \return             BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_names_add(bs_names *names, const char *text, size_t length,
                       int *index);
/** Free all names; the list is then empty. */
void bs_names_free(bs_names *names);

#endif /* BS_NAMES_H */
