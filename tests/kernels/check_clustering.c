/* SPDX-License-Identifier: BSD-3-Clause */
/* Every instruction set's kernels: the same bits as the plain formulas where
 * the order of operations is fixed, and the same bits from all of them. */
#include "kernels/clustering.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { D = 41, K = 6, N = 200 };

static uint64_t state = 88172645463325252u;

static double uniform(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) * 0x1p-53;
}

static const bs_cluster_kernels *variant(int i)
{
  static const char *const names[] = {"ref", "avx2", "avx512"};
  return bs_cluster_kernels_find(names[i]); /* NULL: not on this machine */
}
enum { VARIANTS = 3 };

static double x[D][N];
static const double *column[D];

static void fill(void)
{
  for (int j = 0; j < D; j++) {
    column[j] = x[j];
    for (int r = 0; r < N; r++)
      x[j][r] = j == 3 ? 7 : (uniform() - 0.3) * pow(10, j % 11 - 4);
  }
}

/* Distance of y from the true value in units of y's last place. */
static double ulps(long double truth, double y)
{
  double a = fabs((double)truth);
  return (double)(fabsl(truth - (long double)y) /
                  (long double)(nextafter(a, INFINITY) - a));
}

START_TEST(exp_and_log_are_within_0_51_units_of_the_last_place)
{
  double worst_exp = 0, worst_log = 0, in[64], e[64], l[64], p[64];
  for (int round = 0; round < 20000; round++) {
    for (int i = 0; i < 64; i++) {
      double u = uniform();
      in[i] = i % 4 == 0   ? -700 * u
              : i % 4 == 1 ? -3 * u
              : i % 4 == 2 ? 700 * u
                           : (u - 0.5) * 1e-3;
      p[i] = i % 4 == 0   ? 1 + u * 1e-5
             : i % 4 == 1 ? 1 - u * 0.02
             : i % 4 == 2 ? ldexp(1 + u, (int)(2000 * uniform()) - 1000)
                          : 1 + 9 * u;
    }
    bs_cluster_kernels_ref.exp(64, in, e);
    bs_cluster_kernels_ref.log(64, p, l);
    for (int i = 0; i < 64; i++) {
      worst_exp = fmax(worst_exp, ulps(expl((long double)in[i]), e[i]));
      worst_log = fmax(worst_log, ulps(logl((long double)p[i]), l[i]));
    }
  }
  ck_assert_double_le(worst_exp, 0.51);
  ck_assert_double_le(worst_log, 0.51);
}
END_TEST

START_TEST(exp_and_log_know_the_ends_of_their_range)
{
  double in[] = {0, -INFINITY, INFINITY, NAN, -745.2, 709.7, 710, -1e300};
  double p[] = {1, 0, INFINITY, NAN, -1, 5e-324, 0x1p-1022, 0x1p1023};
  for (int v = 0; v < VARIANTS; v++) {
    double e[8], l[8];
    if (variant(v) == NULL)
      continue;
    variant(v)->exp(8, in, e);
    variant(v)->log(8, p, l);
    ck_assert(e[0] == 1 && e[1] == 0 && e[2] == INFINITY && isnan(e[3]));
    ck_assert(e[4] == 0 && isfinite(e[5]) && e[6] == INFINITY && e[7] == 0);
    ck_assert(l[0] == 0 && l[1] == -INFINITY && l[2] == INFINITY);
    ck_assert(isnan(l[3]) && isnan(l[4]));
    ck_assert_double_eq(l[5], log(5e-324));
    ck_assert_double_eq(l[6], log(0x1p-1022));
    ck_assert_double_eq(l[7], log(0x1p1023));
  }
}
END_TEST

START_TEST(any_length_and_alignment_will_do)
{
  double in[40], whole[40], part[41];
  for (int i = 0; i < 40; i++)
    in[i] = uniform() * 20 - 10;
  bs_cluster_kernels_ref.exp(40, in, whole);
  for (int v = 0; v < VARIANTS; v++)
    for (size_t first = 0; variant(v) != NULL && first < 9; first++)
      for (size_t n = 0; n < 20; n++) {
        part[n] = -1;
        variant(v)->exp(n, in + first, part);
        ck_assert(memcmp(part, whole + first, n * sizeof *part) == 0);
        ck_assert(part[n] == -1);
      }
}
END_TEST

