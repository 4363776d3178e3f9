/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv.h"

#include "src/comm.h"
#include "src/cv_keep.h"
#include "src/mem.h"
#include "src/progress.h"
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL = -1 }; /* in place of a fold: the tree on all rows */
enum { KEPT = -1 };  /* in place of a rank: grown by an earlier run */

/* One tree to grow: the unit of work that is dealt out. */
typedef struct unit {
  int spec, fold;
  int rank;       /* of the run: who finishes and keeps it */
  bs_tree *begun; /* as far as an earlier run has grown it, or NULL */
  bs_tree *tree;
  uint32_t *leaf; /* (test rows): node reached, in test order */
  double seconds;
  uint64_t messages, bytes;
  bs_status status;
} unit;

/* Units of one experiment that grow together. */
typedef struct batch {
  int spec, count, group;
  unit *unit[BS_TREES];
  double cost; /* relative */
} batch;

typedef struct run {
  MPI_Comm comm;
  int rank, size, threads;
  int groups, my_group;
  bs_group group; /* the ranks that grow trees together with this one */
  bs_node node;   /* those of them that share its memory */
  const bs_cv_spec *spec;
  const bs_keep *keep;
  int specs, units;
  unit *unit; /* (units): by experiment, then fold */
  int batches;
  batch *batch;
} run;

static int fold_count(const bs_cv_spec *spec)
{
  return spec->folds == NULL ? 0 : spec->folds->folds;
}

static size_t test_rows(const run *r, const unit *u)
{
  return u->fold == MODEL
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

static int first_rank(const run *r, int group)
{
  return (int)((int64_t)group * r->size / r->groups);
}

/* Cut the ranks into groups of neighbours. */
static void form_groups(run *r, int groups)
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
  return spec->model + fold_count(spec);
}

static bs_status list_units(run *r)
{
  for (int s = 0; s < r->specs; s++)
    r->units += unit_count(&r->spec[s]);
  BS_TRY(bs_mem_zalloc((size_t)r->units, sizeof *r->unit, &r->unit));
  for (int s = 0, u = 0; s < r->specs; s++)
    for (int f = r->spec[s].model ? MODEL : 0; f < fold_count(&r->spec[s]);
         f++, u++)
      r->unit[u] = (unit){.spec = s, .fold = f};
  return BS_OK;
}

/* Rank 0 has the trees of an earlier run; all know which. */
static bs_status find_kept(run *r)
{
  int *kept = NULL, count = 0;
  char line[80];
  bs_status st = BS_OK;
  if (r->keep == NULL)
    return BS_OK;
  st = bs_mem_zalloc((size_t)r->units, sizeof *kept, &kept);
  for (int i = 0; st == BS_OK && r->rank == 0 && i < r->units; i++) {
    unit *u = &r->unit[i];
    const bs_j48 *j48 = r->spec[u->spec].j48;
    bs_cv_tree tree;
    st = bs_cv_keep_get(r->keep, u->spec, u->fold, j48->data->c,
                        j48->options.rules, test_rows(r, u), &tree);
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
      r->unit[i].rank = KEPT;
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
  run *r = context;
  for (int i = 0; i < r->units; i++) {
    unit *u = &r->unit[i];
    if (u->spec == spec && u->fold == fold && u->rank != KEPT &&
        (u->begun == NULL || u->begun->size < tree->size)) {
      bs_tree_destroy(&u->begun);
      u->begun = tree;
      tree = NULL;
    }
  }
  bs_tree_destroy(&tree);
}

/* All ranks have the trees that an earlier run has begun. */
static bs_status find_begun(run *r)
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
static void cut_batches(run *r, int spec, unit *unit_of_spec)
{
  const bs_j48 *j48 = r->spec[spec].j48;
  const int together = bs_j48_together(j48);
  int units = 0, all = unit_count(&r->spec[spec]);
  for (int i = 0; i < all; i++)
    units += unit_of_spec[i].rank != KEPT;
  int parts = (units + together - 1) / together;
  int wanted = (r->groups + r->specs - 1) / r->specs;
  parts = wanted > parts ? wanted : parts;
  parts = parts > units ? units : parts;
  for (int i = 0; i < parts; i++) {
    batch *b = &r->batch[r->batches++];
    int count = units * (i + 1) / parts - units * i / parts;
    *b = (batch){.spec = spec};
    for (; b->count < count; unit_of_spec++)
      if (unit_of_spec->rank != KEPT)
        b->unit[b->count++] = unit_of_spec;
    b->cost = shared_cost(count) * (double)j48->data->n * j48->columns;
  }
}

static int by_cost(const void *a, const void *b)
{
  const batch *x = a, *y = b;
  if (x->cost != y->cost)
    return x->cost < y->cost ? 1 : -1;
  return (x->unit[0] > y->unit[0]) - (x->unit[0] < y->unit[0]);
}

/* Give each batch, dearest first, to the group with the least to do so far. All
 * ranks do the same. */
static bs_status deal_batches(run *r)
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
    batch *b = &r->batch[i];
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

/* Number of rows that a tree is trained on. */
static size_t training_rows(const run *r, const unit *u)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  return u->fold == MODEL ? s->j48->data->n
                          : bs_folds_train_count(s->folds, u->fold);
}

