/* SPDX-License-Identifier: BSD-3-Clause */
/* The model file: what is written reads back bit for bit, and what is damaged
 * or crafted is refused with one line. */
#include "io/model.h"
#include "src/mem.h"
#include "tests/unit/draw.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES = 5, CLASSES = 3 };

static char *features[] = {"a", "b c", "d\"e", "\xc3\xa9", "f"};
static char *classes[] = {"no", "yes", "it's"};

/* Split a leaf's rows in two at random, as often as asked. */
static void grow_at_random(bs_draw *d, bs_tree *tree, int splits)
{
  static const double thresholds[] = {0,      -0.0, 1e-300,  -DBL_MAX, DBL_MAX,
                                      5e-324, 0.1,  1 / 3.0, 1e9 + 1,  1.5e-5};
  for (; splits > 0; splits--) {
    uint32_t leaf, child[2];
    do
      leaf = draw_below(d, tree->size);
    while (tree->node[leaf].feature != BS_LEAF);
    for (int b = 0; b < 2; b++)
      ck_assert_int_eq(bs_tree_add(tree, &child[b]), BS_OK);
    for (int k = 0; k < CLASSES; k++) {
      uint32_t all = bs_tree_count(tree, leaf, 0)[k];
      uint32_t left = draw_below(d, all + 1);
      bs_tree_count(tree, leaf, 0)[k] = left;
      bs_tree_count(tree, leaf, 1)[k] = all - left;
      bs_tree_count(tree, child[0], 0)[k] = left;
      bs_tree_count(tree, child[1], 0)[k] = all - left;
    }
    tree->node[leaf] =
        (bs_tree_node){(int32_t)draw_below(d, FEATURES),
                       {child[0], child[1]},
                       draw_below(d, 2) == 0 ? thresholds[draw_below(d, 10)]
                                             : draw_unit(d) * 1e6 - 5e5};
  }
}

static bs_tree *random_tree(bs_draw *d, int splits)
{
  bs_tree *tree, *compact;
  uint32_t root;
  ck_assert_int_eq(
      bs_tree_create(CLASSES, draw_below(d, 2) == 0 ? BS_WEKA_36 : BS_WEKA_38,
                     &tree),
      BS_OK);
  tree->pruned = draw_below(d, 2) == 0;
  ck_assert_int_eq(bs_tree_add(tree, &root), BS_OK);
  for (int k = 0; k < CLASSES; k++)
    bs_tree_count(tree, root, 0)[k] = draw_below(d, 1U << 30);
  grow_at_random(d, tree, splits);
  ck_assert_int_eq(bs_tree_compact(tree, &compact), BS_OK);
  bs_tree_destroy(&tree);
  return compact;
}

static json_t *document_of(const bs_tree *tree)
{
  json_t *json = json_pack("{s:i, s:s}", "schema", 1, "class", "kind");
  ck_assert_int_eq(bs_model_describe(json, tree, FEATURES, features, classes),
                   BS_OK);
  return json;
}

static void expect_equal(const bs_tree *a, const bs_tree *b)
{
  ck_assert_uint_eq(a->size, b->size);
  ck_assert_int_eq(a->rules, b->rules);
  ck_assert_int_eq(a->pruned, b->pruned);
  for (uint32_t i = 0; i < a->size; i++) {
    const bs_tree_node *p = &a->node[i], *q = &b->node[i];
    ck_assert_int_eq(p->feature, q->feature);
    ck_assert_mem_eq(bs_tree_count(a, i, 0), bs_tree_count(b, i, 0),
                     2 * CLASSES * sizeof(uint32_t));
    if (p->feature == BS_LEAF)
      continue;
    ck_assert_mem_eq(&p->threshold, &q->threshold, sizeof(double));
    ck_assert_mem_eq(p->child, q->child, sizeof p->child);
  }
}

START_TEST(a_tree_reads_back_bit_for_bit)
{
  bs_draw d = 1;
  for (int round = 0; round < 200; round++) {
    bs_tree *tree = random_tree(&d, (int)draw_below(&d, 60));
    json_t *json = document_of(tree);
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bs_model *model;
    ck_assert_msg(bs_model_parse(again, "m", &model) == BS_OK, "%s",
                  bs_error_text());
    expect_equal(tree, model->tree);
    ck_assert_int_eq(model->features.count, FEATURES);
    ck_assert_str_eq(model->features.item[2], "d\"e");
    ck_assert_str_eq(model->classes.item[2], "it's");
    ck_assert_str_eq(model->label, "kind");
    bs_model_destroy(&model);
    ck_assert_ptr_null(model);
    json_decref(json);
    json_decref(again);
    free(text);
    bs_tree_destroy(&tree);
  }
}
END_TEST

