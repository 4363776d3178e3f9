/* SPDX-License-Identifier: BSD-3-Clause */
/* The run record as JSON. */
#include "jobs/record.h"

#include "io/json.h"
#include "src/build.h"
#include "src/comm.h"
#include "src/log.h"
#include "src/mem.h"
#include "src/version.h"
#include <gnu/libc-version.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *spread(const bs_phase_total *t, bs_phase_part part)
{
  return json_pack("{s:f, s:f, s:f}", "min", t->min[part], "mean",
                   t->mean[part], "max", t->max[part]);
}

static json_t *phases_json(const bs_record *r, const bs_phase_total *total)
{
  json_t *all = json_object();
  for (int i = 0; i < r->phases; i++) {
    const bs_phase_total *t = &total[i];
    json_object_set_new(
        all, t->name,
        json_pack("{s:o, s:o, s:o, s:o, s:f, s:f, s:f}", "seconds",
                  spread(t, BS_PHASE_SECONDS), "mpi_seconds",
                  spread(t, BS_PHASE_MPI), "io_seconds", spread(t, BS_PHASE_IO),
                  "work_seconds", spread(t, BS_PHASE_WORK), "imbalance",
                  bs_record_imbalance(t), "bytes_read", t->bytes_read,
                  "bytes_written", t->bytes_written));
  }
  return all;
}

/* Each node with the CPUs of each of its ranks. */
static json_t *hosts_json(const bs_bindings *b, const double *peak)
{
  json_t *all = json_array();
  for (int node = 0; node < b->nodes; node++)
    json_array_append_new(all,
                          json_pack("{s:s, s:f, s:[]}", "host", b->host[node],
                                    "peak_memory_bytes", peak[node], "ranks"));
  for (int i = 0; i < b->ranks; i++) {
    char cpus[1024];
    bs_cpus_text(&b->rank[i].cpus, cpus, sizeof cpus);
    json_t *host = json_array_get(all, (size_t)b->rank[i].node);
    json_array_append_new(json_object_get(host, "ranks"),
                          json_pack("{s:i, s:s, s:i}", "rank", i, "cpus", cpus,
                                    "threads", b->rank[i].threads));
  }
  return all;
}

/* A variable of the environment, null where it is not set or no text. */
static json_t *variable(const char *name)
{
  const char *value = getenv(name);
  return value != NULL && bs_json_is_text(value) ? json_string(value)
                                                 : json_null();
}

static json_t *slurm_json(void)
{
  if (getenv("SLURM_JOB_ID") == NULL)
    return json_null();
  return json_pack("{s:o, s:o, s:o, s:o}", "job_id", variable("SLURM_JOB_ID"),
                   "job_name", variable("SLURM_JOB_NAME"), "nodes",
                   variable("SLURM_JOB_NODELIST"), "restart_count",
                   variable("SLURM_RESTART_COUNT"));
}

static json_t *build_json(void)
{
  return json_pack("{s:s, s:s, s:s}", "compiler", bs_build_compiler, "type",
                   bs_build_type, "flags", bs_build_flags);
}

static json_t *libraries_json(void)
{
  char mpi[128], hdf5[32];
  unsigned major, minor, release;
  bs_build_mpi(mpi, sizeof mpi);
  H5get_libversion(&major, &minor, &release);
  snprintf(hdf5, sizeof hdf5, "%u.%u.%u", major, minor, release);
  return json_pack("{s:s, s:s, s:s}", "mpi", mpi, "hdf5", hdf5, "libc",
                   gnu_get_libc_version());
}

static json_t *time_json(time_t t)
{
  char text[32];
  struct tm utc;
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &utc));
  return json_string(text);
}

static json_t *record_json(const bs_job *job, bs_status ended,
                           const bs_phase_total *total, const double *peak)
{
  const bs_record *r = job->record;
  double mpi = 0, io = 0, read = 0, written = 0;
  for (int i = 0; i < r->phases; i++) {
    mpi += total[i].mean[BS_PHASE_MPI];
    io += total[i].mean[BS_PHASE_IO];
    read += total[i].bytes_read;
    written += total[i].bytes_written;
  }
  return json_pack(
      "{s:i, s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, "
      "s:s, "
      "s:f, s:f, s:f, s:f, s:f, s:I, s:o, s:o, s:O}",
      "schema", 1, "command", job->command, "status", bs_record_status(ended),
      "code", (int)ended, "version", BS_VERSION, "build", build_json(),
      "libraries", libraries_json(), "command_line",
      bs_json_names(job->argv, job->argc), "slurm", slurm_json(), "started",
      time_json(r->started), "ended", time_json(time(NULL)), "ranks", job->size,
      "nodes", job->node.count, "threads", r->threads, "isa", r->isa, "seconds",
      bs_log_seconds(), "mpi_seconds", mpi, "io_seconds", io, "bytes_read",
      read, "bytes_written", written, "rows", (json_int_t)r->rows, "phases",
      phases_json(r, total), "hosts", hosts_json(&r->bindings, peak),
      "warnings", r->warnings);
}

bs_status bs_record_write(const bs_job *job, bs_status ended)
{
  bs_phase_total total[BS_PHASES];
  double *peak;
  bs_record_totals(job, total);
  bs_status st = bs_record_memory(job, &peak);
  if (st == BS_OK && job->rank == 0) {
    json_t *record = record_json(job, ended, total, peak);
    st = record == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory: run record")
                        : bs_json_write(record, job->record->path);
    json_decref(record);
  }
  bs_mem_free(&peak);
  return bs_agree(job->comm, st);
}
