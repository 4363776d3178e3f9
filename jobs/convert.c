/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve convert: input files to one data file. */
#include "jobs/job.h"

#include "io/convert.h"
#include "jobs/common.h"
#include "src/comm.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *output, *class_column, *device;
static bool verify, compress;
static bs_common common = BS_COMMON_DEFAULTS;

static const bs_opt table[] = {
    {BS_OPT_TEXT, "output", &output, "FILE.h5", 0, 0, "data file to write"},
    {BS_OPT_TEXT, "class-column", &class_column, "NAME", 0, 0,
     "column of a CSV or ARFF file that is the class"},
    {BS_OPT_TEXT, "device", &device, "NAME", 0, 0,
     "device of rows whose folder does not tell"},
    {BS_OPT_FLAG, "verify", &verify, "", 0, 0,
     "compare SHA-256 digests with the published ones"},
    {BS_OPT_FLAG, "compress", &compress, "", 0, 0,
     "compress the values by gzip: smaller, and slower to read"},
    {BS_OPT_INT, "threads", &common.threads, "N", 0, 4096,
     "threads per rank; 0: as OpenMP finds them"},
    {BS_OPT_TEXT, "run-json", &common.run_json, "FILE", 0, 0,
     "write what the run was like"},
    {0},
};

static const bs_opt_spec spec = {
    "convert",
    "Turn folders of N-BaIoT (as UCI or Kaggle lay them out), a CSV file with\n"
    "a class column or an ARFF file into one HDF5 data file. Files may be "
    "plain\n"
    "or packed: .gz .xz .zst .bz2 .zip .tar .7z .rar (version 5). A "
    "conversion\n"
    "that was stopped starts over; the file is there when it is whole.",
    "SOURCE...",
    1,
    -1,
    "  botsieve convert Provision_PT_737E_Security_Camera --output pt737e.h5\n"
    "  mpirun -n 4 botsieve convert kaggle/ --output all.h5 --verify\n"
    "  botsieve convert iris.arff --output iris.h5\n"
    "  botsieve convert flows.csv --class-column label --output flows.h5\n"};

/* A signal asks for an orderly end; a second one ends at once. */
static void catch_signals(void)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = bs_convert_interrupt;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error like others */
}

static void print_summary(const bs_job *job, const bs_datafile *f,
                          const bs_convert_times *t)
{
  bs_job_log(job,
             "found %d file%s in %.2f s, counted rows in %.2f s, "
             "parsed and wrote in %.2f s, finished in %.2f s",
             f->parts, f->parts == 1 ? "" : "s", t->find, t->count, t->write,
             t->finish);
  if (job->rank != 0)
    return;
  printf("%s: %llu rows, %d features, %d classes, checksum %s\n", f->path,
         (unsigned long long)f->n, f->d, f->c, f->checksum);
  bs_job_data_notes(f, stdout);
}

/* Phases over the ranks, and what was converted in the time of them all. */
static json_t *describe_phases(const bs_job *job, const bs_datafile *f,
                               const bs_convert_times *t)
{
  enum { PHASES = 5 };
  static const char *const name[PHASES] = {"find", "count", "write", "finish",
                                           "total"};
  double seconds[2 * PHASES] = {t->find, t->count, t->write, t->finish,
                                t->find + t->count + t->write + t->finish};
  for (int i = 0; i < PHASES; i++)
    seconds[PHASES + i] = -seconds[i];
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 2 * PHASES, MPI_DOUBLE, MPI_MAX,
                       job->comm));
  json_t *phases = json_object();
  for (int i = 0; i < PHASES; i++)
    json_object_set_new(phases, name[i],
                        json_pack("{s:f, s:f}", "min_seconds",
                                  -seconds[PHASES + i], "max_seconds",
                                  seconds[i]));
  double total = seconds[PHASES - 1];
  json_t *rates =
      json_pack("{s:I, s:I, s:f, s:f}", "bytes", (json_int_t)t->bytes, "rows",
                (json_int_t)f->n, "bytes_per_second", (double)t->bytes / total,
                "rows_per_second", (double)f->n / total);
  json_object_update(json_object_get(phases, name[PHASES - 1]), rates);
  json_decref(rates);
  return phases;
}

static bs_status write_record(const bs_job *job, const bs_datafile *f,
                              const bs_convert_times *t)
{
  bs_session session = {.job = job, .common = &common, .threads = t->threads};
  session.phases = describe_phases(job, f, t);
  bs_status st = bs_session_write(&session, NULL, NULL);
  json_decref(session.phases);
  return st;
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  if (output == NULL)
    return bs_fail(BS_ERR_USAGE, "option --output is missing; see botsieve "
                                 "convert --help");
  bs_convert_options options = {.class_column = class_column,
                                .device = device,
                                .verify = verify,
                                .deflate = compress ? 1 : 0,
                                .threads = bs_job_threads(common.threads)};
  bs_datafile *facts;
  bs_convert_times times;
  BS_TRY(bs_job_begin(job, table, 1));
  catch_signals();
  BS_TRY(bs_convert(job->comm, argc - first, argv + first, output, &options,
                    &facts, &times));
  bs_job_rows(job, facts->n);
  print_summary(job, facts, &times);
  bs_status st = write_record(job, facts, &times);
  bs_datafile_close(&facts);
  return st;
}

const bs_command bs_command_convert = {
    "convert", "turn folders, CSV or ARFF into one HDF5 data file", run};