/* A stump whose text is right: root 0 with leaves 1 and 2. */
#define STUMP_HEAD                                                             \
  "{\"schema\": 1, \"learner\": \"j48\", \"weka\": \"3.8\","                   \
  "\"features\": [\"x\"], \"classes\": [\"n\", \"p\"],"                        \
  "\"leaves\": 2, \"size\": 3, \"text\": \"J48 pruned tree\\n"                 \
  "------------------\\n\\nx <= 1: n (3.0)\\nx > 1: p (4.0)\\n\\n"             \
  "Number of Leaves  : \\t2\\n\\nSize of the tree : \\t3\\n\","
#define STUMP_NODES                                                            \
  "\"nodes\": [{\"feature\": 0, \"threshold\": 1.0, \"left\": 1,"              \
  "\"right\": 2, \"counts\": [[3, 0], [0, 4]]}, {\"counts\": [[3, 0]]},"       \
  "{\"counts\": [[0, 4]]}]}"

/* The stump with its first \a from replaced; NULL: with nothing changed. */
static char *changed(const char *from, const char *to)
{
  static char text[4096];
  const char *stump = STUMP_HEAD STUMP_NODES;
  const char *at = strstr(stump, from);
  ck_assert_msg(at != NULL, "no %s", from);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - stump), stump, to,
           at + strlen(from));
  return text;
}

START_TEST(what_is_wrong_is_refused_and_named)
{
  static const struct {
    const char *from, *to, *text;
  } cases[] = {
      {"\"schema\": 1", "\"schema\": 2", "\"schema\" is not 1"},
      {"\"schema\": 1", "\"schema\": 1.0", "\"schema\" is not 1"},
      {"\"j48\"", "\"oner\"", "\"learner\" is neither \"j48\" nor \"em\""},
      {"\"j48\"", "null", "\"learner\" is neither \"j48\" nor \"em\""},
      {"\"3.8\"", "3.8", "\"weka\" is neither"},
      {"[\"x\"]", "[]", "\"features\" is not a list of 1 to"},
      {"[\"x\"]", "\"x\"", "\"features\" is not a list of 1 to"},
      {"[\"x\"]", "[\"x\", \"x\"]", "'x' is there twice"},
      {"[\"x\"]", "[\"\"]", "item 0 is not a name"},
      {"[\"n\", \"p\"]", "[\"n\", 1]", "item 1 is not a name"},
      {"[\"n\", \"p\"]", "[\"n\"]", "no number for each class"},
      {"\"leaves\": 2", "\"leaves\": 3", "\"leaves\" is not the number"},
      {"\"size\": 3", "\"size\": 2", "\"size\" is not the number"},
      {"pruned tree", "prune tree", "\"text\" is not the text"},
      {"p (4.0)", "p (5.0)", "\"text\" is not the text"},
      {"\"text\"", "\"txt\"", "\"text\" is not the text"},
      {"\"nodes\"", "\"nods\"", "\"nodes\" is not a list"},
      {"\"nodes\": [", "\"nodes\": [5, ", "node 0: not an object"},
      {"\"feature\": 0", "\"feature\": 1", "node 0: \"feature\" is not"},
      {"\"feature\": 0", "\"feature\": -1", "node 0: \"feature\" is not"},
      {"\"feature\": 0,", "", "node 0: neither a leaf nor a test"},
      {"\"threshold\": 1.0", "\"threshold\": null", "node 0: \"threshold\""},
      {"\"threshold\": 1.0", "\"threshold\": 2.0", "\"text\" is not the text"},
      {"\"left\": 1", "\"left\": 0", "node 0: a child that is no later node"},
      {"\"left\": 1", "\"left\": 3", "node 0: a child that is no later node"},
      {"\"left\": 1", "\"left\": 2", "node 0: a child that has a parent"},
      {"\"left\": 1,", "", "node 0: a child that is no later node"},
      {"[[3, 0], [0, 4]]", "[[3, 0]]", "node 0: \"counts\" is not a list"},
      {"[[3, 0], [0, 4]]", "[[3, 0], [0, 5]]", "its rows are not those of"},
      {"[[3, 0], [0, 4]]", "[[0, 4], [3, 0]]", "its rows are not those of"},
      {"[[3, 0], [0, 4]]", "[[3, -1], [0, 5]]", "something else than rows"},
      {"[[3, 0], [0, 4]]", "[[3, 0.0], [0, 4]]", "something else than rows"},
      {"[[3, 0], [0, 4]]", "[[3, 4294967296], [0, 4]]", "something else"},
      {"{\"counts\": [[3, 0]]}", "{\"counts\": [[3, 0], [0, 0]]}",
       "node 1: \"counts\" is not a list"},
      {"{\"counts\": [[0, 4]]}",
       "{\"counts\": [[0, 4]]}, {\"counts\": [[0, 0]]}",
       "node 3: no node's child"},
      {"\"leaves\"", "\"data\": {\"rows\": 8}, \"leaves\"",
       "the rows of the root"},
      {"\"leaves\"", "\"class\": 5, \"leaves\"", "\"class\" is not a name"},
  };
  bs_model *model;
  json_t *json = json_loads(STUMP_HEAD STUMP_NODES, 0, NULL);
  ck_assert_msg(bs_model_parse(json, "m", &model) == BS_OK, "%s",
                bs_error_text());
  bs_model_destroy(&model);
  json_decref(json);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json = json_loads(changed(cases[i].from, cases[i].to), 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_msg(bs_model_parse(json, "m", &model) == BS_ERR_INPUT, "%s to %s",
                  cases[i].from, cases[i].to);
    ck_assert_ptr_null(model);
    ck_assert_msg(strstr(bs_error_text(), cases[i].text) != NULL,
                  "%s to %s: %s", cases[i].from, cases[i].to, bs_error_text());
    json_decref(json);
  }
}
END_TEST