/* These rows, in Weka's order. */
static void list_training(const run *r, const unit *u, uint32_t *rows)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  if (u->fold != MODEL)
    bs_folds_training(s->folds, u->fold, rows);
  for (size_t i = 0; u->fold == MODEL && i < s->j48->data->n; i++)
    rows[i] = (uint32_t)i;
}

/* Memory for the trees of a batch. */
typedef struct memory {
  bs_workspace *workspace;
  bs_shared rows; /* (trees, all): training rows */
} memory;

static void free_memory(memory *m)
{
  bs_workspace_destroy(&m->workspace);
  bs_shared_free(&m->rows);
}

/* Most trees of one of the own group's batches. */
static int most_trees(const run *r)
{
  int most = 0;
  for (int i = 0; i < r->batches; i++)
    if (r->batch[i].group == r->my_group && r->batch[i].count > most)
      most = r->batch[i].count;
  return most;
}

static size_t row_bytes(const run *r)
{
  return (size_t)most_trees(r) * r->spec[0].j48->data->n * sizeof(uint32_t);
}

/* Have all groups of a node room for their rows? Each by itself would find the
 * same room. */
static bs_status check_rows(const run *r)
{
  const bool counts = r->node.size > 1 && r->node.rank == 0;
  bs_node all;
  bs_node_create(r->comm, &all);
  const bs_status st = bs_shared_check(&all, counts ? row_bytes(r) : 0);
  bs_node_destroy(&all);
  return bs_agree(r->comm, st);
}

/* Enough for each of the own group's batches. */
static bs_status make_memory(const run *r, memory *m)
{
  const bs_dataset *data = r->spec[0].j48->data;
  bs_workspace_size size = {.all = data->n,
                            .c = data->c,
                            .columns = 1,
                            .trees = most_trees(r),
                            .threads = r->threads};
  for (int i = 0; i < r->batches; i++) {
    const batch *b = &r->batch[i];
    const bs_j48 *j48 = r->spec[b->spec].j48;
    if (b->group != r->my_group)
      continue;
    size.columns = j48->columns > size.columns ? j48->columns : size.columns;
  }
  if (size.trees == 0)
    return BS_OK;
  size.columns = (size.columns + r->group.size - 1) / r->group.size;
  size.finished = (size.trees + r->group.size - 1) / r->group.size;
  BS_TRY(bs_shared_alloc(&r->node, row_bytes(r), &m->rows));
  return bs_workspace_create(&size, &m->workspace);
}

/* Leaves that the rows tested by a tree reach. */
static bs_status test_tree(const run *r, unit *u)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  const size_t tested = test_rows(r, u);
  BS_TRY(bs_mem_alloc(tested, sizeof *u->leaf, &u->leaf));
  for (size_t i = 0; i < tested; i++)
    u->leaf[i] = bs_tree_leaf(u->tree, s->j48->data->x, s->j48->data->n,
                              s->folds->order[s->folds->start[u->fold] + i]);
  return BS_OK;
}

