/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv_keep.h"

#include "src/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { KEY_ROOM = 40 };

/* What goes before the arrays. */
typedef struct head {
  uint64_t tested;
  double seconds;
  uint32_t size;
  int32_t c, pruned, unused;
} head;

static void make_key(int spec, int fold, char key[KEY_ROOM])
{
  if (fold < 0)
    snprintf(key, KEY_ROOM, "tree-%d-all", spec);
  else
    snprintf(key, KEY_ROOM, "tree-%d-%d", spec, fold);
}

static size_t count_bytes(uint32_t size, int c)
{
  return (size_t)size * 2 * (size_t)c * sizeof(uint32_t);
}

void bs_cv_keep_put(const bs_keep *keep, int spec, int fold,
                    const bs_cv_tree *tree)
{
  const bs_tree *t = tree->tree;
  const head h = {.tested = tree->tested,
                  .seconds = tree->seconds,
                  .size = t->size,
                  .c = t->c,
                  .pruned = t->pruned};
  char key[KEY_ROOM];
  bs_pack part = {0};
  make_key(spec, fold, key);
  bs_pack_add(&part, &h, sizeof h);
  bs_pack_add(&part, t->node, t->size * sizeof *t->node);
  bs_pack_add(&part, t->count, count_bytes(t->size, t->c));
  bs_pack_add(&part, tree->leaf, tree->tested * sizeof *tree->leaf);
  keep->put(keep->store, key, &part);
  bs_pack_clear(&part);
}

static bs_status wrong(const char *key)
{
  return bs_fail(BS_ERR_RUNTIME, "checkpoint: %s is not what it should be",
                 key);
}

static bs_status take_apart(const char *key, bs_unpack from, int c,
                            bs_weka rules, size_t tested, bs_cv_tree *out)
{
  head h;
  if (!bs_unpack_take(&from, &h, sizeof h) || h.c != c || h.tested != tested)
    return wrong(key);
  BS_TRY(bs_tree_create(c, rules, &out->tree));
  for (uint32_t i = 0, number; i < h.size; i++)
    BS_TRY(bs_tree_add(out->tree, &number));
  BS_TRY(bs_mem_alloc(tested, sizeof *out->leaf, &out->leaf));
  out->tree->pruned = h.pruned != 0;
  out->seconds = h.seconds;
  out->tested = tested;
  const bool whole =
      bs_unpack_take(&from, out->tree->node,
                     h.size * sizeof *out->tree->node) &&
      bs_unpack_take(&from, out->tree->count, count_bytes(h.size, c)) &&
      bs_unpack_take(&from, out->leaf, tested * sizeof *out->leaf);
  return whole && from.left == 0 ? BS_OK : wrong(key);
}

bs_status bs_cv_keep_get(const bs_keep *keep, int spec, int fold, int c,
                         bs_weka rules, size_t tested, bs_cv_tree *out)
{
  char key[KEY_ROOM], *data;
  size_t bytes;
  *out = (bs_cv_tree){0};
  make_key(spec, fold, key);
  BS_TRY(keep->get(keep->store, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  const bs_status st =
      take_apart(key, (bs_unpack){data, bytes}, c, rules, tested, out);
  bs_mem_free(&data);
  if (st != BS_OK) {
    bs_tree_destroy(&out->tree);
    bs_mem_free(&out->leaf);
  }
  return st;
}
