/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/model.h"

#include "io/datafile.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A document being read. */
typedef struct reader {
  const char *show;
  const json_t *json, *nodes;
  bs_model *model;
  uint8_t *used; /* (nodes): is a node some node's child? */
} reader;

static bs_status refuse(const reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bs_status refuse(const reader *r, const char *format, ...)
{
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return bs_fail(BS_ERR_INPUT,
                 "%s: not a model of botsieve train or em, or damaged: "
                 "%s",
                 r->show, text);
}

static bs_status refuse_node(const reader *r, uint32_t node, const char *what)
{
  return refuse(r, "node %" PRIu32 ": %s", node, what);
}

/* ---- What surrounds the nodes. */

static bs_status read_learner(const reader *r, bool *em)
{
  const char *text = json_string_value(json_object_get(r->json, "learner"));
  *em = text != NULL && strcmp(text, "em") == 0;
  if (!*em && (text == NULL || strcmp(text, "j48") != 0))
    return refuse(r, "\"learner\" is neither \"j48\" nor \"em\"");
  return BS_OK;
}

static bs_status read_rules(const reader *r, bs_weka *rules)
{
  const char *text = json_string_value(json_object_get(r->json, "weka"));
  if (text == NULL || (strcmp(text, "3.6") != 0 && strcmp(text, "3.8") != 0))
    return refuse(r, "\"weka\" is neither \"3.6\" nor \"3.8\"");
  *rules = strcmp(text, "3.6") == 0 ? BS_WEKA_36 : BS_WEKA_38;
  return BS_OK;
}

static bs_status read_names(const reader *r, const char *key, size_t most,
                            bs_names *names)
{
  const json_t *list = json_object_get(r->json, key);
  size_t count = json_array_size(list);
  if (count < 1 || count > most)
    return refuse(r, "\"%s\" is not a list of 1 to %zu names", key, most);
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(list, i));
    if (name == NULL || name[0] == '\0')
      return refuse(r, "\"%s\": item %zu is not a name", key, i);
    BS_TRY(bs_names_add(names, name, strlen(name), NULL));
    if (names->count != (int)i + 1)
      return refuse(r, "\"%s\": '%.60s' is there twice", key, name);
  }
  return BS_OK;
}

static bs_status read_label(const reader *r)
{
  const json_t *label = json_object_get(r->json, "class");
  if (label == NULL)
    return BS_OK;
  if (!json_is_string(label))
    return refuse(r, "\"class\" is not a name");
  r->model->label = strdup(json_string_value(label));
  return r->model->label == NULL
             ? bs_fail(BS_ERR_RESOURCE, "out of memory: a model")
             : BS_OK;
}

/* ---- Nodes. */

/* A whole number from low to high. */
static bool get_whole(const json_t *value, json_int_t low, json_int_t high,
                      json_int_t *out)
{
  *out = json_integer_value(value);
  return json_is_integer(value) && *out >= low && *out <= high;
}

/* (branches) lists of rows per class. */
static bs_status read_counts(const reader *r, uint32_t i, const json_t *lists,
                             size_t branches)
{
  const bs_tree *tree = r->model->tree;
  if (!json_is_array(lists) || json_array_size(lists) != branches)
    return refuse_node(r, i, "\"counts\" is not a list for each branch");
  for (size_t b = 0; b < branches; b++) {
    const json_t *list = json_array_get(lists, b);
    uint32_t *count = bs_tree_count(tree, i, (int)b);
    if (!json_is_array(list) || json_array_size(list) != (size_t)tree->c)
      return refuse_node(r, i, "\"counts\" has no number for each class");
    for (int k = 0; k < tree->c; k++) {
      json_int_t rows;
      if (!get_whole(json_array_get(list, (size_t)k), 0, UINT32_MAX, &rows))
        return refuse_node(r, i, "\"counts\" holds something else than rows");
      count[k] = (uint32_t)rows;
    }
  }
  return BS_OK;
}

/* A child comes after its parent and has one parent only: no cycles. */
static bs_status read_child(const reader *r, uint32_t i, const json_t *value,
                            uint32_t *child)
{
  json_int_t number;
  if (!get_whole(value, (json_int_t)i + 1,
                 (json_int_t)json_array_size(r->nodes) - 1, &number))
    return refuse_node(r, i, "a child that is no later node");
  if (r->used[number]++ != 0)
    return refuse_node(r, i, "a child that has a parent already");
  *child = (uint32_t)number;
  return BS_OK;
}

