/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/kmeans_run.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { MAX_PASSES = 500 };

void bs_partition_clear(bs_partition *partition)
{
  bs_mem_free(&partition->centre);
  bs_mem_free(&partition->sd);
  bs_mem_free(&partition->size);
  memset(partition, 0, sizeof *partition);
}

/* --- memory ------------------------------------------------------------- */

static bs_status alloc_run(const bs_runs *runs, bs_run *run)
{
  size_t k = (size_t)runs->k, d = (size_t)runs->rows->d;
  size_t blocks = bs_runs_blocks(runs), groups = blocks * BS_BLOCK_GROUPS;
  size_t whole =
      bs_runs_rounds(runs) * (size_t)runs->team->size * BS_BLOCK_ROWS;
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &run->centre));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &run->unit));
  BS_TRY(bs_mem_alloc(k * d, sizeof(double), &run->mass));
  BS_TRY(bs_mem_alloc(k, sizeof(uint64_t), &run->size));
  BS_TRY(bs_mem_zalloc(whole, sizeof(uint16_t), &run->cluster));
  BS_TRY(bs_mem_alloc(whole, sizeof(uint16_t), &run->before));
  BS_TRY(bs_mem_alloc(blocks, sizeof(bool), &run->touched));
  BS_TRY(bs_mem_alloc(groups, sizeof(uint16_t), &run->label));
  BS_TRY(bs_mem_alloc(groups, sizeof(float), &run->upper));
  BS_TRY(bs_mem_alloc(groups, sizeof(float), &run->lower));
  BS_TRY(bs_mem_alloc(blocks, sizeof(float), &run->slack));
  BS_TRY(bs_mem_alloc(k + 1, sizeof(double), &run->rise));
  return bs_mem_alloc(k + 1, sizeof(double), &run->fall);
}

static void free_runs(bs_runs *runs)
{
  for (int i = 0; runs->run != NULL && i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    bs_mem_free(&run->centre);
    bs_mem_free(&run->unit);
    bs_mem_free(&run->mass);
    bs_mem_free(&run->size);
    bs_mem_free(&run->cluster);
    bs_mem_free(&run->before);
    bs_mem_free(&run->touched);
    bs_mem_free(&run->label);
    bs_mem_free(&run->upper);
    bs_mem_free(&run->lower);
    bs_mem_free(&run->slack);
    bs_mem_free(&run->rise);
    bs_mem_free(&run->fall);
    bs_mem_free(&run->place);
    bs_mem_free(&run->row);
  }
  bs_mem_free(&runs->run);
  bs_mem_free(&runs->order);
  bs_mem_free(&runs->mean);
  bs_mem_free(&runs->radius);
  bs_mem_free(&runs->low);
  bs_mem_free(&runs->width);
}

size_t bs_kmeans_bytes(size_t n, int d, int runs, int ranks)
{
  const size_t groups = n / BS_LANES + BS_BLOCK_GROUPS;
  const size_t count = (size_t)runs, every = (size_t)ranks;
  return groups * (((size_t)d + 3) * sizeof(double) + count * 10) +
         every * n * (count * 2 * sizeof(uint16_t) + 3 * sizeof(uint32_t));
}

static bs_status start_runs(bs_runs *runs, const int32_t *seed)
{
  const size_t groups = bs_runs_blocks(runs) * BS_BLOCK_GROUPS;
  uint32_t *order = NULL, *drawn = NULL;
  bs_status st;
  BS_GO(st, bs_mem_zalloc((size_t)runs->count, sizeof *runs->run, &runs->run));
  BS_GO(st, bs_mem_alloc(groups * BS_LANES, sizeof(uint16_t), &runs->order));
  BS_GO(st, bs_mem_alloc(groups * (size_t)runs->rows->d, sizeof(double),
                         &runs->mean));
  BS_GO(st, bs_mem_alloc(groups, sizeof(float), &runs->radius));
  BS_GO(st, bs_mem_alloc(runs->rows->n, sizeof *order, &order));
  BS_GO(st, bs_mem_alloc(runs->rows->n, 2 * sizeof *drawn, &drawn));
  for (size_t r = 0; r < runs->rows->n; r++)
    order[r] = (uint32_t)r;
  for (int i = 0; i < runs->count; i++) {
    BS_GO(st, alloc_run(runs, &runs->run[i]));
    BS_GO(st, bs_run_start(runs, &runs->run[i], seed[i], order, drawn));
    bs_run_open(runs, &runs->run[i]);
  }
done:
  bs_mem_free(&order);
  bs_mem_free(&drawn);
  return st;
}

