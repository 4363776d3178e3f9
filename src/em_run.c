/* SPDX-License-Identifier: BSD-3-Clause */
/* One fit: start, iterate, restart. */
#include "src/em_run.h"

#include "src/comm.h"
#include "src/kmeans.h"
#include "src/mem.h"
#include "src/progress.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Weka's: failures before a cluster is given up, and the gain in average
 * log-likelihood that goes on. */
enum { FAILURES = 5 };
#define LEAST_GAIN 1e-6

/* Everything one fit needs. */
typedef struct fit {
  const bs_ranks *team;
  const bs_em_options *options;
  bs_em_data *data; /* what is iterated on */
  bs_em_sums sums;
  bs_mixture before; /* the model before the last M step */
  double *centre;    /* (k, d): exact sums: what moments are taken about */
  bool *wanted;      /* (d): columns whose overall deviation is needed */
  bs_em_course course;
  bs_em_result *out;
} fit;

/* --- standard deviations ------------------------------------------------- */

/* True if an overall deviation stands in for the cluster's own: Weka's start
 * asks for less than, its M step for at most, the smallest one. */
static bool is_small(const fit *f, double sd, bool at_start)
{
  return at_start ? sd < f->options->min_sd : sd <= f->options->min_sd;
}

/* Replace deviations that are too small. Collective. */
static bs_status raise_deviations(fit *f, bs_em_data *data, bool at_start)
{
  bs_mixture *model = &f->out->model;
  size_t d = (size_t)model->d, size = (size_t)model->k * d;
  double least = f->options->min_sd;
  bool any = false;
  memset(f->wanted, 0, d * sizeof *f->wanted);
  for (size_t i = 0; i < size; i++)
    if (is_small(f, model->sd[i], at_start))
      f->wanted[i % d] = any = true;
  if (any)
    BS_TRY(bs_em_data_deviations(f->team, data, f->options->weka,
                                 f->options->sums, f->wanted));
  for (size_t i = 0; i < size; i++) {
    double *sd = &model->sd[i];
    if (is_small(f, *sd, at_start)) {
      *sd = data->sd[i % d];
      if (isinf(*sd) || is_small(f, *sd, at_start))
        *sd = least;
    }
    if (!(*sd > 0) || isinf(*sd))
      *sd = least;
  }
  return BS_OK;
}

/* --- start --------------------------------------------------------------- */

/* Weka's draws for the ten runs of k-means: the first start of a fit throws
 * away less than later ones. */
static void draw_seeds(const bs_em_course *course, int32_t seed[BS_EM_STARTS])
{
  bs_random random = bs_random_seeded(course->seed);
  for (int i = 0; i < 10; i++) {
    bs_random_double(&random);
    if (course->restarts > 0)
      bs_random_int(&random);
  }
  for (int i = 0; i < BS_EM_STARTS; i++)
    seed[i] = bs_random_int(&random);
}

/* Weka: EM_Init. */
static bs_status start(fit *f, bs_em_data *data)
{
  int32_t seed[BS_EM_STARTS];
  char key[BS_EM_KEY_ROOM];
  bs_partition best;
  bs_mixture *model = &f->out->model;
  double total = 0, begun = MPI_Wtime();
  draw_seeds(&f->course, seed);
  if (f->options->key != NULL)
    snprintf(key, sizeof key, "%s-start%d", f->options->key,
             f->course.restarts);
  bs_kmeans what = {.k = f->course.k,
                    .runs = BS_EM_STARTS,
                    .seed = seed,
                    .weka = f->options->weka,
                    .textbook_sd = f->options->weka == BS_WEKA_36 &&
                                   f->options->sums == BS_SUMS_WEKA,
                    .keep = f->options->keep,
                    .key = f->options->key == NULL ? NULL : key};
  BS_TRY(bs_kmeans_best(f->team, &data->rows, &what, &best));
  size_t size = (size_t)best.k * (size_t)data->rows.d;
  model->k = best.k;
  memcpy(model->mean, best.centre, size * sizeof(double));
  memcpy(model->sd, best.sd, size * sizeof(double));
  for (int i = 0; i < best.k; i++)
    total += (double)best.size[i];
  for (int i = 0; i < best.k; i++)
    model->prior[i] = (double)best.size[i] / total;
  bs_partition_clear(&best);
  bs_status st = raise_deviations(f, data, true);
  f->course.iteration = 0;
  f->course.likelihood = 0;
  f->out->start_seconds += MPI_Wtime() - begun;
  return st;
}

