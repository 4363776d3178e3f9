/* SPDX-License-Identifier: BSD-3-Clause */
/* The number of clusters by cross-validated likelihood. Folds do not depend on
 * each other, so groups of ranks take a fold each. */
#include "src/em_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/shared.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { FOLDS = 10 };
#define LEAST_GAIN_38 1e-6 /* Weka 3.8: -ll-cv */

/* Ranks that work on the same fold, and that fold's rows. */
typedef struct group {
  bs_ranks team;
  bs_node node;
  int index, count;      /* of groups */
  bs_shared block;       /* (d, n): training rows, then test rows */
  const double **column; /* (d) */
  const double **test;   /* (d) */
} group;

/* Row numbers of every fold: training rows in their order, then test rows. */
typedef struct folds {
  int count;
  uint32_t *order; /* (count, n) */
  size_t test_count[FOLDS];
} fold_rows;

static bs_status make_folds(size_t n, int seed, fold_rows *out)
{
  uint32_t *all = NULL;
  bs_status st;
  out->count = n < FOLDS ? (int)n : FOLDS;
  BS_GO(st, bs_mem_alloc(n, sizeof *all, &all));
  BS_GO(st,
        bs_mem_alloc((size_t)out->count * n, sizeof *out->order, &out->order));
  bs_random random = bs_random_seeded(seed);
  for (size_t r = 0; r < n; r++)
    all[r] = (uint32_t)r;
  bs_random_shuffle(&random, all, n);
  for (int f = 0; f < out->count; f++) {
    bs_range test = bs_range_part(n, (size_t)f, (size_t)out->count);
    size_t size = test.end - test.first, train = n - size;
    uint32_t *order = out->order + (size_t)f * n;
    memcpy(order, all, test.first * sizeof *order);
    memcpy(order + test.first, all + test.end, (n - test.end) * sizeof *order);
    memcpy(order + train, all + test.first, size * sizeof *order);
    bs_random_shuffle(&random, order, train);
    out->test_count[f] = size;
  }
done:
  bs_mem_free(&all);
  return st;
}

static bs_status make_group(const bs_ranks *team, int folds,
                            const bs_columns *rows, group *out)
{
  MPI_Comm comm;
  size_t d = (size_t)rows->d;
  out->count = team->size < folds ? team->size : folds;
  out->index = (int)((long)team->rank * out->count / team->size);
  BS_MPI(MPI_Comm_split(team->comm, out->index, team->rank, &comm));
  bs_ranks_make(comm, team->threads, team->kernels, &out->team);
  out->team = bs_ranks_busy(&out->team, rows->n, rows->d);
  bs_node_create(comm, &out->node);
  bs_status st = bs_mem_alloc(d, sizeof(double *), &out->column);
  if (st == BS_OK)
    st = bs_mem_alloc(d, sizeof(double *), &out->test);
  BS_TRY(bs_agree(team->comm, st));
  st = bs_shared_alloc(&out->node, rows->n * d * sizeof(double), &out->block);
  return bs_agree(team->comm, st);
}

static void free_group(group *g)
{
  bs_mem_free(&g->column);
  bs_mem_free(&g->test);
  bs_shared_free(&g->block);
  bs_node_destroy(&g->node);
  if (g->team.comm != MPI_COMM_NULL)
    BS_MPI(MPI_Comm_free(&g->team.comm));
}

/* Put the rows of a fold in their order, a share of the columns per rank. */
static void load_fold(group *g, const bs_columns *rows, const uint32_t *order,
                      size_t train)
{
  double *x = g->block.base;
  size_t n = rows->n;
  bs_range mine = bs_range_part((size_t)rows->d, (size_t)g->node.rank,
                                (size_t)g->node.size);
  bs_shared_sync(&g->node, &g->block); /* nobody reads the fold before */
#pragma omp parallel for schedule(static) num_threads(g->team.threads)
  for (size_t j = mine.first; j < mine.end; j++)
    for (size_t r = 0; r < n; r++)
      x[j * n + r] = rows->column[j][order[r]];
  bs_shared_sync(&g->node, &g->block);
  for (size_t j = 0; j < (size_t)rows->d; j++) {
    g->column[j] = x + j * n;
    g->test[j] = x + j * n + train;
  }
}