/* Test a finished tree and keep it. */
static bs_status finish_unit(const run *r, unit *u)
{
  BS_TRY(test_tree(r, u));
  if (r->keep != NULL) {
    const bs_cv_tree done = {u->tree, test_rows(r, u), u->leaf, u->seconds};
    bs_cv_keep_put(r->keep, u->spec, u->fold, &done);
  }
  return BS_OK;
}

typedef struct growing {
  const run *run;
  const batch *batch;
} growing;

/* Save trees in work; while earlier work is repeated, what is known of it. */
static void save_begun(const void *context, bs_tree *const *tree, bool stopped)
{
  const growing *g = context;
  const bs_keep *keep = g->run->keep;
  const bs_tree *saved[BS_TREES];
  int fold[BS_TREES];
  if (!stopped && !keep->due(keep->store))
    return;
  for (int t = 0; t < g->batch->count; t++) {
    const unit *u = g->batch->unit[t];
    const bool knows = u->begun != NULL && u->begun->size > tree[t]->size;
    saved[t] = knows ? u->begun : tree[t];
    fold[t] = u->fold;
  }
  bs_cv_keep_save(keep, g->batch->spec, g->batch->count, fold, saved);
}

static bs_status run_batch(const run *r, const batch *b, memory *m)
{
  bs_training training[BS_TREES];
  bs_tree *tree[BS_TREES];
  const growing work = {r, b};
  bs_group group = r->group;
  bs_status failed = BS_OK;
  double start = omp_get_wtime();
  group.context = &work;
  group.look = r->keep == NULL ? NULL : save_begun;
  for (int t = 0; t < b->count; t++) {
    uint32_t *rows =
        (uint32_t *)m->rows.base + (size_t)t * r->spec[b->spec].j48->data->n;
    if (t % r->node.size == r->node.rank)
      list_training(r, b->unit[t], rows);
    training[t] =
        (bs_training){rows, training_rows(r, b->unit[t]), b->unit[t]->begun};
  }
  bs_shared_sync(&r->node, &m->rows);
  BS_TRY(bs_j48_fit(r->spec[b->spec].j48, b->count, training, &group,
                    m->workspace, tree));
  const double each = (omp_get_wtime() - start) / b->count;
  const int threads = bs_threads_for(m->workspace, m->workspace->all);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int t = 0; t < b->count; t++) {
    unit *u = b->unit[t];
    u->tree = tree[t];
    u->seconds = each;
    u->messages = t == 0 ? group.messages : 0;
    u->bytes = t == 0 ? group.bytes : 0;
    if (u->tree != NULL && finish_unit(r, u) != BS_OK) {
#pragma omp atomic write
      failed = BS_ERR_RESOURCE;
    }
  }
  if (failed != BS_OK)
    failed = bs_fail(failed, "out of memory: leaves of tested rows");
  return group.size > 1 ? bs_agree(group.comm, failed) : failed;
}

/* Training rows of all trees of a batch. */
static uint64_t batch_rows(const run *r, const batch *b)
{
  uint64_t rows = 0;
  for (int t = 0; t < b->count; t++)
    rows += training_rows(r, b->unit[t]);
  return rows;
}

/* A group counts its trees once. They cost what their rows do, see grow.h. */
static void begin_progress(const run *r)
{
  uint64_t trees = 0, cost = 0;
  for (int i = 0; i < r->batches && r->group.rank == 0; i++)
    if (r->batch[i].group == r->my_group) {
      trees += (uint64_t)r->batch[i].count;
      cost += batch_rows(r, &r->batch[i]) *
              (uint64_t)r->spec[r->batch[i].spec].j48->columns;
    }
  bs_progress_begin("growing trees", "trees", trees, cost);
}