START_TEST(a_short_tile_repeats_its_last_row)
{
  double tile[D * BS_TILE];
  fill();
  for (int v = 0; v < VARIANTS; v++)
    for (size_t rows = 1; variant(v) != NULL && rows <= BS_TILE; rows++) {
      variant(v)->tile(D, column, N - rows, rows, tile);
      for (int j = 0; j < D; j++)
        for (size_t r = 0; r < BS_TILE; r++)
          ck_assert(tile[(size_t)j * BS_TILE + r] ==
                    x[j][N - rows + (r < rows ? r : rows - 1)]);
    }
}
END_TEST

static double mean[K][D], sd[K][D], scale[K][D], weka[K][D], ln_sd[K][D];
static double shift[K];

static void make_model(void)
{
  for (int i = 0; i < K; i++) {
    shift[i] = -uniform();
    for (int j = 0; j < D; j++) {
      mean[i][j] = uniform() * pow(10, j % 11 - 4);
      sd[i][j] = (0.1 + uniform()) * pow(10, j % 11 - 4) * (i > 3 ? 0.02 : 1);
      scale[i][j] = 1 / sd[i][j];
      weka[i][j] = 2 * sd[i][j] * sd[i][j];
      ln_sd[i][j] = log(sd[i][j]);
    }
  }
}

static int which[D];
static double level[D];

/* Rows first .. of the columns, which are known to have one value where they
 * do, if asked; else their copy. */
static bs_tile make_tile(size_t first, bool known, const double *copy)
{
  bs_tile tile = {known ? column : NULL, copy, first, 0, which, level};
  for (int j = 0; j < D; j++) {
    bool flat = known;
    for (size_t r = 1; r < BS_TILE; r++)
      flat = flat && x[j][first + r] == x[j][first];
    level[j] = flat ? x[j][first] : NAN;
    if (!flat)
      which[tile.varying++] = j;
  }
  return tile;
}

/* The plain formula, except where the exponential comes to nothing anyway. */
static void check_gauss(const bs_cluster_kernels *k, const bs_gauss *g,
                        int first, const bs_tile *tile)
{
  double joint[K * BS_TILE], w[K * BS_TILE], density[BS_TILE];
  double plain[K * BS_TILE], plain_density[BS_TILE];
  bs_ahead ahead = {.tile = *tile, .end = tile->varying, .step = 90};
  for (int i = 0; i < K; i++)
    for (int r = 0; r < BS_TILE; r++) {
      double lane[BS_LANES] = {0}, q;
      for (int j = 0; j < D; j++)
        if (!isnan(level[j]))
          lane[j % BS_LANES] += pow((level[j] - mean[i][j]) * scale[i][j], 2);
      q = bs_lane_sum(lane);
      for (int j = 0; j < D; j++) {
        double z = (x[j][5 + r] - mean[i][j]) * scale[i][j];
        q += isnan(level[j]) ? z * z : 0;
      }
      plain[i * BS_TILE + r] = shift[i] - 0.5 * q;
    }
  k->gauss(g, first, tile, &ahead, joint);
  for (int r = 0; r < BS_TILE; r++) {
    double max = -INFINITY;
    for (int i = 0; i < K; i++)
      max = fmax(max, plain[i * BS_TILE + r]);
    for (int i = 0; i < K; i++)
      if (plain[i * BS_TILE + r] > max - g->cut)
        ck_assert(joint[i * BS_TILE + r] == plain[i * BS_TILE + r]);
  }
  memcpy(w, joint, sizeof w);
  k->posterior(K, g->cut, w, density);
  k->posterior(K, g->cut, plain, plain_density);
  ck_assert(memcmp(w, plain, sizeof w) == 0);
  ck_assert(memcmp(density, plain_density, sizeof density) == 0);
}

