/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/mixture.h"

#include "src/comm.h"
#include "src/em_sums.h"
#include "src/mem.h"
#include <math.h>
#include <string.h>

#define LN_SQRT_2PI 0.9189385332046727

bs_status bs_mixture_alloc(int k, int d, bs_mixture *out)
{
  size_t size = (size_t)k * (size_t)d;
  memset(out, 0, sizeof *out);
  bs_status st = bs_mem_alloc((size_t)k, sizeof(double), &out->prior);
  if (st == BS_OK)
    st = bs_mem_alloc(size, sizeof(double), &out->mean);
  if (st == BS_OK)
    st = bs_mem_alloc(size, sizeof(double), &out->sd);
  if (st != BS_OK)
    bs_mixture_clear(out);
  out->k = k;
  out->d = d;
  return st;
}

void bs_mixture_copy(const bs_mixture *from, bs_mixture *to)
{
  size_t size = (size_t)from->k * (size_t)from->d;
  to->k = from->k;
  to->d = from->d;
  memcpy(to->prior, from->prior, (size_t)from->k * sizeof(double));
  memcpy(to->mean, from->mean, size * sizeof(double));
  memcpy(to->sd, from->sd, size * sizeof(double));
}

void bs_mixture_clear(bs_mixture *mixture)
{
  bs_mem_free(&mixture->prior);
  bs_mem_free(&mixture->mean);
  bs_mem_free(&mixture->sd);
  mixture->k = mixture->d = 0;
}

bool bs_mixture_is_sound(const bs_mixture *mixture)
{
  for (int i = 0; i < mixture->k; i++)
    if (!(mixture->prior[i] > 0))
      return false;
  return true;
}

bs_status bs_density_alloc(int k, int d, bs_sums sums, bs_density *out)
{
  size_t size = (size_t)k * (size_t)d;
  memset(out, 0, sizeof *out);
  out->sums = sums;
  bs_status st = bs_mem_alloc(size, sizeof(double), &out->scale);
  if (st == BS_OK)
    st = bs_mem_alloc(size, sizeof(double), &out->ln_sd);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)k, sizeof(double), &out->shift);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)d, sizeof *out->which, &out->which);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)d, sizeof *out->level, &out->level);
  for (int j = 0; st == BS_OK && j < d; j++) {
    out->which[j] = j;
    out->level[j] = NAN;
  }
  if (st != BS_OK)
    bs_density_clear(out);
  return st;
}

void bs_density_set(bs_density *density, const bs_mixture *mixture)
{
  size_t d = (size_t)mixture->d, size = (size_t)mixture->k * d;
  density->gauss = (bs_gauss){.k = mixture->k,
                              .d = mixture->d,
                              .mean = mixture->mean,
                              .scale = density->scale,
                              .ln_sd = density->ln_sd,
                              .shift = density->shift,
                              .cut = BS_CUT_NONE};
  bs_cluster_kernels_ref.log(size, mixture->sd, density->ln_sd);
  bs_cluster_kernels_ref.log((size_t)mixture->k, mixture->prior,
                             density->shift);
  for (size_t i = 0; i < size; i++) {
    double sd = mixture->sd[i];
    density->scale[i] = density->sums == BS_SUMS_WEKA ? 2 * sd * sd : 1 / sd;
  }
  if (density->sums == BS_SUMS_WEKA)
    return;
  for (size_t i = 0; i < (size_t)mixture->k; i++) {
    double sum = 0;
    for (size_t j = 0; j < d; j++)
      sum += density->ln_sd[i * d + j] + LN_SQRT_2PI;
    density->shift[i] -= sum;
  }
}

bs_tile bs_density_copy(const bs_density *density, const double *copy)
{
  return (bs_tile){.copy = copy,
                   .varying = density->gauss.d,
                   .which = density->which,
                   .level = density->level};
}

