/* SPDX-License-Identifier: BSD-3-Clause */
/* Time of an EM pass (E step, moments, Allreduce) beside that of reading the
 * same columns once, in one run:
 *
 *     bench_em ROWS.raw CLUSTERS PASSES
 *
 * ROWS.raw: rows and columns as two 64-bit integers, then the columns. Run
 * under mpirun for ranks; OMP_NUM_THREADS for threads. See bench_em.py. */
#include "src/comm.h"
#include "src/em_sums.h"
#include "src/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double read_once(const bs_ranks *team, const bs_columns *rows)
{
  bs_range own = bs_ranks_rows(team, rows->n, team->rank);
  double total = 0;
#pragma omp parallel for schedule(static) num_threads(team->threads)           \
    reduction(+ : total)
  for (int j = 0; j < rows->d; j++) {
    double lane[16] = {0};
    for (size_t r = own.first; r + 16 <= own.end; r += 16)
      for (int l = 0; l < 16; l++)
        lane[l] += rows->column[j][r + (size_t)l];
    for (int l = 0; l < 16; l++)
      total += lane[l];
  }
  return total;
}

/* Rows spread over the file as means, a tenth of the range as deviation. */
static void make_model(const bs_columns *rows, bs_mixture *m)
{
  for (int i = 0; i < m->k; i++) {
    m->prior[i] = 1.0 / m->k;
    for (int j = 0; j < m->d; j++) {
      const double *x = rows->column[j];
      double low = x[0], high = x[0];
      for (size_t r = 0; r < rows->n; r += 97) {
        low = fmin(low, x[r]);
        high = fmax(high, x[r]);
      }
      m->mean[i * m->d + j] =
          x[(size_t)(2 * i + 1) * rows->n / (size_t)(2 * m->k)];
      m->sd[i * m->d + j] = fmax((high - low) / 10, 1e-6);
    }
  }
}

static void step(const bs_em_sums *s, bs_mixture *m)
{
  for (int i = 0; i < m->k; i++) {
    m->prior[i] = fmax(s->weight[i] / (double)s->rows->n, 1e-300);
    for (int j = i * m->d; j < (i + 1) * m->d; j++) {
      double move = s->first[j] / fmax(s->weight[i], 1e-300);
      double v = s->second[j] / fmax(s->weight[i], 1e-300) - move * move;
      m->mean[j] += move;
      if (v > 0x1p-20 * (v + move * move) && v > 1e-12)
        m->sd[j] = sqrt(v);
    }
  }
}

static void die(const char *text)
{
  fprintf(stderr, "bench_em: %s\n", text);
  exit(EXIT_FAILURE);
}

/* One rank at a time may be short of memory: this is a benchmark, it ends. */
static double *load(const char *path, int64_t shape[2])
{
  double *x = NULL;
  FILE *file = fopen(path, "rb");
  if (file == NULL || fread(shape, sizeof *shape, 2, file) != 2)
    die("cannot read the file");
  size_t count = (size_t)shape[0] * (size_t)shape[1];
  if (bs_mem_alloc(count, sizeof *x, &x) != BS_OK ||
      fread(x, sizeof *x, count, file) != count)
    die("cannot load the file");
  fclose(file);
  return x;
}

int main(int argc, char **argv)
{
  int64_t shape[2];
  const double **column = NULL;
  const char *threads = getenv("OMP_NUM_THREADS");
  bs_ranks team;
  bs_em_sums sums;
  bs_mixture model;
  MPI_Init(&argc, &argv);
  if (argc != 4)
    die("usage: bench_em ROWS.raw CLUSTERS PASSES");
  double *x = load(argv[1], shape);
  int k = atoi(argv[2]), d = (int)shape[1];
  bs_ranks_make(MPI_COMM_WORLD, threads != NULL ? atoi(threads) : 1,
                bs_cluster_kernels_find(getenv("BOTSIEVE_ISA")), &team);
  if (bs_mem_alloc((size_t)d, sizeof *column, &column) != BS_OK)
    die("out of memory");
  for (int j = 0; j < d; j++)
    column[j] = x + (size_t)j * (size_t)shape[0];
  bs_columns rows = {(size_t)shape[0], d, column};
  if (bs_em_sums_alloc(&team, &rows, k, BS_SUMS_EXACT, 1e-6, &sums) != BS_OK ||
      bs_mixture_alloc(k, d, &model) != BS_OK)
    die("out of memory");
  make_model(&rows, &model);
  double least = INFINITY, least_cpu = INFINITY, least_read = INFINITY;
  double check = 0, likelihood = 0;
  for (int i = 0; i < atoi(argv[3]); i++) {
    MPI_Barrier(team.comm);
    double wall = MPI_Wtime(), cpu = cpu_seconds();
    likelihood = bs_em_expect(&sums, &model);
    least = fmin(least, MPI_Wtime() - wall);
    least_cpu = fmin(least_cpu, cpu_seconds() - cpu);
    step(&sums, &model);
    MPI_Barrier(team.comm);
    wall = MPI_Wtime();
    check += read_once(&team, &rows);
    least_read = fmin(least_read, MPI_Wtime() - wall);
  }
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, &least_cpu, 1, MPI_DOUBLE, MPI_SUM,
                       team.comm));
  double bytes = 8.0 * (double)rows.n * d;
  if (team.rank == 0)
    printf(
        "{\"ranks\": %d, \"threads\": %d, \"kernels\": \"%s\", \"clusters\": "
        "%d, \"pass_seconds\": %.5f, \"pass_core_seconds\": %.5f, "
        "\"pass_gb_per_second\": %.2f, \"read_gb_per_second\": %.2f, "
        "\"message_bytes\": %zu, \"log_likelihood\": %.17g, \"read_sum\": "
        "%g}\n",
        team.size, team.threads, team.kernels->name, k, least, least_cpu,
        bytes / least / 1e9, bytes / least_read / 1e9,
        bs_em_message_bytes(&sums), likelihood, check);
  bs_mixture_clear(&model);
  bs_em_sums_clear(&sums);
  bs_mem_free(&column);
  bs_mem_free(&x);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
