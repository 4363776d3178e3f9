/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv.h"

#include "src/comm.h"
#include "src/cv_keep.h"
#include "src/mem.h"
#include "src/progress.h"
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL = -1 }; /* in place of a fold: the tree on all rows */
enum { KEPT = -1 };  /* in place of a group: grown by an earlier run */

/* One tree to grow: the unit of work that is dealt out. */
typedef struct unit {
  int spec, fold, group;
  double cost; /* relative */
  bs_tree *tree;
  uint32_t *leaf; /* (test rows): node reached, in test order */
  double seconds;
  uint64_t messages, bytes;
  bs_status status;
} unit;

typedef struct run {
  MPI_Comm comm;
  int rank, size, threads;
  int groups, my_group;
  bs_group group; /* the ranks that grow trees together with this one */
  const bs_cv_spec *spec;
  const bs_keep *keep;
  int specs, units;
  unit *unit;
  int next;                 /* unit of this group to be taken next */
  int failed;               /* first own unit that failed, or units */
  char text[BS_ERROR_TEXT]; /* its error */
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

static int by_cost(const void *a, const void *b)
{
  const unit *x = a, *y = b;
  if (x->cost != y->cost)
    return x->cost < y->cost ? 1 : -1;
  if (x->spec != y->spec)
    return x->spec - y->spec;
  return x->fold - y->fold;
}

int bs_layout_groups(int ranks, int trees, int cpus)
{
  int best = 1;
  double least = 0;
  for (int groups = 1; groups <= ranks && groups <= trees && groups <= cpus;
       groups++) {
    int each = ranks / groups; /* ranks of the smallest group */
    /* Ranks of a group wait for each other, and each keeps the rows of every
     * node in order for itself, about 4 % of the work on all columns. */
    double speed = each == 1 ? 1 : 0.9 * each / (1 + 0.04 * (each - 1));
    double time = ceil((double)trees / groups) / speed;
    if (groups == 1 || time <= least) {
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
}

static bs_status list_units(run *r)
{
  for (int s = 0; s < r->specs; s++)
    r->units += r->spec[s].model + fold_count(&r->spec[s]);
  BS_TRY(bs_mem_zalloc((size_t)r->units, sizeof *r->unit, &r->unit));
  int u = 0;
  for (int s = 0; s < r->specs; s++) {
    const bs_j48 *j48 = r->spec[s].j48;
    for (int f = r->spec[s].model ? MODEL : 0; f < fold_count(&r->spec[s]);
         f++, u++) {
      r->unit[u].spec = s;
      r->unit[u].fold = f;
      r->unit[u].cost =
          (double)(j48->data->n - test_rows(r, &r->unit[u])) * j48->columns;
    }
  }
  r->failed = r->units;
  qsort(r->unit, (size_t)r->units, sizeof *r->unit, by_cost);
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
      r->unit[i].group = KEPT;
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

/* Give each tree, dearest first, to the group with the least to do so far. All
 * ranks do the same. */
static bs_status deal_units(run *r)
{
  double *load;
  BS_TRY(bs_mem_zalloc((size_t)r->groups, sizeof *load, &load));
  for (int u = 0; u < r->units; u++) {
    int least = 0;
    if (r->unit[u].group == KEPT)
      continue;
    for (int i = 1; i < r->groups; i++)
      least = load[i] < load[least] ? i : least;
    r->unit[u].group = least;
    load[least] +=
        r->unit[u].cost / (first_rank(r, least + 1) - first_rank(r, least));
  }
  bs_mem_free(&load);
  return BS_OK;
}

/* Rows that a tree is trained on, in Weka's order. */
static size_t training_rows(const run *r, const unit *u, uint32_t *rows)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  if (u->fold != MODEL) {
    bs_folds_training(s->folds, u->fold, rows);
    return bs_folds_train_count(s->folds, u->fold);
  }
  for (size_t i = 0; i < s->j48->data->n; i++)
    rows[i] = (uint32_t)i;
  return s->j48->data->n;
}

static bs_status run_unit(const run *r, unit *u, bs_team *team,
                          bs_workspace *workspace, uint32_t *rows)
{
  const bs_cv_spec *s = &r->spec[u->spec];
  size_t tested = test_rows(r, u), n = training_rows(r, u, rows);
  bs_group group = r->group;
  double start = omp_get_wtime();
  BS_TRY(bs_j48_fit(s->j48, rows, n, &group, team, workspace, &u->tree));
  bs_status st = BS_OK;
  if (group.rank == 0)
    st = bs_mem_alloc(tested, sizeof *u->leaf, &u->leaf);
  if (group.size > 1)
    st = bs_agree(group.comm, st);
  for (size_t i = 0; st == BS_OK && group.rank == 0 && i < tested; i++)
    u->leaf[i] = bs_tree_leaf(u->tree, s->j48->data->x, s->j48->data->n,
                              s->folds->order[s->folds->start[u->fold] + i]);
  u->seconds = omp_get_wtime() - start;
  u->messages = group.messages;
  u->bytes = group.bytes;
  if (st == BS_OK && group.rank == 0 && r->keep != NULL) {
    const bs_cv_tree done = {u->tree, tested, u->leaf, u->seconds};
    bs_cv_keep_put(r->keep, u->spec, u->fold, &done);
  }
  return st;
}

/* Next tree of this group not yet taken, or NULL. */
static unit *take_unit(run *r)
{
  for (;;) {
    int i;
#pragma omp atomic capture
    i = r->next++;
    if (i >= r->units)
      return NULL;
    if (r->unit[i].group == r->my_group)
      return &r->unit[i];
  }
}

/* Keep the failure of the first unit, whichever lane met it first. */
static void note_failure(run *r, const unit *u)
{
#pragma omp critical(note_failure)
  if (u - r->unit < r->failed) {
    r->failed = (int)(u - r->unit);
    strcpy(r->text, bs_error_text());
  }
}

/* Grow the group's trees one after the other in one workspace, until one
 * fails: all ranks of the group know of it. */
static void work(run *r, bs_team *team, bs_workspace *workspace, uint32_t *rows)
{
  for (unit *u = take_unit(r); u != NULL; u = take_unit(r)) {
    u->status = run_unit(r, u, team, workspace, rows);
    if (r->group.rank == 0)
      bs_progress_add(1, (uint64_t)u->cost);
    if (u->status != BS_OK) {
      note_failure(r, u);
#pragma omp atomic write
      r->next = r->units;
    }
  }
}

/* Memory for trees growing side by side. */
typedef struct lanes {
  int count;
  bs_workspace **workspace;
  uint32_t **rows;
} lanes;

static void free_lanes(lanes *l)
{
  for (int i = 0; i < l->count; i++) {
    if (l->workspace != NULL)
      bs_workspace_destroy(&l->workspace[i]);
    if (l->rows != NULL)
      bs_mem_free(&l->rows[i]);
  }
  bs_mem_free(&l->workspace);
  bs_mem_free(&l->rows);
}

static bs_status make_lanes(const run *r, int most, lanes *l)
{
  const bs_dataset *data = r->spec[0].j48->data;
  int columns = 1, own = 0;
  bs_weka rules = BS_WEKA_38;
  for (int i = 0; i < r->units; i++) {
    const bs_j48 *j48 = r->spec[r->unit[i].spec].j48;
    own += r->unit[i].group == r->my_group;
    columns = j48->columns > columns ? j48->columns : columns;
    if (j48->options.rules == BS_WEKA_36)
      rules = BS_WEKA_36;
  }
  columns = (columns + r->group.size - 1) / r->group.size;
  l->count = r->threads < own ? r->threads : own;
  if (l->count > most)
    l->count = most;
  if (r->group.size > 1) /* all its ranks work on the same tree */
    l->count = 1;
  if (own == 0)
    l->count = 0;
  BS_TRY(bs_mem_zalloc((size_t)l->count, sizeof *l->workspace, &l->workspace));
  BS_TRY(bs_mem_zalloc((size_t)l->count, sizeof *l->rows, &l->rows));
  for (int i = 0; i < l->count; i++) {
    BS_TRY(bs_workspace_create(data->n, data->n, columns, rules,
                               &l->workspace[i]));
    BS_TRY(bs_mem_alloc(data->n, sizeof **l->rows, &l->rows[i]));
  }
  return BS_OK;
}

/* A group counts its trees once. */
static void begin_progress(const run *r)
{
  uint64_t trees = 0, cost = 0;
  for (int i = 0; i < r->units && r->group.rank == 0; i++)
    if (r->unit[i].group == r->my_group) {
      trees++;
      cost += (uint64_t)r->unit[i].cost;
    }
  bs_progress_begin("growing trees", "trees", trees, cost);
}

/* Grow this group's trees. Threads without a tree of their own help with the
 * columns of large nodes, which come as tasks. With several ranks in the group
 * there is one lane, on the thread that may call MPI. */
static bs_status grow_own(run *r, int most)
{
  const bs_dataset *data = r->spec[0].j48->data;
  lanes l = {0};
  bs_team *team = NULL;
  bs_status st;
  st = make_lanes(r, most, &l);
  if (st == BS_OK)
    st = bs_team_create(r->threads, data->n, data->c, &team);
  BS_GO(st, bs_agree(r->group.comm, st));
#pragma omp parallel num_threads(r->threads)
#pragma omp master
  for (int i = 0; i < l.count; i++) {
#pragma omp task firstprivate(i) shared(l) if (l.count > 1)
    work(r, team, l.workspace[i], l.rows[i]);
  }
  if (r->failed < r->units)
    st = bs_fail(r->unit[r->failed].status, "%s", r->text);
done:
  bs_team_destroy(&team);
  free_lanes(&l);
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
    if (u->group == KEPT)
      continue;
    int from = first_rank(r, u->group);
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
    bs_tree_destroy(&r->unit[i].tree);
    bs_mem_free(&r->unit[i].leaf);
  }
  bs_mem_free(&r->unit);
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
           .spec = spec,
           .keep = keep,
           .specs = count};
  bs_status st;
  memset(result, 0, (size_t)count * sizeof *result);
  BS_GO(st, bs_agree(comm, list_units(&r)));
  BS_GO(st, find_kept(&r));
  form_groups(&r, layout->groups);
  BS_GO(st, bs_agree(comm, deal_units(&r)));
  begin_progress(&r);
  st = bs_agree(comm, grow_own(&r, layout->lanes));
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
