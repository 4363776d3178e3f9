/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole trees against the plain builder of plain_j48.c, on random data full of
 * what the tolerances make difficult. */
#include "src/entropy_table.h"
#include "src/j48.h"
#include "tests/unit/draw.h"
#include "tests/unit/plain_j48.h"
#include "tests/unit/unit.h"

#include <mpi.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_ROWS = 1500,
  MOST_FEATURES = 9,
  MOST_CLASSES = 30,
  MOST_TREES = 12
};

static bs_node node;
static bs_group group; /* all ranks of the test */

/* A data set of its own memory. */
typedef struct sample {
  bs_dataset data;
  double x[MOST_ROWS * MOST_FEATURES];
  uint16_t y[MOST_ROWS];
  char name[MOST_FEATURES][8], label[MOST_CLASSES][8];
  char *names[MOST_FEATURES], *labels[MOST_CLASSES];
  char kinds[128]; /* for the report of a difference */
} sample;

static void draw_columns(bs_draw *d, sample *s)
{
  size_t n = s->data.n;
  int length = 0;
  for (int j = 0; j < s->data.d; j++) {
    double *x = s->x + (size_t)j * n;
    int kind = (int)draw_below(d, DRAW_KINDS + 2);
    if (kind >= DRAW_KINDS && j > 0) { /* a copy, perhaps with other zeros */
      const double *from = s->x + (size_t)draw_below(d, (uint32_t)j) * n;
      for (size_t i = 0; i < n; i++)
        x[i] = from[i] == 0 && kind > DRAW_KINDS ? -from[i] : from[i];
      if (draw_below(d, 4) == 0)
        x[draw_below(d, (uint32_t)n)] += 1e-7; /* nearly a copy */
    } else {
      draw_column(d, kind % DRAW_KINDS, n, x);
    }
    length += snprintf(s->kinds + length, sizeof s->kinds - (size_t)length,
                       " %d", kind);
  }
}

/* Classes by thresholds on columns, with noise; some rare, some empty. */
static void draw_classes(bs_draw *d, sample *s)
{
  size_t n = s->data.n;
  uint32_t c = (uint32_t)s->data.c, noise = draw_below(d, 60);
  uint32_t a = draw_below(d, (uint32_t)s->data.d);
  uint32_t b = draw_below(d, (uint32_t)s->data.d);
  double ta = s->x[a * n + draw_below(d, (uint32_t)n)];
  double tb = s->x[b * n + draw_below(d, (uint32_t)n)];
  uint32_t used = draw_below(d, 3) == 0 && c > 2 ? c - 1 : c;
  for (size_t i = 0; i < n; i++) {
    uint32_t y = (s->x[a * n + i] <= ta) + 2 * (s->x[b * n + i] > tb);
    if (draw_below(d, 100) < noise)
      y = draw_below(d, draw_below(d, 2) == 0 ? c : 2);
    s->y[i] = (uint16_t)(y % used);
  }
}

static void draw_sample(bs_draw *d, sample *s)
{
  static const uint32_t sizes[] = {6, 20, 60, 150, 400};
  uint32_t most = draw_below(d, 30) == 0
                      ? MOST_ROWS - 1
                      : sizes[draw_below(d, sizeof sizes / sizeof *sizes)];
  s->data = (bs_dataset){
      .n = 1 + draw_below(d, most),
      .d = 1 + (int)draw_below(d, MOST_FEATURES),
      .c = 2 + (int)draw_below(d, draw_below(d, 3) == 0 ? MOST_CLASSES - 1 : 3),
      .x = s->x,
      .y = s->y,
      .feature = s->names,
      .class_name = s->labels};
  for (int j = 0; j < MOST_FEATURES; j++) {
    snprintf(s->name[j], sizeof s->name[j], "f%d", j);
    s->names[j] = s->name[j];
  }
  for (int k = 0; k < MOST_CLASSES; k++) {
    snprintf(s->label[k], sizeof s->label[k], "c%d", k);
    s->labels[k] = s->label[k];
  }
  draw_columns(d, s);
  draw_classes(d, s);
}