static bs_status read_node(const reader *r, uint32_t i)
{
  const json_t *json = json_array_get(r->nodes, i);
  const json_t *feature = json_object_get(json, "feature");
  bs_tree_node *node = &r->model->tree->node[i];
  json_int_t number;
  if (!json_is_object(json))
    return refuse_node(r, i, "not an object");
  if (feature == NULL) {
    if (json_object_size(json) != 1)
      return refuse_node(r, i, "neither a leaf nor a test");
    return read_counts(r, i, json_object_get(json, "counts"), 1);
  }
  if (!get_whole(feature, 0, r->model->features.count - 1, &number))
    return refuse_node(r, i, "\"feature\" is not the number of a feature");
  const json_t *threshold = json_object_get(json, "threshold");
  if (!json_is_number(threshold) || !isfinite(json_number_value(threshold)))
    return refuse_node(r, i, "\"threshold\" is not a number");
  node->feature = (int32_t)number;
  node->threshold = json_number_value(threshold);
  BS_TRY(read_child(r, i, json_object_get(json, "left"), &node->child[0]));
  BS_TRY(read_child(r, i, json_object_get(json, "right"), &node->child[1]));
  return read_counts(r, i, json_object_get(json, "counts"), 2);
}

static bs_status read_nodes(reader *r, bs_weka rules)
{
  bs_model *m = r->model;
  r->nodes = json_object_get(r->json, "nodes");
  size_t size = json_array_size(r->nodes);
  if (size < 1 || size > INT32_MAX)
    return refuse(r, "\"nodes\" is not a list of nodes");
  BS_TRY(bs_mem_zalloc(size, 1, &r->used));
  BS_TRY(bs_tree_create(m->classes.count, rules, &m->tree));
  for (uint32_t i = 0, number; i < size; i++) {
    BS_TRY(bs_tree_add(m->tree, &number));
    BS_TRY(read_node(r, i));
  }
  for (uint32_t i = 1; i < size; i++)
    if (r->used[i] == 0)
      return refuse_node(r, i, "no node's child");
  return BS_OK;
}

/* ---- Do the parts fit together? */

/* Rows of a class in a node, both branches. */
static uint64_t rows_of(const bs_tree *tree, uint32_t node, int k)
{
  return (uint64_t)bs_tree_count(tree, node, 0)[k] +
         bs_tree_count(tree, node, 1)[k];
}

/* A node's rows are its children's; under the rules of 3.8 branch by branch,
 * while 3.6 counts branches by a cut that its tolerance may move. */
static bs_status check_sums(const reader *r)
{
  const bs_tree *tree = r->model->tree;
  for (uint32_t i = 0; i < tree->size; i++)
    for (int k = 0; k < tree->c; k++) {
      const bs_tree_node *node = &tree->node[i];
      if (rows_of(tree, i, k) > UINT32_MAX)
        return refuse_node(r, i, "too many rows");
      if (node->feature == BS_LEAF)
        continue;
      uint64_t left = rows_of(tree, node->child[0], k);
      uint64_t right = rows_of(tree, node->child[1], k);
      if (rows_of(tree, i, k) != left + right ||
          (tree->rules == BS_WEKA_38 && bs_tree_count(tree, i, 0)[k] != left))
        return refuse_node(r, i, "its rows are not those of its children");
    }
  return BS_OK;
}

/* Bytes of the text that are lines' indentation: a crafted tree that is one
 * long chain must not be printed, since its text has the square of its size. */
static bs_status measure(const bs_tree *tree, uint64_t *bytes)
{
  uint32_t *depth;
  BS_TRY(bs_mem_zalloc(tree->size, sizeof *depth, &depth));
  *bytes = 0;
  for (uint32_t i = 0; i < tree->size; i++) {
    const bs_tree_node *node = &tree->node[i];
    if (node->feature == BS_LEAF)
      continue;
    *bytes += UINT64_C(2) * 4 * depth[i];
    depth[node->child[0]] = depth[node->child[1]] = depth[i] + 1;
  }
  bs_mem_free(&depth);
  return BS_OK;
}

