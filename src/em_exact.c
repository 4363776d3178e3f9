/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of one iteration, exact: rows in blocks, in eight lanes inside a block,
 * block sums joined without rounding. A block's rows and lanes depend on the
 * row numbers only, so the bits do not depend on ranks, threads or machine. */
#include "src/em_sums_internal.h"

#include <string.h>

static double lane_sum(const double *lane)
{
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
         ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* Scratch of one thread. */
typedef struct share {
  double *tile, *joint, *lanes;
  bs_exact_sum *exact; /* log density, then the statistics as in lanes */
  size_t statistics;
} share;

static share thread_share(const bs_em_sums *sums, int thread)
{
  size_t t = (size_t)thread, d = (size_t)sums->rows->d;
  size_t room = (size_t)sums->k * (1 + 2 * d);
  share s = {.tile = sums->tiles + t * (d + (size_t)sums->k) * BS_TILE,
             .lanes = sums->lanes + t * room * BS_LANES,
             .exact = sums->exact + t * (1 + room),
             .statistics = (size_t)sums->density.gauss.k * (1 + 2 * d)};
  s.joint = s.tile + d * BS_TILE;
  return s;
}

/* Rows that only fill the tile have no weight. */
static void clear_rest(int k, size_t rows, double *w, double *density)
{
  for (size_t r = rows; r < BS_TILE; r++) {
    density[r] = 0;
    for (int i = 0; i < k; i++)
      w[(size_t)i * BS_TILE + r] = 0;
  }
}

static void add_block(const bs_em_sums *sums, const bs_mixture *mixture,
                      const double *centre, size_t block, const share *s)
{
  const bs_cluster_kernels *kernels = sums->team->kernels;
  const bs_columns *rows = sums->rows;
  size_t first = block * BS_ROW_BLOCK;
  size_t end = first + BS_ROW_BLOCK < rows->n ? first + BS_ROW_BLOCK : rows->n;
  double density[BS_TILE], total[BS_LANES] = {0};
  int likely = 0;
  memset(s->lanes, 0, s->statistics * BS_LANES * sizeof(double));
  for (size_t at = first; at < end; at += BS_TILE) {
    size_t some = end - at < BS_TILE ? end - at : BS_TILE;
    kernels->tile(rows->d, rows->column, at, some, s->tile);
    bs_density_tile(&sums->density, kernels, s->tile, &likely, s->joint,
                    density);
    clear_rest(mixture->k, some, s->joint, density);
    for (size_t r = 0; r < BS_TILE; r++)
      total[r % BS_LANES] += density[r];
    kernels->moments(mixture->k, mixture->d, centre, s->tile, s->joint,
                     s->lanes);
  }
  bs_exact_sum_add(&s->exact[0], lane_sum(total));
  for (size_t i = 0; i < s->statistics; i++)
    bs_exact_sum_add(&s->exact[1 + i], lane_sum(s->lanes + i * BS_LANES));
}

double bs_em_exact_pass(bs_em_sums *sums, const bs_mixture *mixture,
                        const double *centre)
{
  const bs_ranks *team = sums->team;
  size_t d = (size_t)mixture->d;
  bs_range own = bs_ranks_rows(team, sums->rows->n, team->rank), blocks;
  blocks.first =
      (own.first + BS_ROW_BLOCK - 1) / BS_ROW_BLOCK; /* rows' end: none */
  blocks.end = (own.end + BS_ROW_BLOCK - 1) / BS_ROW_BLOCK;
#pragma omp parallel for schedule(static, 1) num_threads(team->threads)
  for (int t = 0; t < team->threads; t++) {
    share s = thread_share(sums, t);
    bs_range mine = bs_range_part(blocks.end - blocks.first, (size_t)t,
                                  (size_t)team->threads);
    memset(s.exact, 0, (1 + s.statistics) * sizeof *s.exact);
    for (size_t b = mine.first; b < mine.end; b++)
      add_block(sums, mixture, centre, blocks.first + b, &s);
  }
  share all = thread_share(sums, 0);
  for (int t = 1; t < team->threads; t++) {
    share s = thread_share(sums, t);
    for (size_t i = 0; i < 1 + all.statistics; i++)
      bs_exact_sum_join(&all.exact[i], &s.exact[i]);
  }
  bs_exact_sum_allreduce(team->comm, all.exact, 1 + all.statistics);
  const bs_exact_sum *from = all.exact + 1;
  for (size_t i = 0; i < (size_t)mixture->k; i++) {
    sums->weight[i] = bs_exact_sum_value(from++);
    for (size_t j = 0; j < d; j++)
      sums->first[i * d + j] = bs_exact_sum_value(from++);
    for (size_t j = 0; j < d; j++)
      sums->second[i * d + j] = bs_exact_sum_value(from++);
  }
  return bs_exact_sum_value(&all.exact[0]) / (double)sums->rows->n;
}

double bs_em_exact_sum_rows(const bs_ranks *team, size_t n, const double *value)
{
  bs_range own = bs_ranks_rows(team, n, team->rank);
  bs_exact_sum sum = {{0}, 0, 0};
  for (size_t first = own.first; first < own.end; first += BS_ROW_BLOCK) {
    size_t end = first + BS_ROW_BLOCK < n ? first + BS_ROW_BLOCK : n;
    double lane[BS_LANES] = {0};
    for (size_t r = first; r < end; r++)
      lane[(r - first) % BS_LANES] += value[r - own.first];
    bs_exact_sum_add(&sum, lane_sum(lane));
  }
  bs_exact_sum_allreduce(team->comm, &sum, 1);
  return bs_exact_sum_value(&sum);
}
