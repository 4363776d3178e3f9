/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a model file: a tree that can be walked, or refused. */
#include "io/model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  json_t *json =
      json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
  bs_model *model = NULL;
  if (json != NULL && bs_model_parse(json, "fuzz", &model) == BS_OK) {
    size_t features = (size_t)model->features.count;
    double *x = calloc(features, sizeof *x);
    uint32_t leaf = bs_tree_leaf(model->tree, x, 1, 0);
    if (leaf >= model->tree->size || model->tree->node[leaf].feature != BS_LEAF)
      abort();
    free(x);
  } else if (json != NULL && bs_error_text()[0] == '\0') {
    abort();
  }
  bs_model_destroy(&model);
  json_decref(json);
  return 0;
}
