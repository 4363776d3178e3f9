/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of one iteration as Weka takes them: one row after the other, from the
 * first to the last. The posteriors are rows' own business and come in
 * parallel; a serial sum is handed from rank to rank, in rounds of as many sums
 * as there are threads, so that ranks work on different rounds. */
#include "src/em_sums_internal.h"

#include "src/comm.h"
#include <string.h>

enum { CHAIN_TAG = 72 };

static void receive(const bs_ranks *team, double *sum, int count)
{
  if (team->rank > 0)
    BS_MPI(MPI_Recv(sum, count, MPI_DOUBLE, team->rank - 1, CHAIN_TAG,
                    team->comm, MPI_STATUS_IGNORE));
}

static void pass_on(const bs_ranks *team, const double *sum, int count)
{
  if (team->rank + 1 < team->size)
    BS_MPI(MPI_Send(sum, count, MPI_DOUBLE, team->rank + 1, CHAIN_TAG,
                    team->comm));
}

static void announce(const bs_ranks *team, double *sum, int count)
{
  BS_MPI(MPI_Bcast(sum, count, MPI_DOUBLE, team->size - 1, team->comm));
}

double bs_em_serial_sum_rows(const bs_ranks *team, const double *value,
                             size_t count)
{
  double sum = 0;
  receive(team, &sum, 1);
  for (size_t r = 0; r < count; r++)
    sum += value[r];
  pass_on(team, &sum, 1);
  announce(team, &sum, 1);
  return sum;
}

/* Posteriors and log densities of the rows owned. */
static void expect_own(bs_em_sums *sums, const bs_mixture *mixture,
                       bs_range own)
{
  const bs_ranks *team = sums->team;
  const bs_columns *rows = sums->rows;
  size_t tiles = sums->stride / BS_TILE, d = (size_t)rows->d;
  size_t scratch = (d + (size_t)sums->k) * BS_TILE;
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++) {
    bs_range mine = bs_range_part(tiles, (size_t)t, (size_t)team->threads);
    double *copy = sums->tiles + (size_t)t * scratch;
    double *joint = copy + d * BS_TILE;
    const bs_tile tile = bs_density_copy(&sums->density, copy);
    bs_ahead none = {.end = 0};
    int likely = 0;
    for (size_t i = mine.first; i < mine.end; i++) {
      size_t at = i * BS_TILE, left = own.end - own.first - at;
      team->kernels->tile(rows->d, rows->column, own.first + at,
                          left < BS_TILE ? left : BS_TILE, copy);
      bs_density_tile(&sums->density, team->kernels, &tile, &none, &likely,
                      joint, sums->log_density + at);
      for (int c = 0; c < mixture->k; c++)
        memcpy(sums->w + (size_t)c * sums->stride + at, joint + c * BS_TILE,
               BS_TILE * sizeof(double));
    }
  }
}

double bs_em_serial_expect(bs_em_sums *sums, const bs_mixture *mixture)
{
  bs_range own = bs_ranks_rows(sums->team, sums->rows->n, sums->team->rank);
  expect_own(sums, mixture, own);
  return bs_em_serial_sum_rows(sums->team, sums->log_density,
                               own.end - own.first) /
         (double)sums->rows->n;
}

static void sum_weights(bs_em_sums *sums, int k, size_t count)
{
  const bs_ranks *team = sums->team;
  memset(sums->weight, 0, (size_t)k * sizeof(double));
  receive(team, sums->weight, k);
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int i = 0; i < k; i++) {
    const double *w = sums->w + (size_t)i * sums->stride;
    double sum = sums->weight[i];
    for (size_t r = 0; r < count; r++)
      sum += w[r];
    sums->weight[i] = sum;
  }
  pass_on(team, sums->weight, k);
  announce(team, sums->weight, k);
}

/* Go on with the sums of some columns over the rows owned. */
static void sum_columns(const bs_em_sums *sums, int k, bs_range own, size_t g,
                        double *strip, double *sum)
{
  const bs_columns *rows = sums->rows;
  const double *column[BS_STRIP_LANES];
  for (size_t l = 0; l < BS_STRIP_LANES; l++) {
    size_t j = g * BS_STRIP_LANES + l;
    column[l] = rows->column[j < (size_t)rows->d ? j : (size_t)rows->d - 1];
  }
  for (size_t first = own.first; first < own.end; first += BS_STRIP) {
    size_t some = own.end - first < BS_STRIP ? own.end - first : BS_STRIP;
    sums->team->kernels->strip(BS_STRIP_LANES, column, first, some, strip);
    sums->team->kernels->weighted_sums(k, sums->w + (first - own.first),
                                       sums->stride, some, strip, sum);
  }
}

void bs_em_serial_moments(bs_em_sums *sums, const bs_mixture *mixture)
{
  const bs_ranks *team = sums->team;
  size_t k = (size_t)mixture->k, d = (size_t)mixture->d;
  int groups = (mixture->d + BS_STRIP_LANES - 1) / BS_STRIP_LANES;
  size_t length = k * 2 * BS_STRIP_LANES;
  bs_range own = bs_ranks_rows(team, sums->rows->n, team->rank);
  sum_weights(sums, mixture->k, own.end - own.first);
  memset(sums->chain, 0, (size_t)groups * length * sizeof(double));
  for (int first = 0; first < groups; first += team->threads) {
    int some = groups - first < team->threads ? groups - first : team->threads;
    double *part = sums->chain + (size_t)first * length;
    receive(team, part, some * (int)length);
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
    for (int i = 0; i < some; i++)
      sum_columns(sums, mixture->k, own, (size_t)(first + i),
                  sums->strip + (size_t)i * BS_STRIP * BS_STRIP_LANES,
                  part + (size_t)i * length);
    pass_on(team, part, some * (int)length);
  }
  announce(team, sums->chain, groups * (int)length);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < d; j++) {
      const double *from = sums->chain + j / BS_STRIP_LANES * length +
                           i * 2 * BS_STRIP_LANES + j % BS_STRIP_LANES;
      sums->first[i * d + j] = from[0];
      sums->second[i * d + j] = from[BS_STRIP_LANES];
    }
}
