/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of one iteration, exact: rows in blocks, in eight lanes inside a block,
 * block sums joined without rounding. A block's rows and lanes depend on the
 * row numbers only, so the bits do not depend on ranks, threads or machine. */
#include "src/em_sums_internal.h"

#include <math.h>
#include <string.h>

/* Posteriors below exp(-CUT) times a row's largest count as 0. */
#define CUT 200.0

/* Scratch of one thread. */
typedef struct share {
  double *joint, *lanes;
  bs_exact_sum *exact; /* log density, then the statistics as in lanes */
  size_t statistics;
  bs_ahead ahead;
} share;

static share thread_share(const bs_em_sums *sums, int thread)
{
  size_t t = (size_t)thread, d = (size_t)sums->rows->d;
  size_t room = (size_t)sums->k * (1 + 2 * d);
  share s = {.joint = sums->joint + t * (size_t)sums->k * BS_TILE,
             .lanes = sums->lanes + t * room * BS_LANES,
             .exact = sums->exact + t * (1 + room),
             .statistics = (size_t)sums->density.gauss.k * (1 + 2 * d)};
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

/* The tile of rows first .. is wanted next, if there is one, evenly over as
 * many calls as this tile has taken. */
static void look_ahead(const bs_em_tiles *tiles, size_t first, bs_ahead *ahead)
{
  const int calls = ahead->calls > 0 ? ahead->calls : 1;
  *ahead = (bs_ahead){.calls = 0};
  if (first >= tiles->own.end)
    return;
  ahead->tile = bs_em_tiles_at(tiles, first);
  ahead->end = ahead->tile.varying;
  ahead->step = (BS_STEPS * ahead->end + calls - 1) / calls;
}

static void add_block(const bs_em_sums *sums, const bs_mixture *mixture,
                      const double *centre, size_t block, share *s)
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
    const bs_tile tile = bs_em_tiles_at(&sums->rows_in_tiles, at);
    look_ahead(&sums->rows_in_tiles, at + BS_TILE, &s->ahead);
    bs_density_tile(&sums->density, kernels, &tile, &s->ahead, &likely,
                    s->joint, density);
    clear_rest(mixture->k, some, s->joint, density);
    for (size_t r = 0; r < BS_TILE; r++)
      total[r % BS_LANES] += density[r];
    kernels->moments(mixture->k, mixture->d, centre, &tile, s->joint, &s->ahead,
                     s->lanes);
  }
  bs_exact_sum_add(&s->exact[0], bs_lane_sum(total));
  for (size_t i = 0; i < s->statistics; i++)
    bs_exact_sum_add(&s->exact[1 + i], bs_lane_sum(s->lanes + i * BS_LANES));
}

static double pass(bs_em_sums *sums, const bs_mixture *mixture,
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

/* True if what was cut could show in the sums.
 *
 * A row r without a part in a cluster i has lost w <= exp(-c) there, c >= CUT,
 * at a distance z from the mean, in deviations of any column, of z^2 <= 2
 * (shift_i - joint_ir) <= 2 (most - density_r + ln k) + 2 c, where most is the
 * largest shift. As c exp(-c) falls, all rows together have lost at most
 *     loss = n exp(-CUT) (1 + 2 CUT + 2 (most - likelihood + ln k))
 * of the sum of w, or of the sum of w z^2. That is nothing where it is 2^-60 of
 * a weight, and of a variance, or of one that is 0 within min_sd. */
static bool is_cut_felt(const bs_em_sums *sums, const bs_mixture *mixture,
                        const double *centre, double likelihood)
{
  const size_t d = (size_t)mixture->d;
  double most = -INFINITY;
  for (int i = 0; i < mixture->k; i++)
    most = fmax(most, sums->density.shift[i]);
  const double loss =
      0x1p60 * (double)sums->rows->n * bs_exp(-CUT) *
      (1 + 2 * CUT + 2 * (most - likelihood + bs_ln(mixture->k)));
  for (size_t i = 0; i < (size_t)mixture->k * d; i++) {
    const double weight = sums->weight[i / d], sd = mixture->sd[i];
    const double off = centre[i] - mixture->mean[i];
    if (loss > weight ||
        2 * loss * (sd * sd + off * off) >
            fmax(sums->second[i], weight * sums->min_sd * sums->min_sd))
      return true;
  }
  return false;
}

double bs_em_exact_pass(bs_em_sums *sums, const bs_mixture *mixture,
                        const double *centre)
{
  sums->density.gauss.cut = CUT;
  const double likelihood = pass(sums, mixture, centre);
  if (!is_cut_felt(sums, mixture, centre, likelihood))
    return likelihood;
  sums->density.gauss.cut = BS_CUT_NONE;
  return pass(sums, mixture, centre);
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
    bs_exact_sum_add(&sum, bs_lane_sum(lane));
  }
  bs_exact_sum_allreduce(team->comm, &sum, 1);
  return bs_exact_sum_value(&sum);
}