START_TEST(densities_are_the_plain_formula_bit_by_bit)
{
  double copy[D * BS_TILE], joint[K * BS_TILE];
  fill();
  for (int r = 0; r < N; r++)
    x[40][r] = 1000; /* the last column stands behind whole lanes */
  make_model();
  bs_gauss g = {K, D, mean[0], scale[0], ln_sd[0], shift, 0};
  bs_gauss w = {K, D, mean[0], weka[0], ln_sd[0], shift, BS_CUT_NONE};
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    variant(v)->tile(D, column, 5, BS_TILE, copy);
    for (int known = 0; known < 2; known++)
      for (int first = 0; first < K; first++) {
        const bs_tile tile = make_tile(5, known, copy);
        ck_assert_int_eq(tile.varying, known ? D - 2 : D);
        for (g.cut = 20; g.cut < 750; g.cut += 726)
          check_gauss(variant(v), &g, first, &tile);
      }
    const bs_tile tile = make_tile(5, false, copy);
    variant(v)->gauss_weka(&w, &tile, joint);
    for (int i = 0; i < K; i++)
      for (int r = 0; r < BS_TILE; r++) {
        double a = 0;
        for (int j = 0; j < D; j++) {
          double z = x[j][5 + r] - mean[i][j];
          a += (-(z * z / (2 * sd[i][j] * sd[i][j])) - 0.9189385332046727) -
               ln_sd[i][j];
        }
        ck_assert(joint[i * BS_TILE + r] == a + shift[i]);
      }
  }
}
END_TEST

START_TEST(posteriors_are_exponentials_over_their_sum)
{
  double from[K * BS_TILE], joint[K * BS_TILE], density[BS_TILE];
  const double cut = 30;
  int zeros = 0;
  /* Some rows have one cluster to themselves. */
  for (int i = 0; i < K * BS_TILE; i++)
    from[i] = -2000 + 40 * uniform() +
              (i / BS_TILE == 2 && i % BS_TILE < 20 ? 100 : 0);
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    memcpy(joint, from, sizeof joint);
    variant(v)->posterior(K, cut, joint, density);
    for (int r = 0; r < BS_TILE; r++) {
      double max = -INFINITY, sum = 0, e[K], l;
      for (int i = 0; i < K; i++)
        max = fmax(max, from[i * BS_TILE + r]);
      for (int i = 0; i < K; i++) {
        double off = from[i * BS_TILE + r] - max;
        bs_cluster_kernels_ref.exp(1, &off, &e[i]);
        e[i] = off < -cut ? 0 : e[i];
        zeros += e[i] == 0;
        sum += e[i];
      }
      bs_cluster_kernels_ref.log(1, &sum, &l);
      ck_assert(density[r] == max + l);
      for (int i = 0; i < K; i++)
        ck_assert(joint[i * BS_TILE + r] == e[i] / sum);
    }
  }
  ck_assert_int_gt(zeros, 0);
}
END_TEST

START_TEST(moments_are_summed_in_eight_lanes)
{
  double w[K * BS_TILE], plain[K][1 + 2 * D][BS_LANES];
  double lanes[K][1 + 2 * D][BS_LANES];
  fill(); /* column 3 has one value */
  make_model();
  for (int i = 0; i < K * BS_TILE; i++)
    w[i] = i / BS_TILE == 2 ? 0 : uniform(); /* cluster 2 is absent */
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    const bs_tile tile = make_tile(60, true, NULL);
    bs_ahead ahead = {.tile = tile, .end = 8, .step = 2 * BS_STEPS};
    ck_assert_int_eq(tile.varying, D - 1);
    for (int i = 0; i < K; i++)
      for (int s = 0; s < 1 + 2 * D; s++)
        for (int l = 0; l < BS_LANES; l++)
          plain[i][s][l] = lanes[i][s][l] = i + s / 7.0 + l;
    for (int i = 0; i < K; i++) {
      double weight[BS_LANES] = {0};
      for (int r = 0; r < BS_TILE; r++) {
        double wr = w[i * BS_TILE + r];
        weight[r % BS_LANES] += wr;
        for (int j = 0; j < D; j++) {
          double z = x[j][60 + r] - mean[i][j], wz = j == 3 ? 0 : wr * z;
          plain[i][1 + j][r % BS_LANES] += wz;
          plain[i][1 + D + j][r % BS_LANES] += wz * z;
        }
      }
      for (int l = 0; l < BS_LANES; l++) {
        double z = x[3][60] - mean[i][3], wz = weight[l] * z;
        plain[i][0][l] += weight[l];
        plain[i][1 + 3][l] += wz;
        plain[i][1 + D + 3][l] += wz * z;
      }
    }
    variant(v)->moments(K, D, mean[0], &tile, w, &ahead, lanes[0][0]);
    ck_assert(ahead.next == 8 && ahead.calls > 0);
    ck_assert(memcmp(lanes, plain, sizeof lanes) == 0);
  }
}
END_TEST

