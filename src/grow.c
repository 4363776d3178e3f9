/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/grow.h"

#include "src/bundle.h"
#include "src/comm.h"
#include "src/grow_exchange.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"
#include "src/threshold.h"
#include "src/tolerance.h"
#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

typedef struct grower {
  const bs_j48 *j48;
  int trees;
  const bs_training *training; /* (trees) */
  bs_group *group;
  bs_workspace *w;
  bs_tree **tree;    /* (trees) */
  bs_level level;    /* in work: its rows and lists are in the workspace */
  bs_level put_off;  /* bundles for which the lists had no room */
  bs_split *by_slot; /* (columns): of the node in hand */
  uint64_t open;     /* rows of all nodes that are still to be split */
} grower;

static bool is_mine(const grower *g, int slot)
{
  return slot % g->group->size == g->group->rank;
}

/* C45ModelSelection: too few rows, or all of one class. A node's class counts
 * are in its branch 0 until it is split. */
static bool is_leaf_at_once(const grower *g, int t, uint32_t node)
{
  const bs_criterion *k = &g->j48->criterion;
  const uint32_t *count = bs_tree_count(g->tree[t], node, 0);
  double sum = 0;
  for (int c = 0; c < k->c; c++)
    sum += count[c];
  return bs_sm(sum, 2 * k->min_leaf) ||
         bs_eq(sum, count[bs_majority(k->c, count)]);
}

/* ---- Progress. */

/* Rows of the nodes of a level, tree by tree. */
static uint64_t open_rows(const grower *g, const bs_level *level)
{
  uint64_t rows = 0;
  for (int i = 0; i < level->bundles; i++) {
    const bs_bundle *b = &level->bundle[i];
    uint32_t trees = b->trees;
    for (int j = 0; j < b->nodes; j++, trees &= trees - 1) {
      const int t = __builtin_ctz(trees);
      const uint32_t *count = bs_tree_count(g->tree[t], b->number[j], 0);
      for (int c = 0; c < g->j48->criterion.c; c++)
        rows += count[c];
    }
  }
  return rows;
}

/* Count the rows that have come to their leaves. */
static void tell_progress(grower *g)
{
  const uint64_t open = open_rows(g, &g->level) + open_rows(g, &g->put_off);
  if (g->group->rank == 0)
    bs_progress_add(0, (g->open - open) * (uint64_t)g->j48->columns);
  g->open = open;
}

/* ---- Columns. */

/* How an earlier run has split a node, or NULL. */
static const bs_tree_node *find_begun(const grower *g, const bs_bundle *b,
                                      int node)
{
  const bs_tree *begun = g->training[b->node[node].tree].begun;
  if (begun == NULL || (b->begun[node] == 0 && b->number[node] != 0) ||
      begun->node[b->begun[node]].feature == BS_LEAF)
    return NULL;
  return &begun->node[b->begun[node]];
}

static bool all_begun(const grower *g, const bs_bundle *b)
{
  bool all = true;
  for (int j = 0; all && j < b->nodes; j++)
    all = find_begun(g, b, j) != NULL;
  return all;
}

/* Set up the nodes of new bundles, when the trees have stopped moving about. */
static void set_nodes(const grower *g, const bs_level *level)
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
static bs_list_sums sums_of(const grower *g, const bs_bundle *b, int slot)
{
  if (g->w->sums == NULL)
    return (bs_list_sums){0};
  bs_list_sums sums = g->w->sums[slot / g->group->size];
  sums.stale = g->w->stale[omp_get_thread_num()];
  sums.first = b->at / (BS_GROUP / 2);
  return sums;
}

