/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/j48.h"

#include "src/comm.h"
#include "src/entropy_table.h"
#include "src/grow.h"
#include "src/mem.h"
#include "src/prune.h"
#include "src/stop.h"
#include <string.h>

bs_status bs_log_tables_create(MPI_Comm comm, const bs_node *node, size_t n,
                               bs_weka rules, int threads, bs_log_tables *out)
{
  memset(out, 0, sizeof *out);
  out->block.win = MPI_WIN_NULL;
  size_t entries = (n < 2 ? 2 : n) + 1; /* ln 2 is always wanted */
  bs_status st =
      bs_shared_alloc(node, 2 * entries * sizeof(double), &out->block);
  BS_TRY(bs_agree(comm, st));
  double *ln = out->block.base, *xlogx = ln + entries;
  size_t share = (entries + (size_t)node->size - 1) / (size_t)node->size;
  size_t begin = share * (size_t)node->rank;
  size_t end = begin + share < entries ? begin + share : entries;
  const size_t piece = 4096;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (size_t lo = begin; lo < end; lo += piece)
    if (!bs_stop_wanted())
      bs_entropy_table_fill_range(lo, lo + piece < end ? lo + piece : end,
                                  rules, ln, xlogx);
  bs_shared_sync(node, &out->block);
  out->ln = ln;
  out->xlogx = xlogx;
  return bs_agree(comm, bs_stop_check());
}

void bs_log_tables_destroy(bs_log_tables *tables)
{
  bs_shared_free(&tables->block);
}

static int bits_for(uint64_t values)
{
  int bits = 0;
  while (bits < 64 && (values - 1) >> bits != 0)
    bits++;
  return bits;
}

/* Widths of the fields of list entries. Kernels are quick where class code and
 * trees take at most 16 bits. */
static bs_status lay_out_entries(bs_j48 *j48)
{
  bs_entry_layout *l = &j48->layout;
  uint32_t ranks = 1;
  for (int i = 0; i < j48->columns; i++) {
    uint32_t r = j48->presort->sorted[j48->column[i]].ranks;
    ranks = r > ranks ? r : ranks;
  }
  l->row_bits = bits_for(j48->data->n);
  l->class_bits = bits_for((uint64_t)j48->criterion.c);
  int left = 64 - l->row_bits - l->class_bits - bits_for(ranks);
  int quick = BS_TREES - l->class_bits;
  if (left < 1)
    return bs_fail(BS_ERR_INPUT,
                   "%zu rows, %u distinct values and %d classes are too many: "
                   "their numbers do not fit 63 bits",
                   j48->data->n, ranks, j48->criterion.c);
  l->trees = quick < 1 ? 1 : quick;
  l->trees = left < l->trees ? left : l->trees;
  return BS_OK;
}

int bs_j48_together(const bs_j48 *j48)
{
  return j48->layout.trees;
}

/* Which distinct columns the features use. */
static void find_columns(bs_j48 *j48)
{
  for (int f = 0; f < j48->features; f++) {
    int column = j48->presort->column[j48->feature[f]], slot = 0;
    while (slot < j48->columns && j48->column[slot] != column)
      slot++;
    if (slot == j48->columns)
      j48->column[j48->columns++] = column;
    j48->slot[f] = slot;
  }
}

bs_status bs_j48_create(const bs_dataset *data, const bs_presort *presort,
                        const bs_log_tables *tables,
                        const bs_list_kernels *kernels,
                        const bs_j48_options *options, int features,
                        const int *feature, bs_j48 **out)
{
  bs_j48 *j48 = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *j48, &j48));
  BS_GO(st, bs_mem_alloc((size_t)features, sizeof(int), &j48->feature));
  BS_GO(st, bs_mem_alloc((size_t)features, sizeof(int), &j48->column));
  BS_GO(st, bs_mem_alloc((size_t)features, sizeof(int), &j48->slot));
  j48->data = data;
  j48->presort = presort;
  j48->options = *options;
  j48->features = features;
  memcpy(j48->feature, feature, (size_t)features * sizeof(int));
  find_columns(j48);
  j48->criterion = (bs_criterion){
      .kernels = kernels,
      .c = data->c,
      .min_leaf = (double)options->min_leaf,
      .mdl = !options->no_mdl,
      .unit = options->rules == BS_WEKA_38 ? BS_LN2 : 1,
      .ln = tables->ln,
      .xlogx = tables->xlogx,
  };
  BS_GO(st, lay_out_entries(j48));
  BS_GO(st, bs_pruning_init(options->confidence, &j48->pruning));
  *out = j48;
  return BS_OK;