/* The text as Weka prints it, made again from the nodes. */
static bs_status check_text(const reader *r)
{
  const bs_model *m = r->model;
  const char *want = json_string_value(json_object_get(r->json, "text"));
  char *text;
  uint64_t indentation;
  BS_TRY(measure(m->tree, &indentation));
  if (want == NULL || indentation > strlen(want))
    return refuse(r, "\"text\" is not the text of the nodes");
  m->tree->pruned = strncmp(want, "J48 pruned", 10) == 0;
  BS_TRY(bs_tree_text(m->tree, m->features.item, m->classes.item, &text));
  bool same = strcmp(want, text) == 0;
  free(text);
  return same ? BS_OK : refuse(r, "\"text\" is not the text of the nodes");
}

static bs_status check_sizes(const reader *r)
{
  json_int_t size, leaves, rows = 0;
  const bs_tree *tree = r->model->tree;
  const json_t *said =
      json_object_get(json_object_get(r->json, "data"), "rows");
  for (int k = 0; k < tree->c; k++)
    rows += (json_int_t)rows_of(tree, 0, k);
  if (said != NULL && !get_whole(said, rows, rows, &rows))
    return refuse(r, "the rows of the root are not \"rows\" of \"data\"");
  if (!get_whole(json_object_get(r->json, "size"), tree->size, tree->size,
                 &size))
    return refuse(r, "\"size\" is not the number of nodes");
  if (!get_whole(json_object_get(r->json, "leaves"), bs_tree_leaves(tree),
                 bs_tree_leaves(tree), &leaves))
    return refuse(r, "\"leaves\" is not the number of leaves");
  return BS_OK;
}

static bs_status read_tree(reader *r)
{
  BS_TRY(read_nodes(r, r->model->rules));
  BS_TRY(check_sums(r));
  BS_TRY(check_sizes(r));
  return check_text(r);
}

static bs_status read_all(reader *r)
{
  bs_model *m = r->model;
  json_int_t schema;
  bool em;
  if (!get_whole(json_object_get(r->json, "schema"), 1, 1, &schema))
    return refuse(r, "\"schema\" is not 1");
  BS_TRY(read_learner(r, &em));
  BS_TRY(read_rules(r, &m->rules));
  BS_TRY(read_names(r, "features", INT32_MAX, &m->features));
  BS_TRY(read_names(r, "classes", UINT16_MAX, &m->classes));
  BS_TRY(read_label(r));
  return em ? bs_em_model_read(r->json, r->show, m->features.count,
                               m->classes.count, &m->em)
            : read_tree(r);
}

bs_status bs_model_parse(const json_t *json, const char *show, bs_model **out)
{
  reader r = {.show = show, .json = json};
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *r.model, &r.model));
  bs_status st = read_all(&r);
  bs_mem_free(&r.used);
  if (st != BS_OK)
    bs_model_destroy(&r.model);
  *out = r.model;
  return st;
}

void bs_model_destroy(bs_model **model)
{
  bs_model *m = *model;
  if (m == NULL)
    return;
  bs_tree_destroy(&m->tree);
  bs_em_model_destroy(&m->em);
  bs_names_free(&m->features);
  bs_names_free(&m->classes);
  free(m->label);
  bs_mem_free(model);
}

/* Rank 0: the document at a path. */
static bs_status load(const char *path, json_t **json)
{
  json_error_t error;
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  *json = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
  fclose(file);
  if (*json != NULL)
    return BS_OK;
  if (json_error_code(&error) == json_error_out_of_memory)
    return bs_fail(BS_ERR_RESOURCE, "out of memory reading %s", path);
  return bs_fail(BS_ERR_INPUT, "%s:%d:%d: %s", path,
                 error.line > 0 ? error.line : 1,
                 error.column > 0 ? error.column : 1, error.text);
}

bs_status bs_model_read(MPI_Comm comm, const char *path, bs_model **out)
{
  json_t *json = NULL;
  bs_status st = BS_OK;
  *out = NULL;
  if (bs_comm_rank(comm) == 0)
    st = load(path, &json);
  BS_GO(st, bs_agree(comm, st));
  BS_GO(st, bs_json_bcast(comm, &json));
  st = bs_agree(comm, bs_model_parse(json, path, out));
  if (st != BS_OK)
    bs_model_destroy(out);
done:
  json_decref(json);
  return st;
}
