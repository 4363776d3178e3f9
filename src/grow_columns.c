/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of columns: from the sorted columns, from one level to the next,
 * and the best cuts in them. */
#include "src/grow_internal.h"

#include "src/grow_exchange.h"
#include "src/stop.h"
#include <omp.h>
#include <string.h>

static bool is_mine(const bs_grower *g, int slot)
{
  return slot % g->group->size == g->group->rank;
}

const bs_tree_node *bs_grow_begun(const bs_grower *g, const bs_bundle *b,
                                  int node)
{
  const bs_tree *begun = g->training[b->node[node].tree].begun;
  if (begun == NULL || (b->begun[node] == 0 && b->number[node] != 0) ||
      begun->node[b->begun[node]].feature == BS_LEAF)
    return NULL;
  return &begun->node[b->begun[node]];
}

static bool all_begun(const bs_grower *g, const bs_bundle *b)
{
  bool all = true;
  for (int j = 0; all && j < b->nodes; j++)
    all = bs_grow_begun(g, b, j) != NULL;
  return all;
}

/* Set up the nodes of new bundles, when the trees have stopped moving about. */
static void set_nodes(const bs_grower *g, const bs_level *level)
{
  const bs_criterion *k = &g->j48->criterion;
  for (int i = 0; i < level->bundles; i++) {
    bs_bundle *b = &level->bundle[i];
    uint32_t trees = b->trees;
    for (int j = 0; j < b->nodes; j++, trees &= trees - 1) {
      int t = __builtin_ctz(trees);
      const uint32_t *total = bs_tree_count(g->tree[t], b->number[j], 0);
      size_t n = 0;
      for (int c = 0; c < k->c; c++)
        n += total[c];
      bs_split_node_init(k, t, n, total, &b->node[j]);
    }
    b->summed =
        g->w->sums != NULL && b->entries >= BS_GROUP / 2 && !all_begun(g, b);
  }
}

/* Sums of a bundle's list of one column. Lists have two groups' worth of places
 * for each group that they fill, so that none shares a place with the next. */
static bs_list_sums sums_of(const bs_grower *g, const bs_bundle *b, int slot)
{
  if (g->w->sums == NULL)
    return (bs_list_sums){0};
  bs_list_sums sums = g->w->sums[slot / g->group->size];
  sums.stale = g->w->stale[omp_get_thread_num()];
  sums.first = b->at / (BS_GROUP / 2);
  return sums;
}

/* All groups of a new list are stale. None of a list that has been kept but is
 * not searched: its sums are not used again, and the place is another's. */
static void begin_sums(const bs_bundle *b, const bs_list_sums *sums)
{
  for (size_t i = 0; b->kept != b->summed && i < bs_groups(b->entries); i++)
    if (b->summed)
      bs_set_stale(sums, i);
    else
      bs_clear_stale(sums, i);
}

/* Best cuts of one column in all nodes of a bundle, unless all are known. */
static void find(const bs_grower *g, const bs_bundle *b, int column)
{
  const int slot = b->slot[column];
  const bs_j48 *k = g->j48;
  const bs_list_sums sums = sums_of(g, b, slot);
  begin_sums(b, &sums);
  if (all_begun(g, b))
    return;
  bs_split_find(&k->criterion, &k->layout, b->entries,
                g->w->list[slot / g->group->size] + b->at,
                k->presort->sorted[k->column[slot]].reach, b->nodes, b->node,
                b->summed ? &sums : NULL, g->w->work[omp_get_thread_num()],
                b->split + (size_t)column * (size_t)b->nodes);
}

/* Forget the columns that are dead in all nodes of a bundle. */
static void drop_dead(bs_bundle *b)
{
  const size_t nodes = (size_t)b->nodes;
  int live = 0;
  for (int i = 0; i < b->live; i++) {
    const bs_split *split = b->split + (size_t)i * nodes;
    bool dead = true;
    for (size_t j = 0; j < nodes; j++)
      dead = dead && split[j].dead;
    if (dead)
      continue;
    b->slot[live] = b->slot[i];
    memmove(b->split + (size_t)live * nodes, split, nodes * sizeof *split);
    live++;
  }
  b->live = live;
}

static bs_status exchange(const bs_grower *g, bs_level *level)
{
  BS_TRY(bs_exchange_splits(g->group, level));
  for (int i = 0; i < level->bundles; i++)
    drop_dead(&level->bundle[i]);
  return BS_OK;
}

bs_status bs_grow_filter_columns(bs_grower *g)
{
  const bs_j48 *k = g->j48;
  bs_workspace *w = g->w;
  bs_bundle *b = &g->level.bundle[0];
  memset(w->tag, 0, w->all * sizeof *w->tag);
  for (uint32_t i = 0; i < b->count; i++) {
    uint32_t row = w->rows.row[i];
    w->tag[row] =
        (uint32_t)w->rows.trees[i] << k->layout.class_bits | k->data->y[row];
  }
  set_nodes(g, &g->level);
  const int threads = bs_threads_for(w, w->all * (size_t)b->live);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int i = 0; i < b->live; i++) {
    int slot = b->slot[i];
    const bs_sorted_column *c = &k->presort->sorted[k->column[slot]];
    if (!is_mine(g, slot) || bs_stop_wanted())
      continue;
    k->criterion.kernels->filter(w->all, c->order, c->step, w->tag, &k->layout,
                                 w->list[slot / g->group->size]);
    find(g, b, i);
  }
  return exchange(g, &g->level);
}

/* Index of a slot among a bundle's columns, or -1. */
static int find_column(const bs_bundle *b, int slot)
{
  int low = 0, high = b->live - 1;
  while (low <= high) {
    int middle = (low + high) / 2;
    if (b->slot[middle] == slot)
      return middle;
    if (b->slot[middle] < slot)
      low = middle + 1;
    else
      high = middle - 1;
  }
  return -1;
}