START_TEST(nearest_is_the_first_of_the_smallest)
{
  double tile[D * BS_TILE], distance[K * BS_TILE], root[BS_TILE],
      second[BS_TILE];
  uint16_t cluster[BS_TILE];
  fill();
  make_model();
  memcpy(mean[4], mean[1], sizeof mean[4]); /* a tie in every row */
  for (int v = 0; v < VARIANTS; v++)
    for (int k = 1; variant(v) != NULL && k <= K; k++) {
      unsigned groups = 0xa5;
      variant(v)->tile(D, column, 9, BS_TILE, tile);
      variant(v)->distances(k, D, mean[0], tile, groups, distance);
      variant(v)->nearest(k, k % 2 == 0, distance, groups, cluster, root,
                          second);
      for (int r = 0; r < BS_TILE; r++) {
        double s[K], least = INFINITY, next = INFINITY;
        int best = 0;
        if (!(groups >> (r / BS_LANES) & 1))
          continue;
        for (int i = 0; i < k; i++) {
          s[i] = 0;
          for (int j = 0; j < D; j++) {
            double z = x[j][9 + r] - mean[i][j];
            s[i] += z * z;
          }
          if (s[i] < least) {
            next = least;
            least = s[i];
            best = i;
          } else if (s[i] < next) {
            next = s[i];
          }
        }
        ck_assert_int_eq(cluster[r], best);
        ck_assert(root[r] == sqrt(least) && second[r] == sqrt(next));
      }
    }
}
END_TEST

START_TEST(room_is_what_lies_between_bounds_that_move)
{
  uint16_t label[BS_TILE] = {0};
  float upper[BS_TILE], lower[BS_TILE];
  double rise[2] = {0.25, 0}, fall[2] = {0.5, 0}, room[BS_TILE];
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    for (int r = 0; r < BS_TILE; r++) {
      upper[r] = 1;
      lower[r] = 2 + (float)r / 64;
      label[r] = r % 3 == 1;
    }
    lower[12] = INFINITY;
    upper[56] = NAN;
    variant(v)->room(label, upper, lower, rise, fall, 1.25, room);
    for (int r = 0; r < BS_TILE; r++)
      if (r != 12 && r != 56)
        ck_assert(room[r] ==
                  2 + r / 64.0 - (label[r] ? 1.25 : 0.5 + 1.25 * 1.25));
    ck_assert(room[12] == INFINITY && isnan(room[56]));
  }
}
END_TEST

START_TEST(scattered_rows_in_units_go_to_their_places)
{
  static double low[D], width[D], tile[BS_LANES * D * BS_TILE];
  uint16_t row[BS_TILE * BS_LANES];
  fill();
  for (int j = 0; j < D; j++) {
    low[j] = -uniform();
    width[j] = j == 3 ? 0 : 1 + uniform();
  }
  for (int i = 0; i < BS_TILE * BS_LANES; i++)
    row[i] = (uint16_t)(uniform() * (N - 7));
  const uint64_t groups = UINT64_C(0x8000a00000300f01);
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    for (int i = 0; i < BS_LANES * D * BS_TILE; i++)
      tile[i] = -77;
    variant(v)->unit_groups(D, column, low, width, 7, row, groups, tile);
    for (int i = 0; i < BS_LANES * BS_TILE; i++)
      for (int j = 0; j < D; j++)
        ck_assert(tile[(i / BS_TILE * D + j) * BS_TILE + i % BS_TILE] ==
                  (!(groups >> i / BS_LANES & 1) ? -77
                   : j == 3                      ? 0
                            : (x[j][7 + row[i]] - low[j]) / width[j]));
  }
}
END_TEST

START_TEST(groups_have_their_means_and_farthest_rows)
{
  double tile[D * BS_TILE], centre[D][BS_TILE], far[BS_TILE_GROUPS];
  fill();
  bs_cluster_kernels_ref.tile(D, column, 3, BS_TILE, tile);
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    for (int j = 0; j < D; j++)
      for (int g = 0; g < BS_TILE; g++)
        centre[j][g] = -77;
    variant(v)->group_means(D, tile, centre[0], far);
    for (int g = 0; g < BS_TILE_GROUPS; g++) {
      double most = 0;
      for (int j = 0; j < D; j++) {
        const double *t = &x[j][3 + g * BS_LANES];
        ck_assert(centre[j][g] == (((t[0] + t[4]) + (t[2] + t[6])) +
                                   ((t[1] + t[5]) + (t[3] + t[7]))) /
                                      BS_LANES);
        ck_assert(centre[j][BS_TILE_GROUPS + g] == -77);
      }
      for (int r = 0; r < BS_LANES; r++) {
        double sum = 0;
        for (int j = 0; j < D; j++) {
          double z = x[j][3 + g * BS_LANES + r] - centre[j][g];
          sum += z * z;
        }
        most = fmax(most, sum);
      }
      ck_assert(far[g] == most);
    }
  }
}
END_TEST

