/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/em_sums_internal.h"

#include "src/mem.h"
#include <string.h>

static bs_status alloc_exact(size_t threads, size_t k, size_t d,
                             bs_em_sums *out)
{
  size_t statistics = k * (1 + 2 * d);
  BS_TRY(bs_em_tiles_make(out->team, out->rows, &out->rows_in_tiles));
  BS_TRY(bs_mem_alloc(threads * k * BS_TILE, sizeof(double), &out->joint));
  BS_TRY(bs_mem_alloc(threads * statistics * BS_LANES, sizeof(double),
                      &out->lanes));
  return bs_mem_alloc(threads * (1 + statistics), sizeof *out->exact,
                      &out->exact);
}

static bs_status alloc_serial(size_t threads, size_t k, size_t d,
                              bs_em_sums *out)
{
  size_t groups = (d + BS_STRIP_LANES - 1) / BS_STRIP_LANES;
  bs_range own = bs_ranks_rows(out->team, out->rows->n, out->team->rank);
  out->stride = (own.end - own.first + BS_TILE - 1) / BS_TILE * BS_TILE;
  BS_TRY(
      bs_mem_alloc(threads * (d + k) * BS_TILE, sizeof(double), &out->tiles));
  BS_TRY(bs_mem_alloc(k, out->stride * sizeof(double), &out->w));
  BS_TRY(bs_mem_alloc(out->stride, sizeof(double), &out->log_density));
  BS_TRY(bs_mem_alloc(groups * k * 2 * BS_STRIP_LANES, sizeof(double),
                      &out->chain));
  return bs_mem_alloc(threads * BS_STRIP * BS_STRIP_LANES, sizeof(double),
                      &out->strip);
}

bs_status bs_em_sums_alloc(const bs_ranks *team, const bs_columns *rows, int k,
                           bs_sums sums, double min_sd, bs_em_sums *out)
{
  size_t threads = (size_t)team->threads, clusters = (size_t)k;
  size_t d = (size_t)rows->d;
  bs_status st;
  memset(out, 0, sizeof *out);
  out->team = team;
  out->rows = rows;
  out->k = k;
  out->min_sd = min_sd;
  BS_GO(st, bs_density_alloc(k, rows->d, sums, &out->density));
  BS_GO(st, bs_mem_alloc(clusters, sizeof(double), &out->weight));
  BS_GO(st, bs_mem_alloc(clusters * d, sizeof(double), &out->first));
  BS_GO(st, bs_mem_alloc(clusters * d, sizeof(double), &out->second));
  if (sums == BS_SUMS_WEKA)
    BS_GO(st, alloc_serial(threads, clusters, d, out));
  else
    BS_GO(st, alloc_exact(threads, clusters, d, out));
done:
  if (st != BS_OK)
    bs_em_sums_clear(out);
  return st;
}

void bs_em_sums_clear(bs_em_sums *sums)
{
  bs_density_clear(&sums->density);
  bs_mem_free(&sums->weight);
  bs_mem_free(&sums->first);
  bs_mem_free(&sums->second);
  bs_em_tiles_clear(&sums->rows_in_tiles);
  bs_mem_free(&sums->joint);
  bs_mem_free(&sums->lanes);
  bs_mem_free(&sums->exact);
  bs_mem_free(&sums->tiles);
  bs_mem_free(&sums->w);
  bs_mem_free(&sums->log_density);
  bs_mem_free(&sums->chain);
  bs_mem_free(&sums->strip);
}

double bs_em_expect(bs_em_sums *sums, const bs_mixture *mixture)
{
  bs_density_set(&sums->density, mixture);
  return sums->density.sums == BS_SUMS_WEKA
             ? bs_em_serial_expect(sums, mixture)
             : bs_em_exact_pass(sums, mixture, mixture->mean);
}

void bs_em_moments(bs_em_sums *sums, const bs_mixture *mixture)
{
  if (sums->density.sums == BS_SUMS_WEKA)
    bs_em_serial_moments(sums, mixture);
}

void bs_em_recentre(bs_em_sums *sums, const bs_mixture *mixture,
                    const double *centre)
{
  bs_em_exact_pass(sums, mixture, centre);
}

size_t bs_em_message_bytes(const bs_em_sums *sums)
{
  size_t statistics =
      (size_t)sums->density.gauss.k * (1 + 2 * (size_t)sums->rows->d);
  return (1 + statistics) * (sums->density.sums == BS_SUMS_WEKA
                                 ? sizeof(double)
                                 : sizeof(bs_exact_sum));
}

double bs_em_sum_rows(const bs_ranks *team, size_t n, bs_sums sums,
                      const double *value)
{
  bs_range own = bs_ranks_rows(team, n, team->rank);
  return sums == BS_SUMS_WEKA
             ? bs_em_serial_sum_rows(team, value, own.end - own.first)
             : bs_em_exact_sum_rows(team, n, value);
}
