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

/* Set up the nodes of new bundles, when the trees have stopped moving about. */
static void set_nodes(const grower *g, const bs_level *level)
{
  const bs_criterion *k = &g->j48->criterion;
  for (int i = 0; i < level->bundles; i++) {
    const bs_bundle *b = &level->bundle[i];
    uint32_t trees = b->trees;
    for (int j = 0; j < b->nodes; j++, trees &= trees - 1) {
      int t = __builtin_ctz(trees);
      const uint32_t *total = bs_tree_count(g->tree[t], b->number[j], 0);
      size_t n = 0;
      for (int c = 0; c < k->c; c++)
        n += total[c];
      bs_split_node_init(k, t, n, total, &b->node[j]);
    }
  }
}

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

/* Best cuts of one column in all nodes of a bundle, unless all are known. */
static void find(const grower *g, bs_bundle *b, int column)
{
  const bs_bundle_column *c = &b->column[column];
  const bs_j48 *k = g->j48;
  if (all_begun(g, b))
    return;
  bs_split_find(&k->criterion, &k->layout, b->count,
                g->w->list[c->slot / g->group->size] + c->begin,
                k->presort->sorted[k->column[c->slot]].reach, b->nodes, b->node,
                g->w->work[omp_get_thread_num()],
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
    b->column[live] = b->column[i];
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
    int slot = b->column[i].slot;
    const bs_sorted_column *c = &k->presort->sorted[k->column[slot]];
    if (!is_mine(g, slot) || bs_stop_wanted())
      continue;
    b->column[i].begin = 0;
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
    if (b->column[middle].slot == slot)
      return middle;
    if (b->column[middle].slot < slot)
      low = middle + 1;
    else
      high = middle - 1;
  }
  return -1;
}

/* Deal one column's entries of one cut to the next level's lists, from entry
 * `at` on; returns where they end. */
static size_t deal(const grower *g, const bs_cut *cut, int column,
                   bs_level *next, uint64_t *to, size_t at)
{
  const bs_bundle *b = &g->level.bundle[cut->bundle];
  const bs_bundle_column *from = &b->column[column];
  uint64_t *out[2] = {to, to};
  uint16_t take[2] = {0, 0};
  size_t room[2] = {0, 0};
  for (int side = 0; side < 2; side++) {
    if (cut->bundle_of[side] < 0)
      continue;
    next->bundle[cut->bundle_of[side]].column[column].begin = at;
    out[side] = to + at;
    take[side] = cut->open[side];
    room[side] = cut->count[side];
    at += room[side];
  }
  if (take[0] != 0 || take[1] != 0)
    g->j48->criterion.kernels->deal(
        b->count, g->w->list[from->slot / g->group->size] + from->begin,
        &g->j48->layout, &g->w->sides, take, out, room);
  return at;
}

/* Deal this rank's lists to the next level, and find the best cuts there. */
static void deal_columns(const grower *g, bs_level *next)
{
  bs_workspace *w = g->w;
  const int threads =
      bs_threads_for(w, bs_level_rows(&g->level) * (size_t)g->j48->columns);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int slot = g->group->rank; slot < g->j48->columns;
       slot += g->group->size) {
    if (bs_stop_wanted())
      continue;
    uint64_t **list = &w->list[slot / g->group->size];
    uint64_t **spare = &w->spare[omp_get_thread_num()];
    size_t at = 0;
    for (int i = 0; i < g->level.cuts; i++) {
      const bs_cut *cut = &g->level.cut[i];
      int column = find_column(&g->level.bundle[cut->bundle], slot);
      if (column >= 0)
        at = deal(g, cut, column, next, *spare, at);
    }
    uint64_t *swap = *list;
    *list = *spare;
    *spare = swap;
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
    g->by_slot[b->column[i].slot] = b->split[i * b->nodes + node];
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

/* Decide which of the cuts' children the lists have no room for: the largest,
 * whose lists are then filtered anew from the sorted columns. */
static void put_off_largest(grower *g)
{
  uint64_t total = 0;
  for (int i = 0; i < g->level.cuts; i++)
    total += (uint64_t)g->level.cut[i].count[0] + g->level.cut[i].count[1];
  while (total > g->w->room) {
    bs_cut *largest = NULL;
    int which = 0;
    for (int i = 0; i < g->level.cuts; i++)
      for (int side = 0; side < 2; side++) {
        bs_cut *cut = &g->level.cut[i];
        if (!cut->put_off[side] &&
            (largest == NULL || cut->count[side] > largest->count[which])) {
          largest = cut;
          which = side;
        }
      }
    largest->put_off[which] = true;
    total -= largest->count[which];
  }
}

/* Make the bundle of one side of a cut, and say where its rows are to go. */
static bs_status make_bundle(grower *g, bs_cut *cut, int side, bs_level *next,
                             uint32_t *begin)
{
  const bool later = cut->put_off[side];
  bs_bundle *b;
  BS_TRY(bs_level_add_bundle(later ? &g->put_off : next, cut->open[side], 0,
                             &g->level.bundle[cut->bundle], &b));
  uint32_t trees = b->trees;
  for (int j = 0; j < b->nodes; j++, trees &= trees - 1) {
    b->number[j] = cut->child[side][__builtin_ctz(trees)];
    b->begun[j] = cut->begun[side][__builtin_ctz(trees)];
  }
  b->count = cut->count[side];
  if (later) {
    BS_TRY(bs_mem_alloc(b->count, sizeof *b->own.row, &b->own.row));
    BS_TRY(bs_mem_alloc(b->count, sizeof *b->own.trees, &b->own.trees));
    cut->to[side] = b->own;
    return BS_OK;
  }
  b->begin = *begin;
  cut->bundle_of[side] = next->bundles - 1;
  cut->to[side] =
      (bs_row_list){g->w->next.row + *begin, g->w->next.trees + *begin};
  *begin += b->count;
  return BS_OK;
}

static bs_status make_bundles(grower *g, bs_level *next)
{
  uint32_t begin = 0;
  bs_rows_count(&g->level, g->w);
  put_off_largest(g);
  for (int i = 0; i < g->level.cuts; i++)
    for (int side = 0; side < 2; side++)
      if (g->level.cut[i].open[side] != 0)
        BS_TRY(make_bundle(g, &g->level.cut[i], side, next, &begin));
  return BS_OK;
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
    st = make_bundles(g, &next);
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
    if (is_leaf_at_once(g, t, number))
      memset(w->leaf + (size_t)t * w->all, 0, w->all * sizeof *w->leaf);
    else
      trees |= UINT32_C(1) << t;
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
  return BS_OK;
}

/* Take up a bundle that has been put off: it has a level to itself. */
static bs_status take_up(grower *g)
{
  BS_TRY(bs_level_take(&g->put_off, &g->level));
  bs_bundle *b = &g->level.bundle[0];
  b->begin = 0;
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
  for (int t = 0; t < BS_TREES; t++) /* of other training sets */
    bs_mem_free(&workspace->place[t]);
  bs_status st = grow(&g);
  if (st == BS_OK || st == BS_STOPPED)
    look(&g, st == BS_STOPPED);
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