START_TEST(weighed_rows_are_added_lane_by_lane)
{
  double tile[D * BS_TILE], w[K * BS_TILE], lanes[K * D * BS_LANES];
  int groups = 0;
  fill();
  bs_cluster_kernels_ref.tile(D, column, 3, BS_TILE, tile);
  for (int i = 0; i < K; i++)
    for (int g = 0; g < BS_TILE_GROUPS; g++) {
      const bool none = i == 2 || (i + g) % 3 == 0;
      groups += !none;
      for (int l = 0; l < BS_LANES; l++)
        w[i * BS_TILE + g * BS_LANES + l] = none || l == g ? 0 : l % 3 - 1.5;
    }
  for (int v = 0; v < VARIANTS; v++) {
    if (variant(v) == NULL)
      continue;
    for (int i = 0; i < K * D * BS_LANES; i++)
      lanes[i] = i;
    ck_assert_int_eq(variant(v)->weigh(K, D, w, tile, lanes), groups);
    for (int i = 0; i < K * D * BS_LANES; i++) {
      const int c = i / (D * BS_LANES), j = i / BS_LANES % D, l = i % BS_LANES;
      double sum = i;
      for (int r = l; r < BS_TILE; r += BS_LANES)
        sum += w[c * BS_TILE + r] * x[j][3 + r];
      ck_assert(lanes[i] == sum);
    }
  }
}
END_TEST

START_TEST(ranges_hold_the_smallest_and_the_largest)
{
  fill();
  for (int v = 0; v < VARIANTS; v++)
    for (size_t n = 1; variant(v) != NULL && n <= 70; n++)
      for (size_t at = 0; at < n; at++) {
        double low, high, least = INFINITY, most = -INFINITY, values[70];
        memcpy(values, x[5] + 1, n * sizeof *values);
        values[at] = -9e9;
        values[n - 1 - at] = 8e9;
        for (size_t r = 0; r < n; r++) {
          least = fmin(least, values[r]);
          most = fmax(most, values[r]);
        }
        variant(v)->range(n, values, &low, &high);
        ck_assert(low == least && high == most);
      }
}
END_TEST

START_TEST(a_tile_in_units_is_what_it_says)
{
  static double low[D], width[D], tile[D][BS_TILE];
  fill();
  for (int j = 0; j < D; j++) {
    low[j] = -uniform();
    width[j] = j == 3 ? 0 : 1 + uniform();
  }
  for (int v = 0; v < VARIANTS; v++)
    for (size_t rows = 1; variant(v) != NULL && rows <= BS_TILE; rows++) {
      variant(v)->unit_tile(D, column, low, width, N - rows, rows, tile[0]);
      for (int j = 0; j < D; j++)
        for (size_t r = 0; r < BS_TILE; r++) {
          const double from = x[j][N - rows + (r < rows ? r : rows - 1)];
          ck_assert(tile[j][r] == (j == 3 ? 0 : (from - low[j]) / width[j]));
        }
    }
}
END_TEST