done:
  bs_j48_destroy(&j48);
  return st;
}

void bs_j48_destroy(bs_j48 **j48)
{
  if (*j48 == NULL)
    return;
  bs_mem_free(&(*j48)->feature);
  bs_mem_free(&(*j48)->column);
  bs_mem_free(&(*j48)->slot);
  bs_mem_free(j48);
}

/* Rows of a node may be in a list more than once where trees differ. */
static size_t room_for(const bs_workspace_size *s)
{
  return s->trees == 1 ? s->all : s->all + s->all / 4;
}

/* With more classes sums would be large beside the lists. */
enum { MOST_SUMMED_CLASSES = 16 };

/* Groups that lists have a place for; see sums_of in src/grow_columns.c. */
static size_t group_room(size_t room)
{
  return room / (BS_GROUP / 2) + 1;
}

static size_t sums_bytes(const bs_workspace_size *s)
{
  if (s->c > MOST_SUMMED_CLASSES)
    return 0;
  return group_room(room_for(s)) * (size_t)s->trees *
         (sizeof(uint32_t) + ((size_t)s->c + 1) * sizeof(uint16_t));
}

static bs_status alloc_sums(const bs_workspace_size *s, bs_workspace *w)
{
  const size_t groups = group_room(w->room), each = groups * (size_t)s->trees;
  BS_TRY(bs_mem_zalloc((size_t)s->columns, sizeof *w->sums, &w->sums));
  for (int i = 0; i < s->columns; i++) {
    bs_list_sums *sums = &w->sums[i];
    sums->trees = s->trees;
    BS_TRY(bs_mem_alloc(each, sizeof *sums->last, &sums->last));
    BS_TRY(bs_mem_alloc(each * ((size_t)s->c + 1), sizeof *sums->count,
                        &sums->count));
  }
  for (int i = 0; i < s->threads; i++)
    BS_TRY(bs_mem_zalloc(groups / 64 + 1, sizeof **w->stale, &w->stale[i]));
  return BS_OK;
}

static bs_status alloc_lists(const bs_workspace_size *s, bs_workspace *w)
{
  const size_t entries = w->room + BS_LIST_PAD;
  BS_TRY(bs_mem_zalloc((size_t)s->columns, sizeof *w->list, &w->list));
  BS_TRY(bs_mem_zalloc((size_t)s->threads, sizeof *w->spare, &w->spare));
  BS_TRY(bs_mem_zalloc((size_t)s->threads, sizeof *w->work, &w->work));
  BS_TRY(bs_mem_zalloc((size_t)s->threads, sizeof *w->stale, &w->stale));
  w->columns = s->columns;
  w->threads = s->threads;
  if (s->c <= MOST_SUMMED_CLASSES)
    BS_TRY(alloc_sums(s, w));
  for (int i = 0; i < s->columns; i++)
    BS_TRY(bs_mem_alloc(entries, sizeof **w->list, &w->list[i]));
  for (int i = 0; i < s->threads; i++) {
    BS_TRY(bs_mem_alloc(entries, sizeof **w->spare, &w->spare[i]));
    BS_TRY(bs_mem_alloc((size_t)s->c * BS_SPLIT_WORK, sizeof **w->work,
                        &w->work[i]));
  }
  return BS_OK;
}

static bs_status alloc_rows(size_t room, bs_row_list *rows)
{
  BS_TRY(bs_mem_alloc(room, sizeof *rows->row, &rows->row));
  return bs_mem_alloc(room, sizeof *rows->trees, &rows->trees);
}

static size_t code_words(size_t all)
{
  return all / BS_CODES_PER_WORD + 1;
}

bs_status bs_workspace_create(const bs_workspace_size *s, bs_workspace **out)
{
  bs_workspace *w = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *w, &w));
  w->all = s->all;
  w->room = room_for(s);
  w->trees = s->trees;
  BS_GO(st, alloc_lists(s, w));
  BS_GO(st, bs_mem_alloc(s->all, sizeof *w->tag, &w->tag));
  BS_GO(st, bs_mem_alloc(s->all, sizeof *w->trained, &w->trained));
  BS_GO(st, bs_mem_alloc(code_words(s->all), sizeof *w->sides.code,
                         &w->sides.code));
  BS_GO(st, bs_mem_zalloc(s->all, sizeof *w->sides.right, &w->sides.right));
  BS_GO(st, alloc_rows(w->room, &w->rows));
  BS_GO(st, alloc_rows(w->room, &w->next));
  BS_GO(st,
        bs_mem_alloc((size_t)s->finished * s->all, sizeof *w->leaf, &w->leaf));
  *out = w;
  return BS_OK;