/* Average log density of a fold's test rows under the model of its training
 * rows; *failed if there is none. Collective over the group. */
static bs_status score_fold(group *g, bs_em_data *all, const fold_rows *cut,
                            int f, const bs_em_options *options, int k,
                            double *score, bool *failed)
{
  size_t train = all->rows.n - cut->test_count[f];
  bs_columns training = {train, all->rows.d, g->column};
  bs_columns test = {cut->test_count[f], all->rows.d, g->test};
  bs_em_data data = {0};
  bs_em_result fitted = {0};
  bs_em_end end = BS_EM_FITTED;
  bs_em_options own = *options;
  own.key = NULL; /* the score is what is kept */
  *failed = (size_t)k > train;
  if (*failed)
    return BS_OK;
  load_fold(g, &all->rows, cut->order + (size_t)f * all->rows.n, train);
  bs_status st = bs_em_data_make(&training, &data);
  BS_GO(st, bs_agree(g->team.comm, st));
  BS_GO(st, bs_em_run(&g->team, &data, all, &own, k, &fitted, &end));
  *failed = end != BS_EM_FITTED || !bs_mixture_is_sound(&fitted.model);
  if (!*failed)
    BS_GO(st, bs_mixture_assign(&g->team, &test, &fitted.model, options->sums,
                                NULL, NULL, score));
done:
  bs_em_result_clear(&fitted);
  bs_em_data_clear(&data);
  return st;
}

/* Mean score of all folds, NaN if one has none. Collective over the team. */
static bs_status score_clusters(const bs_ranks *team, group *g, bs_em_data *all,
                                const fold_rows *cut,
                                const bs_em_options *options, int k,
                                double *score)
{
  double part[FOLDS] = {0}, kept[FOLDS];
  bool known[FOLDS];
  int turn = 0;
  bs_status st = bs_em_find_scores(team, options, k, cut->count, kept, known);
  for (int f = 0; f < cut->count && st == BS_OK; f++) {
    double value = 0;
    bool failed = false;
    if (known[f] || turn++ % g->count != g->index)
      continue;
    st = score_fold(g, all, cut, f, options, k, &value, &failed);
    if (g->team.rank != 0 || st != BS_OK)
      continue;
    part[f] = failed ? NAN : value;
    bs_em_keep_score(options, k, f, part[f]);
  }
  BS_TRY(bs_agree(team->comm, st));
  bs_ranks_share(team, part, FOLDS);
  *score = 0;
  for (int f = 0; f < cut->count; f++)
    *score += known[f] ? kept[f] : part[f];
  *score /= cut->count;
  return BS_OK;
}

bs_status bs_em_choose(const bs_ranks *team, const bs_columns *rows,
                       const bs_em_options *options, int *clusters, int *tried)
{
  size_t n = rows->n;
  fold_rows cut = {0};
  bs_em_data all = {0}; /* not the caller's: groups come to know different
                           deviations, which those of a fit must know alike */
  group g = {.node = {.comm = MPI_COMM_NULL}, .team = {.comm = MPI_COMM_NULL}};
  g.block.win = MPI_WIN_NULL;
  *clusters = 1;
  *tried = 1;
  if (n <= 9) /* Weka: too few rows to cut, one cluster */
    return BS_OK;
  bs_status st = make_folds(n, options->seed, &cut);
  if (st == BS_OK)
    st = bs_em_data_make(rows, &all);
  BS_GO(st, bs_agree(team->comm, st));
  BS_GO(st, make_group(team, cut.count, rows, &g));
  double best = -DBL_MAX, score;
  for (int k = 1; k <= UINT16_MAX; k++) {
    BS_GO(st, score_clusters(team, &g, &all, &cut, options, k, &score));
    *tried = k;
    bool better = options->weka == BS_WEKA_36 ? score > best
                                              : score - best > LEAST_GAIN_38;
    if (!better) /* also where a fold failed */
      break;
    best = score;
    *clusters = k;
  }
done:
  free_group(&g);
  bs_em_data_clear(&all);
  bs_mem_free(&cut.order);
  return st;
}