START_TEST(strips_are_summed_row_by_row)
{
  enum { ROWS = 77, RUNS = 7, MOST = BS_MOST_LANES };
  static double broad[ROWS * MOST], wide_sums[K][MOST], wide_plain[K][MOST];
  double strip[ROWS * BS_STRIP_LANES], sums[RUNS][K][BS_STRIP_LANES],
      plain[RUNS][K][BS_STRIP_LANES];
  static double w[K][ROWS], pair[K][2][BS_STRIP_LANES],
      plain_pair[K][2][BS_STRIP_LANES];
  double state3[K][3][BS_STRIP_LANES] = {{{0}}};
  uint16_t cluster[RUNS][ROWS];
  const double *wide[MOST];
  fill();
  for (int l = 0; l < MOST; l++)
    wide[l] = x[l * 3 % D];
  for (int i = 0; i < RUNS; i++)
    for (int r = 0; r < ROWS; r++)
      cluster[i][r] = i > 0 && r % (3 * i) != 0 ? cluster[i][r - 1]
                                                : (uint16_t)(uniform() * K);
  for (int i = 0; i < K; i++)
    for (int r = 0; r < ROWS; r++)
      w[i][r] = uniform();
  for (int v = 0; v < VARIANTS; v++) {
    const bs_cluster_kernels *k = variant(v);
    if (k == NULL)
      continue;
    for (int lanes = BS_LANES; lanes <= MOST; lanes += BS_LANES) {
      memset(wide_sums, 0, sizeof wide_sums);
      memset(wide_plain, 0, sizeof wide_plain);
      double *sum = wide_plain[0]; /* (K, lanes) */
      for (int r = 0; r < ROWS; r++)
        for (int l = 0; l < lanes; l++)
          sum[cluster[0][r] * lanes + l] += wide[l][13 + r];
      k->strip(lanes, wide, 13, ROWS, broad);
      k->group_sums(lanes, cluster[0], ROWS, broad, wide_sums[0]);
      ck_assert(memcmp(wide_sums, wide_plain, sizeof wide_sums) == 0);
    }
    k->strip(BS_STRIP_LANES, wide, 13, ROWS, strip);
    for (int i = 0; i < RUNS; i++) { /* as many clusters as i, up to K */
      int clusters = 1 + i % K;
      memset(sums, 0, sizeof sums);
      memset(plain, 0, sizeof plain);
      for (int r = 0; r < ROWS; r++)
        cluster[i][r] = (uint16_t)(cluster[i][r] % clusters);
      for (int r = 0; r < ROWS; r++)
        for (int l = 0; l < BS_STRIP_LANES; l++)
          plain[i][cluster[i][r]][l] += wide[l][13 + r];
      k->group_sums(BS_STRIP_LANES, cluster[i], ROWS, strip, sums[i][0]);
      ck_assert(memcmp(sums[i], plain[i], sizeof sums[i]) == 0);
    }
    memset(pair, 0, sizeof pair);
    memset(plain_pair, 0, sizeof plain_pair);
    for (int i = 0; i < K; i++)
      for (int r = 0; r < ROWS; r++)
        for (int l = 0; l < BS_STRIP_LANES; l++) {
          double y = wide[l][13 + r];
          plain_pair[i][0][l] += y * w[i][r];
          plain_pair[i][1][l] += y * y * w[i][r];
        }
    k->weighted_sums(K, w[0], ROWS, ROWS, strip, pair[0][0]);
    ck_assert(memcmp(pair, plain_pair, sizeof pair) == 0);
    memset(state3, 0, sizeof state3);
    k->group_deviations(BS_STRIP_LANES, cluster[0], ROWS, strip, state3[0][0]);
    for (int i = 0; i < K; i++)
      for (int l = 0; l < BS_STRIP_LANES; l++) {
        double n = 0, m = 0, q = 0;
        for (int r = 0; r < ROWS; r++) {
          double y = wide[l][13 + r], off = y - m;
          if (cluster[0][r] != i)
            continue;
          n += 1;
          m = n == 1 ? y : m + off / n;
          q += n == 1 ? 0 : off * (y - m);
        }
        ck_assert(state3[i][0][l] == n && state3[i][1][l] == m);
        ck_assert(state3[i][2][l] == q);
      }
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(exp_and_log_are_within_0_51_units_of_the_last_place),
      BS_UNIT(exp_and_log_know_the_ends_of_their_range),
      BS_UNIT(any_length_and_alignment_will_do),
      BS_UNIT(a_short_tile_repeats_its_last_row),
      BS_UNIT(a_tile_in_units_is_what_it_says),
      BS_UNIT(densities_are_the_plain_formula_bit_by_bit),
      BS_UNIT(posteriors_are_exponentials_over_their_sum),
      BS_UNIT(moments_are_summed_in_eight_lanes),
      BS_UNIT(nearest_is_the_first_of_the_smallest),
      BS_UNIT(room_is_what_lies_between_bounds_that_move),
      BS_UNIT(scattered_rows_in_units_go_to_their_places),
      BS_UNIT(groups_have_their_means_and_farthest_rows),
      BS_UNIT(weighed_rows_are_added_lane_by_lane),
      BS_UNIT(ranges_hold_the_smallest_and_the_largest),
      BS_UNIT(strips_are_summed_row_by_row),
  };
  return bs_unit_run("clustering", tests, sizeof tests / sizeof *tests);
}
