/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/j48.h"

#include "src/comm.h"
#include "src/entropy_table.h"
#include "src/grow.h"
#include "src/mem.h"
#include "src/prune.h"
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
    bs_entropy_table_fill_range(lo, lo + piece < end ? lo + piece : end, rules,
                                ln, xlogx);
  bs_shared_sync(node, &out->block);
  out->ln = ln;
  out->xlogx = xlogx;
  return BS_OK;
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

/* A rank and a class code share 32 bits of a list entry. */
static bs_status check_entry(const bs_j48 *j48)
{
  uint32_t ranks = 1;
  for (int i = 0; i < j48->columns; i++) {
    uint32_t r = j48->presort->sorted[j48->column[i]].ranks;
    ranks = r > ranks ? r : ranks;
  }
  if (bits_for(ranks) + j48->criterion.class_bits > 32)
    return bs_fail(BS_ERR_INPUT,
                   "%u distinct values times %d classes are more than 2^32",
                   ranks, j48->criterion.c);
  return BS_OK;
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
      .class_bits = bits_for((uint64_t)data->c),
      .min_leaf = (double)options->min_leaf,
      .mdl = !options->no_mdl,
      .unit = options->rules == BS_WEKA_38 ? BS_LN2 : 1,
      .ln = tables->ln,
      .xlogx = tables->xlogx,
  };
  BS_GO(st, check_entry(j48));
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

bs_status bs_team_create(int threads, size_t n, int c, bs_team **out)
{
  bs_team *team = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *team, &team));
  team->threads = threads;
  BS_GO(st,
        bs_mem_zalloc((size_t)threads, sizeof *team->scratch, &team->scratch));
  for (int t = 0; t < threads; t++) {
    bs_scratch *s = &team->scratch[t];
    BS_GO(st, bs_mem_alloc(n / 2 + BS_LIST_PAD + 1, sizeof *s->list, &s->list));
    BS_GO(st, bs_mem_alloc(32 * (size_t)c, sizeof *s->count, &s->count));
  }
  *out = team;
  return BS_OK;
done:
  bs_team_destroy(&team);
  return st;
}

void bs_team_destroy(bs_team **team)
{
  bs_team *t = *team;
  if (t == NULL)
    return;
  for (int i = 0; t->scratch != NULL && i < t->threads; i++) {
    bs_mem_free(&t->scratch[i].list);
    bs_mem_free(&t->scratch[i].count);
  }
  bs_mem_free(&t->scratch);
  bs_mem_free(team);
}

bs_status bs_workspace_create(size_t all, size_t n, int columns, bs_weka rules,
                              bs_workspace **out)
{
  bs_workspace *w = NULL;
  bs_status st;
  *out = NULL;
  BS_GO(st, bs_mem_zalloc(1, sizeof *w, &w));
  w->n = n;
  w->columns = columns;
  BS_GO(st, bs_mem_alloc((size_t)columns * (n + BS_LIST_PAD), sizeof *w->list,
                         &w->list));
  BS_GO(st, bs_mem_alloc(n, sizeof *w->rows, &w->rows));
  BS_GO(st, bs_mem_alloc(n + 1, sizeof *w->spare, &w->spare));
  BS_GO(st, bs_mem_alloc(all + BS_TAG_PAD, sizeof *w->tag, &w->tag));
  BS_GO(st, bs_mem_zalloc(all / 64 + 1, sizeof *w->side, &w->side));
  if (rules == BS_WEKA_36)
    BS_GO(st, bs_mem_alloc(all, sizeof *w->place, &w->place));
  *out = w;
  return BS_OK;
done:
  bs_workspace_destroy(&w);
  return st;
}

void bs_workspace_destroy(bs_workspace **workspace)
{
  bs_workspace *w = *workspace;
  if (w == NULL)
    return;
  bs_mem_free(&w->list);
  bs_mem_free(&w->rows);
  bs_mem_free(&w->spare);
  bs_mem_free(&w->tag);
  bs_mem_free(&w->side);
  bs_mem_free(&w->place);
  bs_mem_free(workspace);
}

size_t bs_workspace_bytes(size_t all, size_t n, int columns, bs_weka rules)
{
  return (size_t)columns * (n + BS_LIST_PAD) * sizeof(uint64_t) +
         2 * n * sizeof(uint32_t) + all * sizeof(uint16_t) + all / 8 +
         (rules == BS_WEKA_36 ? all * sizeof(uint32_t) : 0);
}

/* Collapse, prune and compact a grown tree. */
static bs_status finish(const bs_j48 *j48, bs_workspace *workspace,
                        bs_grown *grown, bs_tree **out)
{
  grown->tree->pruned = !j48->options.unpruned;
  if (!j48->options.no_collapse)
    BS_TRY(bs_collapse(grown));
  if (!j48->options.unpruned)
    BS_TRY(bs_prune(j48, workspace, grown));
  return bs_tree_compact(grown->tree, out);
}

bs_status bs_j48_fit(const bs_j48 *j48, const uint32_t *rows, size_t n,
                     bs_group *group, bs_team *team, bs_workspace *workspace,
                     bs_tree **out)
{
  bs_grown grown;
  *out = NULL;
  memset(workspace->tag, 0xff, j48->data->n * sizeof *workspace->tag);
  for (size_t i = 0; i < n; i++)
    workspace->tag[rows[i]] = j48->data->y[rows[i]];
  memcpy(workspace->rows, rows, n * sizeof *rows);
  workspace->placed = false;
  bs_status st = bs_grow(j48, rows, n, group, team, workspace, &grown);
  if (st == BS_OK && group->rank == 0)
    st = finish(j48, workspace, &grown, out);
  bs_grown_free(&grown);
  return group->size == 1 ? st : bs_agree(group->comm, st);
}
