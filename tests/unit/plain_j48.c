/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/plain_j48.h"

#include "src/entropy_table.h"
#include "src/exact_math.h"
#include "src/tolerance.h"
#include "src/weka_format.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain_node {
  int feature; /* BS_LEAF for a leaf */
  double threshold;
  size_t n;
  uint32_t *row;   /* (n): the node's training rows */
  uint32_t *count; /* (2, c): rows of each class in each branch */
  plain_node *child[2];
};

typedef struct learner {
  const bs_dataset *data;
  const bs_j48_options *options;
  int features;
  const int *feature;
  const uint32_t *training; /* (all) in training order */
  size_t all;
  bs_pruning pruning;
  bool endless;
} learner;

size_t plain_raised;

static double value(const bs_dataset *d, int feature, uint32_t row)
{
  return d->x[(size_t)feature * d->n + row];
}

static double h(bs_weka rules, double x)
{
  double product = x <= 0 ? 0 : x * bs_exact_log(x);
  return rules == BS_WEKA_36 ? product / BS_LN2 : product;
}

static double unit(bs_weka rules)
{
  return rules == BS_WEKA_36 ? 1 : BS_LN2;
}

static uint32_t sum_of(const uint32_t *count, int c)
{
  uint32_t sum = 0;
  for (int k = 0; k < c; k++)
    sum += count[k];
  return sum;
}

static int majority(const uint32_t *count, int c)
{
  int best = 0;
  double most = 0;
  for (int k = 0; k < c; k++)
    if (bs_gr(count[k], most)) {
      most = count[k];
      best = k;
    }
  return best;
}

static plain_node *new_node(int c, size_t n)
{
  plain_node *node = calloc(1, sizeof *node);
  node->feature = BS_LEAF;
  node->n = n;
  node->row = calloc(n + 1, sizeof *node->row);
  node->count = calloc(2 * (size_t)c, sizeof *node->count);
  return node;
}

void plain_free(plain_node *node)
{
  if (node == NULL)
    return;
  plain_free(node->child[0]);
  plain_free(node->child[1]);
  free(node->row);
  free(node->count);
  free(node);
}

/* Best cut of one feature. */
typedef struct model {
  bool valid;
  double gain, ratio, midpoint;
  uint32_t *left; /* (c) */
} model;

static const double *sorted_by;
static int by_value(const void *a, const void *b)
{
  double x = sorted_by[*(const uint32_t *)a];
  double y = sorted_by[*(const uint32_t *)b];
  return (x > y) - (x < y);
}

static double gain_of(const learner *l, const uint32_t *total,
                      const uint32_t *left, size_t n, size_t cut)
{
  bs_weka rules = l->options->rules;
  double e0 = 0, r = 0;
  for (int k = 0; k < l->data->c; k++)
    e0 += h(rules, total[k]);
  e0 = (h(rules, (double)n) - e0) / unit(rules);
  for (int k = 0; k < l->data->c; k++)
    r += h(rules, left[k]);
  r -= h(rules, (double)cut);
  for (int k = 0; k < l->data->c; k++)
    r += h(rules, total[k] - left[k]);
  r -= h(rules, (double)(n - cut));
  double g = e0 - -(r / unit(rules));
  return bs_eq(g, 0) ? 0 : g / (double)n;
}

static model best_cut(const learner *l, const plain_node *node,
                      const uint32_t *total, int feature)
{
  const bs_j48_options *o = l->options;
  int c = l->data->c;
  double n = (double)node->n, m = 0.1 * n / c, most = 0;
  model best = {.left = calloc((size_t)c, sizeof(uint32_t))};
  uint32_t *left = calloc((size_t)c, sizeof *left), *best_left = best.left;
  uint32_t *row = malloc(node->n * sizeof *row);
  size_t cuts = 0, cut = 0;
  memcpy(row, node->row, node->n * sizeof *row);
  sorted_by = l->data->x + (size_t)feature * l->data->n;
  qsort(row, node->n, sizeof *row, by_value);
  if (bs_sm_or_eq(m, (double)o->min_leaf))
    m = (double)o->min_leaf;
  else if (bs_gr(m, 25))
    m = 25;
  for (size_t i = 0; !bs_sm(n, 2 * m) && i + 1 < node->n; i++) {
    double a = sorted_by[row[i]], b = sorted_by[row[i + 1]];
    left[l->data->y[row[i]]]++;
    if (!(a + 1e-5 < b) || !bs_gr_or_eq((double)i + 1, m) ||
        !bs_gr_or_eq(n - (double)i - 1, m))
      continue;
    cuts++;
    double gain = gain_of(l, total, left, node->n, i + 1);
    if (bs_gr(gain, most)) {
      most = gain;
      cut = i + 1;
      best.midpoint = (b + a) / 2;
      if (best.midpoint == b)
        best.midpoint = a;
      memcpy(best_left, left, (size_t)c * sizeof *left);
    }
  }
  if (cut > 0) {
    best.gain = most;
    if (!o->no_mdl)
      best.gain -= bs_exact_log((double)cuts) / BS_LN2 / n;
    best.valid = !bs_sm_or_eq(best.gain, 0);
    double s = -h(o->rules, (double)cut) - h(o->rules, n - (double)cut);
    s = (s + h(o->rules, n)) / unit(o->rules);
    best.ratio = bs_eq(s, 0) ? 0 : best.gain / (s / n);
  }
  free(left);
  free(row);
  return best;
}

