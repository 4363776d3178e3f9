/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv_plan.h"

#include "src/comm.h"
#include "src/cv_keep.h"
#include "src/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int bs_cv_fold_count(const bs_cv_spec *spec)
{
  return spec->folds == NULL ? 0 : spec->folds->folds;
}

size_t bs_cv_test_rows(const bs_cv_job *r, const bs_cv_unit *u)
{
  return u->fold == BS_CV_MODEL
             ? 0
             : bs_folds_test_count(r->spec[u->spec].folds, u->fold);
}

/* Cost of trees that grow together, in trees: they share most of the work. */
static double shared_cost(int trees)
{
  return 1 + 0.12 * (trees - 1);
}

int bs_layout_groups(int ranks, int trees, int most)
{
  const int together = 11; /* ten folds and the tree on all rows */
  int best = 1;
  double least = 0;
  for (int groups = 1; groups <= ranks && groups <= trees && groups <= most;
       groups++) {
    int each = ranks / groups; /* ranks of the smallest group */
    int own = (trees + groups - 1) / groups;
    double cost = own <= together ? shared_cost(own)
                                  : shared_cost(together) * own / together;
    /* Ranks of a group wait for each other, and each looks after all rows,
     * about 4 % of the work on all columns. */
    double time = cost * (1 + 0.04 * (each - 1)) / each;
    if (groups == 1 || time < least) {
      least = time;
      best = groups;
    }
  }
  return best;
}

static int first_rank(const bs_cv_job *r, int group)
{
  return (int)((int64_t)group * r->size / r->groups);
}

/* Cut the ranks into groups of neighbours. */
static void form_groups(bs_cv_job *r, int groups)
{
  r->groups = groups;
  while (r->my_group + 1 < r->groups &&
         first_rank(r, r->my_group + 1) <= r->rank)
    r->my_group++;
  BS_MPI(MPI_Comm_split(r->comm, r->my_group, r->rank, &r->group.comm));
  r->group.rank = bs_comm_rank(r->group.comm);
  r->group.size = bs_comm_size(r->group.comm);
  bs_node_create(r->group.comm, &r->node);
}

static int unit_count(const bs_cv_spec *spec)
{
  return spec->model + bs_cv_fold_count(spec);
}

static bs_status list_units(bs_cv_job *r)
{
  for (int s = 0; s < r->specs; s++)
    r->units += unit_count(&r->spec[s]);
  BS_TRY(bs_mem_zalloc((size_t)r->units, sizeof *r->unit, &r->unit));
  for (int s = 0, u = 0; s < r->specs; s++)
    for (int f = r->spec[s].model ? BS_CV_MODEL : 0;
         f < bs_cv_fold_count(&r->spec[s]); f++, u++)
      r->unit[u] = (bs_cv_unit){.spec = s, .fold = f};
  return BS_OK;
}

/* Rank 0 has the trees of an earlier run; all know which. */
static bs_status find_kept(bs_cv_job *r)
{
  int *kept = NULL, count = 0;
  char line[80];
  bs_status st = BS_OK;
  if (r->keep == NULL)
    return BS_OK;
  st = bs_mem_zalloc((size_t)r->units, sizeof *kept, &kept);
  for (int i = 0; st == BS_OK && r->rank == 0 && i < r->units; i++) {
    bs_cv_unit *u = &r->unit[i];
    const bs_j48 *j48 = r->spec[u->spec].j48;
    bs_cv_tree tree;
    st = bs_cv_keep_get(r->keep, u->spec, u->fold, j48->data->c,
                        j48->options.rules, bs_cv_test_rows(r, u), &tree);
    u->tree = tree.tree;
    u->leaf = tree.leaf;
    u->seconds = tree.seconds;
    kept[i] = u->tree != NULL;
  }
  BS_GO(st, bs_agree(r->comm, st));
  BS_MPI(MPI_Bcast(kept, r->units, MPI_INT, 0, r->comm));
  for (int i = 0; i < r->units; i++) {
    count += kept[i];
    if (kept[i])
      r->unit[i].rank = BS_CV_KEPT;
  }
  if (count > 0) {
    snprintf(line, sizeof line, "checkpoint: %d of %d trees taken over", count,
             r->units);
    r->keep->say(r->keep->store, line);
  }
done:
  bs_mem_free(&kept);
  return st;
}

/* Of two beginnings of a tree the larger one tells more. */
static void take_begun(void *context, int spec, int fold, bs_tree *tree)
{
  bs_cv_job *r = context;
  for (int i = 0; i < r->units; i++) {
    bs_cv_unit *u = &r->unit[i];
    if (u->spec == spec && u->fold == fold && u->rank != BS_CV_KEPT &&
        (u->begun == NULL || u->begun->size < tree->size)) {
      bs_tree_destroy(&u->begun);
      u->begun = tree;
      tree = NULL;
    }
  }
  bs_tree_destroy(&tree);
}

