/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/grow_exchange.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <limits.h>
#include <string.h>

/* Buffers of one exchange. Every rank knows how much each one sends, since all
 * hold the same open nodes. */
typedef struct exchange {
  int *bytes, *start; /* (ranks) of the group */
  unsigned char *mine, *all;
} exchange;

static void exchange_free(exchange *e)
{
  bs_mem_free(&e->bytes);
  bs_mem_free(&e->start);
  bs_mem_free(&e->mine);
  bs_mem_free(&e->all);
}

/* Make room, given the bytes that each rank sends. */
static bs_status exchange_create(const bs_group *group, const size_t *bytes,
                                 exchange *e)
{
  size_t ranks = (size_t)group->size, total = 0;
  bs_status st = bs_mem_alloc(ranks, sizeof *e->bytes, &e->bytes);
  if (st == BS_OK)
    st = bs_mem_alloc(ranks, sizeof *e->start, &e->start);
  for (size_t r = 0; r < ranks && st == BS_OK; r++) {
    if (total + bytes[r] > INT_MAX)
      st = bs_fail(BS_ERR_RESOURCE, "a message between ranks is over 2 GB; use "
                                    "more groups of fewer ranks");
    else
      e->start[r] = (int)total, e->bytes[r] = (int)bytes[r];
    total += bytes[r];
  }
  if (st == BS_OK)
    st = bs_mem_alloc(bytes[group->rank], 1, &e->mine);
  if (st == BS_OK)
    st = bs_mem_alloc(total, 1, &e->all);
  return bs_agree(group->comm, st);
}

static void exchange_run(bs_group *group, exchange *e)
{
  int last = group->size - 1;
  BS_MPI(MPI_Allgatherv(e->mine, e->bytes[group->rank], MPI_BYTE, e->all,
                        e->bytes, e->start, MPI_BYTE, group->comm));
  group->messages++;
  group->bytes += (uint64_t)e->start[last] + (uint64_t)e->bytes[last];
}

static size_t split_bytes(const bs_bundle *b)
{
  return (size_t)b->nodes * sizeof *b->split;
}

bs_status bs_exchange_splits(bs_group *group, bs_level *level)
{
  exchange e = {0};
  size_t *bytes = NULL;
  if (level->bundles == 0)
    return BS_OK;
  bs_status st = bs_stop_check(); /* then columns have been left out */
  if (group->size == 1)
    return st;
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)group->size, sizeof *bytes, &bytes);
  BS_GO(st, bs_agree(group->comm, st));
  for (int i = 0; i < level->bundles; i++) {
    const bs_bundle *b = &level->bundle[i];
    for (int k = 0; k < b->live; k++)
      bytes[b->slot[k] % group->size] += split_bytes(b);
  }
  BS_GO(st, exchange_create(group, bytes, &e));
  unsigned char *to = e.mine;
  for (int i = 0; i < level->bundles; i++) {
    const bs_bundle *b = &level->bundle[i];
    for (int k = 0; k < b->live; k++)
      if (b->slot[k] % group->size == group->rank) {
        memcpy(to, b->split + (size_t)k * (size_t)b->nodes, split_bytes(b));
        to += split_bytes(b);
      }
  }
  exchange_run(group, &e);
  for (int i = 0; i < level->bundles; i++) {
    const bs_bundle *b = &level->bundle[i];
    for (int k = 0; k < b->live; k++) {
      int owner = b->slot[k] % group->size;
      memcpy(b->split + (size_t)k * (size_t)b->nodes, e.all + e.start[owner],
             split_bytes(b));
      e.start[owner] += (int)split_bytes(b);
    }
  }
done:
  exchange_free(&e);
  bs_mem_free(&bytes);
  return st;
}