/* The threshold: a value of the whole training set. */
static double place(const learner *l, int feature, double midpoint)
{
  double t = -DBL_MAX;
  bool found = false;
  for (size_t i = 0; i < l->all; i++) {
    double x = value(l->data, feature, l->training[i]);
    if (l->options->rules == BS_WEKA_36) {
      if (bs_gr(x, t) && bs_sm_or_eq(x, midpoint))
        t = x;
    } else if (x <= midpoint && (!found || x > t)) {
      t = x;
      found = true;
    }
  }
  /* Of 0 and -0 the lowest row's, whatever the order here. */
  for (size_t i = 0; l->options->rules == BS_WEKA_38 && i < l->data->n; i++)
    for (size_t j = 0; t == 0 && j < l->all; j++)
      if (l->training[j] == i && value(l->data, feature, (uint32_t)i) == 0)
        return value(l->data, feature, (uint32_t)i);
  return t;
}

static bool goes_left(const learner *l, const plain_node *node, uint32_t row)
{
  double x = value(l->data, node->feature, row), t = node->threshold;
  return l->options->rules == BS_WEKA_36 ? bs_sm_or_eq(x, t) : x <= t;
}

static void count_leaf(const learner *l, plain_node *node)
{
  memset(node->count, 0, 2 * (size_t)l->data->c * sizeof *node->count);
  for (size_t i = 0; i < node->n; i++)
    node->count[l->data->y[node->row[i]]]++;
}

static void choose(const learner *l, plain_node *node)
{
  int c = l->data->c, valid = 0, chosen = -1;
  double sum = 0, best = 0;
  uint32_t *total = node->count;
  double n = (double)node->n;
  if (bs_sm(n, 2 * (double)l->options->min_leaf) ||
      bs_eq(n, total[majority(total, c)]))
    return;
  model *m = malloc((size_t)l->features * sizeof *m);
  for (int f = 0; f < l->features; f++) {
    m[f] = best_cut(l, node, total, l->feature[f]);
    valid += m[f].valid;
    sum += m[f].valid ? m[f].gain : 0;
  }
  for (int f = 0; f < l->features; f++)
    if (m[f].valid && m[f].gain >= sum / valid - 1e-3 &&
        bs_gr(m[f].ratio, best)) {
      best = m[f].ratio;
      chosen = f;
    }
  if (!bs_eq(best, 0)) {
    node->feature = l->feature[chosen];
    node->threshold = place(l, node->feature, m[chosen].midpoint);
    for (int k = 0; k < c; k++) {
      node->count[c + k] = total[k] - m[chosen].left[k];
      node->count[k] = m[chosen].left[k];
    }
  }
  for (int f = 0; f < l->features; f++)
    free(m[f].left);
  free(m);
}

static plain_node *grow(learner *l, const uint32_t *row, size_t n)
{
  plain_node *node = new_node(l->data->c, n);
  memcpy(node->row, row, n * sizeof *row);
  count_leaf(l, node);
  choose(l, node);
  if (node->feature == BS_LEAF)
    return node;
  uint32_t *side[2] = {malloc(n * sizeof *row), malloc(n * sizeof *row)};
  size_t size[2] = {0, 0};
  for (size_t i = 0; i < n; i++) {
    int b = goes_left(l, node, row[i]) ? 0 : 1;
    side[b][size[b]++] = row[i];
  }
  if (size[0] == 0 || size[1] == 0)
    l->endless = true;
  for (int b = 0; b < 2 && !l->endless; b++)
    node->child[b] = grow(l, side[b], size[b]);
  free(side[0]);
  free(side[1]);
  return node;
}

