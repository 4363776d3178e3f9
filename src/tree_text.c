/* SPDX-License-Identifier: BSD-3-Clause */
/* The tree as Weka prints it (J48.toString, ClassifierTree.dumpTree,
 * C45Split.leftSide/rightSide, ClassifierSplitModel.dumpLabel). */
#include "src/mem.h"
#include "src/tolerance.h"
#include "src/tree.h"
#include "src/weka_format.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DECIMALS = 6 };

typedef struct writer {
  const bs_tree *tree;
  char *const *feature;
  char *const *class_name;
  FILE *out;
} writer;

/* A number of rows, as Java writes a double of at most two decimals. */
static void write_rows(const writer *w, double rows)
{
  char text[BS_NUMBER_TEXT];
  bs_format_java(floor(rows * 100 + 0.5) / 100, text);
  fputs(text, w->out);
}

/* "class (rows)" or "class (rows/errors)" of class counts. Where there are none
 * the class is that of `whole`: two branches' counts one behind the other. */
static void write_label(const writer *w, const uint32_t *count,
                        const uint32_t *whole)
{
  int c = w->tree->c, best = bs_majority(c, count);
  double sum = 0, most = 0;
  for (int k = 0; k < c; k++)
    sum += count[k];
  if (!bs_gr(sum, 0))
    for (int k = c - 1; k >= 0; k--) {
      double both = (double)whole[k] + whole[c + k];
      if (both >= most) {
        most = both;
        best = k;
      }
    }
  double errors = sum - count[best];
  fprintf(w->out, "%s (", w->class_name[best]);
  write_rows(w, sum);
  if (bs_gr(errors, 0)) {
    fputc('/', w->out);
    write_rows(w, errors);
  }
  fputc(')', w->out);
}

/* One line: the test of one branch, and the label of a leaf behind it. */
static void write_branch(const writer *w, uint32_t node, int branch, int depth)
{
  const bs_tree_node *here = &w->tree->node[node];
  char text[BS_NUMBER_TEXT];
  fputc('\n', w->out);
  for (int i = 0; i < depth; i++)
    fputs("|   ", w->out);
  bs_format_fixed(w->tree->rules, here->threshold, DECIMALS, text);
  fprintf(w->out, "%s %s %s", w->feature[here->feature],
          branch == 0 ? "<=" : ">", text);
  if (w->tree->node[here->child[branch]].feature == BS_LEAF) {
    fputs(": ", w->out);
    write_label(w, bs_tree_count(w->tree, node, branch),
                bs_tree_count(w->tree, node, 0));
  }
}

/* Branches of inner nodes, in the order they are printed. */
static bs_status write_branches(const writer *w)
{
  struct visit {
    uint32_t node;
    int branch, depth;
  } * stack;
  size_t top = 0;
  BS_TRY(bs_mem_alloc((size_t)w->tree->size + 2, sizeof *stack, &stack));
  if (w->tree->node[0].feature != BS_LEAF) {
    stack[top++] = (struct visit){0, 1, 0};
    stack[top++] = (struct visit){0, 0, 0};
  }
  while (top > 0) {
    struct visit v = stack[--top];
    write_branch(w, v.node, v.branch, v.depth);
    uint32_t child = w->tree->node[v.node].child[v.branch];
    if (w->tree->node[child].feature == BS_LEAF)
      continue;
    stack[top++] = (struct visit){child, 1, v.depth + 1};
    stack[top++] = (struct visit){child, 0, v.depth + 1};
  }
  bs_mem_free(&stack);
  return BS_OK;
}

bs_status bs_tree_text(const bs_tree *tree, char *const *feature,
                       char *const *class_name, char **text)
{
  size_t bytes;
  *text = NULL;
  writer w = {tree, feature, class_name, open_memstream(text, &bytes)};
  if (w.out == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: printing a tree");
  const char *kind = tree->pruned ? "pruned" : "unpruned";
  fprintf(w.out, "J48 %s tree\n------------------\n", kind);
  if (tree->node[0].feature == BS_LEAF) {
    fputs(": ", w.out);
    write_label(&w, bs_tree_count(tree, 0, 0), bs_tree_count(tree, 0, 0));
  }
  bs_status st = write_branches(&w);
  fprintf(w.out, "\n\nNumber of Leaves  : \t%u\n\nSize of the tree : \t%u\n",
          bs_tree_leaves(tree), tree->size);
  if ((ferror(w.out) | fclose(w.out)) != 0 && st == BS_OK)
    st = bs_fail(BS_ERR_RESOURCE, "out of memory: printing a tree");
  if (st != BS_OK) {
    free(*text);
    *text = NULL;
  }
  return st;
}
