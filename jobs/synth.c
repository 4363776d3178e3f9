/* botsieve synth: a simulated capture, as a folder of CSV files or a data file.
 * Files are independent of one another: they are dealt out to ranks by size,
 * and within a rank to threads. */
#include "src/synth.h"
#include "io/csv_write.h"
#include "io/nbaiot.h"
#include "io/uci_folder.h"
#include "jobs/job.h"
#include "src/comm.h"
#include "src/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = BS_NBAIOT_DEVICES * BS_NBAIOT_ATTACKS, BLOCK = 512 };

typedef struct options {
  const char *output, *device;
  double scale;
  long seed, threads;
} options;

/* One file to simulate. */
typedef struct task {
  int device, attack, rank;
  uint64_t rows;
} task;

/* All of them, in the order of the data set. */
typedef struct plan {
  task file[MAX_FILES];
  int files;
  bool device[BS_NBAIOT_DEVICES];
  uint64_t rows, seed;
} plan;

static bs_status choose_devices(const char *name, bool *device)
{
  bool all = strcmp(name, "all") == 0;
  int one = all ? -1 : bs_nbaiot_find_device(name);
  if (!all && one < 0) {
    char known[512] = "";
    for (int i = 0; i < BS_NBAIOT_DEVICES; i++) {
      strcat(known, ", ");
      strcat(known, bs_nbaiot_device(i));
    }
    return bs_fail(BS_ERR_USAGE, "option --device: '%s' is not one of all%s",
                   name, known);
  }
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    device[i] = all || i == one;
  return BS_OK;
}

/* Largest file first, each to the rank with the least to do so far. */
static bs_status deal(plan *p, int ranks)
{
  uint64_t *load;
  BS_TRY(bs_mem_zalloc((size_t)ranks, sizeof *load, &load));
  for (int i = 0; i < p->files; i++)
    p->file[i].rank = -1;
  for (int n = 0; n < p->files; n++) {
    int largest = -1, least = 0;
    for (int i = 0; i < p->files; i++)
      if (p->file[i].rank < 0 &&
          (largest < 0 || p->file[i].rows > p->file[largest].rows))
        largest = i;
    for (int r = 1; r < ranks; r++)
      if (load[r] < load[least])
        least = r;
    p->file[largest].rank = least;
    load[least] += p->file[largest].rows;
  }
  bs_mem_free(&load);
  return BS_OK;
}

static bs_status make_plan(const options *o, int ranks, plan *p)
{
  memset(p, 0, sizeof *p);
  BS_TRY(choose_devices(o->device, p->device));
  p->seed = (uint64_t)o->seed;
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    for (int a = 0; p->device[i] && a < BS_NBAIOT_ATTACKS; a++) {
      double rows = (double)bs_nbaiot_rows(i, a) * o->scale;
      if (rows == 0)
        continue;
      task file = {.device = i, .attack = a};
      file.rows = rows < 1 ? 1 : (uint64_t)(rows + 0.5);
      p->rows += file.rows;
      p->file[p->files++] = file;
    }
  return deal(p, ranks);
}

/* ---- CSV */

static bs_status write_csv(const plan *p, const task *file, const char *folder,
                           const char *const *names)
{
  char below[128], path[BS_UCI_PATH_ROOM];
  bs_synth *synth = NULL;
  bs_csv *csv = NULL;
  double *x = NULL;
  bs_uci_path(file->device, file->attack, below);
  bs_status st = bs_uci_part(folder, below, path);
  if (st == BS_OK)
    st = bs_mem_alloc(BLOCK * BS_FEATURES, sizeof *x, &x);
  if (st == BS_OK)
    st = bs_synth_create(file->device, file->attack, file->rows, p->seed,
                         &synth);
  if (st == BS_OK)
    st = bs_csv_create(path, names, BS_FEATURES, &csv);
  for (uint64_t i = 0; st == BS_OK && i < file->rows; i += BLOCK) {
    size_t count = file->rows - i < BLOCK ? (size_t)(file->rows - i) : BLOCK;
    st = bs_synth_rows(synth, count, x);
    if (st == BS_OK)
      st = bs_csv_rows(csv, count, x);
  }
  bs_status closed = bs_csv_close(&csv);
  bs_synth_destroy(&synth);
  bs_mem_free(&x);
  return st != BS_OK ? st : closed;
}