/* --- passes ------------------------------------------------------------- */

/* Give every rank the clusters of all rows. */
static void gather_clusters(const bs_runs *runs, const int *which, int count)
{
  const bs_ranks *team = runs->team;
  MPI_Datatype blocks;
  if (team->size == 1)
    return;
  BS_MPI(MPI_Type_vector((int)bs_runs_rounds(runs), BS_BLOCK_ROWS,
                         team->size * BS_BLOCK_ROWS, MPI_UINT16_T, &blocks));
  BS_MPI(MPI_Type_commit(&blocks));
  for (int a = 0; a < count; a++)
    for (int rank = 0; rank < team->size; rank++)
      BS_MPI(MPI_Bcast(runs->run[which[a]].cluster + rank * BS_BLOCK_ROWS, 1,
                       blocks, rank, team->comm));
  BS_MPI(MPI_Type_free(&blocks));
}

/* Rows of each cluster, counted anew. */
static void count_sizes(bs_runs *runs, const int *which, int count,
                        bs_pass *pass)
{
  const size_t k = (size_t)runs->k, blocks = bs_runs_blocks(runs);
  int64_t *size = pass->tally;
  memset(size, 0, (size_t)count * k * sizeof *size);
#pragma omp parallel for schedule(dynamic, 1) num_threads(runs->team->threads)
  for (int a = 0; a < count; a++) {
    const uint16_t *cluster = runs->run[which[a]].cluster;
    for (size_t b = 0; b < blocks; b++) {
      const bs_range rows = bs_runs_block(runs, b);
      for (size_t r = rows.first; r < rows.end; r++)
        size[(size_t)a * k + cluster[r]]++;
    }
  }
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, size, count * runs->k, MPI_INT64_T,
                       MPI_SUM, runs->team->comm));
  for (int a = 0; a < count; a++)
    for (size_t i = 0; i < k; i++)
      runs->run[which[a]].size[i] = (uint64_t)size[(size_t)a * k + i];
}

/* Weka's sums over the clusters of some runs, to pass->sum (count, k, d). */
static bs_status sum_clusters(const bs_runs *runs, const int *which, int count,
                              bs_pass *pass)
{
  size_t sums = (size_t)count * (size_t)runs->k * (size_t)runs->rows->d;
  if (count == 0)
    return BS_OK;
  gather_clusters(runs, which, count);
  memset(pass->sum, 0, sums * sizeof *pass->sum);
  return bs_runs_sum(runs, which, count, pass->sum);
}

static double *sums_of(const bs_runs *runs, const bs_pass *pass, int a)
{
  return pass->sum + (size_t)a * (size_t)runs->k * (size_t)runs->rows->d;
}

/* Weka's means of some runs' clusters, as centres. */
static bs_status take_means(bs_runs *runs, const int *which, int count,
                            bs_pass *pass)
{
  BS_TRY(sum_clusters(runs, which, count, pass));
  for (int a = 0; a < count; a++)
    bs_run_set_means(runs, &runs->run[which[a]], sums_of(runs, pass, a),
                     pass->next);
  return BS_OK;
}

static void swap_clusters(bs_runs *runs, const int *which, int count)
{
  for (int a = 0; a < count; a++) {
    bs_run *run = &runs->run[which[a]];
    uint16_t *cluster = run->cluster;
    run->cluster = run->before;
    run->before = cluster;
  }
}

static const int64_t *tally_of(const bs_runs *runs, const bs_pass *pass, int a)
{
  return pass->tally + (size_t)a * ((size_t)runs->k + BS_TALLIES);
}

static void count_changes(bs_runs *runs, const int *which, int count,
                          const bs_pass *pass)
{
  const size_t masses = (size_t)runs->k * (size_t)runs->rows->d;
  for (int a = 0; a < count; a++)
    bs_run_count(runs, &runs->run[which[a]], tally_of(runs, pass, a),
                 pass->mass + (size_t)a * masses);
}

/* Assign the rows of runs pass->which. Where centres in doubt do not decide a
 * row, Weka's are made from the clusters before. */
