/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv_keep.h"

#include "src/comm.h"
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

static void make_key(const char *what, int spec, int fold, char key[KEY_ROOM])
{
  if (fold < 0)
    snprintf(key, KEY_ROOM, "%s-%d-all", what, spec);
  else
    snprintf(key, KEY_ROOM, "%s-%d-%d", what, spec, fold);
}

static size_t count_bytes(uint32_t size, int c)
{
  return (size_t)size * 2 * (size_t)c * sizeof(uint32_t);
}

static void add_tree(bs_pack *to, const head *h, const bs_tree *tree)
{
  bs_pack_add(to, h, sizeof *h);
  bs_pack_add(to, tree->node, tree->size * sizeof *tree->node);
  bs_pack_add(to, tree->count, count_bytes(tree->size, tree->c));
}

/* The caller owns the tree also on failure; *whole tells whether it is there.
 */
static bs_status take_tree(bs_unpack *from, const head *h, bs_weka rules,
                           bs_tree **tree, bool *whole)
{
  BS_TRY(bs_tree_create(h->c, rules, tree));
  for (uint32_t i = 0, number; i < h->size; i++)
    BS_TRY(bs_tree_add(*tree, &number));
  (*tree)->pruned = h->pruned != 0;
  *whole =
      bs_unpack_take(from, (*tree)->node, h->size * sizeof *(*tree)->node) &&
      bs_unpack_take(from, (*tree)->count, count_bytes(h->size, h->c));
  return BS_OK;
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
  make_key("tree", spec, fold, key);
  add_tree(&part, &h, t);
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
  bool whole;
  if (!bs_unpack_take(&from, &h, sizeof h) || h.c != c || h.tested != tested)
    return wrong(key);
  BS_TRY(take_tree(&from, &h, rules, &out->tree, &whole));
  BS_TRY(bs_mem_alloc(tested, sizeof *out->leaf, &out->leaf));
  out->seconds = h.seconds;
  out->tested = tested;
  whole = whole && bs_unpack_take(&from, out->leaf, tested * sizeof *out->leaf);
  return whole && from.left == 0 ? BS_OK : wrong(key);
}

bs_status bs_cv_keep_get(const bs_keep *keep, int spec, int fold, int c,
                         bs_weka rules, size_t tested, bs_cv_tree *out)
{
  char key[KEY_ROOM], *data;
  size_t bytes;
  *out = (bs_cv_tree){0};
  make_key("tree", spec, fold, key);
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

void bs_cv_keep_save(const bs_keep *keep, int spec, int count, const int *fold,
                     const bs_tree *const *tree)
{
  char key[KEY_ROOM];
  bs_pack state = {0};
  make_key("begun", spec, fold[0], key);
  for (int t = 0; t < count; t++) {
    const int32_t of = fold[t];
    const head h = {.size = tree[t]->size, .c = tree[t]->c};
    bs_pack_add(&state, &of, sizeof of);
    add_tree(&state, &h, tree[t]);
  }
  keep->save(keep->store, key, &state);
  bs_pack_clear(&state);
}

bs_status bs_cv_keep_begun(const bs_keep *keep, MPI_Comm comm, int spec,
                           int fold, int c, bs_weka rules,
                           void (*each)(void *context, int spec, int fold,
                                        bs_tree *tree),
                           void *context)
{
  char key[KEY_ROOM], *data;
  size_t bytes;
  bs_status st = BS_OK;
  make_key("begun", spec, fold, key);
  BS_TRY(bs_keep_fetch(keep, comm, key, &data, &bytes));
  if (data == NULL)
    return BS_OK;
  bs_unpack from = {data, bytes};
  while (st == BS_OK && from.left > 0) {
    int32_t of;
    head h;
    bs_tree *tree = NULL;
    bool whole = false;
    if (bs_unpack_take(&from, &of, sizeof of) &&
        bs_unpack_take(&from, &h, sizeof h) && h.c == c)
      st = take_tree(&from, &h, rules, &tree, &whole);
    if (st == BS_OK && whole) {
      each(context, spec, of, tree);
    } else {
      bs_tree_destroy(&tree);
      st = st == BS_OK ? wrong(key) : st;
    }
  }
  bs_mem_free(&data);
  return bs_agree(comm, st);
}