/* A chain of nodes would be printed as a triangle. */
START_TEST(a_chain_of_nodes_is_not_printed)
{
  enum { NODES = 200001 };
  json_t *nodes = json_array(), *json;
  for (int i = 0; i < NODES; i += 2) {
    if (i + 1 < NODES) {
      json_array_append_new(
          nodes, json_pack("{s:i, s:f, s:i, s:i, s:[[i,i],[i,i]]}", "feature",
                           0, "threshold", 1.0, "left", i + 1, "right", i + 2,
                           "counts", 0, 0, 0, 0));
      json_array_append_new(nodes, json_pack("{s:[[i,i]]}", "counts", 0, 0));
    } else {
      json_array_append_new(nodes, json_pack("{s:[[i,i]]}", "counts", 0, 0));
    }
  }
  json = json_loads(STUMP_HEAD STUMP_NODES, 0, NULL);
  json_object_set_new(json, "nodes", nodes);
  json_object_set_new(json, "size", json_integer(NODES));
  json_object_set_new(json, "leaves", json_integer(NODES / 2 + 1));
  bs_model *model;
  ck_assert_int_eq(bs_model_parse(json, "m", &model), BS_ERR_INPUT);
  ck_assert_ptr_nonnull(strstr(bs_error_text(), "\"text\" is not the text"));
  json_decref(json);
}
END_TEST

/* Bytes changed, left out and doubled: refused or equal, never worse. */
START_TEST(damaged_bytes_do_no_harm)
{
  bs_draw d = 7;
  unsigned read = 0, taken = 0;
  for (int round = 0; round < 300; round++) {
    bs_tree *tree = random_tree(&d, 1 + (int)draw_below(&d, 6));
    json_t *json = document_of(tree);
    char *text = json_dumps(json, JSON_COMPACT);
    size_t length = strlen(text);
    char *copy = malloc(2 * length + 1);
    for (int change = 0; change < 40; change++) {
      static const char bytes[] = "0123456789-.e,:[]{}\"n";
      memcpy(copy, text, length);
      for (uint32_t k = draw_below(&d, 3) + 1; k > 0; k--)
        copy[draw_below(&d, (uint32_t)length)] =
            bytes[draw_below(&d, sizeof bytes - 1)];
      json_t *again = json_loadb(copy, length, JSON_REJECT_DUPLICATES, NULL);
      bs_model *model = NULL;
      read += again != NULL;
      if (again != NULL && bs_model_parse(again, "m", &model) == BS_OK) {
        taken++;
        ck_assert_uint_eq(model->tree->size, tree->size);
      }
      bs_model_destroy(&model);
      json_decref(again);
    }
    free(copy);
    free(text);
    json_decref(json);
    bs_tree_destroy(&tree);
  }
  ck_assert_uint_gt(read, 1000);
  ck_assert_uint_lt(taken, read);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(a_tree_reads_back_bit_for_bit),
      BS_UNIT(what_is_wrong_is_refused_and_named),
      BS_UNIT(a_chain_of_nodes_is_not_printed),
      BS_UNIT(damaged_bytes_do_no_harm),
  };
  return bs_unit_run("model", tests, sizeof tests / sizeof *tests);
}
