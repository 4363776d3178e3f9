/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve convert: input files to one data file. */
#include "jobs/common.h"

#include "io/convert.h"
#include "jobs/resume.h"
#include "src/comm.h"
#include "src/meter.h"
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
    BS_OPTIONS_CHECKPOINT(common),
    {0},
};

static const bs_opt_spec spec = {
    "convert",
    "Turn folders of N-BaIoT (as UCI or Kaggle lay them out), a CSV file with\n"
    "a class column or an ARFF file into one HDF5 data file. Files may be "
    "plain\n"
    "or packed: .gz .xz .zst .bz2 .zip .tar .7z .rar (version 5). The output\n"
    "is there when it is whole.",
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
  if (common.checkpoint != NULL)
    return; /* bs_common_stop has seen to it */
  memset(&action, 0, sizeof action);
  action.sa_handler = bs_convert_interrupt;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error like others */
}

static void end_phase(void *job, const char *name)
{
  bs_job_phase(job, name);
}

static void print_summary(const bs_job *job, const bs_datafile *f,
                          uint64_t bytes, double seconds)
{
  bs_job_log(job,
             "%d file%s, %.1f MB, %llu rows in %.2f s: %.1f MB/s, %.0f rows/s",
             f->parts, f->parts == 1 ? "" : "s", (double)bytes / 1e6,
             (unsigned long long)f->n, seconds, (double)bytes / 1e6 / seconds,
             (double)f->n / seconds);
  if (job->rank != 0)
    return;
  printf("%s: %llu rows, %d features, %d classes, checksum %s\n", f->path,
         (unsigned long long)f->n, f->d, f->c, f->checksum);
  bs_job_data_notes(f, stdout);
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
  BS_TRY(bs_common_stop(&common));
  json_t *about = json_pack("{s:s, s:o}", "command", "convert", "parameters",
                            bs_common_parameters(table));
  const bs_checkpoint_options checkpoint =
      bs_common_checkpoint(job, &common, about);
  const bs_convert_options options = {
      .class_column = class_column,
      .device = device,
      .verify = verify,
      .deflate = compress ? 1 : 0,
      .threads = bs_job_threads(common.threads),
      .checkpoint = common.checkpoint == NULL ? NULL : &checkpoint,
      .phase = end_phase,
      .context = (void *)job};
  bs_datafile *facts;
  uint64_t bytes;
  bs_status st = bs_job_begin(job, table, options.threads);
  catch_signals();
  double start = bs_clock();
  if (st == BS_OK)
    st = bs_convert(job->comm, argc - first, argv + first, output, &options,
                    &facts, &bytes);
  json_decref(about);
  BS_TRY(st);
  bs_job_rows(job, facts->n);
  print_summary(job, facts, bytes, bs_clock() - start);
  bs_datafile_close(&facts);
  return BS_OK;
}

const bs_command bs_command_convert = {
    "convert", "turn folders, CSV or ARFF into one HDF5 data file", run};