/* --- iteration ----------------------------------------------------------- */

/* Mean and deviation of one cluster and column from its sums. */
static void set_gauss(const fit *f, double weight, double first, double second,
                      double *mean, double *sd)
{
  double v;
  if (weight <= 0) { /* sic: the next E step finds the cluster empty */
    *sd = 1.7976931348623157e308;
    *mean = f->options->min_sd;
    return;
  }
  if (f->options->sums == BS_SUMS_WEKA) {
    v = (second - first * first / weight) / weight;
    *mean = first / weight;
  } else { /* moments about what *mean holds */
    double move = first / weight;
    v = second / weight - move * move;
    *mean += move;
  }
  *sd = sqrt(v < 0 ? 0 : v);
}

/* Moments about the old means lose digits where a mean moves by much more than
 * the deviation; then they are taken again, about the new ones. Leaves in the
 * model's means what the moments are about. Collective. */
static void centre_moments(fit *f)
{
  bs_mixture *model = &f->out->model;
  const bs_em_sums *sums = &f->sums;
  size_t d = (size_t)model->d, size = (size_t)model->k * d;
  bool lost = false;
  for (size_t i = 0; i < size; i++) {
    double weight = sums->weight[i / d];
    double move = weight > 0 ? sums->first[i] / weight : 0;
    double square = weight > 0 ? sums->second[i] / weight : 0;
    f->centre[i] = model->mean[i] + move;
    lost = lost || square - move * move < 0x1p-20 * square;
  }
  if (!lost)
    return;
  bs_em_recentre(&f->sums, model, f->centre);
  memcpy(model->mean, f->centre, size * sizeof *f->centre);
}

/* M step (Weka: EM.M). Collective. */
static bs_status maximise(fit *f)
{
  bs_mixture *model = &f->out->model;
  bs_em_sums *sums = &f->sums;
  size_t d = (size_t)model->d;
  double total = 0;
  bs_mixture_copy(model, &f->before);
  bs_em_moments(sums, model);
  if (f->options->sums == BS_SUMS_EXACT)
    centre_moments(f);
  for (int i = 0; i < model->k; i++)
    total += sums->weight[i];
  for (int i = 0; i < model->k; i++)
    model->prior[i] = sums->weight[i] / total;
  for (size_t i = 0; i < (size_t)model->k * d; i++)
    set_gauss(f, sums->weight[i / d], sums->first[i], sums->second[i],
              &model->mean[i], &model->sd[i]);
  return raise_deviations(f, f->data, false);
}

/* Between iterations: save what is due, stop if asked to. */
static bs_status pause(const fit *f)
{
  const bs_em_options *o = f->options;
  bool due;
  const bs_status st =
      bs_keep_agree(o->keep, f->team->comm, o->key == NULL ? NULL : &due);
  if (o->keep != NULL && o->key != NULL && due && f->team->rank == 0)
    bs_em_save(o, &f->course, &f->out->model, &f->before);
  return st;
}

/* The iterations of the first rank are told of: all do the same ones. */
static void begin_progress(const fit *f)
{
  const int k = f->out->model.k,
            left = f->options->max_iterations - f->course.iteration;
  const uint64_t most = f->team->rank == 0 ? (uint64_t)left : 0;
  char what[48];
  snprintf(what, sizeof what, "EM of %d cluster%s", k, k == 1 ? "" : "s");
  bs_progress_begin(what, "iterations at most", most, most);
}

