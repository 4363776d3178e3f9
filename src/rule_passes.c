/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/rule_passes.h"

#include "src/comm.h"
#include "src/folds.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/rule_errors.h"
#include "src/stop.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct work {
  const bs_rule_plan *plan;
  int threads, class_bits, most_folds;
  int columns;
  int *column;       /* (columns): distinct ones that are asked for */
  int *place;        /* (features): place of the feature's column there */
  size_t first, end; /* own part of the units to do */
  size_t *todo;      /* units no earlier run has done: pass * columns + place */
  size_t left;       /* of these */
  uint32_t **tag;    /* (passes): where a unit of ours needs it */
  uint64_t *errors;  /* (passes, columns): 0 where not ours */
  uint64_t *fit;     /* (passes, columns, most_folds), or NULL */
} work;

int bs_rule_most_folds(const bs_rule_plan *plan)
{
  int most = 0;
  for (int i = 0; i < plan->passes; i++)
    most = plan->pass[i].folds > most ? plan->pass[i].folds : most;
  return most;
}

/* The distinct columns behind the features. */
static bs_status find_columns(work *w)
{
  const bs_rule_plan *plan = w->plan;
  BS_TRY(bs_mem_alloc((size_t)plan->features, sizeof *w->column, &w->column));
  BS_TRY(bs_mem_alloc((size_t)plan->features, sizeof *w->place, &w->place));
  for (int j = 0; j < plan->features; j++) {
    const int column = plan->presort->column[plan->feature[j]];
    int k = 0;
    while (k < w->columns && w->column[k] != column)
      k++;
    if (k == w->columns)
      w->column[w->columns++] = column;
    w->place[j] = k;
  }
  return BS_OK;
}

static bs_status make_tags(const work *w, size_t pass)
{
  const bs_dataset *data = w->plan->data;
  uint16_t *member = NULL;
  uint32_t *tag = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(data->n, sizeof *member, &member));
  BS_GO(st, bs_mem_alloc(data->n, sizeof *tag, &tag));
  BS_GO(st, w->plan->fill(w->plan->context, (int)pass, member));
  for (size_t i = 0; i < data->n; i++)
    tag[i] = member[i] == BS_FOLD_NONE
                 ? BS_TAG_NONE
                 : (uint32_t)member[i] << w->class_bits | data->y[i];
  w->tag[pass] = tag;
  tag = NULL;
done:
  bs_mem_free(&member);
  bs_mem_free(&tag);
  return st;
}

/* ---- Units done by an earlier run. */

static size_t fit_count(const work *w)
{
  return w->fit == NULL ? 0 : (size_t)w->most_folds;
}

static void make_key(const work *w, size_t unit, char key[40])
{
  snprintf(key, 40, "%s-%zu", w->plan->key, unit);
}

static void keep_unit(const work *w, size_t unit)
{
  const bs_keep *keep = w->plan->keep;
  char key[40];
  bs_pack part = {0};
  if (keep == NULL)
    return;
  make_key(w, unit, key);
  bs_pack_add(&part, &w->errors[unit], sizeof *w->errors);
  if (w->fit != NULL)
    bs_pack_add(&part, w->fit + unit * fit_count(w),
                fit_count(w) * sizeof *w->fit);
  keep->put(keep->store, key, &part);
  bs_pack_clear(&part);
}

static bs_status find_unit(const work *w, size_t unit, bool *kept)
{
  const bs_keep *keep = w->plan->keep;
  char key[40], *data;
  size_t bytes;
  make_key(w, unit, key);
  BS_TRY(keep->get(keep->store, key, &data, &bytes));
  bs_unpack from = {data, bytes};
  *kept = bytes == (1 + fit_count(w)) * sizeof *w->errors &&
          bs_unpack_take(&from, &w->errors[unit], sizeof *w->errors) &&
          (w->fit == NULL ||
           bs_unpack_take(&from, w->fit + unit * fit_count(w), from.left));
  bs_mem_free(&data);
  return BS_OK;
}

/* List what is to do. Rank 0 holds the numbers of the other units. */
static bs_status list_units(MPI_Comm comm, work *w)
{
  const bs_keep *keep = w->plan->keep;
  const size_t units = (size_t)w->plan->passes * (size_t)w->columns;
  bool *kept = NULL;
  char line[80];
  bs_status st = bs_mem_alloc(units, sizeof *w->todo, &w->todo);
  if (st == BS_OK)
    st = bs_mem_zalloc(units, sizeof *kept, &kept);
  const bool look = keep != NULL && bs_comm_rank(comm) == 0;
  for (size_t i = 0; look && st == BS_OK && i < units; i++)
    st = find_unit(w, i, &kept[i]);
  BS_GO(st, bs_agree(comm, st));
  if (keep != NULL)
    BS_MPI(MPI_Bcast(kept, (int)units, MPI_C_BOOL, 0, comm));
  for (size_t i = 0; i < units; i++)
    if (!kept[i])
      w->todo[w->left++] = i;
  if (w->left < units) {
    snprintf(line, sizeof line, "checkpoint: %zu of %zu rules taken over",
             units - w->left, units);
    keep->say(keep->store, line);
  }
done:
  bs_mem_free(&kept);
  return st;
}

/* ---- The work. */

