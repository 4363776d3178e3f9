/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/job.h"

#include "io/json.h"
#include "jobs/record.h"
#include "kernels/lists.h"
#include "src/comm.h"
#include "src/log.h"
#include "src/mem.h"
#include "src/progress.h"
#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bs_job_open(bs_job *job)
{
  *job = (bs_job){.comm = MPI_COMM_NULL};
  BS_MPI(MPI_Comm_dup(MPI_COMM_WORLD, &job->comm));
  BS_MPI(MPI_Comm_set_errhandler(job->comm, MPI_ERRORS_RETURN));
  job->rank = bs_comm_rank(job->comm);
  job->size = bs_comm_size(job->comm);
  bs_node_create(job->comm, &job->node);
  bs_progress_open(&job->node, job->rank == 0);
}

void bs_job_close(bs_job *job)
{
  bs_progress_close();
  bs_node_destroy(&job->node);
  BS_MPI(MPI_Comm_free(&job->comm));
}

bs_status bs_job_start(bs_job *job, const char *command, int argc, char **argv)
{
  bs_log_open(job->rank == 0);
  job->command = command;
  job->argc = argc;
  bs_status st = bs_mem_zalloc(1, sizeof *job->record, &job->record);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)argc, sizeof *job->argv, &job->argv);
  BS_TRY(bs_agree(job->comm, st));
  memcpy(job->argv, argv, (size_t)argc * sizeof *argv);
  job->record->started = time(NULL);
  job->record->warnings = json_array();
  job->record->phase_start = bs_clock();
  job->record->phase_meters = bs_meters_now();
  return BS_OK;
}

/* Where --run-json says that the run record goes to, if the command has it. */
static const char *record_path(const bs_opt *table)
{
  for (const bs_opt *o = table; o->type != BS_OPT_END; o++)
    if (strcmp(o->name, "run-json") == 0)
      return *(const char **)o->var;
  return NULL;
}

bs_status bs_job_begin(const bs_job *job, const bs_opt *table, int threads)
{
  bs_record *r = job->record;
  const char *isa = getenv("BOTSIEVE_ISA");
  const bs_list_kernels *kernels =
      bs_list_kernels_find(isa != NULL && isa[0] != '\0' ? isa : NULL);
  BS_TRY(bs_bindings_gather(job->comm, &job->node, threads, &r->bindings));
  r->begun = true;
  r->path = record_path(table);
  r->threads = threads;
  r->isa = kernels != NULL ? kernels->name : "unknown";
  if (job->rank == 0)
    bs_record_log_header(job, table);
  return BS_OK;
}

static void print_error(const bs_job *job, bs_status st)
{
  if (st != BS_OK)
    bs_log_plain("botsieve %s: %s: %s", job->command,
                 st == BS_STOPPED ? "stopped" : "error", bs_error_text());
}

const char *bs_record_status(bs_status st)
{
  return st == BS_OK ? "OK" : st == BS_STOPPED ? "STOPPED" : "FAILED";
}

void bs_job_record_to(const bs_job *job, const char *path)
{
  if (job->record->path == NULL)
    job->record->path = path;
}

bs_status bs_job_end(bs_job *job, bs_status st)
{
  bs_record *r = job->record;
  const bool begun = r != NULL && r->begun;
  bs_progress_end(); /* of what failed */
  if (begun && (st == BS_OK || st == BS_STOPPED)) {
    bs_job_phase(job, st == BS_OK ? "finish" : "stopped");
    bs_record_log_footer(job, st == BS_OK);
  }
  print_error(job, st);
  if (begun && r->path != NULL) {
    const bs_status written = bs_record_write(job, st);
    print_error(job, written);
    st = st == BS_OK ? written : st;
  }
  if (begun || st == BS_ERR_LAUNCH)
    bs_log_plain("STATUS: %s code=%d", bs_record_status(st), (int)st);
  if (r != NULL) {
    bs_bindings_free(&r->bindings);
    json_decref(r->warnings);
  }
  bs_mem_free(&job->record);
  bs_mem_free(&job->argv);
  return st;
}

void bs_job_rows(const bs_job *job, uint64_t rows)
{
  job->record->rows = rows;
}

void bs_job_log(const bs_job *job, const char *format, ...)
{
  va_list args;
  if (job->rank != 0)
    return;
  va_start(args, format);
  bs_vlog(format, args);
  va_end(args);
}

void bs_job_warn(const bs_job *job, const char *format, ...)
{
  char text[1024];
  va_list args;
  if (job->rank != 0)
    return;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  bs_log("WARNING: %s", text);
  if (bs_json_is_text(text))
    json_array_append_new(job->record->warnings, json_string(text));
}

int bs_job_threads(long asked)
{
  return asked > 0 ? (int)asked : omp_get_max_threads();
}

void bs_job_data_notes(const bs_datafile *file, FILE *out)
{
  if (file->simulated)
    fputs("Note: a simulated capture, not N-BaIoT; figures from it are not the "
          "study's.\n",
          out);
  if (file->missings > 0)
    fprintf(out,
            "Note: not complete, %d difference%s from the published files, as "
            "%s; see botsieve info.\n",
            file->missings, file->missings == 1 ? "" : "s", file->missing[0]);
  if (file->authentic == 0)
    fputs("Note: not authentic, digests of input files differ from the "
          "published ones.\n",
          out);
}
