/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/grow.h"

#include "src/comm.h"
#include "src/grow_exchange.h"
#include "src/mem.h"
#include "src/stop.h"
#include "src/threshold.h"
#include "src/tolerance.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Element moves in a node below which sharing its columns costs more than it
 * brings. */
enum { SHARED_WORK = 1 << 17 };

typedef struct grower {
  const bs_j48 *j48;
  const uint32_t *training; /* (n) in training order */
  size_t n;
  bs_group *group;
  bs_team *team;
  bs_workspace *workspace;
  bs_grown *grown;
  bs_open_node *stack; /* nodes to be split, the next on top */
  size_t depth, capacity;
  bs_split *by_slot; /* (columns): candidates of the node in hand */
} grower;

static uint64_t *list_of(const grower *g, int slot)
{
  return g->workspace->list +
         (size_t)(slot / g->group->size) * (g->workspace->n + BS_LIST_PAD);
}

static bool is_mine(const grower *g, int slot)
{
  return slot % g->group->size == g->group->rank;
}

static bs_scratch *my_scratch(const grower *g)
{
  return &g->team->scratch[omp_get_thread_num()];
}

/* C45ModelSelection: too few rows, or all of one class. A node's class counts
 * are in its branch 0 until it is split. */
static bool is_leaf_at_once(const grower *g, uint32_t node)
{
  const uint32_t *count = bs_tree_count(g->grown->tree, node, 0);
  double sum = g->grown->segment[node].count;
  int best = bs_majority(g->j48->criterion.c, count);
  return bs_sm(sum, 2 * g->j48->criterion.min_leaf) || bs_eq(sum, count[best]);
}

/* Best cut of one column at one node. */
static bs_split find(const grower *g, int slot, uint32_t node)
{
  bs_segment s = g->grown->segment[node];
  return bs_split_find(&g->j48->criterion, s.count, list_of(g, slot) + s.begin,
                       g->j48->presort->sorted[g->j48->column[slot]].reach,
                       bs_tree_count(g->grown->tree, node, 0),
                       my_scratch(g)->count);
}

/* Make an open node with candidates for the columns of `like` (NULL: all). */
static bs_status open_node(const grower *g, uint32_t node,
                           const bs_open_node *like, bs_open_node *out)
{
  out->node = node;
  out->live = like == NULL ? g->j48->columns : like->live;
  BS_TRY(
      bs_mem_alloc((size_t)out->live, sizeof *out->candidate, &out->candidate));
  for (int i = 0; i < out->live; i++)
    out->candidate[i] =
        (bs_candidate){.slot = like == NULL ? i : like->candidate[i].slot};
  return BS_OK;
}

/* Make room on the stack: done before ranks agree, so that push can't fail on
 * one of them while the others go on. */
