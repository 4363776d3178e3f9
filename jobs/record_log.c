/* SPDX-License-Identifier: BSD-3-Clause */
/* The header of a log, which says what runs where, and its footer, which says
 * where the time went. */
#include "jobs/record.h"

#include "src/build.h"
#include "src/log.h"
#include "src/mem.h"
#include "src/version.h"
#include <gnu/libc-version.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Print by `print` into memory, then hand each line to `take`. */
typedef struct lines {
  char *text;
  size_t bytes;
  FILE *out;
} lines;

static bool open_lines(lines *l)
{
  l->out = open_memstream(&l->text, &l->bytes);
  return l->out != NULL;
}

static void log_lines(const bs_job *job, lines *l, bool warn)
{
  char *rest = NULL;
  if (fclose(l->out) == 0)
    for (char *line = strtok_r(l->text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
      warn ? bs_job_warn(job, "%s", line) : bs_job_log(job, "%s", line);
  free(l->text);
}

/* Words with anything but the harmless in them are quoted for the shell. */
static void put_word(const char *word, FILE *out)
{
  static const char harmless[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789%+,-./:=@_";
  if (word[0] != '\0' && word[strspn(word, harmless)] == '\0') {
    fprintf(out, " %s", word);
    return;
  }
  fputs(" '", out);
  for (const char *p = word; *p != '\0'; p++)
    *p == '\'' ? fputs("'\\''", out) : fputc(*p, out);
  fputc('\'', out);
}

static void log_command(const bs_job *job)
{
  lines l;
  if (!open_lines(&l))
    return;
  fputs("command:", l.out);
  for (int i = 0; i < job->argc; i++)
    put_word(job->argv[i], l.out);
  log_lines(job, &l, false);
}

static const char *environment(const char *name, const char *otherwise)
{
  const char *value = getenv(name);
  return value != NULL ? value : otherwise;
}

static void log_slurm_job(const bs_job *job)
{
  if (getenv("SLURM_JOB_ID") != NULL)
    bs_job_log(job, "job: %s (%s), restart %s, on %s", getenv("SLURM_JOB_ID"),
               environment("SLURM_JOB_NAME", "no name"),
               environment("SLURM_RESTART_COUNT", "0"),
               environment("SLURM_JOB_NODELIST", "no list of nodes"));
}

static void log_made_of(const bs_job *job)
{
  char mpi[128];
  unsigned major, minor, release;
  bs_build_mpi(mpi, sizeof mpi);
  H5get_libversion(&major, &minor, &release);
  bs_job_log(job, "build: %s, %s, %s", bs_build_compiler, bs_build_type,
             bs_build_flags);
  bs_job_log(job, "libraries: %s, HDF5 %u.%u.%u, glibc %s; %s kernels", mpi,
             major, minor, release, gnu_get_libc_version(), job->record->isa);
}

static void warn_of_places(const bs_job *job)
{
  const char *bind = getenv("OMP_PROC_BIND");
  if (getenv("OMP_PLACES") != NULL && bind != NULL &&
      strcmp(bind, "false") == 0)
    bs_job_warn(job, "OMP_PLACES=%s has no effect with OMP_PROC_BIND=false",
                getenv("OMP_PLACES"));
}

static void log_bindings(const bs_job *job)
{
  lines l;
  if (!open_lines(&l))
    return;
  bs_bindings_print(&job->record->bindings, l.out);
  log_lines(job, &l, false);
  if (!open_lines(&l))
    return;
  bs_bindings_warn(&job->record->bindings, getenv("OMP_PROC_BIND"), l.out);
  log_lines(job, &l, true);
  warn_of_places(job);
}

static void log_options(const bs_job *job, const bs_opt *table)
{
  lines l;
  if (!open_lines(&l))
    return;
  fputs("options:", l.out);
  bs_opt_echo(table, l.out);
  log_lines(job, &l, false);
}

void bs_record_log_header(const bs_job *job, const bs_opt *table)
{
  char when[32];
  struct tm utc;
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ",
           gmtime_r(&job->record->started, &utc));
  bs_job_log(
      job, "botsieve %s %s, %s: %d rank%s on %d node%s, %d thread%s each",
      BS_VERSION, job->command, when, job->size, job->size == 1 ? "" : "s",
      job->node.count, job->node.count == 1 ? "" : "s", job->record->threads,
      job->record->threads == 1 ? "" : "s");
  log_slurm_job(job);
  log_command(job);
  log_options(job, table);
  log_made_of(job);
  log_bindings(job);
}

static void log_phases(const bs_job *job, const bs_phase_total *total)
{
  bs_job_log(job, "%-12s %9s %9s %9s %9s %9s %9s", "seconds", "min", "mean",
             "max", "imbalance", "MPI", "I/O");
  for (int i = 0; i < job->record->phases; i++) {
    const bs_phase_total *t = &total[i];
    bs_job_log(job, "%-12s %9.2f %9.2f %9.2f %8.0f%% %9.2f %9.2f", t->name,
               t->min[BS_PHASE_SECONDS], t->mean[BS_PHASE_SECONDS],
               t->max[BS_PHASE_SECONDS], 100 * bs_record_imbalance(t),
               t->mean[BS_PHASE_MPI], t->mean[BS_PHASE_IO]);
  }
}

static void log_rates(const bs_job *job, const bs_phase_total *total,
                      bool whole)
{
  double read = 0, written = 0, io = 0;
  for (int i = 0; i < job->record->phases; i++) {
    read += total[i].bytes_read;
    written += total[i].bytes_written;
    io += total[i].mean[BS_PHASE_IO];
  }
  const double seconds = bs_log_seconds();
  if (whole && job->record->rows > 0)
    bs_job_log(job, "%llu rows in %.2f s: %.0f a second",
               (unsigned long long)job->record->rows, seconds,
               (double)job->record->rows / seconds);
  if (io > 0)
    bs_job_log(job,
               "files: %.3f GB read, %.3f GB written by all ranks; %.3f GB a "
               "second by a rank while at it",
               read / 1e9, written / 1e9,
               (read + written) / 1e9 / (io * job->size));
}

static void log_memory(const bs_job *job, const double *peak)
{
  double most = 0, mean = 0;
  int node = 0;
  for (int i = 0; i < job->node.count; i++) {
    mean += peak[i] / job->node.count;
    node = peak[i] > most ? i : node;
    most = peak[i] > most ? peak[i] : most;
  }
  bs_job_log(job,
             "peak memory of a node: %.3f GB on %s, %.3f GB in the mean "
             "(what ranks share is counted once)",
             most / 1e9, job->record->bindings.host[node], mean / 1e9);
}

void bs_record_log_footer(const bs_job *job, bool whole)
{
  bs_phase_total total[BS_PHASES];
  double *peak;
  bs_record_totals(job, total);
  const bs_status st = bs_record_memory(job, &peak);
  if (job->rank == 0) {
    log_phases(job, total);
    log_rates(job, total, whole);
    if (st == BS_OK)
      log_memory(job, peak);
  }
  bs_mem_free(&peak);
}