/* Rows and errors of both branches together. */
static double node_errors(const learner *l, const plain_node *node)
{
  int c = l->data->c;
  uint32_t *sum = calloc((size_t)c, sizeof *sum);
  for (int k = 0; k < c; k++)
    sum[k] = node->count[k] + node->count[c + k];
  double errors = (double)sum_of(sum, c) - sum[majority(sum, c)];
  free(sum);
  return errors;
}

static double subtree_errors(const learner *l, const plain_node *node)
{
  if (node->feature == BS_LEAF)
    return node_errors(l, node);
  return subtree_errors(l, node->child[0]) + subtree_errors(l, node->child[1]);
}

static void to_leaf(const learner *l, plain_node *node)
{
  int c = l->data->c;
  for (int k = 0; k < c; k++) {
    node->count[k] += node->count[c + k];
    node->count[c + k] = 0;
  }
  for (int b = 0; b < 2; b++) {
    plain_free(node->child[b]);
    node->child[b] = NULL;
  }
  node->feature = BS_LEAF;
}

static void collapse(const learner *l, plain_node *node)
{
  if (node->feature == BS_LEAF)
    return;
  if (subtree_errors(l, node) >= node_errors(l, node) - 1e-3) {
    to_leaf(l, node);
    return;
  }
  collapse(l, node->child[0]);
  collapse(l, node->child[1]);
}

static double estimate_node(const learner *l, const plain_node *node)
{
  return bs_estimated_errors(&l->pruning,
                             (double)sum_of(node->count, 2 * l->data->c),
                             node_errors(l, node));
}

static double estimate_tree(const learner *l, const plain_node *node)
{
  if (node->feature == BS_LEAF)
    return estimate_node(l, node);
  return estimate_tree(l, node->child[0]) + estimate_tree(l, node->child[1]);
}

/* Split rows by a node's test into a fresh array: left ones, then right ones;
 * returns the number of left ones. */
static size_t route(const learner *l, const plain_node *node,
                    const uint32_t *row, size_t n, uint32_t **out)
{
  size_t at = 0, left = 0;
  *out = malloc((n + 1) * sizeof **out);
  for (size_t i = 0; i < n; i++)
    if (goes_left(l, node, row[i]))
      (*out)[at++] = row[i];
  left = at;
  for (size_t i = 0; i < n; i++)
    if (!goes_left(l, node, row[i]))
      (*out)[at++] = row[i];
  return left;
}

/* Estimated errors of a subtree if it had these rows. */
static double estimate_with(const learner *l, const plain_node *node,
                            const uint32_t *row, size_t n)
{
  if (node->feature == BS_LEAF) {
    uint32_t *count = calloc((size_t)l->data->c, sizeof *count);
    for (size_t i = 0; i < n; i++)
      count[l->data->y[row[i]]]++;
    double errors = (double)n - count[majority(count, l->data->c)];
    free(count);
    return bs_estimated_errors(&l->pruning, (double)n, errors);
  }
  uint32_t *routed;
  size_t left = route(l, node, row, n, &routed);
  double sum = estimate_with(l, node->child[0], routed, left) +
               estimate_with(l, node->child[1], routed + left, n - left);
  free(routed);
  return sum;
}

/* Counts and rows of a subtree from these rows; the tests stay. */
static void refill(const learner *l, plain_node *node, const uint32_t *row,
                   size_t n)
{
  int c = l->data->c;
  uint32_t *copy = malloc((n + 1) * sizeof *copy);
  memcpy(copy, row, n * sizeof *copy);
  free(node->row);
  node->row = copy;
  node->n = n;
  count_leaf(l, node);
  if (node->feature == BS_LEAF)
    return;
  uint32_t *routed;
  size_t left = route(l, node, copy, n, &routed);
  refill(l, node->child[0], routed, left);
  refill(l, node->child[1], routed + left, n - left);
  memset(node->count, 0, 2 * (size_t)c * sizeof *node->count);
  for (size_t i = 0; i < n; i++)
    node->count[(i < left ? 0 : c) + l->data->y[routed[i]]]++;
  free(routed);
}

static void raise_child(const learner *l, plain_node *node, int b)
{
  plain_node *son = node->child[b];
  plain_free(node->child[1 - b]);
  node->feature = son->feature;
  node->threshold = son->threshold;
  node->child[0] = son->child[0];
  node->child[1] = son->child[1];
  son->child[0] = son->child[1] = NULL;
  plain_free(son);
  uint32_t *row = malloc((node->n + 1) * sizeof *row);
  memcpy(row, node->row, node->n * sizeof *row);
  refill(l, node, row, node->n);
  free(row);
  plain_raised++;
}