static bs_status assign(bs_runs *runs, int count, bs_pass *pass)
{
  int doubted = 0;
  for (int a = 0; a < count; a++)
    runs->run[pass->which[a]].changes = 0;
  bs_runs_assign(runs, pass->which, count, pass);
  for (int a = 0; a < count; a++)
    if (tally_of(runs, pass, a)[runs->k + BS_DOUBTED] > 0)
      pass->some[doubted++] = pass->which[a];
  swap_clusters(runs, pass->some, doubted);
  bs_status st = take_means(runs, pass->some, doubted, pass);
  swap_clusters(runs, pass->some, doubted);
  BS_TRY(st);
  count_changes(runs, pass->which, count, pass);
  if (doubted > 0) {
    bs_runs_assign(runs, pass->some, doubted, pass);
    count_changes(runs, pass->some, doubted, pass);
  }
  return BS_OK;
}

/* New centres for the runs pass->which: Weka's sums for those that need them,
 * the others follow. Weka 3.6 takes the error of the last pass against the
 * centres before it. */
static bs_status update(bs_runs *runs, int count, int number, bs_pass *pass)
{
  int lost = 0, exact = 0;
  for (int a = 0; a < count; a++)
    if (runs->run[pass->which[a]].masses != BS_MASSES_KEPT)
      pass->some[lost++] = pass->which[a];
  count_sizes(runs, pass->some, lost, pass);
  for (int a = 0; a < count; a++) {
    bs_run *run = &runs->run[pass->which[a]];
    bool empty = false;
    for (int i = 0; i < run->k; i++)
      empty |= run->size[i] == 0;
    if (empty || run->masses != BS_MASSES_KEPT || run->changes == 0 ||
        number >= MAX_PASSES - 1)
      pass->some[exact++] = pass->which[a];
    else
      bs_run_follow(runs, run, pass->next);
  }
  BS_TRY(sum_clusters(runs, pass->some, exact, pass));
  for (int a = 0; a < exact; a++) {
    bs_run *run = &runs->run[pass->some[a]];
    bs_run_update(runs, run, run->changes == 0 || number == MAX_PASSES,
                  sums_of(runs, pass, a), pass->next);
  }
  return BS_OK;
}

/* One pass over the runs that are not done; returns how many these were. Runs
 * of which no row has moved, and whose centres are already the means of these
 * clusters, are done. */
static bs_status one_pass(bs_runs *runs, bs_pass *pass, int number, int *active)
{
  int count = 0, left = 0;
  for (int i = 0; i < runs->count; i++)
    if (!runs->run[i].done)
      pass->which[count++] = i;
  *active = count;
  if (count == 0)
    return BS_OK;
  BS_TRY(assign(runs, count, pass));
  for (int a = 0; a < count; a++) {
    bs_run *run = &runs->run[pass->which[a]];
    run->done = run->at_means = run->changes == 0 && run->has_means;
    if (!run->done)
      pass->which[left++] = pass->which[a];
  }
  return update(runs, left, number, pass);
}

/* --- the loop ----------------------------------------------------------- */

/* Between passes: save what is due, stop if asked to. */
static bs_status pause(const bs_runs *runs, const bs_kmeans *what, int passes,
                       bs_pass *pass)
{
  bool due = false;
  const bs_status st = bs_keep_agree(what->keep, runs->team->comm,
                                     what->key == NULL ? NULL : &due);
  if (what->keep == NULL || what->key == NULL || !due)
    return st;
  for (int i = 0; i < runs->count; i++)
    pass->which[i] = i;
  gather_clusters(runs, pass->which, runs->count);
  if (runs->team->rank == 0)
    bs_runs_save(runs, what->keep, what->key, passes);
  return st;
}

static int count_open(const bs_runs *runs)
{
  int open = 0;
  for (int i = 0; i < runs->count; i++)
    open += !runs->run[i].done;
  return open;
}

/* The first rank counts the starts: all do the same ones. */
static void begin_progress(const bs_runs *runs)
{
  const int open = runs->team->rank == 0 ? count_open(runs) : 0;
  bs_progress_begin("k-means", "starts", (uint64_t)open, (uint64_t)open);
}

