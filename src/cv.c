/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv.h"

#include "src/comm.h"
#include "src/cv_collect.h"
#include "src/cv_keep.h"
#include "src/cv_plan.h"
#include "src/mem.h"
#include "src/progress.h"
#include <omp.h>
#include <string.h>

/* Number of rows that a tree is trained on. */
static size_t training_rows(const bs_cv_job *r, const bs_cv_unit *u)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  return u->fold == BS_CV_MODEL ? s->j48->data->n
                                : bs_folds_train_count(s->folds, u->fold);
}

/* These rows, in Weka's order. */
static void list_training(const bs_cv_job *r, const bs_cv_unit *u,
                          uint32_t *rows)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  if (u->fold != BS_CV_MODEL)
    bs_folds_training(s->folds, u->fold, rows);
  for (size_t i = 0; u->fold == BS_CV_MODEL && i < s->j48->data->n; i++)
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
static int most_trees(const bs_cv_job *r)
{
  int most = 0;
  for (int i = 0; i < r->batches; i++)
    if (r->batch[i].group == r->my_group && r->batch[i].count > most)
      most = r->batch[i].count;
  return most;
}

static size_t row_bytes(const bs_cv_job *r)
{
  return (size_t)most_trees(r) * r->spec[0].j48->data->n * sizeof(uint32_t);
}

/* Have all groups of a node room for their rows? Each by itself would find the
 * same room. */
static bs_status check_rows(const bs_cv_job *r)
{
  const bool counts = r->node.size > 1 && r->node.rank == 0;
  bs_node all;
  bs_node_create(r->comm, &all);
  const bs_status st = bs_shared_check(&all, counts ? row_bytes(r) : 0);
  bs_node_destroy(&all);
  return bs_agree(r->comm, st);
}

/* Enough for each of the own group's batches. */
static bs_status make_memory(const bs_cv_job *r, memory *m)
{
  const bs_dataset *data = r->spec[0].j48->data;
  bs_workspace_size size = {.all = data->n,
                            .c = data->c,
                            .columns = 1,
                            .trees = most_trees(r),
                            .threads = r->threads};
  for (int i = 0; i < r->batches; i++) {
    const bs_cv_batch *b = &r->batch[i];
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
static bs_status test_tree(const bs_cv_job *r, bs_cv_unit *u)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  const size_t tested = bs_cv_test_rows(r, u);
  BS_TRY(bs_mem_alloc(tested, sizeof *u->leaf, &u->leaf));
  for (size_t i = 0; i < tested; i++)
    u->leaf[i] = bs_tree_leaf(u->tree, s->j48->data->x, s->j48->data->n,
                              s->folds->order[s->folds->start[u->fold] + i]);
  return BS_OK;
}

/* Test a finished tree and keep it. */
static bs_status finish_unit(const bs_cv_job *r, bs_cv_unit *u)
{
  BS_TRY(test_tree(r, u));
  if (r->keep != NULL) {
    const bs_cv_tree done = {u->tree, bs_cv_test_rows(r, u), u->leaf,
                             u->seconds};
    bs_cv_keep_put(r->keep, u->spec, u->fold, &done);
  }
  return BS_OK;
}

typedef struct growing {
  const bs_cv_job *run;
  const bs_cv_batch *batch;
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
    const bs_cv_unit *u = g->batch->unit[t];
    const bool knows = u->begun != NULL && u->begun->size > tree[t]->size;
    saved[t] = knows ? u->begun : tree[t];
    fold[t] = u->fold;
  }
  bs_cv_keep_save(keep, g->batch->spec, g->batch->count, fold, saved);
}

static bs_status run_batch(const bs_cv_job *r, const bs_cv_batch *b, memory *m)
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
    bs_cv_unit *u = b->unit[t];
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
static uint64_t batch_rows(const bs_cv_job *r, const bs_cv_batch *b)
{
  uint64_t rows = 0;
  for (int t = 0; t < b->count; t++)
    rows += training_rows(r, b->unit[t]);
  return rows;
}

/* A group counts its trees once. They cost what their rows do, see grow.h. */
static void begin_progress(const bs_cv_job *r)
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
static bs_status grow_own(bs_cv_job *r)
{
  memory m = {.rows = {.win = MPI_WIN_NULL}};
  bs_status st = bs_agree(r->group.comm, make_memory(r, &m));
  begin_progress(r);
  for (int i = 0; i < r->batches && st == BS_OK; i++) {
    const bs_cv_batch *b = &r->batch[i];
    if (b->group != r->my_group)
      continue;
    st = run_batch(r, b, &m);
    if (r->group.rank == 0)
      bs_progress_add((uint64_t)b->count, 0);
  }
  free_memory(&m);
  return st;
}

bs_status bs_cv_run(MPI_Comm comm, const bs_layout *layout, int count,
                    const bs_cv_spec *spec, const bs_keep *keep,
                    bs_cv_result *result)
{
  bs_cv_job r = {.comm = comm,
                 .rank = bs_comm_rank(comm),
                 .size = bs_comm_size(comm),
                 .threads = layout->threads,
                 .spec = spec,
                 .keep = keep,
                 .specs = count};
  bs_status st;
  memset(result, 0, (size_t)count * sizeof *result);
  BS_GO(st, bs_cv_plan(&r, layout->groups));
  BS_GO(st, check_rows(&r));
  st = bs_agree(comm, grow_own(&r));
  bs_progress_end();
  if (st == BS_OK)
    st = bs_cv_collect(&r, result);
done:
  bs_cv_plan_free(&r);
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
