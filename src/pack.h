/* SPDX-License-Identifier: BSD-3-Clause */
/** \file pack.h
 * Values one after the other in one block of bytes, as this machine has them.
 */
#ifndef BS_PACK_H
#define BS_PACK_H
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>

/** Bytes being put together; starts as {0}, free with bs_pack_clear. */
typedef struct bs_pack {
  char *data;
  size_t bytes, room;
  bool failed; /**< out of memory: some bytes are missing */
} bs_pack;

/** Append. A failure is kept in \a pack. */
void bs_pack_add(bs_pack *pack, const void *from, size_t bytes);
void bs_pack_clear(bs_pack *pack);

/** Bytes being taken apart; borrowed. */
typedef struct bs_unpack {
  const char *data;
  size_t left;
} bs_unpack;

/** Take the next bytes; false, and nothing taken, if there are fewer. */
bool bs_unpack_take(bs_unpack *from, void *to, size_t bytes);

#endif /* BS_PACK_H */