/* Weka's means for the runs that matter and whose centres are in doubt. */
static bs_status settle_doubts(bs_runs *runs, bs_pass *pass)
{
  int count = 0;
  bs_runs_contend(runs);
  for (int i = 0; i < runs->count; i++)
    if (runs->run[i].contends && runs->run[i].doubt > 0)
      pass->which[count++] = i;
  return take_means(runs, pass->which, count, pass);
}

static bs_status all_passes(bs_runs *runs, const bs_kmeans *what)
{
  bs_pass pass = {0};
  int active = 0, passes = 0;
  bs_status st = bs_pass_alloc(runs, &pass);
  BS_GO(st, bs_agree(runs->team->comm, st));
  for (int i = 0; i < runs->count; i++) {
    bs_run *run = &runs->run[i];
    bs_runs_normalise(runs, run->k, run->centre, run->unit);
    run->last_k = run->k;
  }
  BS_GO(st, bs_runs_restore(runs, what->keep, what->key, &passes));
  begin_progress(runs);
  for (int number = passes + 1; number <= MAX_PASSES; number++) {
    BS_GO(st, one_pass(runs, &pass, number, &active));
    if (active == 0)
      break;
    const uint64_t ended = (uint64_t)(active - count_open(runs));
    if (runs->team->rank == 0)
      bs_progress_add(ended, ended);
    BS_GO(st, pause(runs, what, number, &pass));
  }
  BS_GO(st, settle_doubts(runs, &pass));
done:
  bs_progress_end();
  bs_pass_free(&pass);
  return st;
}

/* The first of the runs of least error. */
static bs_status find_best(const bs_runs *runs, int *best)
{
  int *which = NULL, count = 0;
  double *error = NULL, least = DBL_MAX;
  bs_status st = bs_mem_alloc((size_t)runs->count, sizeof *which, &which);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)runs->count, sizeof *error, &error);
  BS_GO(st, bs_agree(runs->team->comm, st));
  for (int i = 0; i < runs->count; i++)
    if (runs->run[i].contends)
      which[count++] = i;
  if (count > 1) {
    gather_clusters(runs, which, count);
    BS_GO(st, bs_runs_errors(runs, which, count, error));
  }
  *best = which[0];
  for (int a = 0; a < count; a++)
    if (error[a] < least) {
      least = error[a];
      *best = which[a];
    }
done:
  bs_mem_free(&which);
  bs_mem_free(&error);
  return st;
}

/* Hand the run over. */
static bs_status take_run(const bs_runs *runs, int index, bool textbook,
                          bs_partition *out)
{
  bs_run *run = &runs->run[index];
  size_t k = (size_t)run->k, d = (size_t)runs->rows->d;
  bs_status st = bs_mem_zalloc(k * d, sizeof(double), &out->sd);
  if (st == BS_OK)
    st = bs_mem_zalloc(k, sizeof(size_t), &out->size);
  BS_TRY(bs_agree(runs->team->comm, st));
  gather_clusters(runs, &index, 1);
  out->k = run->k;
  out->centre = run->centre;
  run->centre = NULL;
  for (size_t r = 0; r < runs->rows->n; r++)
    out->size[run->cluster[r]]++;
  return bs_run_deviations(runs, run, out->size, textbook, out->sd);
}

bs_status bs_kmeans_best(const bs_ranks *team, const bs_columns *rows,
                         const bs_kmeans *what, bs_partition *best)
{
  bs_runs runs = {.team = team,
                  .rows = rows,
                  .weka = what->weka,
                  .count = what->runs,
                  .k = what->k,
                  .margin = 1 + 8 * (rows->d + 16) * DBL_EPSILON};
  int kept = 0;
  bs_status st;
  memset(best, 0, sizeof *best);
  if ((size_t)runs.k > rows->n)
    runs.k = (int)rows->n; /* there are no more distinct rows than rows */
  BS_GO(st, bs_runs_ranges(&runs));
  runs.follows = bs_runs_can_follow(&runs);
  st = start_runs(&runs, what->seed);
  BS_GO(st, bs_agree(team->comm, st));
  BS_GO(st, all_passes(&runs, what));
  BS_GO(st, find_best(&runs, &kept));
  BS_GO(st, take_run(&runs, kept, what->textbook_sd, best));
done:
  if (st != BS_OK)
    bs_partition_clear(best);
  free_runs(&runs);
  return st;
}
