/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/job.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void bs_job_log(const bs_job *job, const char *format, ...)
{
  if (job->rank != 0)
    return;
  char line[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  fprintf(stderr, "[%8.2f s] %s\n", MPI_Wtime() - job->start, line);
}

void bs_job_echo(const bs_job *job, const bs_opt *table)
{
  char *text = NULL;
  size_t bytes;
  FILE *out = job->rank == 0 ? open_memstream(&text, &bytes) : NULL;
  if (out == NULL)
    return;
  bs_opt_echo(table, out);
  if (fclose(out) == 0)
    bs_job_log(job, "options:%s", text);
  free(text);
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
