#include "jobs/job.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>

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

int bs_job_threads(long asked)
{
  return asked > 0 ? (int)asked : omp_get_max_threads();
}
