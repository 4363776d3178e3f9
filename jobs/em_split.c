/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/em_split.h"

#include "io/json.h"
#include "jobs/fit_rows.h"
#include "src/class_map.h"
#include "src/comm.h"
#include "src/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row is for in the fold at hand. */
enum { LEFT_OUT, TRAIN, TEST };

typedef struct work {
  const bs_session *s;
  bs_ranks team;
  bs_range own; /* rows this rank owns */
  const bs_folds *folds;
  const bs_em_options *options;
  const bs_columns *columns;
  const int *feature;
  uint8_t *part;     /* (n) */
  uint16_t *cluster; /* (own) */
  uint64_t *counts;  /* (c, clusters): training rows */
  int *mapping;      /* (clusters) */
} work;

static void plan(work *w, int f)
{
  const bs_folds *folds = w->folds;
  for (size_t i = 0; i < folds->n; i++)
    w->part[i] = bs_folds_member(folds, f, (uint32_t)i) ? TEST : TRAIN;
  for (size_t i = 0; i < bs_folds_left_count(folds, f); i++)
    w->part[folds->left_out[folds->left_start[f] + i]] = LEFT_OUT;
}

/* The class of every cluster, by the training rows. */
static bs_status map_clusters(work *w, int k)
{
  const int c = w->s->data->c;
  memset(w->counts, 0, (size_t)c * (size_t)k * sizeof *w->counts);
  for (size_t i = w->own.first; i < w->own.end; i++)
    if (w->part[i] == TRAIN)
      w->counts[w->s->data->y[i] * k + w->cluster[i - w->own.first]]++;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, w->counts, c * k, MPI_UINT64_T, MPI_SUM,
                       w->team.comm));
  uint64_t incorrect;
  return bs_class_map(k, c, w->counts, w->mapping, &incorrect);
}

/* Add the rows tested that this rank owns. */
static void test(const work *w, bs_em_split *out)
{
  const int c = w->s->data->c;
  for (size_t i = w->own.first; i < w->own.end; i++) {
    if (w->part[i] != TEST)
      continue;
    const int told = w->mapping[w->cluster[i - w->own.first]];
    if (told >= 0)
      out->confusion[w->s->data->y[i] * c + told]++;
    else
      out->unclassified++;
  }
}

static bs_status do_fold(work *w, int f, bs_em_split *out)
{
  bs_em_result fit = {0};
  bs_em_options options = *w->options;
  char key[48];
  bs_status st;
  if (options.key != NULL) {
    snprintf(key, sizeof key, "%s-%d", options.key, f);
    options.key = key;
  }
  plan(w, f);
  BS_GO(st, bs_fit_rows(w->s, &w->team, w->part, TRAIN, w->columns->d,
                        w->feature, &options, &fit));
  BS_GO(st, bs_mixture_assign(&w->team, w->columns, &fit.model,
                              w->options->sums, w->cluster, NULL, NULL));
  st = bs_agree(w->team.comm, map_clusters(w, fit.model.k));
  if (st == BS_OK)
    test(w, out);
done:
  bs_em_result_clear(&fit);
  return st;
}

static void add_up(const work *w, bs_em_split *out)
{
  const int c = w->s->data->c;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, out->confusion, c * c, MPI_UINT64_T,
                       MPI_SUM, w->team.comm));
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, &out->unclassified, 1, MPI_UINT64_T,
                       MPI_SUM, w->team.comm));
  out->tested = out->unclassified;
  for (int i = 0; i < c * c; i++) {
    out->tested += out->confusion[i];
    out->correct += i / c == i % c ? out->confusion[i] : 0;
  }
}

bs_status bs_em_split_run(const bs_session *s, const bs_folds *folds,
                          const bs_em_options *options, int features,
                          const int *feature, bs_em_split *out)
{
  const bs_dataset *data = s->data;
  const size_t c = (size_t)data->c, k = (size_t)options->clusters;
  const double **column = NULL;
  work w = {.s = s, .folds = folds, .options = options, .feature = feature};
  *out = (bs_em_split){.folds = folds->folds};
  bs_ranks_make(s->job->comm, s->threads, s->cluster_kernels, &w.team);
  w.own = bs_ranks_rows(&w.team, data->n, w.team.rank);
  const size_t own = w.own.end - w.own.first;
  bs_status st = bs_mem_zalloc(c * c, sizeof *out->confusion, &out->confusion);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)features, sizeof *column, &column);
  if (st == BS_OK)
    st = bs_mem_alloc(data->n, sizeof *w.part, &w.part);
  if (st == BS_OK)
    st = bs_mem_alloc(own, sizeof *w.cluster, &w.cluster);
  if (st == BS_OK)
    st = bs_mem_alloc(c * k, sizeof *w.counts, &w.counts);
  if (st == BS_OK)
    st = bs_mem_alloc(k, sizeof *w.mapping, &w.mapping);
  BS_GO(st, bs_agree(w.team.comm, st));
  for (int j = 0; j < features; j++)
    column[j] = data->x + (size_t)feature[j] * data->n;
  const bs_columns columns = {data->n, features, column};
  w.columns = &columns;
  for (int f = 0; st == BS_OK && f < folds->folds; f++)
    st = do_fold(&w, f, out);
  if (st == BS_ERR_INPUT) { /* columns no mixture can be fitted to */
    out->refused = strdup(bs_error_text());
    st = bs_agree(w.team.comm,
                  out->refused != NULL
                      ? BS_OK
                      : bs_fail(BS_ERR_RESOURCE, "out of memory: a reason"));
  }
  if (st == BS_OK)
    add_up(&w, out);
done:
  bs_mem_free(&column);
  bs_mem_free(&w.part);
  bs_mem_free(&w.cluster);
  bs_mem_free(&w.counts);
  bs_mem_free(&w.mapping);
  if (st != BS_OK)
    bs_em_split_free(out);
  return st;
}

void bs_em_split_free(bs_em_split *split)
{
  free(split->refused);
  split->refused = NULL;
  bs_mem_free(&split->confusion);
}

void bs_em_split_json(const bs_em_split *e, int c, json_t *results)
{
  if (e->refused != NULL) {
    json_object_set_new(results, "refused", json_string(e->refused));
    return;
  }
  json_t *rows = json_array();
  for (int i = 0; i < c; i++) {
    json_t *row = json_array();
    for (int k = 0; k < c; k++)
      json_array_append_new(row,
                            json_integer((json_int_t)e->confusion[i * c + k]));
    json_array_append_new(rows, row);
  }
  json_object_set_new(results, "confusion", rows);
  json_object_set_new(results, "unclassified",
                      json_integer((json_int_t)e->unclassified));
  json_object_set_new(results, "correct", json_integer((json_int_t)e->correct));
  json_object_set_new(
      results, "incorrect",
      json_integer((json_int_t)(e->tested - e->correct - e->unclassified)));
  json_object_set_new(results, "accuracy",
                      bs_json_real((double)e->correct / (double)e->tested));
}