/* All ranks have the trees that an earlier run has begun. */
static bs_status find_begun(bs_cv_job *r)
{
  char line[100];
  uint64_t nodes = 0;
  int count = 0;
  if (r->keep == NULL)
    return BS_OK;
  for (int i = 0; i < r->units; i++) {
    const bs_j48 *j48 = r->spec[r->unit[i].spec].j48;
    BS_TRY(bs_cv_keep_begun(r->keep, r->comm, r->unit[i].spec, r->unit[i].fold,
                            j48->data->c, j48->options.rules, take_begun, r));
  }
  for (int i = 0; i < r->units; i++)
    if (r->unit[i].begun != NULL) {
      nodes += r->unit[i].begun->size;
      count++;
    }
  if (count > 0) {
    snprintf(line, sizeof line,
             "checkpoint: %" PRIu64 " nodes of %d unfinished trees taken over",
             nodes, count);
    r->keep->say(r->keep->store, line);
  }
  return BS_OK;
}

/* Cut one experiment's units into batches of about the same size: no larger
 * than can grow together, and so many that every group has one. */
static void cut_batches(bs_cv_job *r, int spec, bs_cv_unit *unit_of_spec)
{
  const bs_j48 *j48 = r->spec[spec].j48;
  const int together = bs_j48_together(j48);
  int units = 0, all = unit_count(&r->spec[spec]);
  for (int i = 0; i < all; i++)
    units += unit_of_spec[i].rank != BS_CV_KEPT;
  int parts = (units + together - 1) / together;
  int wanted = (r->groups + r->specs - 1) / r->specs;
  parts = wanted > parts ? wanted : parts;
  parts = parts > units ? units : parts;
  for (int i = 0; i < parts; i++) {
    bs_cv_batch *b = &r->batch[r->batches++];
    int count = units * (i + 1) / parts - units * i / parts;
    *b = (bs_cv_batch){.spec = spec};
    for (; b->count < count; unit_of_spec++)
      if (unit_of_spec->rank != BS_CV_KEPT)
        b->unit[b->count++] = unit_of_spec;
    b->cost = shared_cost(count) * (double)j48->data->n * j48->columns;
  }
}

static int by_cost(const void *a, const void *b)
{
  const bs_cv_batch *x = a, *y = b;
  if (x->cost != y->cost)
    return x->cost < y->cost ? 1 : -1;
  return (x->unit[0] > y->unit[0]) - (x->unit[0] < y->unit[0]);
}

/* Give each batch, dearest first, to the group with the least to do so far. All
 * ranks do the same. */
static bs_status deal_batches(bs_cv_job *r)
{
  double *load;
  BS_TRY(bs_mem_alloc((size_t)r->units, sizeof *r->batch, &r->batch));
  for (int s = 0, first = 0; s < r->specs; s++) {
    cut_batches(r, s, r->unit + first);
    first += unit_count(&r->spec[s]);
  }
  qsort(r->batch, (size_t)r->batches, sizeof *r->batch, by_cost);
  BS_TRY(bs_mem_zalloc((size_t)r->groups, sizeof *load, &load));
  for (int i = 0; i < r->batches; i++) {
    bs_cv_batch *b = &r->batch[i];
    int least = 0;
    for (int g = 1; g < r->groups; g++)
      least = load[g] < load[least] ? g : least;
    const int from = first_rank(r, least);
    const int ranks = first_rank(r, least + 1) - from;
    b->group = least;
    load[least] += b->cost / ranks;
    for (int t = 0; t < b->count; t++)
      b->unit[t]->rank = from + t % ranks;
  }
  bs_mem_free(&load);
  return BS_OK;
}

bs_status bs_cv_plan(bs_cv_job *r, int groups)
{
  r->group.comm = MPI_COMM_NULL;
  r->node.comm = MPI_COMM_NULL;
  BS_TRY(bs_agree(r->comm, list_units(r)));
  BS_TRY(find_kept(r));
  BS_TRY(find_begun(r));
  form_groups(r, groups);
  return bs_agree(r->comm, deal_batches(r));
}

void bs_cv_plan_free(bs_cv_job *r)
{
  for (int i = 0; r->unit != NULL && i < r->units; i++) {
    bs_tree_destroy(&r->unit[i].begun);
    bs_tree_destroy(&r->unit[i].tree);
    bs_mem_free(&r->unit[i].leaf);
  }
  bs_mem_free(&r->unit);
  bs_mem_free(&r->batch);
  bs_node_destroy(&r->node);
  if (r->group.comm != MPI_COMM_NULL)
    BS_MPI(MPI_Comm_free(&r->group.comm));
}