static bs_status do_unit(const work *w, size_t i)
{
  const bs_rule_plan *plan = w->plan;
  const size_t unit = w->todo[i];
  const size_t n = plan->data->n, pass = unit / (size_t)w->columns;
  const bs_sorted_column *sorted =
      &plan->presort->sorted[w->column[unit % (size_t)w->columns]];
  const bs_rule_column column = {
      .n = n,
      .x = plan->data->x + (size_t)sorted->feature * n,
      .order = sorted->order,
      .tag = w->tag[pass],
      .class_bits = w->class_bits,
      .c = plan->data->c,
      .folds = plan->pass[pass].folds,
      .min_bucket = plan->pass[pass].min_bucket,
  };
  bs_status st = bs_stop_check();
  if (st == BS_OK)
    st = bs_rule_errors(&column, &w->errors[unit],
                        w->fit == NULL ? NULL : w->fit + unit * fit_count(w));
  if (st == BS_OK)
    keep_unit(w, unit);
  bs_progress_add(1, 1);
  return st;
}

/* Let the threads do `one` for every item; the failure of the lowest item is
 * the one told. */
static bs_status for_each(const work *w, size_t first, size_t end,
                          bs_status (*one)(const work *, size_t))
{
  bs_status st = BS_OK;
  size_t failed = end;
  char text[BS_ERROR_TEXT];
#pragma omp parallel for num_threads(w->threads) schedule(dynamic)
  for (size_t i = first; i < end; i++) {
    const bs_status mine = one(w, i);
    if (mine == BS_OK)
      continue;
#pragma omp critical(bs_rule_failed)
    if (i < failed) {
      failed = i;
      st = mine;
      strcpy(text, bs_error_text());
    }
  }
  return st == BS_OK ? BS_OK : bs_fail(st, "%s", text);
}

static bs_status check(const work *w)
{
  for (int i = 0; i < w->plan->passes; i++)
    if ((uint64_t)w->plan->pass[i].folds << w->class_bits >= BS_TAG_NONE)
      return bs_fail(BS_ERR_USAGE, "%d folds are too many for %d classes",
                     w->plan->pass[i].folds, w->plan->data->c);
  return BS_OK;
}

static bs_status set_up(bool with_fit, work *w)
{
  while (1u << w->class_bits < (unsigned)w->plan->data->c)
    w->class_bits++;
  w->most_folds = bs_rule_most_folds(w->plan);
  BS_TRY(check(w));
  BS_TRY(find_columns(w));
  const size_t units = (size_t)w->plan->passes * (size_t)w->columns;
  BS_TRY(bs_mem_zalloc((size_t)w->plan->passes, sizeof(uint32_t *), &w->tag));
  BS_TRY(bs_mem_zalloc(units, sizeof *w->errors, &w->errors));
  if (with_fit)
    BS_TRY(
        bs_mem_zalloc(units * (size_t)w->most_folds, sizeof *w->fit, &w->fit));
  return BS_OK;
}

static void deal_units(MPI_Comm comm, work *w)
{
  const size_t rank = (size_t)bs_comm_rank(comm);
  const size_t size = (size_t)bs_comm_size(comm);
  w->first = w->left * rank / size;
  w->end = w->left * (rank + 1) / size;
}

static bs_status do_own(const work *w)
{
  const size_t columns = (size_t)w->columns;
  if (w->first == w->end)
    return BS_OK;
  BS_TRY(for_each(w, w->todo[w->first] / columns,
                  w->todo[w->end - 1] / columns + 1, make_tags));
  return for_each(w, w->first, w->end, do_unit);
}

/* Each number is one rank's, the others hold 0. */
static void add_up(MPI_Comm comm, uint64_t *number, size_t count)
{
  while (count > 0) {
    const int part = count > 1 << 24 ? 1 << 24 : (int)count;
    BS_MPI(
        MPI_Allreduce(MPI_IN_PLACE, number, part, MPI_UINT64_T, MPI_SUM, comm));
    number += part;
    count -= (size_t)part;
  }
}

static void hand_out(const work *w, uint64_t *errors, uint64_t *fit)
{
  const size_t features = (size_t)w->plan->features;
  const size_t folds = (size_t)w->most_folds;
  for (size_t i = 0; i < (size_t)w->plan->passes; i++)
    for (size_t j = 0; j < features; j++) {
      const size_t unit = i * (size_t)w->columns + (size_t)w->place[j];
      errors[i * features + j] = w->errors[unit];
      if (fit != NULL)
        memcpy(fit + (i * features + j) * folds, w->fit + unit * folds,
               folds * sizeof *fit);
    }
}

bs_status bs_rule_passes(MPI_Comm comm, int threads, const bs_rule_plan *plan,
                         uint64_t *errors, uint64_t *fit)
{
  work w = {.plan = plan, .threads = threads};
  bs_status st = bs_agree(comm, set_up(fit != NULL, &w));
  if (st == BS_OK)
    st = list_units(comm, &w);
  if (st != BS_OK)
    goto done;
  deal_units(comm, &w);
  bs_progress_begin("trying features", "rules", w.end - w.first,
                    w.end - w.first);
  st = bs_agree(comm, do_own(&w));
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  const size_t units = (size_t)plan->passes * (size_t)w.columns;
  add_up(comm, w.errors, units);
  if (fit != NULL)
    add_up(comm, w.fit, units * (size_t)w.most_folds);
  hand_out(&w, errors, fit);
done:
  for (int i = 0; w.tag != NULL && i < plan->passes; i++)
    bs_mem_free(&w.tag[i]);
  bs_mem_free(&w.tag);
  bs_mem_free(&w.column);
  bs_mem_free(&w.place);
  bs_mem_free(&w.todo);
  bs_mem_free(&w.errors);
  bs_mem_free(&w.fit);
  return st;
}