static bs_j48_options draw_options(bs_draw *d)
{
  static const float confidence[] = {0.25F, 0.25F, 0.25F, 0.1F,
                                     0.5F,  0.01F, 0.9F,  1e-5F};
  static const long leaf[] = {2, 2, 2, 1, 3, 5, 20};
  return (bs_j48_options){.confidence = confidence[draw_below(d, 8)],
                          .min_leaf = leaf[draw_below(d, 7)],
                          .unpruned = draw_below(d, 5) == 0,
                          .no_raising = draw_below(d, 5) == 0,
                          .no_collapse = draw_below(d, 5) == 0,
                          .no_mdl = draw_below(d, 5) == 0,
                          .rules =
                              draw_below(d, 2) == 0 ? BS_WEKA_36 : BS_WEKA_38};
}

/* A part of the rows in a random order, or all of them. */
static size_t draw_rows(bs_draw *d, size_t n, uint32_t *rows)
{
  size_t kept = 0;
  uint32_t left_out = draw_below(d, 3) == 0 ? 0 : draw_below(d, 60);
  for (uint32_t i = 0; i < n; i++)
    if (draw_below(d, 100) >= left_out)
      rows[kept++] = i;
  if (kept == 0)
    rows[kept++] = 0;
  for (size_t i = kept; i > 1 && left_out > 0; i--) {
    size_t j = draw_below(d, (uint32_t)i);
    uint32_t swap = rows[i - 1];
    rows[i - 1] = rows[j];
    rows[j] = swap;
  }
  return kept;
}

/* Everything the program builds for a sample. */
typedef struct engine {
  bs_presort *presort;
  bs_log_tables tables;
  bs_j48 *j48;
  bs_workspace *workspace;
} engine;

static void set_up(engine *e, const sample *s, const bs_j48_options *o,
                   int features, const int *feature, int threads)
{
  const bs_dataset *d = &s->data;
  ck_assert_int_eq(
      bs_presort_create(MPI_COMM_WORLD, &node, d, threads, &e->presort), BS_OK);
  ck_assert_int_eq(bs_log_tables_create(MPI_COMM_WORLD, &node, d->n, o->rules,
                                        threads, &e->tables),
                   BS_OK);
  ck_assert_int_eq(bs_j48_create(d, e->presort, &e->tables,
                                 bs_list_kernels_find(NULL), o, features,
                                 feature, &e->j48),
                   BS_OK);
  const bs_workspace_size size = {
      d->n,
      d->c,
      (e->j48->columns + group.size - 1) / group.size,
      bs_j48_together(e->j48),
      (bs_j48_together(e->j48) + group.size - 1) / group.size,
      threads};
  ck_assert_int_eq(bs_workspace_create(&size, &e->workspace), BS_OK);
}

static void tear_down(engine *e)
{
  bs_workspace_destroy(&e->workspace);
  bs_j48_destroy(&e->j48);
  bs_log_tables_destroy(&e->tables);
  bs_presort_destroy(&e->presort);
}

/* Does every row of the sample, trained on or not, reach the same leaf? */
static bool same_leaves(const bs_tree *tree, const plain_node *plain,
                        const sample *s, const bs_j48_options *o)
{
  for (size_t i = 0; i < s->data.n; i++) {
    uint32_t leaf = bs_tree_leaf(tree, s->x, s->data.n, i);
    for (int k = 0; k < s->data.c; k++)
      if (bs_tree_count(tree, leaf, 0)[k] !=
          plain_leaf_count(plain, &s->data, o, i, k))
        return false;
  }
  return true;
}

/* How often what happened, to know that the test is worth something. */
static struct {
  unsigned trees, leaves_only, endless, begun;
  size_t nodes;
} met;