/* Simulate this rank's files. The error kept is that of the first file in
 * order, whatever the threads. */
static bs_status write_my_files(const plan *p, int rank, int threads,
                                const char *folder)
{
  const char *names[BS_FEATURES];
  char text[BS_ERROR_TEXT] = "";
  bs_status st = BS_OK;
  int order[MAX_FILES], mine = 0, failed = MAX_FILES;
  for (int j = 0; j < BS_FEATURES; j++)
    names[j] = bs_nbaiot_feature(j);
  for (int i = 0; i < p->files; i++) {
    if (p->file[i].rank != rank)
      continue;
    int at = mine++; /* largest first, so that no thread ends much later */
    for (; at > 0 && p->file[order[at - 1]].rows < p->file[i].rows; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
#pragma omp parallel for schedule(dynamic, 1)                                  \
    num_threads(threads) default(none)                                         \
        shared(p, folder, names, text, st, order, mine, failed)
  for (int k = 0; k < mine; k++) {
    bool go;
#pragma omp critical(bs_synth_error)
    go = st == BS_OK;
    bs_status got =
        go ? write_csv(p, &p->file[order[k]], folder, names) : BS_OK;
#pragma omp critical(bs_synth_error)
    if (got != BS_OK && order[k] < failed) {
      failed = order[k];
      st = got;
      strcpy(text, bs_error_text());
    }
  }
  return st == BS_OK ? BS_OK : bs_fail(st, "%s", text);
}

static bs_status write_folder(const bs_job *job, const plan *p,
                              const options *o)
{
  BS_TRY(bs_uci_begin(job->comm, o->output, p->device));
  bs_status st =
      write_my_files(p, job->rank, bs_job_threads(o->threads), o->output);
  return bs_uci_end(job->comm, o->output, bs_agree(job->comm, st));
}

/* ---- The command */

static bool is_data_file(const char *path)
{
  size_t length = strlen(path);
  return (length > 3 && strcmp(path + length - 3, ".h5") == 0) ||
         (length > 5 && strcmp(path + length - 5, ".hdf5") == 0);
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {.device = "PT_737E", .scale = 1, .seed = 1};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "output", &o.output, "DIR|FILE.h5", 0, 0,
       "where the capture goes"},
      {BS_OPT_TEXT, "device", &o.device, "NAME|all", 0, 0,
       "device, or all nine"},
      {BS_OPT_REAL, "scale", &o.scale, "X", 1e-4, 1e4,
       "length of the captures, as a part of the published"},
      {BS_OPT_INT, "seed", &o.seed, "N", 0, 1e15,
       "another seed is another capture"},
      {BS_OPT_INT, "threads", &o.threads, "N", 0, 4096,
       "threads per rank; 0: as OpenMP finds them"},
      {0},
  };
  const bs_opt_spec spec = {
      "synth",
      "Simulate packets of N-BaIoT devices and write their features: a folder "
      "in the\nlayout of the UCI files, or a data file. All of it says "
      "'simulated capture'.",
      "--output DIR|FILE.h5",
      0,
      0,
      "  botsieve synth --output capture\n"
      "  mpirun -n 4 botsieve synth --output all.h5 --device all\n"};
  int first;
  plan p;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  if (o.output == NULL)
    return bs_fail(BS_ERR_USAGE, "option --output is missing; see botsieve "
                                 "synth --help");
  BS_TRY(bs_agree(job->comm, make_plan(&o, job->size, &p)));
  if (is_data_file(o.output))
    return bs_fail(BS_ERR_RUNTIME, "no data files yet");
  BS_TRY(write_folder(job, &p, &o));
  bs_job_log(job, "simulated capture: %d files, %llu rows in %s", p.files,
             (unsigned long long)p.rows, o.output);
  return BS_OK;
}

const bs_command bs_command_synth = {
    "synth", "simulate a capture: a folder of CSV files or a data file", run};
