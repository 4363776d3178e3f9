/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/benign.h"

#include "io/json.h"
#include "jobs/fit_rows.h"
#include "src/comm.h"
#include "src/mem.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a row is for. */
enum { FIT, CALIBRATE, TEST };

static int purpose_of(size_t place, size_t rows)
{
  return place < rows * 6 / 10 ? FIT : place < rows * 8 / 10 ? CALIBRATE : TEST;
}

/* Give every row its purpose; attacks are tested. counts (3) is of benign rows.
 */
static void plan(const bs_session *s, int benign, uint8_t *purpose,
                 size_t *counts)
{
  const uint16_t *y = s->data->y;
  memset(counts, 0, 3 * sizeof *counts);
  for (int i = 0; i < s->file->parts; i++) {
    const bs_file_part *part = &s->file->part[i];
    size_t rows = 0, place = 0;
    for (uint64_t r = part->first; r < part->first + part->rows; r++)
      rows += y[r] == benign;
    for (uint64_t r = part->first; r < part->first + part->rows; r++) {
      purpose[r] = TEST;
      if (y[r] != benign)
        continue;
      purpose[r] = (uint8_t)purpose_of(place++, rows);
      counts[purpose[r]]++;
    }
  }
}

/* Log density of every row, on rank 0. */
static bs_status weigh(const bs_session *s, const bs_ranks *team, int features,
                       const int *feature, const bs_em_options *options,
                       const bs_mixture *model, double *density)
{
  const size_t n = s->data->n;
  const bs_range own = bs_ranks_rows(team, n, team->rank);
  const double **column = NULL;
  double *mine = NULL;
  bs_status st = bs_mem_alloc((size_t)features, sizeof *column, &column);
  if (st == BS_OK)
    st = bs_mem_alloc(own.end - own.first, sizeof *mine, &mine);
  BS_GO(st, bs_agree(team->comm, st));
  for (int j = 0; j < features; j++)
    column[j] = s->data->x + (size_t)feature[j] * n;
  const bs_columns rows = {n, features, column};
  st = bs_mixture_assign(team, &rows, model, options->sums, NULL, mine, NULL);
  BS_GO(st, bs_agree(team->comm, st));
  if (team->rank == 0)
    memcpy(density, mine, (own.end - own.first) * sizeof *mine);
  for (int r = 1; r < team->size; r++) {
    const bs_range part = bs_ranks_rows(team, n, r);
    for (size_t at = part.first; at < part.end; at += INT_MAX / 16) {
      const size_t left = part.end - at;
      const int count = left > INT_MAX / 16 ? INT_MAX / 16 : (int)left;
      if (team->rank == 0)
        BS_MPI(MPI_Recv(density + at, count, MPI_DOUBLE, r, 0, team->comm,
                        MPI_STATUS_IGNORE));
      if (team->rank == r)
        BS_MPI(MPI_Send(mine + (at - part.first), count, MPI_DOUBLE, 0, 0,
                        team->comm));
    }
  }
done:
  bs_mem_free(&column);
  bs_mem_free(&mine);
  return st;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The highest threshold that at most the target's share of the rows to
 * calibrate on are below. */
static bs_status calibrate(size_t n, const uint8_t *purpose,
                           const double *density, bs_benign *out)
{
  double *value;
  size_t k = 0;
  BS_TRY(bs_mem_alloc(out->calibrated, sizeof *value, &value));
  for (size_t i = 0; i < n; i++)
    if (purpose[i] == CALIBRATE)
      value[k++] = density[i];
  qsort(value, k, sizeof *value, ascending);
  const size_t below = (size_t)floor(out->target * (double)k);
  out->threshold = value[below < k ? below : k - 1];
  bs_mem_free(&value);
  return BS_OK;
}

/* Rank 0: alarms among the rows tested, and the curve of less likely first. */
static bs_status test(const bs_session *s, int benign, const uint8_t *purpose,
                      const double *density, bs_benign *out)
{
  const size_t n = s->data->n;
  double *score = NULL;
  bool *attack = NULL;
  bs_status st;
  size_t k = 0;
  BS_GO(st, bs_mem_alloc(n, sizeof *score, &score));
  BS_GO(st, bs_mem_alloc(n, sizeof *attack, &attack));
  for (size_t i = 0; i < n; i++) {
    if (purpose[i] != TEST)
      continue;
    const bool alarm = density[i] < out->threshold;
    score[k] = -density[i];
    attack[k] = s->data->y[i] != benign;
    out->attacks += attack[k];
    out->benign += !attack[k];
    out->true_alarms += alarm && attack[k];
    out->false_alarms += alarm && !attack[k];
    k++;
  }
  BS_GO(st, bs_curve_of_scores(score, attack, k, &out->curve));
  out->auc = bs_curve_area(out->curve);
done:
  bs_mem_free(&score);
  bs_mem_free(&attack);
  return st;
}

static bs_status evaluate(const bs_session *s, int benign,
                          const uint8_t *purpose, const double *density,
                          bs_benign *out)
{
  BS_TRY(calibrate(s->data->n, purpose, density, out));
  return test(s, benign, purpose, density, out);
}

static bs_status refuse(const char *reason, bs_benign *out)
{
  out->refused = strdup(reason);
  return out->refused == NULL
             ? bs_fail(BS_ERR_RESOURCE, "out of memory: a reason")
             : BS_OK;
}

bs_status bs_benign_run(const bs_session *s, int benign,
                        const bs_em_options *options, int features,
                        const int *feature, double target, bs_benign *out)
{
  MPI_Comm comm = s->job->comm;
  uint8_t *purpose = NULL;
  double *density = NULL;
  bs_em_result model = {0};
  bs_ranks team;
  size_t counts[3];
  *out = (bs_benign){.clusters = options->clusters, .target = target};
  bs_ranks_make(comm, s->threads, s->cluster_kernels, &team);
  bs_status st = bs_mem_alloc(s->data->n, sizeof *purpose, &purpose);
  if (st == BS_OK && team.rank == 0)
    st = bs_mem_alloc(s->data->n, sizeof *density, &density);
  BS_GO(st, bs_agree(comm, st));
  plan(s, benign, purpose, counts);
  if (counts[FIT] < 10 || counts[CALIBRATE] < 10 || counts[TEST] < 10) {
    st = bs_agree(comm, refuse("too few benign rows", out));
    goto done;
  }
  out->fitted = counts[FIT];
  out->calibrated = counts[CALIBRATE];
  st = bs_fit_rows(s, &team, purpose, FIT, features, feature, options, &model);
  if (st == BS_ERR_INPUT) { /* columns no mixture can be fitted to */
    st = bs_agree(comm, refuse(bs_error_text(), out));
    goto done;
  }
  BS_GO(st, st);
  BS_GO(st, weigh(s, &team, features, feature, options, &model.model, density));
  st =
      bs_agree(comm, team.rank == 0 ? evaluate(s, benign, purpose, density, out)
                                    : BS_OK);
done:
  bs_em_result_clear(&model);
  bs_mem_free(&purpose);
  bs_mem_free(&density);
  return st;
}

void bs_benign_free(bs_benign *benign)
{
  free(benign->refused);
  bs_curve_destroy(&benign->curve);
  benign->refused = NULL;
}

json_t *bs_benign_json(const bs_benign *b)
{
  if (b->refused != NULL)
    return json_pack("{s:s}", "refused", b->refused);
  json_t *json = json_pack(
      "{s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "learner", "em", "clusters",
      b->clusters, "rows_fitted", (json_int_t)b->fitted, "rows_calibrated",
      (json_int_t)b->calibrated, "benign_tested", (json_int_t)b->benign,
      "attacks_tested", (json_int_t)b->attacks, "false_alarms",
      (json_int_t)b->false_alarms, "true_alarms", (json_int_t)b->true_alarms);
  const struct {
    const char *name;
    double value;
  } figure[] = {
      {"target_fp_rate", b->target},
      {"log_density_threshold", b->threshold},
      {"fp_rate", (double)b->false_alarms / (double)b->benign},
      {"tp_rate", (double)b->true_alarms / (double)b->attacks},
      {"roc_area", b->auc},
      {"tp_rate_at_fp_rate_1e-3", bs_curve_tp_rate_at(b->curve, 1e-3)},
      {"tp_rate_at_fp_rate_1e-4", bs_curve_tp_rate_at(b->curve, 1e-4)},
      {"fp_rate_at_tp_rate_0.99", bs_curve_fp_rate_at(b->curve, 0.99)}};
  for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
    json_object_set_new(json, figure[i].name, bs_json_real(figure[i].value));
  return json;
}