/* On the group's first rank, which has the tree: is it the plain one? */
static bool same_tree(const bs_tree *tree, const plain_node *plain,
                      const sample *s, const bs_j48_options *o, size_t n,
                      unsigned round)
{
  char *got, *want = plain_text(plain, &s->data, o);
  if (bs_tree_text(tree, s->names, s->labels, &got) != BS_OK)
    abort();
  bool same = strcmp(got, want) == 0 && same_leaves(tree, plain, s, o);
  if (!same)
    printf("round %u, kinds%s, n %zu of %zu, %d classes, rules %d, C %g "
           "M %ld%s%s%s%s\ngot:\n%s\nwanted:\n%s",
           round, s->kinds, n, s->data.n, s->data.c, o->rules,
           (double)o->confidence, o->min_leaf, o->unpruned ? " -U" : "",
           o->no_raising ? " -S" : "", o->no_collapse ? " -O" : "",
           o->no_mdl ? " -J" : "", got, want);
  met.leaves_only += tree->size == 1;
  met.nodes += tree->size;
  free(got);
  free(want);
  return same;
}

/* Grow trees on several training sets at once, and compare each. */
static void expect_same_trees(engine *e, const sample *s,
                              const bs_j48_options *o, int features,
                              const int *feature, int trees,
                              const bs_training *training, unsigned round)
{
  bs_tree *tree[MOST_TREES];
  bool endless = false;
  int good = 1, all;
  bs_status st =
      bs_j48_fit(e->j48, trees, training, &group, e->workspace, tree);
  for (int t = 0; t < trees; t++) {
    plain_node *plain = plain_j48(&s->data, o, features, feature,
                                  training[t].rows, training[t].n);
    endless = endless || plain == NULL;
    good = good &&
           (tree[t] != NULL) == (st == BS_OK && t % group.size == group.rank);
    if (tree[t] != NULL && plain != NULL)
      good = good && same_tree(tree[t], plain, s, o, training[t].n, round);
    met.trees++;
    met.endless += plain == NULL;
    bs_tree_destroy(&tree[t]);
    plain_free(plain);
  }
  good = good && st == (endless ? BS_ERR_RUNTIME : BS_OK);
  MPI_Allreduce(&good, &all, 1, MPI_INT, MPI_MIN, group.comm);
  ck_assert_msg(all, "round %u: status %d %s", round, st, bs_error_text());
}

/* Beginnings of trees, each as it was before a level of its own. */
static struct {
  int levels, wanted[MOST_TREES], trees;
  bs_tree *tree[MOST_TREES];
} beginning;

static bs_tree *copy_of(const bs_tree *tree, uint32_t size, int c,
                        bs_weka rules)
{
  bs_tree *copy;
  uint32_t number;
  ck_assert_int_eq(bs_tree_create(c, rules, &copy), BS_OK);
  while (copy->size < size)
    ck_assert_int_eq(bs_tree_add(copy, &number), BS_OK);
  if (tree != NULL) {
    memcpy(copy->node, tree->node, size * sizeof *copy->node);
    memcpy(copy->count, tree->count,
           2 * size * (size_t)c * sizeof *copy->count);
  }
  return copy;
}

static void look(const void *context, bs_tree *const *tree, bool stopped)
{
  ck_assert(context == &beginning && !stopped);
  for (int t = 0; t < beginning.trees; t++)
    if (beginning.levels == beginning.wanted[t])
      beginning.tree[t] =
          copy_of(tree[t], tree[t]->size, tree[t]->c, tree[t]->rules);
  beginning.levels++;
}

static void look_at_levels(bs_draw *d, int trees)
{
  memset(&beginning, 0, sizeof beginning);
  beginning.trees = trees;
  for (int t = 0; t < trees; t++)
    beginning.wanted[t] = (int)draw_below(d, 6);
  group.look = look;
  group.context = &beginning;
}

