#include "src/grow.h"

#include "kernels/kernels.h"
#include "src/mem.h"
#include "src/threshold.h"
#include "src/tolerance.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* A column that can still be cut somewhere in a node, and its best cut there. */
typedef struct candidate {
  int slot; /* index in j48->column */
  bs_split split;
} candidate;

/* A node to be split, on the stack: its candidates are known already. */
typedef struct pending {
  uint32_t node;
  int live;
  candidate *candidate; /* (live), owned */
} pending;

typedef struct grower {
  const bs_j48 *j48;
  const uint32_t *training; /* (n) in training order */
  size_t n;
  bs_team *team;
  bs_workspace *workspace;
  bs_grown *grown;
  pending *stack;
  size_t depth, capacity;
  bs_split *by_slot; /* (columns): candidates of the node in hand */
} grower;

/* Element moves in a node below which sharing its columns costs more than it
 * brings. */
enum { SHARED_WORK = 1 << 17 };

static uint64_t *list_of(const grower *g, int slot)
{
  return g->workspace->list + (size_t)slot * (g->workspace->n + 1);
}

static const uint32_t *reach_of(const grower *g, int slot)
{
  return g->j48->presort->sorted[g->j48->column[slot]].reach;
}

static bs_scratch *my_scratch(const grower *g)
{
  return &g->team->scratch[omp_get_thread_num()];
}

/* Class totals of a node: both branches' sum, or the leaf's counts. While a
 * node waits to be split its counts are in branch 0. */
static const uint32_t *totals(const grower *g, uint32_t node)
{
  return bs_tree_count(g->grown->tree, node, 0);
}

/* C45ModelSelection: too few rows, or all of one class. */
static bool is_leaf_at_once(const grower *g, uint32_t node)
{
  const uint32_t *count = totals(g, node);
  double sum = g->grown->segment[node].count;
  int best = bs_majority(g->j48->criterion.c, count);
  return bs_sm(sum, 2 * g->j48->criterion.min_leaf) ||
         bs_eq(sum, count[best]);
}

/* Best cut of one column at one node. */
static bs_split find(const grower *g, int slot, uint32_t node)
{
  bs_segment s = g->grown->segment[node];
  return bs_split_find(&g->j48->criterion, s.count, list_of(g, slot) + s.begin,
                       reach_of(g, slot), totals(g, node),
                       my_scratch(g)->count);
}

