/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/model.h"

#include "io/json.h"
#include <stdlib.h>

static json_t *class_counts(const bs_tree *tree, uint32_t node, int branch)
{
  const uint32_t *count = bs_tree_count(tree, node, branch);
  json_t *list = json_array();
  for (int k = 0; k < tree->c; k++)
    json_array_append_new(list, json_integer(count[k]));
  return list;
}

static json_t *describe_node(const bs_tree *tree, uint32_t i)
{
  const bs_tree_node *node = &tree->node[i];
  if (node->feature == BS_LEAF)
    return json_pack("{s:[o]}", "counts", class_counts(tree, i, 0));
  return json_pack("{s:i, s:f, s:I, s:I, s:[o, o]}", "feature", node->feature,
                   "threshold", node->threshold, "left",
                   (json_int_t)node->child[0], "right",
                   (json_int_t)node->child[1], "counts",
                   class_counts(tree, i, 0), class_counts(tree, i, 1));
}

bs_status bs_model_describe(json_t *model, const bs_tree *tree, int features,
                            char *const *feature, char *const *class_name)
{
  char *text;
  BS_TRY(bs_tree_text(tree, feature, class_name, &text));
  json_t *nodes = json_array();
  for (uint32_t i = 0; i < tree->size; i++)
    json_array_append_new(nodes, describe_node(tree, i));
  int bad = json_object_set_new(model, "learner", json_string("j48"));
  bad |= json_object_set_new(
      model, "weka", json_string(tree->rules == BS_WEKA_36 ? "3.6" : "3.8"));
  bad |=
      json_object_set_new(model, "features", bs_json_names(feature, features));
  bad |=
      json_object_set_new(model, "classes", bs_json_names(class_name, tree->c));
  bad |=
      json_object_set_new(model, "leaves", json_integer(bs_tree_leaves(tree)));
  bad |= json_object_set_new(model, "size", json_integer(tree->size));
  bad |= json_object_set_new(model, "text", json_string(text));
  bad |= json_object_set_new(model, "nodes", nodes);
  free(text);
  return bad ? bs_fail(BS_ERR_RESOURCE, "out of memory: describing a tree")
             : BS_OK;
}