static bs_status reserve(grower *g, size_t more)
{
  size_t capacity = g->capacity == 0 ? 64 : g->capacity;
  while (capacity < g->depth + more)
    capacity *= 2;
  if (capacity == g->capacity)
    return BS_OK;
  bs_open_node *stack = realloc(g->stack, capacity * sizeof *stack);
  if (stack == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
  g->stack = stack;
  g->capacity = capacity;
  return BS_OK;
}

/* Put an open node on the stack, without the columns that are dead there. */
static void push(grower *g, bs_open_node *open)
{
  int live = 0;
  for (int i = 0; i < open->live; i++)
    if (!open->candidate[i].split.dead)
      open->candidate[live++] = open->candidate[i];
  open->live = live;
  g->stack[g->depth++] = *open;
  open->candidate = NULL;
}

/* Make the root, and open it unless it is a leaf (its candidates stay NULL
 * then). Local: everything of the first batch that can fail on one rank only.
 */
static bs_status make_root(grower *g, bs_open_node *root)
{
  uint32_t node;
  BS_TRY(bs_tree_create(g->j48->criterion.c, g->j48->options.rules,
                        &g->grown->tree));
  BS_TRY(
      bs_mem_alloc((size_t)g->j48->columns, sizeof *g->by_slot, &g->by_slot));
  BS_TRY(reserve(g, 1));
  BS_TRY(bs_tree_add(g->grown->tree, &node));
  g->grown->segment = malloc(g->grown->tree->capacity * sizeof(bs_segment));
  if (g->grown->segment == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
  g->grown->segment[node] = (bs_segment){0, (uint32_t)g->n};
  uint32_t *count = bs_tree_count(g->grown->tree, node, 0);
  for (size_t i = 0; i < g->n; i++)
    count[g->workspace->tag[g->training[i]]]++;
  return is_leaf_at_once(g, node) ? BS_OK : open_node(g, node, NULL, root);
}

/* Filter every own column's sorted order, find its best cut, push the root. */
static bs_status start_root(grower *g, bs_open_node *root)
{
  const bs_j48 *k = g->j48;
#pragma omp taskloop grainsize(1) default(shared) if (g->team->threads > 1)
  for (int slot = 0; slot < k->columns; slot++) {
    const bs_sorted_column *c = &k->presort->sorted[k->column[slot]];
    if (!is_mine(g, slot))
      continue;
    k->criterion.kernels->filter(k->data->n, c->order, c->step,
                                 g->workspace->tag, k->criterion.class_bits,
                                 list_of(g, slot));
    root->candidate[slot].split = find(g, slot, root->node);
  }
  BS_TRY(bs_exchange_splits(g->group, 1, root));
  push(g, root);
  return BS_OK;
}

/* C45ModelSelection.selectModel: among the features whose gain is not below the
 * average, the first of the best gain ratios. Twins count as often as they
 * occur. Returns BS_LEAF if there is none. */
static int choose_feature(const grower *g, const bs_open_node *p)
{
  const bs_j48 *k = g->j48;
  double sum = 0, best = 0;
  int valid = 0, chosen = BS_LEAF;
  for (int slot = 0; slot < k->columns; slot++)
    g->by_slot[slot].valid = false;
  for (int i = 0; i < p->live; i++)
    g->by_slot[p->candidate[i].slot] = p->candidate[i].split;
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

/* Number of the node's rows that the threshold sends left: a prefix. */
static size_t count_left(const grower *g, const double *x, const uint64_t *list,
                         size_t n, double threshold)
{
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (bs_goes_left(g->j48->options.rules, x[(uint32_t)list[middle]],
                     threshold))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The owner of the chosen column: place the threshold, and give every row of
 * the node its side. */
static bs_status place_cut(grower *g, bs_open_node *p)
{
  const bs_j48 *k = g->j48;
  bs_segment s = g->grown->segment[p->node];
  int slot = k->slot[p->chosen], feature = k->feature[p->chosen];
  const uint64_t *list = list_of(g, slot) + s.begin;
  const double *x = k->data->x + (size_t)feature * k->data->n;
  double below = x[(uint32_t)list[p->cut - 1]],
         above = x[(uint32_t)list[p->cut]];
  double midpoint = (above + below) / 2;
  if (!isfinite(midpoint))
    return bs_fail(BS_ERR_RUNTIME,
                   "the rules of Weka never end on this data: values of '%s' "
                   "are so large that the middle between them overflows",
                   k->data->feature[feature]);
  if (midpoint == above)
    midpoint = below;
  BS_TRY(bs_threshold_place(k, feature, midpoint, g->training, g->n,
                            g->workspace, &p->threshold));
  p->left = count_left(g, x, list, s.count, p->threshold);
  if (p->left == 0 || p->left == s.count)
    return bs_fail(BS_ERR_RUNTIME,
                   "the rules of Weka 3.6 never end on this data: values of "
                   "'%s' lie exactly 1e-6 apart; use --weka 3.8",
                   k->data->feature[feature]);
  /* Class counts are stored by position, but rows go by the threshold: the two
   * differ only under the tolerant rules of 3.6. */
  uint32_t mask = (UINT32_C(1) << k->criterion.class_bits) - 1;
  uint32_t *count = bs_tree_count(g->grown->tree, p->node, 1);
  for (size_t i = 0; i < p->cut; i++)
    count[(uint32_t)(list[i] >> 32) & mask]++;
  uint64_t *side = g->workspace->side;
  for (size_t i = 0; i < s.count; i++) {
    uint32_t row = (uint32_t)list[i];
    uint64_t bit = UINT64_C(1) << (row % 64);
    if (i < p->left)
      side[row / 64] &= ~bit;
    else
      side[row / 64] |= bit;
  }
  return BS_OK;
}

/* Append the two children of a node, with room for their segments. */
static bs_status add_children(grower *g, uint32_t node)
{
  bs_tree *tree = g->grown->tree;
  uint32_t before = tree->capacity;
  for (int b = 0; b < 2; b++) {
    uint32_t child;
    BS_TRY(bs_tree_add(tree, &child));
    tree->node[node].child[b] = child;
  }
  if (tree->capacity == before)
    return BS_OK;
  bs_segment *segment =
      realloc(g->grown->segment, tree->capacity * sizeof *g->grown->segment);
  if (segment == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
  g->grown->segment = segment;
  return BS_OK;
}

/* Put the rows of a node in order by their sides, and count each child's. */
static void send_rows(const grower *g, const bs_open_node *p)
{
  bs_tree *tree = g->grown->tree;
  const uint32_t *child = tree->node[p->node].child;
  uint32_t *count[2] = {bs_tree_count(tree, child[0], 0),
                        bs_tree_count(tree, child[1], 0)};
  bs_segment s = g->grown->segment[p->node];
  uint32_t *rows = g->workspace->rows + s.begin, *aside = g->workspace->spare;
  size_t kept = 0, moved = 0;
  for (size_t i = 0; i < s.count; i++) {
    uint32_t row = rows[i];
    uint32_t right = (uint32_t)(g->workspace->side[row / 64] >> (row % 64)) & 1;
    rows[kept] = row;
    aside[moved] = row;
    kept += 1 - right;
    moved += right;
    count[right][g->workspace->tag[row]]++;
  }
  memcpy(rows + kept, aside, moved * sizeof *rows);
  g->grown->segment[child[0]] = (bs_segment){s.begin, (uint32_t)kept};
  g->grown->segment[child[1]] =
      (bs_segment){s.begin + (uint32_t)kept, (uint32_t)moved};
}

/* Make an inner node of an open one whose rows' sides are known. */
static bs_status split_node(grower *g, const bs_open_node *p)
{
  bs_tree *tree = g->grown->tree;
  BS_TRY(add_children(g, p->node));
  tree->node[p->node].feature = g->j48->feature[p->chosen];
  tree->node[p->node].threshold = p->threshold;
  uint32_t *left = bs_tree_count(tree, p->node, 0);
  uint32_t *right = bs_tree_count(tree, p->node, 1);
  for (int c = 0; c < tree->c;
       c++) { /* come as: all, left; leave: left, right */
    uint32_t all = left[c];
    left[c] = right[c];
    right[c] = all - left[c];
  }
  send_rows(g, p);
  return BS_OK;
}

/* Partition own live columns of a node that has been split, and find their best
 * cuts in the children that are open. */
static void split_columns(const grower *g, const bs_open_node *p,
                          bs_open_node *const open[2])
{
  const uint32_t *child = g->grown->tree->node[p->node].child;
  bs_segment s = g->grown->segment[p->node];
  size_t left = g->grown->segment[child[0]].count;
  bool share =
      g->team->threads > 1 && (size_t)s.count * (size_t)p->live > SHARED_WORK;
#pragma omp taskloop grainsize(1) default(shared) if (share)
  for (int i = 0; i < p->live; i++) {
    int slot = p->candidate[i].slot;
    if (!is_mine(g, slot))
      continue;
    g->j48->criterion.kernels->partition(s.count, g->workspace->side, left,
                                         list_of(g, slot) + s.begin,
                                         my_scratch(g)->list);
    for (int b = 0; b < 2; b++)
      if (open[b] != NULL)
        open[b]->candidate[i].split = find(g, slot, child[b]);
  }
}

/* Find out where the rows of every node of the batch go. Afterwards all ranks
 * have the same counts, and side bits of all rows. st is how this rank has
 * fared so far. Here is where a tree is given up if the program is to stop.
 */
static bs_status decide(grower *g, bs_status st, size_t batch,
                        bs_open_node *node)
{
  if (st == BS_OK)
    st = bs_stop_check();
  for (size_t i = 0; i < batch && st == BS_OK; i++) {
    bs_open_node *p = &node[i];
    p->chosen = choose_feature(g, p);
    if (p->chosen == BS_LEAF)
      continue;
    int slot = g->j48->slot[p->chosen];
    p->owner = slot % g->group->size;
    p->cut = g->by_slot[slot].left;
    if (is_mine(g, slot))
      st = place_cut(g, p);
  }
  if (g->group->size == 1)
    return st;
  BS_TRY(bs_agree(g->group->comm, st));
  return bs_exchange_sides(g->group, batch, node, g->grown, g->workspace);
}

/* Split the nodes of a batch and open their children, the last one's first, so
 * that the first node's left child is on top of the stack. */
static bs_status open_children(grower *g, size_t batch,
                               const bs_open_node *node)
{
  bs_open_node *open;
  size_t opened = 0;
  bs_status st = bs_mem_zalloc(2 * batch, sizeof *open, &open);
  for (size_t i = batch; i-- > 0 && st == BS_OK;) {
    const bs_open_node *p = &node[i];
    bs_open_node *child[2] = {NULL, NULL};
    if (p->chosen == BS_LEAF)
      continue;
    st = split_node(g, p);
    for (int b = 1; b >= 0 && st == BS_OK; b--) {
      uint32_t number = g->grown->tree->node[p->node].child[b];
      if (is_leaf_at_once(g, number))
        continue;
      child[b] = &open[opened++];
      st = open_node(g, number, p, child[b]);
    }
    if (st == BS_OK && (child[0] != NULL || child[1] != NULL))
      split_columns(g, p, child);
  }
  if (st == BS_OK)
    st = reserve(g, opened);
  if (g->group->size > 1) {
    st = bs_agree(g->group->comm, st);
    if (st == BS_OK)
      st = bs_exchange_splits(g->group, opened, open);
  }
  for (size_t i = 0; i < opened && st == BS_OK; i++)
    push(g, &open[i]);
  for (size_t i = 0; open != NULL && i < opened; i++)
    bs_mem_free(&open[i].candidate);
  bs_mem_free(&open);
  return st;
}

/* Take nodes off the stack and split them. */
static bs_status split_batch(grower *g)
{
  size_t batch = g->group->size == 1 ? 1 : g->depth;
  bs_open_node *node;
  bs_status st = bs_mem_alloc(batch, sizeof *node, &node);
  for (size_t i = 0; node != NULL && i < batch; i++)
    node[i] = g->stack[--g->depth];
  st = decide(g, st, batch, node);
  if (st == BS_OK)
    st = open_children(g, batch, node);
  for (size_t i = 0; node != NULL && i < batch; i++)
    bs_mem_free(&node[i].candidate);
  bs_mem_free(&node);
  return st;
}

bs_status bs_grow(const bs_j48 *j48, const uint32_t *rows, size_t n,
                  bs_group *group, bs_team *team, bs_workspace *workspace,
                  bs_grown *grown)
{
  grower g = {.j48 = j48,
              .training = rows,
              .n = n,
              .group = group,
              .team = team,
              .workspace = workspace,
              .grown = grown};
  bs_open_node root = {0};
  bs_status st;
  memset(grown, 0, sizeof *grown);
  st = make_root(&g, &root);
  if (st == BS_OK)
    st = bs_stop_check();
  if (group->size > 1)
    st = bs_agree(group->comm, st);
  if (st == BS_OK && root.candidate != NULL)
    st = start_root(&g, &root);
  bs_mem_free(&root.candidate);
  while (g.depth > 0 && st == BS_OK)
    st = split_batch(&g);
  while (g.depth > 0)
    bs_mem_free(&g.stack[--g.depth].candidate);
  free(g.stack);
  bs_mem_free(&g.by_slot);
  return st;
}

void bs_grown_free(bs_grown *grown)
{
  bs_tree_destroy(&grown->tree);
  free(grown->segment);
  grown->segment = NULL;
}
