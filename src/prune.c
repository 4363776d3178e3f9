/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/prune.h"

#include "src/mem.h"
#include "src/stop.h"
#include "src/tolerance.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* Rows and majority of a pair of class counts; the second may be NULL. */
static double errors_of(int c, const uint32_t *a, const uint32_t *b,
                        uint32_t *merged, double *rows)
{
  uint64_t sum = 0;
  for (int k = 0; k < c; k++) {
    merged[k] = a[k] + (b == NULL ? 0 : b[k]);
    sum += merged[k];
  }
  *rows = (double)sum;
  return (double)(sum - merged[bs_majority(c, merged)]);
}

/* The node becomes a leaf with the rows of both branches. */
static void make_leaf(bs_tree *tree, uint32_t node)
{
  uint32_t *left = bs_tree_count(tree, node, 0);
  uint32_t *right = bs_tree_count(tree, node, 1);
  for (int k = 0; k < tree->c; k++) {
    left[k] += right[k];
    right[k] = 0;
  }
  tree->node[node].feature = BS_LEAF;
}

bs_status bs_collapse(bs_tree *tree)
{
  double *below = NULL, rows; /* training errors of each subtree's leaves */
  uint32_t *merged = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(tree->size, sizeof *below, &below));
  BS_GO(st, bs_mem_alloc((size_t)tree->c, sizeof *merged, &merged));
  for (uint32_t i = tree->size; i-- > 0;) {
    const bs_tree_node *node = &tree->node[i];
    below[i] =
        node->feature == BS_LEAF
            ? errors_of(tree->c, bs_tree_count(tree, i, 0), NULL, merged, &rows)
            : below[node->child[0]] + below[node->child[1]];
  }
  /* In this order parents come before their children; what hangs below a new
   * leaf is out of the tree, and turning it into leaves too does no harm. */
  for (uint32_t i = 0; i < tree->size; i++) {
    if (tree->node[i].feature == BS_LEAF)
      continue;
    double own = errors_of(tree->c, bs_tree_count(tree, i, 0),
                           bs_tree_count(tree, i, 1), merged, &rows);
    if (below[i] >= own - 1e-3)
      make_leaf(tree, i);
  }
done:
  bs_mem_free(&below);
  bs_mem_free(&merged);
  return st;
}

/* A node on the way down and back up again. */
typedef struct visit {
  uint32_t node;
  int stage; /* children pruned so far */
} visit;

typedef struct pruner {
  const bs_j48 *j48;
  uint32_t *rows; /* of the training set, by node */
  bs_tree *tree;
  bs_segment *segment;
  double *estimate; /* (size): estimated errors of the subtree as it stands */
  double *raised;   /* (size): the same with more rows, where touched */
  uint32_t *extra;  /* (size, c): rows more at a leaf; all 0 between uses */
  uint8_t *touched; /* (size): 0 between uses */
  uint32_t *path;   /* (size): touched nodes */
  uint32_t *merged; /* (c) */
  visit *stack;     /* (size) */
} pruner;

/* Estimated errors of class counts, perhaps of two branches together. */
static double estimate(const pruner *p, const uint32_t *a, const uint32_t *b)
{
  double rows, errors = errors_of(p->tree->c, a, b, p->merged, &rows);
  return bs_estimated_errors(&p->j48->pruning, rows, errors);
}

static const double *column(const pruner *p, int32_t feature)
{
  return p->j48->data->x + (size_t)feature * p->j48->data->n;
}

static bool goes_left(const pruner *p, const bs_tree_node *node, uint32_t row)
{
  return bs_goes_left(p->tree->rules, column(p, node->feature)[row],
                      node->threshold);
}

static int descending(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x < y) - (x > y);
}

/* Send a row down from `node`, noting the way and the leaf. */
static size_t drop_row(pruner *p, uint32_t node, uint32_t row, size_t touched)
{
  for (;;) {
    const bs_tree_node *here = &p->tree->node[node];
    if (!p->touched[node]) {
      p->touched[node] = 1;
      p->path[touched++] = node;
    }
    if (here->feature == BS_LEAF)
      break;
    node = here->child[goes_left(p, here, row) ? 0 : 1];
  }
  p->extra[(size_t)node * (size_t)p->tree->c + p->j48->data->y[row]]++;
  return touched;
}

/* Estimated errors of the larger branch if it had all rows of the node. Its own
 * rows are at its leaves already, so only the other branch's are sent down. */
static double estimate_raised(pruner *p, uint32_t larger, uint32_t other)
{
  bs_segment s = p->segment[other];
  size_t touched = 0, c = (size_t)p->tree->c;
  for (uint32_t i = 0; i < s.count; i++)
    touched = drop_row(p, larger, p->rows[s.begin + i], touched);
  if (touched == 0)
    return p->estimate[larger];
  /* Children have higher numbers than their parents. */
  qsort(p->path, touched, sizeof *p->path, descending);
  for (size_t i = 0; i < touched; i++) {
    uint32_t node = p->path[i];
    const bs_tree_node *here = &p->tree->node[node];
    if (here->feature == BS_LEAF) {
      uint32_t *extra = p->extra + (size_t)node * c;
      p->raised[node] = estimate(p, bs_tree_count(p->tree, node, 0), extra);
      memset(extra, 0, c * sizeof *extra);
      continue;
    }
    double sum = 0;
    for (int b = 0; b < 2; b++) {
      uint32_t son = here->child[b];
      sum += p->touched[son] ? p->raised[son] : p->estimate[son];
    }
    p->raised[node] = sum;
  }
  for (size_t i = 0; i < touched; i++)
    p->touched[p->path[i]] = 0;
  return p->raised[larger];
}