/* All ranks get what the first one has seen. */
static void spread_beginnings(const sample *s, bs_weka rules)
{
  group.look = NULL;
  for (int t = 0; t < beginning.trees; t++) {
    bs_tree *tree = beginning.tree[t];
    uint32_t size = tree == NULL ? 0 : tree->size;
    MPI_Bcast(&size, 1, MPI_UINT32_T, 0, group.comm);
    if (size > 0 && group.rank > 0)
      tree = copy_of(NULL, size, s->data.c, rules);
    if (size > 0) {
      MPI_Bcast(tree->node, (int)(size * sizeof *tree->node), MPI_BYTE, 0,
                group.comm);
      MPI_Bcast(tree->count, (int)size * 2 * s->data.c, MPI_UINT32_T, 0,
                group.comm);
    }
    beginning.tree[t] = tree;
    met.begun += size > 1;
  }
}

static void run_rounds(uint64_t seed, unsigned rounds, int threads)
{
  sample *s = malloc(sizeof *s);
  static uint32_t rows[MOST_TREES][MOST_ROWS];
  for (unsigned i = 0; i < rounds; i++) {
    bs_draw d = seed * 1000003 + i;
    engine e;
    int feature[MOST_FEATURES], features = 0;
    draw_sample(&d, s);
    bs_j48_options o = draw_options(&d);
    for (int j = 0; j < s->data.d; j++)
      if (draw_below(&d, 5) > 0 || (features == 0 && j == s->data.d - 1))
        feature[features++] = j;
    set_up(&e, s, &o, features, feature, threads);
    for (int again = 0; again < 2; again++) { /* then in a used workspace */
      bs_training training[MOST_TREES];
      int most = bs_j48_together(e.j48), trees = 1;
      most = most < MOST_TREES ? most : MOST_TREES;
      if (draw_below(&d, 3) == 0)
        trees += (int)draw_below(&d, (uint32_t)most);
      for (int t = 0; t < trees; t++)
        training[t] =
            (bs_training){rows[t], draw_rows(&d, s->data.n, rows[t]), NULL};
      look_at_levels(&d, trees);
      expect_same_trees(&e, s, &o, features, feature, trees, training, i);
      spread_beginnings(s, o.rules);
      for (int t = 0; t < trees; t++)
        training[t].begun = beginning.tree[t];
      if (draw_below(&d, 2) == 0)
        expect_same_trees(&e, s, &o, features, feature, trees, training, i);
      for (int t = 0; t < trees; t++)
        bs_tree_destroy(&beginning.tree[t]);
    }
    tear_down(&e);
  }
  free(s);
}

START_TEST(trees_equal_those_of_the_plain_builder)
{
  memset(&met, 0, sizeof met);
  plain_raised = 0;
  run_rounds(1, 4000 / (unsigned)group.size, 1);
  ck_assert_uint_gt(met.nodes, met.trees / (unsigned)group.size);
  ck_assert_uint_gt(met.endless, met.trees / 500);
  ck_assert_uint_gt(met.trees - met.leaves_only, met.trees / 3);
  ck_assert_uint_gt(plain_raised, met.trees / 50);
  ck_assert_uint_gt(met.begun, met.trees / 5);
}
END_TEST

START_TEST(threads_change_nothing)
{
  run_rounds(2, 300, 3);
}
END_TEST

int main(int argc, char **argv)
{
  MPI_Init(&argc, &argv);
  bs_node_create(MPI_COMM_WORLD, &node);
  group.comm = MPI_COMM_WORLD;
  MPI_Comm_rank(group.comm, &group.rank);
  MPI_Comm_size(group.comm, &group.size);
  const bs_unit_test tests[] = {
      BS_UNIT(trees_equal_those_of_the_plain_builder),
      BS_UNIT(threads_change_nothing),
  };
  /* MPI does not survive a fork. */
  setenv("CK_FORK", "no", 1);
  int code = bs_unit_run("j48", tests, sizeof tests / sizeof *tests);
  bs_node_destroy(&node);
  MPI_Finalize();
  return code;
}