static void prune(const learner *l, plain_node *node)
{
  if (node->feature == BS_LEAF)
    return;
  prune(l, node->child[0]);
  prune(l, node->child[1]);
  int c = l->data->c;
  int b = bs_gr_or_eq(sum_of(node->count + c, c), sum_of(node->count, c));
  double raised = DBL_MAX, leaf = estimate_node(l, node);
  double tree = estimate_tree(l, node);
  if (!l->options->no_raising)
    raised = estimate_with(l, node->child[b], node->row, node->n);
  if (bs_sm_or_eq(leaf, tree + 0.1) && bs_sm_or_eq(leaf, raised + 0.1)) {
    to_leaf(l, node);
  } else if (bs_sm_or_eq(raised, tree + 0.1)) {
    raise_child(l, node, b);
    prune(l, node);
  }
}

plain_node *plain_j48(const bs_dataset *data, const bs_j48_options *options,
                      int features, const int *feature, const uint32_t *rows,
                      size_t n)
{
  learner l = {.data = data,
               .options = options,
               .features = features,
               .feature = feature,
               .training = rows,
               .all = n};
  if (bs_pruning_init(options->confidence, &l.pruning) != BS_OK)
    abort();
  plain_node *root = grow(&l, rows, n);
  if (l.endless) {
    plain_free(root);
    return NULL;
  }
  if (!options->no_collapse)
    collapse(&l, root);
  if (!options->unpruned)
    prune(&l, root);
  return root;
}

static void print_label(FILE *out, const bs_dataset *d, const uint32_t *count,
                        const plain_node *node)
{
  char text[BS_NUMBER_TEXT];
  int c = d->c, best = majority(count, c);
  if (sum_of(count, c) == 0) {
    double most = 0;
    for (int k = 0; k < c; k++)
      if ((double)node->count[k] + node->count[c + k] > most) {
        most = (double)node->count[k] + node->count[c + k];
        best = k;
      }
  }
  bs_format_java(sum_of(count, c), text);
  fprintf(out, "%s (%s", d->class_name[best], text);
  if (sum_of(count, c) > count[best]) {
    bs_format_java(sum_of(count, c) - count[best], text);
    fprintf(out, "/%s", text);
  }
  fputc(')', out);
}

static void print_node(FILE *out, const plain_node *node, const bs_dataset *d,
                       bs_weka rules, int depth)
{
  char text[BS_NUMBER_TEXT];
  for (int b = 0; b < 2; b++) {
    fputc('\n', out);
    for (int i = 0; i < depth; i++)
      fputs("|   ", out);
    bs_format_fixed(rules, node->threshold, 6, text);
    fprintf(out, "%s %s %s", d->feature[node->feature], b == 0 ? "<=" : ">",
            text);
    if (node->child[b]->feature == BS_LEAF) {
      fputs(": ", out);
      print_label(out, d, node->count + (b == 0 ? 0 : d->c), node);
    } else {
      print_node(out, node->child[b], d, rules, depth + 1);
    }
  }
}

static unsigned leaves_of(const plain_node *node)
{
  return node->feature == BS_LEAF
             ? 1
             : leaves_of(node->child[0]) + leaves_of(node->child[1]);
}

char *plain_text(const plain_node *root, const bs_dataset *data,
                 const bs_j48_options *options)
{
  char *text;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  fprintf(out, "J48 %s tree\n------------------\n",
          options->unpruned ? "unpruned" : "pruned");
  if (root->feature == BS_LEAF) {
    fputs(": ", out);
    print_label(out, data, root->count, root);
  } else {
    print_node(out, root, data, options->rules, 0);
  }
  unsigned leaves = leaves_of(root);
  fprintf(out, "\n\nNumber of Leaves  : \t%u\n\nSize of the tree : \t%u\n",
          leaves, 2 * leaves - 1);
  fclose(out);
  return text;
}

uint32_t plain_leaf_count(const plain_node *root, const bs_dataset *data,
                          const bs_j48_options *options, size_t row, int k)
{
  learner l = {.data = data, .options = options};
  while (root->feature != BS_LEAF)
    root = root->child[goes_left(&l, root, (uint32_t)row) ? 0 : 1];
  return root->count[k];
}