/* Grow this group's trees, batch by batch. */
static bs_status grow_own(run *r)
{
  memory m = {.rows = {.win = MPI_WIN_NULL}};
  bs_status st = bs_agree(r->group.comm, make_memory(r, &m));
  begin_progress(r);
  for (int i = 0; i < r->batches && st == BS_OK; i++) {
    const batch *b = &r->batch[i];
    if (b->group != r->my_group)
      continue;
    st = run_batch(r, b, &m);
    if (r->group.rank == 0)
      bs_progress_add((uint64_t)b->count, 0);
  }
  free_memory(&m);
  return st;
}

/* What goes to rank 0 ahead of a tree's arrays. */
typedef struct parcel {
  uint32_t size;
  int pruned;
  double seconds;
  uint64_t messages, bytes;
} parcel;

/* A type of so many bytes, so that a count is a number of nodes: in bytes it
 * could be more than MPI's int holds. */
static MPI_Datatype bytes_type(size_t bytes)
{
  MPI_Datatype type;
  BS_MPI(MPI_Type_contiguous((int)bytes, MPI_BYTE, &type));
  BS_MPI(MPI_Type_commit(&type));
  return type;
}

static size_t count_bytes(int classes)
{
  return 2 * (size_t)classes * sizeof(uint32_t);
}

static void send_unit(const run *r, const unit *u, int tag)
{
  const bs_tree *t = u->tree;
  parcel p = {t->size, t->pruned, u->seconds, u->messages, u->bytes};
  MPI_Datatype node = bytes_type(sizeof *t->node);
  MPI_Datatype count = bytes_type(count_bytes(t->c));
  BS_MPI(MPI_Send(&p, (int)sizeof p, MPI_BYTE, 0, tag, r->comm));
  BS_MPI(MPI_Send(t->node, (int)t->size, node, 0, tag, r->comm));
  BS_MPI(MPI_Send(t->count, (int)t->size, count, 0, tag, r->comm));
  BS_MPI(MPI_Type_free(&node));
  BS_MPI(MPI_Type_free(&count));
  BS_MPI(
      MPI_Send(u->leaf, (int)test_rows(r, u), MPI_UINT32_T, 0, tag, r->comm));
}