/* Best cuts of one column in all nodes of a bundle, unless all are known. */
static void find(const grower *g, const bs_bundle *b, int column)
{
  const int slot = b->slot[column];
  const bs_j48 *k = g->j48;
  const bs_list_sums sums = sums_of(g, b, slot);
  if (all_begun(g, b))
    return;
  for (size_t i = 0; b->summed && !b->kept && i < bs_groups(b->entries); i++)
    bs_set_stale(&sums, i);
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

static bs_status exchange(const grower *g, bs_level *level)
{
  BS_TRY(bs_exchange_splits(g->group, level));
  for (int i = 0; i < level->bundles; i++)
    drop_dead(&level->bundle[i]);
  return BS_OK;
}

/* Filter the lists of the level's only bundle from the sorted columns. */
static bs_status filter_columns(grower *g)
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
    if (!is_mine(g, slot))
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
  const grower *g;
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

/* Deal this rank's lists to the next level, and find the best cuts there. */
static void deal_columns(const grower *g, const bs_level *next)
{
  bs_workspace *w = g->w;
  const bs_presort *presort = g->j48->presort;
  const int threads =
      bs_threads_for(w, bs_level_rows(&g->level) * (size_t)g->j48->columns);
  bool keeps = false;
  for (int i = 0; i < next->bundles; i++)
    keeps = keeps || next->bundle[i].kept;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int slot = g->group->rank; slot < g->j48->columns;
       slot += g->group->size) {
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
}

/* ---- Decisions. */

/* C45ModelSelection.selectModel: among the features whose gain is not below the
 * average, the first of the best gain ratios. Twins count as often as they
 * occur. Returns BS_LEAF if there is none. */
static int choose_feature(const grower *g, const bs_bundle *b, int node)
{
  const bs_j48 *k = g->j48;
  double sum = 0, best = 0;
  int valid = 0, chosen = BS_LEAF;
  for (int slot = 0; slot < k->columns; slot++)
    g->by_slot[slot].valid = false;
  for (int i = 0; i < b->live; i++)
    g->by_slot[b->slot[i]] = b->split[i * b->nodes + node];
  for (int f = 0; f < k->features; f++) {
    const bs_split *s = &g->by_slot[k->slot[f]];
    if (s->valid) {
      sum += s->gain;
      valid++;
    }
  }
  double average = sum / valid;
  for (int f = 0; f < k->features; f++) {
    const bs_split *s = &g->by_slot[k->slot[f]];
    if (s->valid && s->gain >= average - 1e-3 && bs_gr(s->ratio, best)) {
      best = s->ratio;
      chosen = f;
    }
  }
  return bs_eq(best, 0) ? BS_LEAF : chosen;
}

/* The bundle's cut on a column, made if there is none. Its cuts are the last
 * of the level. */
static bs_status cut_on(grower *g, int bundle, int slot, bs_cut **out)
{
  for (int i = g->level.cuts; i-- > 0 && g->level.cut[i].bundle == bundle;)
    if (g->level.cut[i].slot == slot) {
      *out = &g->level.cut[i];
      return BS_OK;
    }
  BS_TRY(bs_level_add_cut(&g->level, out));
  const bs_dataset *data = g->j48->data;
  size_t feature =
      (size_t)g->j48->presort->sorted[g->j48->column[slot]].feature;
  (*out)->bundle = bundle;
  (*out)->slot = slot;
  (*out)->x = data->x + feature * data->n;
  (*out)->low = DBL_MAX;
  (*out)->high = -DBL_MAX;
  return BS_OK;
}

/* Have a cut split the node of one tree, too. */
static void add_to_cut(bs_cut *cut, int t, int feature, double below,
                       double threshold)
{
  cut->trees |= UINT32_C(1) << t;
  cut->feature[t] = feature;
  cut->threshold[t] = threshold;
  cut->below[t] = below;
  /* Under the rules of 3.6 values just above a threshold go left. */
  double high = threshold + 2 * BS_SMALL;
  high = high > below ? high : below;
  double low = threshold < below ? threshold : below;
  cut->low = low < cut->low ? low : cut->low;
  cut->high = high > cut->high ? high : cut->high;
}

/* Cut a node as an earlier run did. */
static bs_status repeat_cut(grower *g, int bundle, int node,
                            const bs_tree_node *begun)
{
  const bs_j48 *k = g->j48;
  const int t = g->level.bundle[bundle].node[node].tree;
  bs_cut *cut;
  int f = 0;
  while (f < k->features && k->feature[f] != begun->feature)
    f++;
  if (f == k->features)
    return bs_fail(BS_ERR_RUNTIME, "checkpoint: a tree of other features");
  BS_TRY(cut_on(g, bundle, k->slot[f], &cut));
  /* Class counts by position, which go by `below`, are known. */
  add_to_cut(cut, t, begun->feature, begun->threshold, begun->threshold);
  for (int side = 0; side < 2; side++)
    cut->begun[side][t] = begun->child[side];
  return BS_OK;
}

/* Place the cut of one node. */
static bs_status place_cut(grower *g, int bundle, int node, int chosen)
{
  const bs_j48 *k = g->j48;
  const int t = g->level.bundle[bundle].node[node].tree;
  const int feature = k->feature[chosen];
  const bs_split *s = &g->by_slot[k->slot[chosen]];
  const double *x = k->data->x + (size_t)feature * k->data->n;
  double below = x[s->below], above = x[s->above];
  double midpoint = (above + below) / 2, threshold;
  bs_cut *cut;
  if (!isfinite(midpoint)) /* whose, is said by none: which comes first depends
                            * on the layout */
    return bs_fail(BS_ERR_RUNTIME,
                   "the rules of Weka never end on this data: two values of a "
                   "feature are so large that the middle between them "
                   "overflows");
  if (midpoint == above)
    midpoint = below;
  BS_TRY(cut_on(g, bundle, k->slot[chosen], &cut));
  BS_TRY(bs_threshold_place(k, feature, midpoint, &g->training[t], t, g->w,
                            &threshold));
  add_to_cut(cut, t, feature, below, threshold);
  return BS_OK;
}

static bs_status make_cuts(grower *g)
{
  for (int i = 0; i < g->level.bundles; i++) {
    bs_bundle *b = &g->level.bundle[i];
    for (int j = 0; j < b->nodes; j++) {
      const bs_tree_node *begun = find_begun(g, b, j);
      int chosen = begun == NULL ? choose_feature(g, b, j) : 0;
      if (begun != NULL)
        BS_TRY(repeat_cut(g, i, j, begun));
      else if (chosen == BS_LEAF)
        b->leaves |= UINT32_C(1) << b->node[j].tree;
      else
        BS_TRY(place_cut(g, i, j, chosen));
    }
  }
  return BS_OK;
}

/* ---- Children. */

/* Split the node of one tree, given the class counts on the left. */
static bs_status split_node(grower *g, bs_cut *cut, int t, uint32_t number,
                            const uint32_t *left, const uint32_t *before)
{
  bs_tree *tree = g->tree[t];
  uint64_t all = 0, goes_left = 0;
  for (int b = 0; b < 2; b++)
    BS_TRY(bs_tree_add(tree, &cut->child[b][t]));
  tree->node[number].feature = cut->feature[t];
  tree->node[number].threshold = cut->threshold[t];
  for (int b = 0; b < 2; b++)
    tree->node[number].child[b] = cut->child[b][t];
  uint32_t *own[2] = {bs_tree_count(tree, number, 0),
                      bs_tree_count(tree, number, 1)};
  uint32_t *of[2] = {bs_tree_count(tree, cut->child[0][t], 0),
                     bs_tree_count(tree, cut->child[1][t], 0)};
  /* Class counts of branches go by position, rows by the threshold: the two
   * differ only under the tolerant rules of 3.6. */
  for (int c = 0; c < tree->c; c++) {
    uint32_t total = own[0][c];
    of[0][c] = left[c * BS_TREES];
    of[1][c] = total - of[0][c];
    own[0][c] = before[c * BS_TREES];
    own[1][c] = total - own[0][c];
    all += total;
    goes_left += of[0][c];
  }
  if (goes_left == 0 || goes_left == all)
    return bs_fail(BS_ERR_RUNTIME,
                   "the rules of Weka 3.6 never end on this data: two values "
                   "of a feature lie exactly 1e-6 apart; use --weka 3.8");
  for (int b = 0; b < 2; b++)
    if (!is_leaf_at_once(g, t, cut->child[b][t]))
      cut->open[b] |= (uint16_t)(1U << t);
  return BS_OK;
}

/* Find sides, and split the nodes of all cuts. */
static bs_status split_nodes(grower *g)
{
  const size_t each = (size_t)g->j48->criterion.c * BS_TREES;
  const size_t counts = (size_t)g->level.cuts * each;
  const bool tolerant = g->j48->options.rules == BS_WEKA_36;
  uint32_t *left = NULL, *before = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(counts, sizeof *left, &left));
  if (tolerant)
    BS_GO(st, bs_mem_alloc(counts, sizeof *before, &before));
  BS_GO(st, bs_rows_find_sides(g->j48, &g->level, g->w, left, before));
  for (int i = 0; i < g->level.cuts; i++) {
    bs_cut *cut = &g->level.cut[i];
    const bs_bundle *b = &g->level.bundle[cut->bundle];
    for (int j = 0; j < b->nodes; j++) {
      int t = b->node[j].tree;
      size_t at = (size_t)i * each + (size_t)t;
      if (!(cut->trees >> t & 1))
        continue;
      BS_GO(st, split_node(g, cut, t, b->number[j], left + at,
                           (tolerant ? before : left) + at));
      if (find_begun(g, b, j) != NULL)
        memcpy(bs_tree_count(g->tree[t], b->number[j], 0),
               bs_tree_count(g->training[t].begun, b->begun[j], 0),
               2 * (size_t)g->j48->criterion.c * sizeof(uint32_t));
    }
  }
done:
  bs_mem_free(&left);
  bs_mem_free(&before);
  return st;
}

