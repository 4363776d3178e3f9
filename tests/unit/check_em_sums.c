/* SPDX-License-Identifier: BSD-3-Clause */
/* The exact sums of an EM pass beside the definition in long double: every row
 * has a part in every cluster there, however small. */
#include "src/em_sums.h"
#include "src/random.h"
#include "tests/unit/unit.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { N = 4500, D = 11, K = 3 }; /* over two blocks, a short tile */

static double x[D][N];
static const double *column[D];
static double prior[K], mean[K][D], sd[K][D];
static const bs_mixture mixture = {K, D, prior, mean[0], sd[0]};

static double noise(bs_random *random)
{
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += bs_random_double(random);
  return sum;
}

/* Groups one behind the other, as files are: columns 1 and 9 stand still in
 * whole groups, 2 for some rows. Clusters are the groups, \a apart deviations
 * from each other. */
static void make(double apart)
{
  bs_random random = bs_random_seeded(7);
  for (int j = 0; j < D; j++) {
    const double scale = pow(10, j % 7 - 3);
    column[j] = x[j];
    for (int r = 0; r < N; r++)
      x[j][r] = scale * (r * K / N * apart + noise(&random));
    for (int r = 0; r < N; r++)
      if (j == 1 || j == 9 || (j == 2 && r > 1000 && r < 2500))
        x[j][r] = scale * (r * K / N * apart);
    for (int i = 0; i < K; i++) {
      mean[i][j] = scale * (i * apart + 0.1);
      sd[i][j] = scale * (0.8 + 0.1 * i);
    }
  }
  for (int i = 0; i < K; i++)
    prior[i] = (i + 1) / 6.0;
}

/* Results of the definition, and sums of magnitudes to compare first with. */
static long double weight[K], first[K][D], size[K][D], second[K][D], density;

static void define(void)
{
  memset(weight, 0, sizeof weight);
  memset(first, 0, sizeof first);
  memset(size, 0, sizeof size);
  memset(second, 0, sizeof second);
  density = 0;
  for (int r = 0; r < N; r++) {
    long double y[K], most = -INFINITY, sum = 0;
    for (int i = 0; i < K; i++) {
      y[i] = logl(prior[i]);
      for (int j = 0; j < D; j++) {
        const long double z = ((long double)x[j][r] - mean[i][j]) / sd[i][j];
        y[i] -= 0.5L * z * z + logl(sd[i][j]) + 0.91893853320467274178L;
      }
      most = fmaxl(most, y[i]);
    }
    for (int i = 0; i < K; i++)
      sum += expl(y[i] - most);
    density += most + logl(sum);
    for (int i = 0; i < K; i++) {
      const long double w = expl(y[i] - most) / sum;
      weight[i] += w;
      for (int j = 0; j < D; j++) {
        const long double z = (long double)x[j][r] - mean[i][j];
        first[i][j] += w * z;
        size[i][j] += w * fabsl(z);
        second[i][j] += w * z * z;
      }
    }
  }
}

static bs_em_sums sums_of(const bs_ranks *team, const bs_columns *rows,
                          double min_sd, double *likelihood)
{
  bs_em_sums s;
  ck_assert_int_eq(bs_em_sums_alloc(team, rows, K, BS_SUMS_EXACT, min_sd, &s),
                   BS_OK);
  *likelihood = bs_em_expect(&s, &mixture);
  return s;
}

static void same(double found, long double truth, long double scale,
                 double error)
{
  const double underflow = 0x1p-1000;
  ck_assert_msg(fabsl(found - truth) <= error * scale + underflow,
                "%.17g is not %.17Lg", found, truth);
}

/* Everything as defined, within \a error, and the same bits from any threads
 * and kernels. */