/* Weka: iterate, up to the first cluster that empties. */
static bs_status iterate(fit *f, bs_em_end *end)
{
  bs_mixture *model = &f->out->model;
  double likelihood = f->course.likelihood, begun = MPI_Wtime();
  bs_status st = BS_OK;
  int i;
  *end = BS_EM_FITTED;
  begin_progress(f);
  for (i = f->course.iteration; i < f->options->max_iterations && st == BS_OK;
       i++) {
    double old = likelihood;
    if (!bs_mixture_is_sound(model)) {
      *end = BS_EM_EMPTY;
      break;
    }
    likelihood = bs_em_expect(&f->sums, model);
    if (!isfinite(likelihood)) {
      *end = BS_EM_NOT_FINITE;
      break;
    }
    if (i > 0 && likelihood - old < LEAST_GAIN) {
      if (likelihood - old < 0)
        bs_mixture_copy(&f->before, model);
      break;
    }
    st = maximise(f);
    f->course.iteration = i + 1;
    f->course.likelihood = likelihood;
    if (f->team->rank == 0)
      bs_progress_add(1, 1);
    if (st == BS_OK)
      st = pause(f);
  }
  f->out->iterations = i;
  f->out->message_bytes = bs_em_message_bytes(&f->sums);
  f->out->iterate_seconds += MPI_Wtime() - begun;
  return st;
}

static bs_status alloc_fit(fit *f, int k)
{
  int d = f->data->rows.d;
  BS_TRY(bs_mixture_alloc(k, d, &f->out->model));
  BS_TRY(bs_mixture_alloc(k, d, &f->before));
  BS_TRY(bs_mem_alloc((size_t)k * (size_t)d, sizeof *f->centre, &f->centre));
  BS_TRY(bs_mem_alloc((size_t)d, sizeof *f->wanted, &f->wanted));
  return bs_em_sums_alloc(f->team, &f->data->rows, k, f->options->sums,
                          f->options->min_sd, &f->sums);
}

/* The next start, after a cluster has emptied. */
static bs_status prepare_restart(fit *f)
{
  bs_em_course *c = &f->course;
  c->restarts++;
  c->seed = (int32_t)((uint32_t)c->seed + 1); /* Java's int wraps */
  c->iteration = -1;
  c->k = f->out->model.k;
  if (++c->failures > FAILURES) {
    c->k--;
    c->failures = 0;
  }
  return c->k < 1 ? bs_fail(BS_ERR_RUNTIME, "no cluster is left") : BS_OK;
}

/* Start and iterate until a fit goes through. */
static bs_status run_fit(fit *f, bs_em_data *first, bs_em_data *again, int k,
                         bs_em_end *end)
{
  bool found;
  BS_TRY(bs_em_restore(f->team, f->options, k, &f->course, &f->out->model,
                       &f->before, &found));
  if (!found)
    f->course =
        (bs_em_course){.seed = f->options->seed, .k = k, .iteration = -1};
  for (;;) {
    if (f->course.iteration < 0)
      BS_TRY(start(f, f->course.restarts == 0 ? first : again));
    BS_TRY(iterate(f, end));
    f->out->restarts = f->course.restarts;
    if (*end != BS_EM_EMPTY)
      return BS_OK;
    BS_TRY(prepare_restart(f));
  }
}

bs_status bs_em_run(const bs_ranks *team, bs_em_data *first, bs_em_data *again,
                    const bs_em_options *options, int k, bs_em_result *out,
                    bs_em_end *end)
{
  const bs_ranks busy = bs_ranks_busy(team, again->rows.n, again->rows.d);
  fit f = {.team = &busy, .options = options, .data = first, .out = out};
  memset(out, 0, sizeof *out);
  if ((size_t)k > again->rows.n)
    k = (int)again->rows.n; /* there are no more distinct rows than that */
  bs_status st = alloc_fit(&f, k);
  BS_GO(st, bs_agree(team->comm, st));
  BS_GO(st, run_fit(&f, first, again, k, end));
done:
  bs_progress_end();
  bs_em_sums_clear(&f.sums);
  bs_mixture_clear(&f.before);
  bs_mem_free(&f.centre);
  bs_mem_free(&f.wanted);
  if (st != BS_OK)
    bs_em_result_clear(out);
  return st;
}

void bs_em_result_clear(bs_em_result *result)
{
  bs_mixture_clear(&result->model);
  memset(result, 0, sizeof *result);
}