/* ---- Moves. */

/* A list is kept for trees whose node loses at most this share of its rows, as
 * long as this share of its entries is theirs. */
enum { LOSS_SHARE = 8, LIVE_SHARE = 2 };
/* Leaving rows are looked for one by one up to so many a group. */
enum { FEW_LEAVING = 4 };

static uint64_t node_rows(const grower *g, int t, uint32_t node)
{
  const uint32_t *count = bs_tree_count(g->tree[t], node, 0);
  uint64_t rows = 0;
  for (int c = 0; c < g->j48->criterion.c; c++)
    rows += count[c];
  return rows;
}

/* The open child that keeps nearly all rows of a tree's node, or -1. */
static int staying_side(const grower *g, const bs_cut *cut, int t)
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
static bs_status add_moves(grower *g, int bundle, int first, int cuts,
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
static bs_status make_moves(grower *g, bool keep)
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
static void put_off_largest(grower *g)
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
static bs_status note_leaving(const grower *g)
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
static void number_nodes(const grower *g, const bs_move *move, int side,
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
static bs_status make_bundle(grower *g, bs_move *move, int side, bs_level *next,
                             uint32_t *begin)
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

static bs_status make_bundles(grower *g, bs_level *next)
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
static bs_status place_lists(const grower *g, bs_level *next, bool *fit)
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
static bs_status make_next(grower *g, bs_level *next)
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

static bs_status agree(const grower *g, bs_status st)
{
  return g->group->size > 1 ? bs_agree(g->group->comm, st) : st;
}

static void look(const grower *g, bool stopped)
{
  if (g->group->look != NULL && g->group->rank == 0)
    g->group->look(g->group->context, g->tree, stopped);
}

/* Split the nodes of a level; the next one takes its place. Here is where trees
 * are given up if the program is to stop. */
static bs_status split_level(grower *g)
{
  bs_level next = {0};
  look(g, false);
  bs_status st = bs_stop_check();
  if (st == BS_OK)
    st = make_cuts(g);
  if (st == BS_OK)
    st = split_nodes(g);
  if (st == BS_OK)
    st = make_next(g, &next);
  st = agree(g, st);
  if (st == BS_OK) {
    bs_rows_deal(&g->level, g->w);
    bs_row_list swap = g->w->rows;
    g->w->rows = g->w->next;
    g->w->next = swap;
    bs_level done = g->level;
    set_nodes(g, &next);
    deal_columns(g, &next);
    st = exchange(g, &next);
    bs_level_free(&done);
    g->level = next;
  } else {
    bs_level_free(&next);
  }
  return st;
}

/* ---- Beginnings. */

/* The bundle of all roots that are no leaves, with its rows. */
static bs_status make_root(grower *g)
{
  const bs_criterion *k = &g->j48->criterion;
  bs_workspace *w = g->w;
  uint32_t trees = 0, number;
  memset(w->trained, 0, w->all * sizeof *w->trained);
  for (int t = 0; t < g->trees; t++) {
    const bs_training *training = &g->training[t];
    BS_TRY(bs_tree_create(k->c, g->j48->options.rules, &g->tree[t]));
    BS_TRY(bs_tree_add(g->tree[t], &number));
    uint32_t *count = bs_tree_count(g->tree[t], number, 0);
    for (size_t i = 0; i < training->n; i++) {
      w->trained[training->rows[i]] |= (uint16_t)(1U << t);
      count[g->j48->data->y[training->rows[i]]]++;
    }
    if (!is_leaf_at_once(g, t, number))
      trees |= UINT32_C(1) << t;
    else if (w->leaf_of[t] != NULL)
      memset(w->leaf_of[t], 0, w->all * sizeof *w->leaf);
  }
  if (trees == 0)
    return BS_OK;
  bs_bundle *b;
  BS_TRY(bs_level_add_bundle(&g->level, trees, g->j48->columns, NULL, &b));
  for (int j = 0; j < b->nodes; j++)
    b->number[j] = 0;
  for (size_t row = 0; row < w->all; row++) {
    w->rows.row[b->count] = (uint32_t)row;
    w->rows.trees[b->count] = (uint16_t)(w->trained[row] & trees);
    b->count += (w->trained[row] & trees) != 0;
  }
  b->entries = b->count;
  return BS_OK;
}

/* Take up a bundle that has been put off: it has a level to itself. */
static bs_status take_up(grower *g)
{
  BS_TRY(bs_level_take(&g->put_off, &g->level));
  bs_bundle *b = &g->level.bundle[0];
  b->begin = b->at = 0;
  memcpy(g->w->rows.row, b->own.row, b->count * sizeof *b->own.row);
  memcpy(g->w->rows.trees, b->own.trees, b->count * sizeof *b->own.trees);
  return BS_OK;
}

static bs_status grow(grower *g)
{
  bs_status st =
      bs_mem_alloc((size_t)g->j48->columns, sizeof *g->by_slot, &g->by_slot);
  if (st == BS_OK)
    st = make_root(g);
  BS_TRY(agree(g, st));
  for (int t = 0; t < g->trees; t++)
    g->open += g->training[t].n;
  tell_progress(g);
  if (g->level.bundles > 0)
    BS_TRY(filter_columns(g));
  while (g->level.bundles > 0 || g->put_off.bundles > 0) {
    if (g->level.bundles > 0) {
      BS_TRY(split_level(g));
      tell_progress(g);
      continue;
    }
    BS_TRY(agree(g, take_up(g)));
    BS_TRY(filter_columns(g));
  }
  return BS_OK;
}

bs_status bs_grow(const bs_j48 *j48, int trees, const bs_training *training,
                  bs_group *group, bs_workspace *workspace, bs_tree **tree)
{
  grower g = {.j48 = j48,
              .trees = trees,
              .training = training,
              .group = group,
              .w = workspace,
              .tree = tree};
  for (int t = 0; t < BS_TREES; t++) {
    const bool own = t < trees && t % group->size == group->rank;
    bs_mem_free(&workspace->place[t]); /* of other training sets */
    workspace->leaf_of[t] =
        own ? workspace->leaf + (size_t)(t / group->size) * workspace->all
            : NULL;
  }
  bs_status st = grow(&g);
  if (st == BS_STOPPED)
    look(&g, true);
  bs_level_free(&g.level);
  bs_level_free(&g.put_off);
  bs_mem_free(&g.by_slot);
  return st;
}

/* Rows of every node, by adding up those of the leaves from below. */
static void set_segments(const bs_tree *tree, bs_segment *segment)
{
  for (uint32_t i = tree->size; i-- > 0;)
    if (tree->node[i].feature != BS_LEAF)
      segment[i].count = segment[tree->node[i].child[0]].count +
                         segment[tree->node[i].child[1]].count;
  segment[0].begin = 0;
  for (uint32_t i = 0; i < tree->size; i++) {
    if (tree->node[i].feature == BS_LEAF)
      continue;
    const uint32_t *child = tree->node[i].child;
    segment[child[0]].begin = segment[i].begin;
    segment[child[1]].begin = segment[i].begin + segment[child[0]].count;
  }
}

bs_status bs_grown_sort_rows(const bs_training *training, const uint32_t *leaf,
                             bs_grown *grown)
{
  const bs_tree *tree = grown->tree;
  uint32_t *at;
  BS_TRY(bs_mem_zalloc(tree->size, sizeof *grown->segment, &grown->segment));
  BS_TRY(bs_mem_alloc(training->n, sizeof *grown->rows, &grown->rows));
  BS_TRY(bs_mem_alloc(tree->size, sizeof *at, &at));
  for (size_t i = 0; i < training->n; i++)
    grown->segment[leaf[training->rows[i]]].count++;
  set_segments(tree, grown->segment);
  for (uint32_t i = 0; i < tree->size; i++)
    at[i] = grown->segment[i].begin;
  for (size_t i = 0; i < training->n; i++) {
    uint32_t row = training->rows[i];
    grown->rows[at[leaf[row]]++] = row;
  }
  bs_mem_free(&at);
  return BS_OK;
}
