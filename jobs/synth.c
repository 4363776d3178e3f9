/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve synth: a simulated capture, as a folder of CSV files or a data file.
 * Files are independent of one another: they are dealt out to ranks by size,
 * and within a rank to threads. They are also what a run that was stopped
 * leaves to the next one. */
#include "src/synth.h"
#include "io/capture_file.h"
#include "io/csv_write.h"
#include "io/json.h"
#include "io/nbaiot.h"
#include "io/uci_folder.h"
#include "jobs/resume.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  MAX_FILES = BS_NBAIOT_DEVICES * BS_NBAIOT_ATTACKS,
  BLOCK = 512, /* rows, of text */
  SLAB = 8192, /* rows, of a data file */
  DONE = -1
};

typedef struct options {
  bs_common common; /* threads, --run-json, --checkpoint and its like */
  const char *output, *device;
  double scale;
  long seed;
} options;

/* All files to simulate, in the order of the data set. */
typedef struct plan {
  bs_capture_part file[MAX_FILES];
  int rank[MAX_FILES]; /* who does it; DONE: an earlier run */
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

/* Files of at least as many rows first. */
static void by_size(const plan *p, int *order)
{
  for (int i = 0; i < p->files; i++) {
    int at = i;
    for (; at > 0 && p->file[order[at - 1]].rows < p->file[i].rows; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
}

/* What is not done, largest file first, each to the rank with the least to do
 * so far. */
static bs_status deal(plan *p, int ranks)
{
  uint64_t *load;
  int order[MAX_FILES];
  BS_TRY(bs_mem_zalloc((size_t)ranks, sizeof *load, &load));
  by_size(p, order);
  for (int i = 0; i < p->files; i++) {
    int least = 0;
    if (p->rank[order[i]] == DONE)
      continue;
    for (int r = 1; r < ranks; r++)
      if (load[r] < load[least])
        least = r;
    p->rank[order[i]] = least;
    load[least] += p->file[order[i]].rows;
  }
  bs_mem_free(&load);
  return BS_OK;
}

/* This rank's files, largest first, so that no thread ends much later than the
 * others; returns how many. */
static int my_files(const plan *p, int rank, int *mine)
{
  int order[MAX_FILES], count = 0;
  by_size(p, order);
  for (int i = 0; i < p->files; i++)
    if (p->rank[order[i]] == rank)
      mine[count++] = order[i];
  return count;
}

static bs_status make_plan(const options *o, plan *p)
{
  memset(p, 0, sizeof *p);
  BS_TRY(choose_devices(o->device, p->device));
  p->seed = (uint64_t)o->seed;
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    for (int a = 0; p->device[i] && a < BS_NBAIOT_ATTACKS; a++) {
      double rows = (double)bs_nbaiot_rows(i, a) * o->scale;
      if (rows == 0)
        continue;
      bs_capture_part file = {.device = i, .attack = a};
      file.rows = rows < 1 ? 1 : (uint64_t)(rows + 0.5);
      p->rows += file.rows;
      p->file[p->files++] = file;
    }
  return BS_OK;
}

static void begin_progress(const plan *p, int rank)
{
  uint64_t rows = 0;
  for (int i = 0; i < p->files; i++)
    rows += p->rank[i] == rank ? p->file[i].rows : 0;
  bs_progress_begin("simulating", "rows", rows, rows);
}

/* ---- CSV */

static bs_status write_csv(const plan *p, const bs_capture_part *file,
                           const char *folder, const char *const *names,
                           bool sync)
{
  char below[128], path[BS_UCI_PATH_ROOM];
  bs_synth *synth = NULL;
  bs_csv *csv = NULL;
  double *x = NULL;
  bs_uci_path(file->device, file->attack, below);
  bs_status st = bs_uci_part(folder, below, path);
  if (st == BS_OK)
    unlink(path); /* begun by an earlier run, or not as long as it was */
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
    if (st == BS_OK)
      st = bs_stop_check();
    bs_progress_add(count, count);
  }
  if (st == BS_OK && sync)
    st = bs_csv_sync(csv);
  bs_status closed = bs_csv_close(&csv);
  bs_synth_destroy(&synth);
  bs_mem_free(&x);
  return st != BS_OK ? st : closed;
}

/* Simulate this rank's files. The error kept is that of the first file in
 * order, whatever the threads. */
static bs_status write_my_files(const plan *p, int rank, int threads,
                                const char *folder, bs_uci *uci)
{
  const char *names[BS_FEATURES];
  char text[BS_ERROR_TEXT] = "";
  bs_status st = BS_OK;
  int mine[MAX_FILES], failed = MAX_FILES;
  int count = my_files(p, rank, mine);
  for (int j = 0; j < BS_FEATURES; j++)
    names[j] = bs_nbaiot_feature(j);
#pragma omp parallel for schedule(dynamic, 1)                                  \
    num_threads(threads) default(none)                                         \
        shared(p, folder, uci, names, text, st, mine, count, failed)
  for (int k = 0; k < count; k++) {
    bool go;
#pragma omp critical(bs_synth_error)
    go = st == BS_OK;
    bs_status got =
        go ? write_csv(p, &p->file[mine[k]], folder, names, bs_uci_keeps(uci))
           : BS_OK;
    if (go && got == BS_OK)
      got = bs_uci_done(uci, mine[k]);
#pragma omp critical(bs_synth_error)
    if (got != BS_OK && mine[k] < failed) {
      failed = mine[k];
      st = got;
      strcpy(text, bs_error_text());
    }
  }
  return st == BS_OK ? BS_OK : bs_fail(st, "%s", text);
}

static bs_status write_folder(const bs_job *job, plan *p, const options *o,
                              bs_checkpoint **checkpoint)
{
  bs_uci *uci;
  BS_TRY(bs_uci_open(job->comm, o->output, p->device,
                     bs_checkpoint_keep(*checkpoint), p->files, p->file, &uci));
  for (int i = 0; i < p->files; i++)
    p->rank[i] = bs_uci_has(uci, i) ? DONE : 0;
  bs_status st = deal(p, job->size);
  begin_progress(p, job->rank);
  if (st == BS_OK)
    st = write_my_files(p, job->rank, bs_job_threads(o->common.threads),
                        o->output, uci);
  st = bs_uci_close(&uci, checkpoint, st);
  bs_progress_end();
  return st;
}

/* ---- Data file: threads simulate a block each, one thread writes them. */

/* A file under way, one per thread. */
typedef struct stream {
  int part; /* -1: none left */
  bs_synth *synth;
  uint64_t row; /* written so far */
  size_t rows;  /* of the block */
  double *x;    /* (SLAB, BS_FEATURES) */
  bs_status st;
  char text[BS_ERROR_TEXT];
} stream;

/* Rows of the next block: it ends where the system writes best, see
 * io/datafile_create.c, or with its file. */
static size_t block_rows(const plan *p, const stream *s)
{
  const uint64_t left = p->file[s->part].rows - s->row;
  uint64_t row = s->row; /* of the data file */
  for (int i = 0; i < s->part; i++)
    row += p->file[i].rows;
  const uint64_t most = SLAB - row % SLAB;
  return (size_t)(left < most ? left : most);
}

/* Simulate the next block; own thread. */
static void fill_block(const plan *p, stream *s)
{
  const bs_capture_part *file = &p->file[s->part];
  s->st = BS_OK;
  if (s->synth == NULL)
    s->st = bs_synth_create(file->device, file->attack, file->rows, p->seed,
                            &s->synth);
  s->rows = block_rows(p, s);
  if (s->st == BS_OK)
    s->st = bs_synth_rows(s->synth, s->rows, s->x);
  if (s->st != BS_OK)
    strcpy(s->text, bs_error_text());
}

/* Write the block; the file is left when it is whole. */
static bs_status put_block(const plan *p, stream *s, bs_capture *capture)
{
  if (s->st != BS_OK)
    return bs_fail(s->st, "%s", s->text);
  BS_TRY(bs_capture_put(capture, s->part, s->row, s->rows, s->x));
  bs_progress_add(s->rows, s->rows);
  s->row += s->rows;
  if (s->row == p->file[s->part].rows) {
    bs_synth_destroy(&s->synth);
    BS_TRY(bs_capture_done(capture, s->part));
    s->part = -1;
    s->row = 0;
  }
  return BS_OK;
}

/* Rounds of blocks until this rank's files are done. */
static bs_status fill_rounds(const plan *p, int rank, stream *all, int threads,
                             bs_capture *capture)
{
  int mine[MAX_FILES], next = 0, active;
  int count = my_files(p, rank, mine);
  do {
    active = 0;
    for (int i = 0; i < threads; i++) {
      if (all[i].part < 0 && next < count)
        all[i].part = mine[next++];
      active += all[i].part >= 0;
    }
#pragma omp parallel for schedule(static, 1)                                   \
    num_threads(threads) default(none) shared(p, all, threads)
    for (int i = 0; i < threads; i++)
      if (all[i].part >= 0)
        fill_block(p, &all[i]);
    for (int i = 0; i < threads; i++)
      if (all[i].part >= 0)
        BS_TRY(put_block(p, &all[i], capture));
    BS_TRY(bs_stop_check());
  } while (active > 0);
  return BS_OK;
}

static bs_status fill_my_files(const plan *p, int rank, int threads,
                               bs_capture *capture)
{
  stream *all;
  bs_status st;
  BS_TRY(bs_mem_zalloc((size_t)threads, sizeof *all, &all));
  st = BS_OK;
  for (int i = 0; i < threads && st == BS_OK; i++) {
    all[i].part = -1;
    st = bs_mem_alloc(SLAB * BS_FEATURES, sizeof *all[i].x, &all[i].x);
  }
  if (st == BS_OK)
    st = fill_rounds(p, rank, all, threads, capture);
  for (int i = 0; i < threads; i++) {
    bs_synth_destroy(&all[i].synth);
    bs_mem_free(&all[i].x);
  }
  bs_mem_free(&all);
  return st;
}

static bs_status write_data_file(const bs_job *job, plan *p, const options *o,
                                 bs_checkpoint **checkpoint)
{
  bs_capture *capture;
  int threads = bs_job_threads(o->common.threads);
  BS_TRY(bs_capture_create(job->comm, o->output, p->files, p->file,
                           bs_checkpoint_keep(*checkpoint), &capture));
  for (int i = 0; i < p->files; i++)
    p->rank[i] = bs_capture_has(capture, i) ? DONE : 0;
  bs_status st = deal(p, job->size);
  begin_progress(p, job->rank);
  if (st == BS_OK)
    st = fill_my_files(p, job->rank, threads < p->files ? threads : p->files,
                       capture);
  st = bs_agree(job->comm, st);
  bs_progress_end();
  if (st == BS_OK)
    st = bs_capture_finish(capture);
  const bool left = bs_capture_close(&capture, st);
  bs_checkpoint_close(checkpoint, !left);
  return st;
}

/* ---- The command */

static bool is_data_file(const char *path)
{
  size_t length = strlen(path);
  return (length > 3 && strcmp(path + length - 3, ".h5") == 0) ||
         (length > 5 && strcmp(path + length - 5, ".hdf5") == 0);
}

static bs_status open_checkpoint(const bs_job *job, const options *o,
                                 const bs_opt *table, bs_checkpoint **out)
{
  *out = NULL;
  if (o->common.checkpoint == NULL)
    return BS_OK;
  json_t *about = json_pack("{s:s, s:o, s:o}", "command", "synth", "output",
                            bs_json_bytes(o->output), "parameters",
                            bs_common_parameters(table));
  const bs_checkpoint_options how =
      bs_common_checkpoint(job, &o->common, about);
  const bs_status st = bs_checkpoint_open(job->comm, &how, out);
  json_decref(about);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  options o = {BS_COMMON_DEFAULTS, NULL, "PT_737E", 1, 1};
  const bs_opt table[] = {
      {BS_OPT_TEXT, "output", &o.output, "DIR|FILE.h5", 0, 0,
       "where the capture goes"},
      {BS_OPT_TEXT, "device", &o.device, "NAME|all", 0, 0,
       "device, or all nine"},
      {BS_OPT_REAL, "scale", &o.scale, "X", 1e-4, 1e4,
       "length of the captures, as a part of the published"},
      {BS_OPT_INT, "seed", &o.seed, "N", 0, 1e15,
       "another seed is another capture"},
      {BS_OPT_INT, "threads", &o.common.threads, "N", 0, 4096,
       "threads per rank; 0: as OpenMP finds them"},
      {BS_OPT_TEXT, "run-json", &o.common.run_json, "FILE", 0, 0,
       "write what the run was like"},
      BS_OPTIONS_CHECKPOINT(o.common),
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
  BS_TRY(bs_common_stop(&o.common));
  BS_TRY(bs_job_begin(job, table, bs_job_threads(o.common.threads)));
  BS_TRY(make_plan(&o, &p));
  bs_checkpoint *checkpoint;
  BS_TRY(open_checkpoint(job, &o, table, &checkpoint));
  const bs_status st = is_data_file(o.output)
                           ? write_data_file(job, &p, &o, &checkpoint)
                           : write_folder(job, &p, &o, &checkpoint);
  bs_checkpoint_close(&checkpoint, st == BS_OK);
  BS_TRY(st);
  bs_job_rows(job, p.rows);
  bs_job_log(job, "simulated capture: %d files, %llu rows in %s", p.files,
             (unsigned long long)p.rows, o.output);
  return BS_OK;
}

const bs_command bs_command_synth = {
    "synth", "simulate a capture: a folder of CSV files or a data file", run};
