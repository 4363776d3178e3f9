/* SPDX-License-Identifier: BSD-3-Clause */
/* k-means beside a plain one: every pass looks at every row, and every sum is
 * taken row by row in the working order. */
#include "src/kmeans.h"
#include "src/random.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

enum { MOST = 5000, D = 9, K = 6 };

static double x[D][MOST];
static const double *column[D];

/* --- the plain one --- */

static uint32_t order[MOST];
static int assigned[MOST];
static double centre[K][D], low[D], width[D], sd[K][D];
static size_t size[K];

static double unit(int j, double value)
{
  return width[j] == 0 ? 0 : (value - low[j]) / width[j];
}

static double distance(uint32_t row, int i)
{
  double sum = 0;
  for (int j = 0; j < D; j++) {
    double z = unit(j, x[j][row]) - unit(j, centre[i][j]);
    sum += z * z;
  }
  return sum;
}

static int start(size_t n, int k, int32_t seed)
{
  bs_random random = bs_random_seeded(seed);
  int found = 0;
  for (uint32_t r = 0; r < n; r++)
    order[r] = r;
  for (size_t j = n; j-- > 0 && found < k;) {
    size_t i = bs_random_below(&random, (uint32_t)j + 1);
    uint32_t row = order[i];
    int known = 0;
    for (int c = 0; c < found && !known; c++) {
      known = 1;
      for (int a = 0; a < D; a++)
        known &= centre[c][a] == x[a][row];
    }
    for (int a = 0; a < D && !known; a++)
      centre[found][a] = x[a][row];
    found += !known;
    order[i] = order[j];
    order[j] = row;
  }
  return found;
}

static double nearest(uint32_t row, int k, int rooted, int *best)
{
  double least = INFINITY;
  for (int i = 0; i < k; i++) {
    double s = distance(row, i);
    s = rooted ? sqrt(s) : s;
    if (s < least) {
      least = s;
      *best = i;
    }
  }
  return least;
}

/* New centres over the rows in working order; returns the clusters kept. */
static int update(size_t n, int k)
{
  int kept = 0;
  for (int i = 0; i < k; i++) {
    double sum[D] = {0};
    size_t count = 0;
    for (size_t p = 0; p < n; p++)
      if (assigned[order[p]] == i) {
        count++;
        for (int j = 0; j < D; j++)
          sum[j] += x[j][order[p]];
      }
    if (count == 0)
      continue;
    size[kept] = count;
    for (int j = 0; j < D; j++)
      centre[kept][j] = sum[j] / (double)count;
    kept++;
  }
  return kept;
}

static double run_plain(size_t n, int *clusters, int32_t seed, bs_weka weka)
{
  double error[K] = {0}, total = 0;
  int k = start(n, *clusters, seed), changed = 1, passes = 0;
  for (int j = 0; j < D; j++) {
    double high = low[j] = x[j][0];
    for (size_t r = 0; r < n; r++) {
      low[j] = fmin(low[j], x[j][r]);
      high = fmax(high, x[j][r]);
    }
    width[j] = high - low[j];
  }
  memset(assigned, 0, sizeof assigned);
  while (changed && passes++ < 500) { /* SimpleKMeans.m_MaxIterations */
    changed = 0;
    memset(error, 0, sizeof error);
    for (size_t p = 0; p < n; p++) {
      int best = 0;
      double least = nearest(order[p], k, weka == BS_WEKA_36, &best);
      changed |= assigned[order[p]] != best;
      assigned[order[p]] = best;
      error[best] += least * least;
    }
    k = update(n, k);
  }
  if (weka == BS_WEKA_38) {
    memset(error, 0, sizeof error);
    for (size_t p = 0; p < n; p++) {
      int best = 0;
      double least = nearest(order[p], k, 1, &best);
      error[best] += least * least;
    }
  }
  for (int i = 0; i < K; i++)
    total += error[i];
  *clusters = k;
  return total;
}

/* Running deviation of a cluster in working order. */
static void deviate(size_t n, int i)
{
  for (int j = 0; j < D; j++) {
    double count = 0, mean = 0, squares = 0;
    for (size_t p = 0; p < n; p++) {
      double v = x[j][order[p]], off = v - mean;
      if (assigned[order[p]] != i)
        continue;
      count++;
      mean = count == 1 ? v : mean + off / count;
      squares += count == 1 ? 0 : off * (v - mean);
    }
    sd[i][j] = sqrt(squares / (count - 1));
  }
}

/* --- the comparison --- */

enum { KINDS = 7 };

static void fill(bs_random *random, size_t n, int kind)
{
  for (int j = 0; j < D; j++) {
    column[j] = x[j];
    for (size_t r = 0; r < n; r++) {
      double v = bs_random_double(random) + (double)(r * 5 / n) * (j % 3);
      x[j][r] = kind == 0   ? v * pow(10, j - 4)
                : kind == 1 ? floor(v * 2)          /* ties, equal rows */
                : kind == 2 ? 1e9 + v               /* sums lose digits */
                : kind == 3 ? (j == 4 ? -3 : v - r) /* constant, sorted */
                : kind == 4 ? 1e9 + v * (j % 2 ? 1e-6 : 1) /* or most of them */
                : kind == 5
                    ? 1e17 + 16 * floor(v * (j % 2 ? 4 : 300))
                    : 5e-324 * floor(v * (j % 2 ? 6 : 40)); /* subnormal */
    }
  }
}