void bs_density_tile(const bs_density *density,
                     const bs_cluster_kernels *kernels, const bs_tile *tile,
                     bs_ahead *ahead, int *first, double *w,
                     double *log_density)
{
  int k = density->gauss.k, best = 0;
  if (density->sums == BS_SUMS_WEKA)
    kernels->gauss_weka(&density->gauss, tile, w);
  else
    kernels->gauss(&density->gauss, *first, tile, ahead, w);
  kernels->posterior(k, density->gauss.cut, w, log_density);
  for (int i = 1; i < k; i++) /* where the last row is */
    if (w[(i + 1) * BS_TILE - 1] > w[(best + 1) * BS_TILE - 1])
      best = i;
  *first = best;
}

void bs_density_clear(bs_density *density)
{
  bs_mem_free(&density->scale);
  bs_mem_free(&density->ln_sd);
  bs_mem_free(&density->shift);
  bs_mem_free(&density->which);
  bs_mem_free(&density->level);
}

void bs_density_choose(int k, size_t rows, const double *w, uint16_t *cluster)
{
  for (size_t r = 0; r < rows; r++) {
    int best = 0;
    for (int i = 1; i < k; i++)
      if (w[(size_t)i * BS_TILE + r] > w[(size_t)best * BS_TILE + r])
        best = i;
    cluster[r] = (uint16_t)best;
  }
}

/* Work is (d + k) BS_TILE per thread. */
static void assign_own(const bs_ranks *team, const bs_columns *rows,
                       const bs_density *density, double *work,
                       uint16_t *cluster, double *value)
{
  bs_range own = bs_ranks_rows(team, rows->n, team->rank);
  size_t tiles = (own.end - own.first + BS_TILE - 1) / BS_TILE;
  size_t d = (size_t)rows->d, k = (size_t)density->gauss.k;
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++) {
    bs_range mine = bs_range_part(tiles, (size_t)t, (size_t)team->threads);
    double *copy = work + (size_t)t * (d + k) * BS_TILE;
    double *joint = copy + d * BS_TILE, log_density[BS_TILE];
    const bs_tile tile = bs_density_copy(density, copy);
    bs_ahead none = {.end = 0};
    int likely = 0;
    for (size_t i = mine.first; i < mine.end; i++) {
      size_t at = i * BS_TILE, first = own.first + at;
      size_t some = own.end - first < BS_TILE ? own.end - first : BS_TILE;
      team->kernels->tile(rows->d, rows->column, first, some, copy);
      bs_density_tile(density, team->kernels, &tile, &none, &likely, joint,
                      log_density);
      if (cluster != NULL)
        bs_density_choose(density->gauss.k, some, joint, cluster + at);
      memcpy(value + at, log_density, some * sizeof *value);
    }
  }
}

bs_status bs_mixture_assign(const bs_ranks *team, const bs_columns *rows,
                            const bs_mixture *mixture, bs_sums sums,
                            uint16_t *cluster, double *density, double *average)
{
  const bs_ranks busy = bs_ranks_busy(team, rows->n, rows->d);
  bs_range own = bs_ranks_rows(team, rows->n, team->rank);
  bs_density gauss = {0};
  double *work = NULL, *value = NULL;
  size_t tiles = (size_t)(mixture->d + mixture->k) * BS_TILE;
  bs_status st = bs_density_alloc(mixture->k, mixture->d, sums, &gauss);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)busy.threads * tiles, sizeof(double), &work);
  if (st == BS_OK && density == NULL)
    st = bs_mem_alloc(own.end - own.first, sizeof(double), &value);
  BS_GO(st, bs_agree(team->comm, st));
  bs_density_set(&gauss, mixture);
  double *to = density == NULL ? value : density;
  assign_own(&busy, rows, &gauss, work, cluster, to);
  if (average != NULL)
    *average = bs_em_sum_rows(team, rows->n, sums, to) / (double)rows->n;
done:
  bs_mem_free(&value);
  bs_mem_free(&work);
  bs_density_clear(&gauss);
  return st;
}
