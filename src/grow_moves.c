/* SPDX-License-Identifier: BSD-3-Clause */
/* Which lists are kept and which are dealt, and where new ones go. */
#include "src/grow_internal.h"

#include "src/mem.h"
#include <stdlib.h>

/* A list is kept for trees whose node loses at most this share of its rows, as
 * long as this share of its entries is theirs. */
enum { LOSS_SHARE = 8, LIVE_SHARE = 2 };
/* Leaving rows are looked for one by one up to so many a group. */
enum { FEW_LEAVING = 4 };

static uint64_t node_rows(const bs_grower *g, int t, uint32_t node)
{
  const uint32_t *count = bs_tree_count(g->tree[t], node, 0);
  uint64_t rows = 0;
  for (int c = 0; c < g->j48->criterion.c; c++)
    rows += count[c];
  return rows;
}

/* The open child that keeps nearly all rows of a tree's node, or -1. */
static int staying_side(const bs_grower *g, const bs_cut *cut, int t)
{
  const bs_bundle *b = &g->level.bundle[cut->bundle];
  uint64_t rows[2];
  for (int side = 0; side < 2; side++)
    rows[side] = node_rows(g, t, cut->child[side][t]);
  const int side = rows[1] > rows[0];
  return (cut->open[side] >> t & 1) &&
                 rows[1 - side] * LOSS_SHARE <= rows[0] + rows[1] &&
                 rows[side] * LIVE_SHARE >= b->entries
             ? side
             : -1;
}

/* The moves of one bundle, whose cuts are those from `first` on. */
static bs_status add_moves(bs_grower *g, int bundle, int first, int cuts,
                           bool keep)
{
  bs_level *level = &g->level;
  const bs_cut *cut = level->cut + first;
  uint16_t stay[2] = {0, 0};
  for (int i = 0; i < cuts && keep; i++)
    for (uint32_t trees = cut[i].trees; trees != 0; trees &= trees - 1) {
      const int t = __builtin_ctz(trees), side = staying_side(g, &cut[i], t);
      if (side >= 0)
        stay[side] |= (uint16_t)(1U << t);
    }
  const uint32_t staying = stay[0] | stay[1];
  BS_TRY(bs_level_add_move(level, bundle, first, BS_LEAVING,
                           (const uint16_t[2]){stay[1], stay[0]}));
  for (int i = 0; i < cuts; i++) {
    uint16_t dealt[2], peeled[2];
    for (int side = 0; side < 2; side++) {
      dealt[side] = (uint16_t)(cut[i].open[side] & ~staying);
      peeled[side] = cut[i].open[side] & stay[1 - side];
    }
    BS_TRY(bs_level_add_move(level, bundle, first, BS_DEALT, dealt));
    BS_TRY(bs_level_add_move(level, bundle, first, BS_PEELED, peeled));
  }
  return bs_level_add_move(level, bundle, first, BS_KEPT, stay);
}

/* Decide how rows come to the next level's bundles, and count them. */
static bs_status make_moves(bs_grower *g, bool keep)
{
  bs_level *level = &g->level;
  bs_level_clear_moves(level);
  for (int i = 0, cut = 0; i < level->bundles; i++) {
    int cuts = 0;
    while (cut + cuts < level->cuts && level->cut[cut + cuts].bundle == i)
      cuts++;
    BS_TRY(add_moves(g, i, cut, cuts, keep && level->bundle[i].summed));
    cut += cuts;
  }
  bs_rows_count(level, g->w);
  return BS_OK;
}

/* Decide which new bundles the lists have no room for: the largest, whose lists
 * are then filtered anew from the sorted columns. */
static void put_off_largest(bs_grower *g)
{
  uint64_t total = 0;
  for (int i = 0; i < g->level.moves; i++)
    for (int side = 0; side < 2 && !bs_is_joint(&g->level.move[i]); side++)
      total += g->level.move[i].to[side].count;
  while (total > g->w->room) {
    bs_target *largest = NULL;
    for (int i = 0; i < g->level.moves; i++)
      for (int side = 0; side < 2; side++) {
        bs_target *to = &g->level.move[i].to[side];
        if (!bs_is_joint(&g->level.move[i]) && !to->put_off &&
            (largest == NULL || to->count > largest->count))
          largest = to;
      }
    largest->put_off = true;
    total -= largest->count;
  }
}

/* Note the rows that leave lists that are kept, where they are few. */
static bs_status note_leaving(const bs_grower *g)
{
  for (int i = 0; i < g->level.moves; i++) {
    bs_move *move = &g->level.move[i];
    bs_target *to = &move->to[0];
    if (move->way != BS_LEAVING ||
        to->count >
            FEW_LEAVING * bs_groups(g->level.bundle[move->bundle].entries))
      continue;
    BS_TRY(bs_mem_alloc(to->count, sizeof *to->rows.row, &to->rows.row));
    BS_TRY(bs_mem_alloc(to->count, sizeof *to->rows.trees, &to->rows.trees));
  }
  return BS_OK;
}

