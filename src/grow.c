/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/grow.h"

#include "src/comm.h"
#include "src/grow_internal.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"
#include "src/threshold.h"
#include "src/tolerance.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* C45ModelSelection: too few rows, or all of one class. A node's class counts
 * are in its branch 0 until it is split. */
static bool is_leaf_at_once(const bs_grower *g, int t, uint32_t node)
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
static uint64_t open_rows(const bs_grower *g, const bs_level *level)
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
static void tell_progress(bs_grower *g)
{
  const uint64_t open = open_rows(g, &g->level) + open_rows(g, &g->put_off);
  if (g->group->rank == 0)
    bs_progress_add(0, (g->open - open) * (uint64_t)g->j48->columns);
  g->open = open;
}

/* ---- Decisions. */

/* C45ModelSelection.selectModel: among the features whose gain is not below the
 * average, the first of the best gain ratios. Twins count as often as they
 * occur. Returns BS_LEAF if there is none. */
static int choose_feature(const bs_grower *g, const bs_bundle *b, int node)
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
static bs_status cut_on(bs_grower *g, int bundle, int slot, bs_cut **out)
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
static bs_status repeat_cut(bs_grower *g, int bundle, int node,
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
static bs_status place_cut(bs_grower *g, int bundle, int node, int chosen)
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

static bs_status make_cuts(bs_grower *g)
{
  for (int i = 0; i < g->level.bundles; i++) {
    bs_bundle *b = &g->level.bundle[i];
    for (int j = 0; j < b->nodes; j++) {
      const bs_tree_node *begun = bs_grow_begun(g, b, j);
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
static bs_status split_node(bs_grower *g, bs_cut *cut, int t, uint32_t number,
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
static bs_status split_nodes(bs_grower *g)
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
      if (bs_grow_begun(g, b, j) != NULL)
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

static bs_status agree(const bs_grower *g, bs_status st)
{
  return g->group->size > 1 ? bs_agree(g->group->comm, st) : st;
}

static void look(const bs_grower *g, bool stopped)
{
  if (g->group->look != NULL && g->group->rank == 0)
    g->group->look(g->group->context, g->tree, stopped);
}

/* Split the nodes of a level; the next one takes its place. Here is where trees
 * are given up if the program is to stop. */
static bs_status split_level(bs_grower *g)
{
  bs_level next = {0};
  look(g, false);
  bs_status st = bs_stop_check();
  if (st == BS_OK)
    st = make_cuts(g);
  if (st == BS_OK)
    st = split_nodes(g);
  if (st == BS_OK)
    st = bs_grow_make_next(g, &next);
  st = agree(g, st);
  if (st == BS_OK) {
    bs_rows_deal(&g->level, g->w);
    bs_row_list swap = g->w->rows;
    g->w->rows = g->w->next;
    g->w->next = swap;
    bs_level done = g->level;
    st = bs_grow_deal_columns(g, &next);
    bs_level_free(&done);
    g->level = next;
  } else {
    bs_level_free(&next);
  }
  return st;
}

/* ---- Beginnings. */

/* The bundle of all roots that are no leaves, with its rows. */
static bs_status make_root(bs_grower *g)
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
static bs_status take_up(bs_grower *g)
{
  BS_TRY(bs_level_take(&g->put_off, &g->level));
  bs_bundle *b = &g->level.bundle[0];
  b->begin = b->at = 0;
  memcpy(g->w->rows.row, b->own.row, b->count * sizeof *b->own.row);
  memcpy(g->w->rows.trees, b->own.trees, b->count * sizeof *b->own.trees);
  return BS_OK;
}

static bs_status grow(bs_grower *g)
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
    BS_TRY(bs_grow_filter_columns(g));
  while (g->level.bundles > 0 || g->put_off.bundles > 0) {
    if (g->level.bundles > 0) {
      BS_TRY(split_level(g));
      tell_progress(g);
      continue;
    }
    BS_TRY(agree(g, take_up(g)));
    BS_TRY(bs_grow_filter_columns(g));
  }
  return BS_OK;
}

bs_status bs_grow(const bs_j48 *j48, int trees, const bs_training *training,
                  bs_group *group, bs_workspace *workspace, bs_tree **tree)
{
  bs_grower g = {.j48 = j48,
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