done:
  bs_workspace_destroy(&w);
  return st;
}

static void free_each(void *list, int count)
{
  void **p = list;
  for (int i = 0; p != NULL && i < count; i++)
    bs_mem_free(&p[i]);
}

void bs_workspace_destroy(bs_workspace **workspace)
{
  bs_workspace *w = *workspace;
  if (w == NULL)
    return;
  free_each(w->list, w->columns);
  free_each(w->spare, w->threads);
  free_each(w->stale, w->threads);
  free_each(w->work, w->threads);
  for (int i = 0; w->sums != NULL && i < w->columns; i++) {
    bs_mem_free(&w->sums[i].last);
    bs_mem_free(&w->sums[i].count);
  }
  free_each(w->place, BS_TREES);
  bs_mem_free(&w->list);
  bs_mem_free(&w->spare);
  bs_mem_free(&w->sums);
  bs_mem_free(&w->stale);
  bs_mem_free(&w->work);
  bs_mem_free(&w->tag);
  bs_mem_free(&w->trained);
  bs_mem_free(&w->sides.code);
  bs_mem_free(&w->sides.right);
  bs_mem_free(&w->rows.row);
  bs_mem_free(&w->rows.trees);
  bs_mem_free(&w->next.row);
  bs_mem_free(&w->next.trees);
  bs_mem_free(&w->leaf);
  bs_mem_free(workspace);
}

size_t bs_workspace_bytes(const bs_workspace_size *s)
{
  const size_t room = room_for(s), row = sizeof(uint32_t) + sizeof(uint16_t);
  const size_t lists = (size_t)(s->columns + s->threads);
  return lists * (room + BS_LIST_PAD) * sizeof(uint64_t) +
         (size_t)s->columns * sums_bytes(s) + 2 * room * row +
         s->all * (sizeof(uint32_t) + 2 * sizeof(uint16_t)) +
         code_words(s->all) * sizeof(uint64_t) +
         (size_t)s->finished * s->all * sizeof(uint32_t);
}

/* Collapse, prune and compact a grown tree. */
static bs_status finish(const bs_j48 *j48, const bs_training *training,
                        const uint32_t *leaf, bs_tree *tree, bs_tree **out)
{
  bs_grown grown = {tree, NULL, NULL};
  bs_status st = BS_OK;
  tree->pruned = !j48->options.unpruned;
  /* While the tree has all the leaves that rows are in. */
  if (tree->pruned)
    BS_GO(st, bs_grown_sort_rows(training, leaf, &grown));
  if (!j48->options.no_collapse)
    BS_GO(st, bs_collapse(tree));
  if (tree->pruned)
    BS_GO(st, bs_prune(j48, &grown));
  st = bs_tree_compact(tree, out);
done:
  bs_mem_free(&grown.segment);
  bs_mem_free(&grown.rows);
  return st;
}

/* Each rank finishes its share of the trees. */
static bs_status finish_own(const bs_j48 *j48, int trees,
                            const bs_training *training, const bs_group *group,
                            const bs_workspace *w, bs_tree *const *grown,
                            bs_tree **out)
{
  bs_status failed = BS_OK;
  char text[BS_ERROR_TEXT];
  const int threads = bs_threads_for(w, w->all * (size_t)trees);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int t = group->rank; t < trees; t += group->size) {
    bs_status st = finish(j48, &training[t], w->leaf_of[t], grown[t], &out[t]);
#pragma omp critical(finish_failed)
    if (st != BS_OK && failed == BS_OK) {
      failed = st;
      strcpy(text, bs_error_text());
    }
  }
  return failed == BS_OK ? BS_OK : bs_fail(failed, "%s", text);
}

bs_status bs_j48_fit(const bs_j48 *j48, int trees, const bs_training *training,
                     bs_group *group, bs_workspace *workspace, bs_tree **out)
{
  bs_tree *grown[BS_TREES] = {NULL};
  memset(out, 0, (size_t)trees * sizeof(bs_tree *));
  bs_status st = bs_grow(j48, trees, training, group, workspace, grown);
  if (st == BS_OK)
    st = finish_own(j48, trees, training, group, workspace, grown, out);
  if (group->size > 1)
    st = bs_agree(group->comm, st);
  for (int t = 0; t < trees; t++) {
    bs_tree_destroy(&grown[t]);
    if (st != BS_OK)
      bs_tree_destroy(&out[t]);
  }
  return st;
}