/* Put a node on the stack with the candidates that are not dead. */
static bs_status push(grower *g, uint32_t node, const candidate *found,
                      int count)
{
  if (g->depth == g->capacity) {
    size_t capacity = g->capacity == 0 ? 64 : 2 * g->capacity;
    pending *stack = realloc(g->stack, capacity * sizeof *stack);
    if (stack == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
    g->stack = stack;
    g->capacity = capacity;
  }
  int live = 0;
  for (int i = 0; i < count; i++)
    live += !found[i].split.dead;
  pending *p = &g->stack[g->depth];
  p->node = node;
  p->live = 0;
  BS_TRY(bs_mem_alloc((size_t)live, sizeof *found, &p->candidate));
  for (int i = 0; i < count; i++)
    if (!found[i].split.dead)
      p->candidate[p->live++] = found[i];
  g->depth++;
  return BS_OK;
}

/* Make the root: filter every column's sorted order, find its best cut. */
static bs_status start_root(grower *g)
{
  const bs_j48 *k = g->j48;
  uint32_t node;
  BS_TRY(bs_tree_add(g->grown->tree, &node));
  g->grown->segment = malloc(g->grown->tree->capacity * sizeof(bs_segment));
  candidate *found;
  if (g->grown->segment == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
  g->grown->segment[node] = (bs_segment){0, (uint32_t)g->n};
  uint32_t *count = bs_tree_count(g->grown->tree, node, 0);
  for (size_t i = 0; i < g->n; i++)
    count[g->workspace->tag[g->training[i]]]++;
  if (is_leaf_at_once(g, node))
    return BS_OK;
  BS_TRY(bs_mem_alloc((size_t)k->columns, sizeof *found, &found));
#pragma omp taskloop grainsize(1) default(shared) if (g->team->threads > 1)
  for (int slot = 0; slot < k->columns; slot++) {
    const bs_sorted_column *c = &k->presort->sorted[k->column[slot]];
    bs_filter_list_ref(k->data->n, c->order, c->step, g->workspace->tag,
                       k->criterion.class_bits, list_of(g, slot));
    found[slot].slot = slot;
    found[slot].split = find(g, slot, node);
  }
  bs_status st = push(g, node, found, k->columns);
  bs_mem_free(&found);
  return st;
}

/* C45ModelSelection.selectModel: among the features whose gain is not below the
 * average, the first of the best gain ratios. Twins count as often as they
 * occur. Returns BS_LEAF if there is none. */
static int choose_feature(const grower *g, const pending *p)
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

static void count_classes(const grower *g, const uint64_t *list, size_t n,
                          uint32_t *count)
{
  uint32_t mask = (UINT32_C(1) << g->j48->criterion.class_bits) - 1;
  memset(count, 0, (size_t)g->j48->criterion.c * sizeof *count);
  for (size_t i = 0; i < n; i++)
    count[(uint32_t)(list[i] >> 32) & mask]++;
}

/* Append the two children of a node, with their rows' classes. */
static bs_status add_children(grower *g, uint32_t node, const uint64_t *list,
                              size_t left)
{
  bs_tree *tree = g->grown->tree;
  uint32_t before = tree->capacity;
  for (int b = 0; b < 2; b++) {
    uint32_t child;
    BS_TRY(bs_tree_add(tree, &child));
    tree->node[node].child[b] = child;
  }
  if (tree->capacity != before) {
    bs_segment *grown = realloc(g->grown->segment,
                                tree->capacity * sizeof *g->grown->segment);
    if (grown == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory: growing a tree");
    g->grown->segment = grown;
  }
  bs_segment all = g->grown->segment[node];
  uint32_t *child = tree->node[node].child;
  g->grown->segment[child[0]] = (bs_segment){all.begin, (uint32_t)left};
  g->grown->segment[child[1]] =
      (bs_segment){all.begin + (uint32_t)left, all.count - (uint32_t)left};
  count_classes(g, list, left, bs_tree_count(tree, child[0], 0));
  count_classes(g, list + left, all.count - left,
                bs_tree_count(tree, child[1], 0));
  return BS_OK;
}

/* Give every row of a node its side, and put the node's row list in order. */
static void send_rows(const grower *g, bs_segment s, const uint64_t *list,
                      size_t left)
{
  uint64_t *side = g->workspace->side;
  for (size_t i = 0; i < s.count; i++) {
    uint32_t row = (uint32_t)list[i];
    uint64_t bit = UINT64_C(1) << (row % 64);
    if (i < left)
      side[row / 64] &= ~bit;
    else
      side[row / 64] |= bit;
  }
  uint32_t *rows = g->workspace->rows + s.begin, *aside = g->workspace->spare;
  size_t kept = 0, moved = 0;
  for (size_t i = 0; i < s.count; i++) {
    uint32_t row = rows[i];
    uint32_t right = (uint32_t)(side[row / 64] >> (row % 64)) & 1;
    rows[kept] = row;
    aside[moved] = row;
    kept += 1 - right;
    moved += right;
  }
  memcpy(rows + kept, aside, moved * sizeof *rows);
}

/* Partition the live columns of a node that has been split, and find the best
 * cuts of those children that are not leaves already. */
static bs_status split_columns(grower *g, const pending *p, size_t left)
{
  bs_segment s = g->grown->segment[p->node];
  const uint32_t *child = g->grown->tree->node[p->node].child;
  bool open[2] = {!is_leaf_at_once(g, child[0]), !is_leaf_at_once(g, child[1])};
  candidate *found;
  bs_status st = BS_OK;
  if (!open[0] && !open[1])
    return BS_OK;
  BS_TRY(bs_mem_alloc(2 * (size_t)p->live, sizeof *found, &found));
  bool share = g->team->threads > 1 &&
               (size_t)s.count * (size_t)p->live > SHARED_WORK;
#pragma omp taskloop grainsize(1) default(shared) if (share)
  for (int i = 0; i < p->live; i++) {
    int slot = p->candidate[i].slot;
    bs_partition_list_ref(s.count, g->workspace->side, left,
                          list_of(g, slot) + s.begin, my_scratch(g)->list);
    for (int b = 0; b < 2; b++) {
      candidate *c = &found[b * p->live + i];
      c->slot = slot;
      if (open[b])
        c->split = find(g, slot, child[b]);
    }
  }
  /* The left child is grown first: it goes on the stack last. */
  for (int b = 1; b >= 0 && st == BS_OK; b--)
    if (open[b])
      st = push(g, child[b], found + b * p->live, p->live);
  bs_mem_free(&found);
  return st;
}

/* Split a node at its best candidate, or leave it a leaf. */
static bs_status split_node(grower *g, const pending *p)
{
  const bs_j48 *k = g->j48;
  int f = choose_feature(g, p);
  if (f == BS_LEAF)
    return BS_OK;
  bs_segment s = g->grown->segment[p->node];
  const uint64_t *list = list_of(g, k->slot[f]) + s.begin;
  const double *x = k->data->x + (size_t)k->feature[f] * k->data->n;
  size_t cut = g->by_slot[k->slot[f]].left;
  double below = x[(uint32_t)list[cut - 1]], above = x[(uint32_t)list[cut]];
  double midpoint = (above + below) / 2, threshold;
  if (midpoint == above)
    midpoint = below;
  BS_TRY(bs_threshold_place(k, k->feature[f], midpoint, g->training, g->n,
                            g->workspace, &threshold));
  size_t left = count_left(g, x, list, s.count, threshold);
  if (left == 0 || left == s.count)
    return bs_fail(BS_ERR_RUNTIME,
                   "the rules of Weka 3.6 never end on this data: values of "
                   "'%s' lie exactly 1e-6 apart; use --weka 3.8",
                   k->data->feature[k->feature[f]]);
  BS_TRY(add_children(g, p->node, list, left));
  bs_tree *tree = g->grown->tree;
  tree->node[p->node].feature = k->feature[f];
  tree->node[p->node].threshold = threshold;
  /* The stored counts are by position, the rows go by the threshold: the two
   * differ only under the tolerant rules of 3.6. */
  count_classes(g, list, cut, bs_tree_count(tree, p->node, 0));
  count_classes(g, list + cut, s.count - cut, bs_tree_count(tree, p->node, 1));
  send_rows(g, s, list, left);
  return split_columns(g, p, left);
}

bs_status bs_grow(const bs_j48 *j48, const uint32_t *rows, size_t n,
                  bs_team *team, bs_workspace *workspace, bs_grown *grown)
{
  grower g = {j48, rows, n, team, workspace, grown, NULL, 0, 0, NULL};
  bs_status st;
  memset(grown, 0, sizeof *grown);
  BS_GO(st, bs_tree_create(j48->criterion.c, j48->options.rules, &grown->tree));
  BS_GO(st, bs_mem_alloc((size_t)j48->columns, sizeof *g.by_slot, &g.by_slot));
  BS_GO(st, start_root(&g));
  while (g.depth > 0) {
    pending p = g.stack[--g.depth];
    st = split_node(&g, &p);
    bs_mem_free(&p.candidate);
    if (st != BS_OK)
      goto done;
  }
done:
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
