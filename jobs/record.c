/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/record.h"

#include "src/comm.h"
#include "src/machine.h"
#include "src/mem.h"
#include <stdio.h>
#include <string.h>

/* A phase of that name that was there before goes on. */
static bs_phase *find_phase(bs_record *r, const char *name)
{
  for (int i = 0; i < r->phases; i++)
    if (strcmp(r->phase[i].name, name) == 0)
      return &r->phase[i];
  if (r->phases == BS_PHASES)
    return &r->phase[BS_PHASES - 1];
  bs_phase *p = &r->phase[r->phases++];
  *p = (bs_phase){0};
  snprintf(p->name, sizeof p->name, "%s", name);
  return p;
}

static void note_memory(bs_record *r)
{
  const bs_usage now = bs_machine_usage();
  r->shared = now.shared > r->shared ? now.shared : r->shared;
  if (now.shared_share > r->shared_share)
    r->shared_share = now.shared_share;
}

void bs_job_phase(const bs_job *job, const char *name)
{
  bs_record *r = job->record;
  bs_phase *p = find_phase(r, name);
  const bs_meters was = r->phase_meters, done = bs_meters_now();
  const double seconds = bs_clock() - r->phase_start;
  BS_MPI(MPI_Barrier(job->comm));
  const bs_meters now = bs_meters_now();
  p->part[BS_PHASE_SECONDS] += seconds;
  p->part[BS_PHASE_MPI] +=
      now.seconds[BS_METER_MPI] - was.seconds[BS_METER_MPI];
  p->part[BS_PHASE_IO] +=
      now.seconds[BS_METER_READ] - was.seconds[BS_METER_READ] +
      now.seconds[BS_METER_WRITE] - was.seconds[BS_METER_WRITE];
  p->part[BS_PHASE_WORK] +=
      seconds - (done.seconds[BS_METER_MPI] - was.seconds[BS_METER_MPI]);
  p->bytes_read +=
      (double)(now.bytes[BS_METER_READ] - was.bytes[BS_METER_READ]);
  p->bytes_written +=
      (double)(now.bytes[BS_METER_WRITE] - was.bytes[BS_METER_WRITE]);
  note_memory(r);
  bs_job_log(job, "%s: %.2f s", name, bs_clock() - r->phase_start);
  r->phase_start = bs_clock();
  r->phase_meters = bs_meters_now();
}

void bs_record_totals(const bs_job *job, bs_phase_total *total)
{
  const bs_record *r = job->record;
  double most[BS_PHASES][2][BS_PHASE_PARTS] = {0};
  double sum[BS_PHASES][BS_PHASE_PARTS + 2] = {0};
  for (int i = 0; i < r->phases; i++) {
    const bs_phase *p = &r->phase[i];
    for (int k = 0; k < BS_PHASE_PARTS; k++) {
      most[i][0][k] = -p->part[k];
      most[i][1][k] = sum[i][k] = p->part[k];
    }
    sum[i][BS_PHASE_PARTS] = p->bytes_read;
    sum[i][BS_PHASE_PARTS + 1] = p->bytes_written;
  }
  const bool root = job->rank == 0;
  BS_MPI(MPI_Reduce(root ? MPI_IN_PLACE : most, root ? most : NULL,
                    (int)(sizeof most / sizeof(double)), MPI_DOUBLE, MPI_MAX, 0,
                    job->comm));
  BS_MPI(MPI_Reduce(root ? MPI_IN_PLACE : sum, root ? sum : NULL,
                    (int)(sizeof sum / sizeof(double)), MPI_DOUBLE, MPI_SUM, 0,
                    job->comm));
  for (int i = 0; root && i < r->phases; i++) {
    total[i].name = r->phase[i].name;
    for (int k = 0; k < BS_PHASE_PARTS; k++) {
      total[i].min[k] = -most[i][0][k];
      total[i].max[k] = most[i][1][k];
      total[i].mean[k] = sum[i][k] / job->size;
    }
    total[i].bytes_read = sum[i][BS_PHASE_PARTS];
    total[i].bytes_written = sum[i][BS_PHASE_PARTS + 1];
  }
}

double bs_record_imbalance(const bs_phase_total *total)
{
  const double mean = total->mean[BS_PHASE_WORK];
  return mean > 0 ? total->max[BS_PHASE_WORK] / mean - 1 : 0;
}

bs_status bs_record_memory(const bs_job *job, double **peak)
{
  const bs_record *r = job->record;
  const bool root = job->rank == 0;
  double *all = NULL;
  bs_status st = BS_OK;
  note_memory(job->record);
  double own =
      bs_machine_usage().peak - r->shared + r->shared_share; /* bytes */
  *peak = NULL;
  if (root)
    st = bs_mem_alloc((size_t)job->size, sizeof *all, &all);
  if (root && st == BS_OK)
    st = bs_mem_zalloc((size_t)job->node.count, sizeof **peak, peak);
  BS_GO(st, bs_agree(job->comm, st));
  BS_MPI(MPI_Gather(&own, 1, MPI_DOUBLE, all, 1, MPI_DOUBLE, 0, job->comm));
  for (int i = 0; root && i < job->size; i++)
    (*peak)[r->bindings.rank[i].node] += all[i];
done:
  bs_mem_free(&all);
  return st;
}
