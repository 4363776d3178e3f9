/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash(const char *text, size_t length)
{
  uint64_t h = 14695981039346656037u;
  for (size_t i = 0; i < length; i++)
    h = (h ^ (unsigned char)text[i]) * 1099511628211u;
  return h ^ h >> 32;
}

/* Slot that holds the name, or the free one where it belongs. */
static int *find_slot(const bs_names *names, const char *text, size_t length)
{
  size_t mask = (size_t)names->slots - 1;
  for (size_t i = hash(text, length) & mask;; i = (i + 1) & mask) {
    int *slot = &names->slot[i];
    if (*slot == 0)
      return slot;
    const char *item = names->item[*slot - 1];
    if (strlen(item) == length && memcmp(item, text, length) == 0)
      return slot;
  }
}

int bs_names_find(const bs_names *names, const char *text, size_t length)
{
  return names->slots == 0 ? -1 : *find_slot(names, text, length) - 1;
}

/* Keeps the table at most half full. */
static bs_status grow(bs_names *names)
{
  if (names->count < names->room)
    return BS_OK;
  int room = names->room == 0 ? 16 : 2 * names->room;
  char **item = realloc(names->item, (size_t)room * sizeof *item);
  if (item != NULL)
    names->item = item;
  int *slot = calloc((size_t)room * 2, sizeof *slot);
  if (item == NULL || slot == NULL) {
    free(slot);
    return bs_fail(BS_ERR_RESOURCE, "out of memory for %d names", room);
  }
  free(names->slot);
  names->slot = slot;
  names->slots = 2 * room;
  names->room = room;
  for (int i = 0; i < names->count; i++)
    *find_slot(names, item[i], strlen(item[i])) = i + 1;
  return BS_OK;
}

bs_status bs_names_add(bs_names *names, const char *text, size_t length,
                       int *index)
{
  int found = bs_names_find(names, text, length);
  if (found < 0) {
    BS_TRY(grow(names));
    char *copy = strndup(text, length);
    if (copy == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory for a name");
    found = names->count++;
    names->item[found] = copy;
    *find_slot(names, copy, strlen(copy)) = found + 1;
  }
  if (index != NULL)
    *index = found;
  return BS_OK;
}

void bs_names_free(bs_names *names)
{
  for (int i = 0; i < names->count; i++)
    free(names->item[i]);
  free(names->item);
  free(names->slot);
  *names = (bs_names)BS_NAMES_NONE;
}