/* Make room for a tree of another rank, and take it. */
static bs_status receive_unit(const run *r, unit *u, int from, int tag)
{
  const bs_j48 *j48 = r->spec[u->spec].j48;
  parcel p;
  BS_MPI(MPI_Recv(&p, (int)sizeof p, MPI_BYTE, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_TRY(bs_tree_create(j48->data->c, j48->options.rules, &u->tree));
  for (uint32_t i = 0, number; i < p.size; i++)
    BS_TRY(bs_tree_add(u->tree, &number));
  BS_TRY(bs_mem_alloc(test_rows(r, u), sizeof *u->leaf, &u->leaf));
  u->tree->pruned = p.pruned;
  u->seconds = p.seconds;
  u->messages = p.messages;
  u->bytes = p.bytes;
  MPI_Datatype node = bytes_type(sizeof *u->tree->node);
  MPI_Datatype count = bytes_type(count_bytes(j48->data->c));
  BS_MPI(MPI_Recv(u->tree->node, (int)p.size, node, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_MPI(MPI_Recv(u->tree->count, (int)p.size, count, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_MPI(MPI_Type_free(&node));
  BS_MPI(MPI_Type_free(&count));
  BS_MPI(MPI_Recv(u->leaf, (int)test_rows(r, u), MPI_UINT32_T, from, tag,
                  r->comm, MPI_STATUS_IGNORE));
  return BS_OK;
}

/* Bring all trees to rank 0. */
static bs_status collect(run *r)
{
  for (int i = 0; i < r->units; i++) {
    unit *u = &r->unit[i];
    int from = u->rank;
    if (from == KEPT)
      continue;
    if (from == 0)
      continue;
    if (r->rank == from)
      send_unit(r, u, i);
    else if (r->rank == 0)
      BS_TRY(receive_unit(r, u, from, i));
  }
  return BS_OK;
}

/* Rank 0: pool the trees of one experiment's folds, in their order. */
static bs_status pool_folds(const bs_cv_spec *spec, unit *const *of_fold,
                            size_t m, bs_cv_result *out)
{
  const bs_folds *folds = spec->folds;
  const bs_dataset *data = spec->j48->data;
  size_t count = (size_t)folds->folds, at = 0;
  BS_TRY(bs_mem_alloc(count, sizeof *out->leaves, &out->leaves));
  BS_TRY(bs_mem_alloc(count, sizeof *out->size, &out->size));
  BS_TRY(
      bs_predictions_of_folds(folds, data->y, data->c, m, &out->predictions));
  bs_predictions *p = out->predictions;
  for (int f = 0; f < folds->folds; f++) {
    const unit *u = of_fold[f];
    out->leaves[f] = bs_tree_leaves(u->tree);
    out->size[f] = u->tree->size;
    bs_tree_probabilities(u->tree, p->prob + at * (size_t)data->c);
    for (size_t i = folds->start[f]; i < folds->start[f + 1]; i++)
      p->dist[i] = (uint32_t)at + u->leaf[i - folds->start[f]];
    at += u->tree->size;
  }
  return BS_OK;
}

/* Rank 0: hand over what belongs to one experiment. */
static bs_status pool(const run *r, int spec, bs_cv_result *out)
{
  unit **of_fold = NULL;
  size_t m = 0;
  int folds = fold_count(&r->spec[spec]);
  BS_TRY(bs_mem_alloc((size_t)folds, sizeof(unit *), &of_fold));
  for (int i = 0; i < r->units; i++) {
    unit *u = &r->unit[i];
    if (u->spec != spec)
      continue;
    out->seconds += u->seconds;
    out->messages += u->messages;
    out->bytes += u->bytes;
    if (u->fold == MODEL) {
      out->model = u->tree;
      u->tree = NULL;
    } else {
      of_fold[u->fold] = u;
      m += u->tree->size;
    }
  }
  bs_status st =
      folds == 0 ? BS_OK : pool_folds(&r->spec[spec], of_fold, m, out);
  bs_mem_free(&of_fold);
  return st;
}

static void free_run(run *r)
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

bs_status bs_cv_run(MPI_Comm comm, const bs_layout *layout, int count,
                    const bs_cv_spec *spec, const bs_keep *keep,
                    bs_cv_result *result)
{
  run r = {.comm = comm,
           .rank = bs_comm_rank(comm),
           .size = bs_comm_size(comm),
           .threads = layout->threads,
           .group = {.comm = MPI_COMM_NULL},
           .node = {.comm = MPI_COMM_NULL},
           .spec = spec,
           .keep = keep,
           .specs = count};
  bs_status st;
  memset(result, 0, (size_t)count * sizeof *result);
  BS_GO(st, bs_agree(comm, list_units(&r)));
  BS_GO(st, find_kept(&r));
  BS_GO(st, find_begun(&r));
  form_groups(&r, layout->groups);
  BS_GO(st, bs_agree(comm, deal_batches(&r)));
  BS_GO(st, check_rows(&r));
  st = bs_agree(comm, grow_own(&r));
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  st = collect(&r);
  if (st != BS_OK) /* others may be sending: there is no orderly way left */
    bs_mpi_fatal(MPI_ERR_NO_MEM, bs_error_text(), __FILE__, __LINE__);
  for (int s = 0; r.rank == 0 && s < count && st == BS_OK; s++)
    st = pool(&r, s, &result[s]);
  st = bs_agree(comm, st);
done:
  free_run(&r);
  for (int s = 0; st != BS_OK && s < count; s++)
    bs_cv_result_free(&result[s]);
  return st;
}

void bs_cv_result_free(bs_cv_result *result)
{
  bs_tree_destroy(&result->model);
  bs_mem_free(&result->leaves);
  bs_mem_free(&result->size);
  bs_predictions_destroy(&result->predictions);
}