static void compare(double min_sd, double error)
{
  const bs_columns rows = {N, D, column};
  const char *const names[] = {"ref", "avx2", "avx512"};
  double likelihood, other;
  bs_ranks team;
  define();
  bs_ranks_make(MPI_COMM_SELF, 1, &bs_cluster_kernels_ref, &team);
  bs_em_sums s = sums_of(&team, &rows, min_sd, &likelihood);
  same(likelihood, density / N, fabsl(density / N), 1e-14);
  for (int i = 0; i < K; i++) {
    same(s.weight[i], weight[i], weight[i], error);
    for (int j = 0; j < D; j++) {
      same(s.first[i * D + j], first[i][j], size[i][j], error);
      same(s.second[i * D + j], second[i][j], second[i][j], error);
    }
  }
  for (int v = 0; v < 3; v++) {
    const bs_cluster_kernels *kernels = bs_cluster_kernels_find(names[v]);
    if (kernels == NULL)
      continue;
    bs_ranks_make(MPI_COMM_SELF, v + 1, kernels, &team);
    bs_em_sums t = sums_of(&team, &rows, min_sd, &other);
    ck_assert(other == likelihood);
    ck_assert(memcmp(t.weight, s.weight, sizeof(double[K])) == 0);
    ck_assert(memcmp(t.first, s.first, sizeof(double[K][D])) == 0);
    ck_assert(memcmp(t.second, s.second, sizeof(double[K][D])) == 0);
    bs_em_sums_clear(&t);
  }
  bs_em_sums_clear(&s);
}

START_TEST(sums_are_those_of_the_definition)
{
  make(0.5);
  compare(1e-6, 1e-13);
  make(3);
  compare(1e-6, 1e-13);
}
END_TEST

/* Most posteriors are below exp(-200) here, and are cut. */
START_TEST(what_is_cut_does_not_show)
{
  make(12);
  define();
  ck_assert(weight[0] > 100 && weight[1] > 100 && weight[2] > 100);
  compare(1e-6, 1e-13);
}
END_TEST

/* exp(-745) < posteriors < exp(-200): all that the last cluster has. */
START_TEST(a_cluster_that_fades_keeps_its_weight)
{
  make(0);
  for (int j = 0; j < D; j++)
    mean[K - 1][j] += 10 * sd[K - 1][j];
  define();
  ck_assert(weight[K - 1] > 0x1p-1000 && weight[K - 1] < 1e-90);
  compare(1e-6, 1e-12);
}
END_TEST

/* Its posteriors lie on both sides of exp(-200): those cut would show. */
START_TEST(a_cluster_that_is_cut_in_part_keeps_its_weight)
{
  bool seen = false;
  make(0);
  for (int step = 0; step < 60 && !seen; step++) {
    for (int j = 0; j < D; j++)
      mean[K - 1][j] += 0.25 * sd[K - 1][j];
    define();
    seen = weight[K - 1] < 1e-70;
  }
  for (int step = 0; step < 40 && weight[K - 1] > 1e-95; step++) {
    compare(1e-6, 1e-12);
    for (int j = 0; j < D; j++)
      mean[K - 1][j] += 0.05 * sd[K - 1][j];
    define();
  }
  ck_assert(seen && weight[K - 1] < 1e-95);
}
END_TEST

/* The first cluster's own rows have one value in columns 1 and 9: its second
 * moment is that of rows that are cut. It counts where deviations as small as
 * that do. */
START_TEST(a_variance_that_is_cut_counts_unless_it_is_within_min_sd)
{
  const bs_columns rows = {N, D, column};
  double likelihood;
  bs_ranks team;
  make(8);
  mean[0][1] = x[1][0];
  mean[0][9] = x[9][0];
  define();
  ck_assert(second[0][1] > 0x1p-900 && second[0][1] < 1e-90);
  bs_ranks_make(MPI_COMM_SELF, 1, &bs_cluster_kernels_ref, &team);
  bs_em_sums s = sums_of(&team, &rows, 1e-6, &likelihood);
  ck_assert(s.second[1] == 0);
  bs_em_sums_clear(&s);
  compare(1e-160, 1e-11);
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(sums_are_those_of_the_definition),
      BS_UNIT(what_is_cut_does_not_show),
      BS_UNIT(a_cluster_that_fades_keeps_its_weight),
      BS_UNIT(a_cluster_that_is_cut_in_part_keeps_its_weight),
      BS_UNIT(a_variance_that_is_cut_counts_unless_it_is_within_min_sd),
  };
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  MPI_Init(&argc, &argv);
  int code = bs_unit_run("em_sums", tests, sizeof tests / sizeof *tests);
  MPI_Finalize();
  return code;
}
