/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/tree.h"

#include "src/mem.h"
#include "src/tolerance.h"
#include <stdlib.h>
#include <string.h>

bs_status bs_tree_create(int c, bs_weka rules, bs_tree **out)
{
  BS_TRY(bs_mem_zalloc(1, sizeof **out, out));
  (*out)->c = c;
  (*out)->rules = rules;
  return BS_OK;
}

void bs_tree_destroy(bs_tree **tree)
{
  if (*tree == NULL)
    return;
  free((*tree)->node);
  free((*tree)->count);
  bs_mem_free(tree);
}

static bs_status grow_arrays(bs_tree *tree)
{
  size_t capacity = tree->capacity == 0 ? 64 : (size_t)tree->capacity * 2;
  size_t row = 2 * (size_t)tree->c * sizeof *tree->count;
  bs_tree_node *node = NULL;
  uint32_t *count = NULL;
  if (capacity <= UINT32_MAX && capacity < SIZE_MAX / row) {
    node = realloc(tree->node, capacity * sizeof *node);
    if (node != NULL)
      tree->node = node;
    count = realloc(tree->count, capacity * row);
    if (count != NULL)
      tree->count = count;
  }
  if (node == NULL || count == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: a tree of %zu nodes",
                   capacity);
  tree->capacity = (uint32_t)capacity;
  return BS_OK;
}

bs_status bs_tree_add(bs_tree *tree, uint32_t *number)
{
  if (tree->size == tree->capacity)
    BS_TRY(grow_arrays(tree));
  *number = tree->size++;
  tree->node[*number] = (bs_tree_node){.feature = BS_LEAF};
  memset(bs_tree_count(tree, *number, 0), 0,
         2 * (size_t)tree->c * sizeof *tree->count);
  return BS_OK;
}

bs_status bs_tree_compact(const bs_tree *tree, bs_tree **out)
{
  bs_status st;
  bs_tree *to = NULL;
  /* Pairs of a node still to copy and the parent's link to set. */
  struct pending {
    uint32_t from, parent;
    int branch;
  } *stack = NULL;
  size_t depth = 0;
  *out = NULL;
  BS_GO(st, bs_tree_create(tree->c, tree->rules, &to));
  to->pruned = tree->pruned;
  BS_GO(st, bs_mem_alloc((size_t)tree->size + 1, sizeof *stack, &stack));
  stack[depth++] = (struct pending){0, 0, -1};
  while (depth > 0) {
    struct pending p = stack[--depth];
    uint32_t number;
    BS_GO(st, bs_tree_add(to, &number));
    const bs_tree_node *node = &tree->node[p.from];
    to->node[number] = *node;
    memcpy(bs_tree_count(to, number, 0), bs_tree_count(tree, p.from, 0),
           2 * (size_t)tree->c * sizeof *tree->count);
    if (p.branch >= 0)
      to->node[p.parent].child[p.branch] = number;
    if (node->feature == BS_LEAF)
      continue;
    stack[depth++] = (struct pending){node->child[1], number, 1};
    stack[depth++] = (struct pending){node->child[0], number, 0};
  }
  *out = to;
  to = NULL;
done:
  bs_mem_free(&stack);
  bs_tree_destroy(&to);
  return st;
}

uint32_t bs_tree_leaves(const bs_tree *tree)
{
  uint32_t leaves = 0;
  for (uint32_t i = 0; i < tree->size; i++)
    leaves += tree->node[i].feature == BS_LEAF;
  return leaves;
}

int bs_majority(int c, const uint32_t *count)
{
  int best = 0;
  double most = 0;
  for (int i = 0; i < c; i++)
    if (bs_gr(count[i], most)) {
      most = count[i];
      best = i;
    }
  return best;
}

uint32_t bs_tree_leaf(const bs_tree *tree, const double *x, size_t n,
                      size_t row)
{
  uint32_t i = 0;
  while (tree->node[i].feature != BS_LEAF) {
    const bs_tree_node *node = &tree->node[i];
    double value = x[(size_t)node->feature * n + row];
    i = node->child[bs_goes_left(tree->rules, value, node->threshold) ? 0 : 1];
  }
  return i;
}

static uint64_t total(int c, const uint32_t *count)
{
  uint64_t sum = 0;
  for (int i = 0; i < c; i++)
    sum += count[i];
  return sum;
}

void bs_tree_probabilities(const bs_tree *tree, double *prob)
{
  int c = tree->c;
  memset(prob, 0, (size_t)tree->size * (size_t)c * sizeof *prob);
  for (uint32_t i = 0; i < tree->size; i++) {
    const uint32_t *count = bs_tree_count(tree, i, 0);
    uint64_t sum = total(c, count);
    if (tree->node[i].feature != BS_LEAF || sum == 0)
      continue;
    for (int k = 0; k < c; k++)
      prob[(size_t)i * (size_t)c + (size_t)k] = (double)count[k] / (double)sum;
  }
}