/* Put the rows of a segment that go left first; returns their number. */
static uint32_t partition_rows(const pruner *p, const bs_tree_node *node,
                               bs_segment s)
{
  uint32_t *rows = p->rows + s.begin, left = 0;
  for (uint32_t i = 0; i < s.count; i++)
    if (goes_left(p, node, rows[i])) {
      uint32_t swap = rows[left];
      rows[left++] = rows[i];
      rows[i] = swap;
    }
  return left;
}

/* C45PruneableClassifierTree.newDistribution: all counts below a node from its
 * rows; splits and thresholds stay. */
static void redistribute(pruner *p, uint32_t root)
{
  size_t c = (size_t)p->tree->c, depth = 0;
  uint32_t *todo = p->path; /* free here: nothing is touched */
  todo[depth++] = root;
  while (depth > 0) {
    uint32_t node = todo[--depth];
    const bs_tree_node *here = &p->tree->node[node];
    bs_segment s = p->segment[node];
    uint32_t left = s.count;
    if (here->feature != BS_LEAF) {
      left = partition_rows(p, here, s);
      p->segment[here->child[0]] = (bs_segment){s.begin, left};
      p->segment[here->child[1]] = (bs_segment){s.begin + left, s.count - left};
      todo[depth++] = here->child[1];
      todo[depth++] = here->child[0];
    }
    memset(bs_tree_count(p->tree, node, 0), 0, 2 * c * sizeof(uint32_t));
    for (uint32_t i = 0; i < s.count; i++) {
      uint32_t row = p->rows[s.begin + i];
      bs_tree_count(p->tree, node, i >= left)[p->j48->data->y[row]]++;
    }
  }
}

/* The node takes over its son's test and sons. */
static void raise_son(pruner *p, uint32_t node, uint32_t son)
{
  p->tree->node[node] = p->tree->node[son];
  redistribute(p, node);
}

static uint64_t weight(const pruner *p, uint32_t node, int branch)
{
  const uint32_t *count = bs_tree_count(p->tree, node, branch);
  uint64_t sum = 0;
  for (int k = 0; k < p->tree->c; k++)
    sum += count[k];
  return sum;
}

/* Decide on an inner node whose children are pruned. Returns true if it has
 * been replaced and must be pruned again. */
static bool decide(pruner *p, uint32_t node)
{
  const uint32_t *child = p->tree->node[node].child;
  /* On equal weights the later branch. */
  int b = bs_gr_or_eq((double)weight(p, node, 1), (double)weight(p, node, 0));
  double as_leaf = estimate(p, bs_tree_count(p->tree, node, 0),
                            bs_tree_count(p->tree, node, 1));
  double as_tree = p->estimate[child[0]] + p->estimate[child[1]];
  double as_son = p->j48->options.no_raising
                      ? DBL_MAX
                      : estimate_raised(p, child[b], child[1 - b]);
  p->estimate[node] = as_tree;
  if (bs_sm_or_eq(as_leaf, as_tree + 0.1) &&
      bs_sm_or_eq(as_leaf, as_son + 0.1)) {
    make_leaf(p->tree, node);
    p->estimate[node] = as_leaf;
  } else if (bs_sm_or_eq(as_son, as_tree + 0.1)) {
    raise_son(p, node, child[b]);
    return true;
  }
  return false;
}

static void prune_all(pruner *p)
{
  size_t depth = 0;
  p->stack[depth++] = (visit){0, 0};
  while (depth > 0 && !bs_stop_wanted()) {
    visit *v = &p->stack[depth - 1];
    const bs_tree_node *here = &p->tree->node[v->node];
    if (here->feature == BS_LEAF) {
      p->estimate[v->node] =
          estimate(p, bs_tree_count(p->tree, v->node, 0), NULL);
      depth--;
    } else if (v->stage < 2) {
      p->stack[depth++] = (visit){here->child[v->stage++], 0};
    } else if (decide(p, v->node)) {
      v->stage = 0;
    } else {
      depth--;
    }
  }
}

bs_status bs_prune(const bs_j48 *j48, const bs_grown *grown)
{
  pruner p = {.j48 = j48,
              .rows = grown->rows,
              .tree = grown->tree,
              .segment = grown->segment};
  size_t size = p.tree->size, c = (size_t)p.tree->c;
  bs_status st;
  BS_GO(st, bs_mem_alloc(size, sizeof *p.estimate, &p.estimate));
  BS_GO(st, bs_mem_alloc(size, sizeof *p.raised, &p.raised));
  BS_GO(st, bs_mem_zalloc(size * c, sizeof *p.extra, &p.extra));
  BS_GO(st, bs_mem_zalloc(size, sizeof *p.touched, &p.touched));
  BS_GO(st, bs_mem_alloc(size, sizeof *p.path, &p.path));
  BS_GO(st, bs_mem_alloc(c, sizeof *p.merged, &p.merged));
  BS_GO(st, bs_mem_alloc(size, sizeof *p.stack, &p.stack));
  prune_all(&p);
  st = bs_stop_check();
done:
  bs_mem_free(&p.estimate);
  bs_mem_free(&p.raised);
  bs_mem_free(&p.extra);
  bs_mem_free(&p.touched);
  bs_mem_free(&p.path);
  bs_mem_free(&p.merged);
  bs_mem_free(&p.stack);
  return st;
}
