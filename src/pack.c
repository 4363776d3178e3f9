/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/pack.h"

#include <stdlib.h>
#include <string.h>

void bs_pack_add(bs_pack *pack, const void *from, size_t bytes)
{
  if (pack->failed || bytes == 0)
    return;
  if (pack->bytes + bytes > pack->room) {
    const size_t room = 2 * pack->room + bytes;
    char *data = realloc(pack->data, room);
    if (data == NULL) {
      pack->failed = true;
      return;
    }
    pack->data = data;
    pack->room = room;
  }
  memcpy(pack->data + pack->bytes, from, bytes);
  pack->bytes += bytes;
}

void bs_pack_clear(bs_pack *pack)
{
  free(pack->data);
  *pack = (bs_pack){0};
}

bool bs_unpack_take(bs_unpack *from, void *to, size_t bytes)
{
  if (bytes > from->left)
    return false;
  if (bytes > 0)
    memcpy(to, from->data, bytes);
  from->data += bytes;
  from->left -= bytes;
  return true;
}
