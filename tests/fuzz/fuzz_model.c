/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a model file: a tree that can be walked, a mixture with
 * clusters for any row, or refused. */
#include "io/apply_em.h"
#include "io/model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const bs_tree *tree, const double *x)
{
  uint32_t leaf = bs_tree_leaf(tree, x, 1, 0);
  if (leaf >= tree->size || tree->node[leaf].feature != BS_LEAF)
    abort();
}

static void cluster(const bs_em_model *model, const double *x)
{
  bs_em_tile tile;
  uint32_t code = 0;
  size_t width = 1 + (size_t)model->mixture.k;
  double *value = calloc(width, sizeof *value);
  if (bs_em_tile_make(model, &bs_cluster_kernels_ref, &tile) != BS_OK)
    abort();
  tile.code = &code;
  tile.value = value;
  bs_em_tile_add(&tile, x);
  bs_em_tile_flush(&tile);
  if (code >= width - 1)
    abort();
  bs_em_tile_free(&tile);
  free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  json_t *json =
      json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
  bs_model *model = NULL;
  if (json != NULL && bs_model_parse(json, "fuzz", &model) == BS_OK) {
    size_t features = (size_t)model->features.count;
    double *x = calloc(features, sizeof *x);
    if (model->tree != NULL)
      walk(model->tree, x);
    else
      cluster(model->em, x);
    free(x);
  } else if (json != NULL && bs_error_text()[0] == '\0') {
    abort();
  }
  bs_model_destroy(&model);
  json_decref(json);
  return 0;
}
