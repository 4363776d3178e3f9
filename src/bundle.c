/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/bundle.h"

#include "src/mem.h"
#include <stdlib.h>
#include <string.h>

/* Make room for one more element. */
static bs_status reserve(int count, int *room, size_t size, void *list)
{
  void *old, *more;
  if (count < *room)
    return BS_OK;
  int wanted = *room == 0 ? 16 : 2 * *room;
  memcpy(&old, list, sizeof old);
  more = realloc(old, (size_t)wanted * size);
  if (more == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: growing trees");
  memcpy(list, &more, sizeof more);
  *room = wanted;
  return BS_OK;
}

bs_status bs_level_add_bundle(bs_level *level, uint32_t trees, int columns,
                              const bs_bundle *like, bs_bundle **out)
{
  *out = NULL;
  BS_TRY(reserve(level->bundles, &level->bundle_room, sizeof *level->bundle,
                 &level->bundle));
  bs_bundle *b = &level->bundle[level->bundles++];
  *b = (bs_bundle){.trees = trees,
                   .nodes = __builtin_popcount(trees),
                   .live = like == NULL ? columns : like->live};
  const size_t nodes = (size_t)b->nodes, live = (size_t)b->live;
  BS_TRY(bs_mem_alloc(nodes, sizeof *b->number, &b->number));
  BS_TRY(bs_mem_zalloc(nodes, sizeof *b->begun, &b->begun));
  BS_TRY(bs_mem_alloc(nodes, sizeof *b->node, &b->node));
  BS_TRY(bs_mem_alloc(live, sizeof *b->slot, &b->slot));
  BS_TRY(bs_mem_zalloc(live * nodes, sizeof *b->split, &b->split));
  for (int i = 0; i < b->live; i++)
    b->slot[i] = like == NULL ? i : like->slot[i];
  *out = b;
  return BS_OK;
}

bs_status bs_level_add_cut(bs_level *level, bs_cut **out)
{
  *out = NULL;
  BS_TRY(
      reserve(level->cuts, &level->cut_room, sizeof *level->cut, &level->cut));
  *out = &level->cut[level->cuts++];
  **out = (bs_cut){0};
  return BS_OK;
}

bs_status bs_level_add_move(bs_level *level, int bundle, int cut, bs_way way,
                            const uint16_t take[2])
{
  if (take[0] == 0 && take[1] == 0)
    return BS_OK;
  BS_TRY(reserve(level->moves, &level->move_room, sizeof *level->move,
                 &level->move));
  level->move[level->moves++] =
      (bs_move){.bundle = bundle,
                .cut = cut,
                .way = way,
                .take = {take[0], take[1]},
                .to = {{.bundle = -1}, {.bundle = -1}}};
  return BS_OK;
}

static void free_rows(bs_row_list *rows)
{
  bs_mem_free(&rows->row);
  bs_mem_free(&rows->trees);
}

void bs_level_clear_moves(bs_level *level)
{
  for (int i = 0; i < level->moves; i++)
    if (level->move[i].way == BS_LEAVING) /* others' rows are not its own */
      free_rows(&level->move[i].to[0].rows);
  level->moves = 0;
}

bs_status bs_level_take(bs_level *from, bs_level *to)
{
  BS_TRY(
      reserve(to->bundles, &to->bundle_room, sizeof *to->bundle, &to->bundle));
  to->bundle[to->bundles++] = from->bundle[--from->bundles];
  return BS_OK;
}

static void free_bundle(bs_bundle *b)
{
  bs_mem_free(&b->number);
  bs_mem_free(&b->begun);
  bs_mem_free(&b->node);
  bs_mem_free(&b->slot);
  bs_mem_free(&b->split);
  free_rows(&b->own);
}

void bs_level_free(bs_level *level)
{
  for (int i = 0; i < level->bundles; i++)
    free_bundle(&level->bundle[i]);
  free(level->bundle);
  free(level->cut);
  bs_level_clear_moves(level);
  free(level->move);
  *level = (bs_level){0};
}

size_t bs_level_rows(const bs_level *level)
{
  size_t rows = 0;
  for (int i = 0; i < level->bundles; i++)
    rows += level->bundle[i].count;
  return rows;
}