/* Node numbers of a new bundle, from the cuts of the one it comes from. */
static void number_nodes(const bs_grower *g, const bs_move *move, int side,
                         bs_bundle *b)
{
  int j = 0;
  for (uint32_t trees = b->trees; trees != 0; trees &= trees - 1, j++) {
    const int t = __builtin_ctz(trees);
    const int of = bs_is_joint(move) ? move->take[1] >> t & 1 : side;
    const bs_cut *cut = &g->level.cut[move->cut];
    while (!(cut->trees >> t & 1))
      cut++;
    b->number[j] = cut->child[of][t];
    b->begun[j] = cut->begun[of][t];
  }
}

/* Make the bundle that one target of a move is, and say where its rows are to
 * go. */
static bs_status make_bundle(bs_grower *g, bs_move *move, int side,
                             bs_level *next, uint32_t *begin)
{
  bs_target *to = &move->to[side];
  const bs_bundle *from = &g->level.bundle[move->bundle];
  const uint32_t trees =
      bs_is_joint(move) ? move->take[0] | move->take[1] : move->take[side];
  bs_bundle *b;
  BS_TRY(bs_level_add_bundle(to->put_off ? &g->put_off : next, trees, 0, from,
                             &b));
  number_nodes(g, move, side, b);
  b->count = b->entries = to->count;
  if (to->put_off) {
    BS_TRY(bs_mem_alloc(b->count, sizeof *b->own.row, &b->own.row));
    BS_TRY(bs_mem_alloc(b->count, sizeof *b->own.trees, &b->own.trees));
    to->rows = b->own;
    return BS_OK;
  }
  if (move->way == BS_KEPT) {
    b->kept = true;
    b->at = from->at;
    b->entries = from->entries;
  }
  b->begin = *begin;
  to->bundle = next->bundles - 1;
  to->rows = (bs_row_list){g->w->next.row + *begin, g->w->next.trees + *begin};
  *begin += b->count;
  return BS_OK;
}

static bs_status make_bundles(bs_grower *g, bs_level *next)
{
  uint32_t begin = 0;
  for (int i = 0; i < g->level.moves; i++) {
    bs_move *move = &g->level.move[i];
    for (int side = 0; side < 2; side++)
      if (move->way != BS_LEAVING && move->to[side].count > 0)
        BS_TRY(make_bundle(g, move, side, next, &begin));
  }
  return BS_OK;
}

/* A part of every column's list. */
typedef struct stretch {
  uint32_t begin, end;
} stretch;

static int by_begin(const void *a, const void *b)
{
  uint32_t x = ((const stretch *)a)->begin, y = ((const stretch *)b)->begin;
  return (x > y) - (x < y);
}

/* Find places for the new lists beside those that are kept. */
static bs_status place_lists(const bs_grower *g, bs_level *next, bool *fit)
{
  stretch *kept;
  int count = 0, passed = 0;
  size_t at = 0;
  BS_TRY(bs_mem_alloc((size_t)next->bundles, sizeof *kept, &kept));
  for (int i = 0; i < next->bundles; i++) {
    const bs_bundle *b = &next->bundle[i];
    if (b->kept)
      kept[count++] = (stretch){b->at, b->at + b->entries};
  }
  qsort(kept, (size_t)count, sizeof *kept, by_begin);
  for (int i = 0; i < next->bundles; i++) {
    bs_bundle *b = &next->bundle[i];
    if (b->kept)
      continue;
    for (; passed < count && kept[passed].begin < at + b->entries; passed++)
      at = kept[passed].end;
    b->at = (uint32_t)at;
    at += b->entries;
  }
  bs_mem_free(&kept);
  *fit = at <= g->w->room;
  return BS_OK;
}

static bool keeps_any(const bs_level *level)
{
  for (int i = 0; i < level->moves; i++)
    if (level->move[i].way == BS_KEPT)
      return true;
  return false;
}

/* Make the next level's bundles. Where new lists do not fit beside those that
 * would be kept, none is kept. */
bs_status bs_grow_make_next(bs_grower *g, bs_level *next)
{
  bool fit;
  BS_TRY(make_moves(g, true));
  if (keeps_any(&g->level)) {
    BS_TRY(make_bundles(g, next));
    BS_TRY(place_lists(g, next, &fit));
    if (fit)
      return note_leaving(g);
    bs_level_free(next);
    BS_TRY(make_moves(g, false));
  }
  put_off_largest(g);
  BS_TRY(make_bundles(g, next));
  return place_lists(g, next, &fit);
}