static void compare(size_t n, int k, int32_t seed, bs_weka weka, int threads,
                    const char *isa)
{
  bs_ranks ranks;
  bs_columns rows = {n, D, column};
  bs_partition found;
  bs_kmeans what = {k, 1, &seed, weka, false, NULL, NULL};
  int clusters = k;
  if (bs_cluster_kernels_find(isa) == NULL)
    return;
  run_plain(n, &clusters, seed, weka);
  bs_ranks_make(MPI_COMM_SELF, threads, bs_cluster_kernels_find(isa), &ranks);
  ck_assert_int_eq(bs_kmeans_best(&ranks, &rows, &what, &found), BS_OK);
  ck_assert_int_eq(found.k, clusters);
  for (int i = 0; i < clusters; i++) {
    ck_assert_uint_eq(found.size[i], size[i]);
    ck_assert(memcmp(found.centre + i * D, centre[i], sizeof centre[i]) == 0);
    if (size[i] > 1) {
      deviate(n, i);
      ck_assert(memcmp(found.sd + i * D, sd[i], sizeof sd[i]) == 0);
    } else {
      ck_assert(weka == BS_WEKA_36 ? found.sd[i * D] == 0
                                   : isnan(found.sd[i * D]));
    }
  }
  bs_partition_clear(&found);
}

START_TEST(every_bit_is_that_of_the_plain_sums)
{
  static const char *const isa[] = {"ref", "avx2", "avx512"};
  bs_random random = bs_random_seeded(9);
  for (int round = 0; round < 210; round++) {
    size_t n = round < 196 ? 7 + bs_random_below(&random, 400)
                           : 2000 + bs_random_below(&random, MOST - 2000);
    fill(&random, n, round % KINDS);
    compare(n, 1 + round % K, bs_random_int(&random),
            round % 2 == 0 ? BS_WEKA_36 : BS_WEKA_38, 1 + round % 3,
            isa[round / KINDS % 3]);
  }
}
END_TEST

START_TEST(rows_that_are_all_equal_make_one_cluster)
{
  bs_random random = bs_random_seeded(3);
  fill(&random, 700, 0);
  for (int j = 0; j < D; j++)
    for (int r = 0; r < 700; r++)
      x[j][r] = j / 7.0;
  compare(700, 4, 12, BS_WEKA_38, 2, "ref");
  compare(1, 4, 12, BS_WEKA_36, 1, "ref");
}
END_TEST

/* Ten runs, of which some end alike but for the order of sums. */
static void compare_starts(bs_random *random, size_t n, int k, bs_weka weka,
                           int threads)
{
  int32_t seeds[10];
  bs_ranks ranks;
  bs_partition found;
  bs_columns rows = {n, D, column};
  double least = INFINITY, best[K][D];
  size_t sizes[K] = {0};
  int kept = 0;
  for (int i = 0; i < 10; i++) {
    int clusters = k;
    seeds[i] = bs_random_int(random);
    double error = run_plain(n, &clusters, seeds[i], weka);
    if (error < least) {
      least = error;
      kept = clusters;
      memcpy(sizes, size, sizeof sizes);
      memcpy(best, centre, sizeof best);
    }
  }
  bs_ranks_make(MPI_COMM_SELF, threads, bs_cluster_kernels_find(NULL), &ranks);
  bs_kmeans what = {k, 10, seeds, weka, false, NULL, NULL};
  ck_assert_int_eq(bs_kmeans_best(&ranks, &rows, &what, &found), BS_OK);
  ck_assert_int_eq(found.k, kept);
  for (int i = 0; i < kept; i++) {
    ck_assert_uint_eq(found.size[i], sizes[i]);
    ck_assert(memcmp(found.centre + i * D, best[i], sizeof best[i]) == 0);
  }
  bs_partition_clear(&found);
}

START_TEST(the_first_run_of_least_error_is_kept)
{
  bs_random random = bs_random_seeded(1);
  for (int round = 0; round < 84; round++) {
    size_t n = 20 + bs_random_below(&random, round < 70 ? 400 : 1500);
    fill(&random, n, round % KINDS);
    compare_starts(&random, n, 1 + round / KINDS % K,
                   round % 2 == 0 ? BS_WEKA_36 : BS_WEKA_38, 1 + round % 2);
  }
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(every_bit_is_that_of_the_plain_sums),
      BS_UNIT(rows_that_are_all_equal_make_one_cluster),
      BS_UNIT(the_first_run_of_least_error_is_kept),
  };
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  MPI_Init(&argc, &argv);
  int code = bs_unit_run("kmeans", tests, sizeof tests / sizeof *tests);
  MPI_Finalize();
  return code;
}