/* What deals one column's lists to the next level's. */
typedef struct dealer {
  const bs_grower *g;
  const bs_level *next;
  int slot;
  const double *x; /* the column's values by row */
  uint64_t *list;
  uint64_t *to; /* where new lists are made */
} dealer;

/* Deal some entries of a list; `out` is where each child's go next. */
static void deal(const dealer *d, const bs_move *move, const uint64_t *list,
                 size_t entries, uint64_t *out[2], uint64_t *const end[2])
{
  uint16_t take[2];
  for (int side = 0; side < 2; side++)
    take[side] = move->to[side].bundle < 0 ? 0 : move->take[side];
  if (take[0] != 0 || take[1] != 0)
    d->g->j48->criterion.kernels->deal(entries, list, &d->g->j48->layout,
                                       &d->g->w->sides, take, out, end);
}

/* Does a row come before an entry in the column's order? */
static inline bool comes_before(const dealer *d, uint32_t row, double x,
                                uint64_t entry)
{
  const uint32_t other = bs_entry_row(&d->g->j48->layout, entry);
  return x < d->x[other] || (x == d->x[other] && row < other);
}

/* Mark the groups that have an entry of one of these rows, or all groups where
 * the rows have not been noted. */
static void mark_groups(const dealer *d, const bs_bundle *b,
                        const bs_target *leaving, const bs_list_sums *sums)
{
  const uint64_t *list = d->list + b->at;
  const size_t groups = bs_groups(b->entries);
  for (size_t i = 0; leaving->rows.row == NULL && i < groups; i++)
    bs_set_stale(sums, i);
  for (uint32_t i = 0; leaving->rows.row != NULL && i < leaving->count; i++) {
    const uint32_t row = leaving->rows.row[i];
    size_t low = 0, high = groups; /* the last group that begins at or before */
    while (high - low > 1) {
      const size_t middle = low + (high - low) / 2;
      if (comes_before(d, row, d->x[row], list[middle * BS_GROUP]))
        high = middle;
      else
        low = middle;
    }
    bs_set_stale(sums, low);
  }
}

/* Do a move's part in all groups that are marked. */
static void move_groups(const dealer *d, const bs_move *move,
                        const bs_bundle *b, const bs_list_sums *sums,
                        uint64_t *out[2], uint64_t *const end[2])
{
  const bs_j48 *k = d->g->j48;
  const uint16_t drop[2] = {move->take[1], move->take[0]};
  for (size_t i = 0, begin = 0; begin < b->entries; i++, begin += BS_GROUP) {
    uint64_t *list = d->list + b->at + begin;
    const size_t n =
        b->entries - begin < BS_GROUP ? b->entries - begin : BS_GROUP;
    if (!bs_is_stale(sums, i))
      continue;
    if (move->way == BS_PEELED)
      deal(d, move, list, n, out, end);
    else
      k->criterion.kernels->peel(n, list, &k->layout, &d->g->w->sides, drop);
  }
}

static void do_move(const dealer *d, const bs_move *move)
{
  const bs_bundle *b = &d->g->level.bundle[move->bundle];
  const bs_list_sums sums = sums_of(d->g, b, d->slot);
  uint64_t *out[2] = {d->to, d->to}, *end[2] = {d->to, d->to};
  for (int side = 0; side < 2 && !bs_is_joint(move); side++)
    if (move->to[side].bundle >= 0) {
      const bs_bundle *child = &d->next->bundle[move->to[side].bundle];
      out[side] = d->to + child->at;
      end[side] = out[side] + child->entries;
    }
  if (move->way == BS_LEAVING)
    mark_groups(d, b, &move->to[0], &sums);
  else if (move->way == BS_DEALT)
    deal(d, move, d->list + b->at, b->entries, out, end);
  else
    move_groups(d, move, b, &sums, out, end);
}

/* Bring new lists to their places beside those that have been kept. */
static void put_beside(const dealer *d)
{
  for (int i = 0; i < d->next->bundles; i++) {
    const bs_bundle *b = &d->next->bundle[i];
    if (!b->kept && find_column(b, d->slot) >= 0)
      memcpy(d->list + b->at, d->to + b->at, b->entries * sizeof *d->list);
  }
}

bs_status bs_grow_deal_columns(const bs_grower *g, bs_level *next)
{
  bs_workspace *w = g->w;
  const bs_presort *presort = g->j48->presort;
  const int threads =
      bs_threads_for(w, bs_level_rows(&g->level) * (size_t)g->j48->columns);
  bool keeps = false;
  set_nodes(g, next);
  for (int i = 0; i < next->bundles; i++)
    keeps = keeps || next->bundle[i].kept;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int slot = g->group->rank; slot < g->j48->columns;
       slot += g->group->size) {
    if (bs_stop_wanted())
      continue;
    uint64_t **list = &w->list[slot / g->group->size];
    uint64_t **spare = &w->spare[omp_get_thread_num()];
    const int feature = presort->sorted[g->j48->column[slot]].feature;
    const dealer d = {
        g,     next,  slot, g->j48->data->x + (size_t)feature * g->j48->data->n,
        *list, *spare};
    for (int i = 0; i < g->level.moves; i++) {
      const bs_move *move = &g->level.move[i];
      if (find_column(&g->level.bundle[move->bundle], slot) >= 0)
        do_move(&d, move);
    }
    if (keeps) {
      put_beside(&d);
    } else {
      *list = d.to;
      *spare = d.list;
    }
    for (int i = 0; i < next->bundles; i++) {
      int column = find_column(&next->bundle[i], slot);
      if (column >= 0)
        find(g, &next->bundle[i], column);
    }
  }
  return exchange(g, next);
}
