/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/grow_exchange.h"

#include "src/comm.h"
#include "src/mem.h"
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

bs_status bs_exchange_splits(bs_group *group, size_t count, bs_open_node *open)
{
  exchange e = {0};
  size_t *bytes = NULL;
  if (group->size == 1 || count == 0)
    return BS_OK;
  bs_status st = bs_mem_zalloc((size_t)group->size, sizeof *bytes, &bytes);
  BS_GO(st, bs_agree(group->comm, st));
  for (size_t i = 0; i < count; i++)
    for (int j = 0; j < open[i].live; j++)
      bytes[open[i].candidate[j].slot % group->size] += sizeof(bs_split);
  BS_GO(st, exchange_create(group, bytes, &e));
  unsigned char *to = e.mine;
  for (size_t i = 0; i < count; i++)
    for (int j = 0; j < open[i].live; j++) {
      const bs_candidate *c = &open[i].candidate[j];
      if (c->slot % group->size != group->rank)
        continue;
      memcpy(to, &c->split, sizeof c->split);
      to += sizeof c->split;
    }
  exchange_run(group, &e);
  for (size_t i = 0; i < count; i++)
    for (int j = 0; j < open[i].live; j++) {
      bs_candidate *c = &open[i].candidate[j];
      int owner = c->slot % group->size;
      memcpy(&c->split, e.all + e.start[owner], sizeof c->split);
      e.start[owner] += (int)sizeof c->split;
    }
done:
  exchange_free(&e);
  bs_mem_free(&bytes);
  return st;
}

/* Bytes that tell one node's split: threshold, rows left, class counts, sides.
 */
static size_t side_bytes(int c, uint32_t rows)
{
  return sizeof(double) + sizeof(uint64_t) + (size_t)c * sizeof(uint32_t) +
         ((size_t)rows + 7) / 8;
}

static unsigned char *pack_sides(unsigned char *to, const bs_open_node *p,
                                 const bs_grown *grown,
                                 const bs_workspace *workspace)
{
  size_t c = (size_t)grown->tree->c;
  bs_segment s = grown->segment[p->node];
  uint64_t left = p->left;
  memcpy(to, &p->threshold, sizeof p->threshold);
  to += sizeof p->threshold;
  memcpy(to, &left, sizeof left);
  to += sizeof left;
  memcpy(to, bs_tree_count(grown->tree, p->node, 1), c * sizeof(uint32_t));
  to += c * sizeof(uint32_t);
  memset(to, 0, ((size_t)s.count + 7) / 8);
  for (uint32_t i = 0; i < s.count; i++) {
    uint32_t row = workspace->rows[s.begin + i];
    unsigned bit = (unsigned)(workspace->side[row / 64] >> (row % 64)) & 1;
    to[i / 8] |= (unsigned char)(bit << (i % 8));
  }
  return to + ((size_t)s.count + 7) / 8;
}

static void unpack_sides(const unsigned char *from, bs_open_node *p,
                         bs_grown *grown, bs_workspace *workspace)
{
  size_t c = (size_t)grown->tree->c;
  bs_segment s = grown->segment[p->node];
  uint64_t left;
  memcpy(&p->threshold, from, sizeof p->threshold);
  from += sizeof p->threshold;
  memcpy(&left, from, sizeof left);
  p->left = (size_t)left;
  from += sizeof left;
  memcpy(bs_tree_count(grown->tree, p->node, 1), from, c * sizeof(uint32_t));
  from += c * sizeof(uint32_t);
  for (uint32_t i = 0; i < s.count; i++) {
    uint32_t row = workspace->rows[s.begin + i];
    uint64_t bit = UINT64_C(1) << (row % 64);
    if (from[i / 8] >> (i % 8) & 1)
      workspace->side[row / 64] |= bit;
    else
      workspace->side[row / 64] &= ~bit;
  }
}

bs_status bs_exchange_sides(bs_group *group, size_t count, bs_open_node *node,
                            bs_grown *grown, bs_workspace *workspace)
{
  exchange e = {0};
  size_t *bytes = NULL;
  int c = grown->tree->c;
  bs_status st = bs_mem_zalloc((size_t)group->size, sizeof *bytes, &bytes);
  BS_GO(st, bs_agree(group->comm, st));
  for (size_t i = 0; i < count; i++)
    if (node[i].chosen != BS_LEAF)
      bytes[node[i].owner] += side_bytes(c, grown->segment[node[i].node].count);
  BS_GO(st, exchange_create(group, bytes, &e));
  unsigned char *to = e.mine;
  for (size_t i = 0; i < count; i++)
    if (node[i].chosen != BS_LEAF && node[i].owner == group->rank)
      to = pack_sides(to, &node[i], grown, workspace);
  exchange_run(group, &e);
  for (size_t i = 0; i < count; i++) {
    if (node[i].chosen == BS_LEAF)
      continue;
    int owner = node[i].owner;
    if (owner != group->rank)
      unpack_sides(e.all + e.start[owner], &node[i], grown, workspace);
    e.start[owner] += (int)side_bytes(c, grown->segment[node[i].node].count);
  }
done:
  exchange_free(&e);
  bs_mem_free(&bytes);
  return st;
}
