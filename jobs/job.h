/* SPDX-License-Identifier: BSD-3-Clause */
/** \file job.h
 * What every command is given, and the table of commands.
 */
#ifndef BS_JOB_H
#define BS_JOB_H
#include "io/datafile.h"
#include "src/opt.h"
#include "src/shared.h"
#include "src/status.h"
#include <mpi.h>

/** One run of the program. */
typedef struct bs_job {
  MPI_Comm comm; /**< all ranks; a duplicate of MPI_COMM_WORLD */
  int rank, size;
  bs_node node;
  const char *command; /**< name of the command */
  int argc;            /**< the whole command line, for the run record */
  char **argv;
  double start; /**< MPI_Wtime at the start, seconds */
} bs_job;

/** A command: its own name is argv[0] of run. */
typedef struct bs_command {
  const char *name;
  const char *summary;
  /** Collective over job->comm; returns alike on all ranks, with the text of
   * the error stored. Prints help when \a job is NULL (MPI is then not up). */
  bs_status (*run)(const bs_job *job, int argc, char **argv);
} bs_command;

/** Every command is defined in the file of its name and listed in main.c. */
extern const bs_command bs_command_compare, bs_command_convert, bs_command_cv,
    bs_command_em, bs_command_info, bs_command_predict, bs_command_rank,
    bs_command_synth, bs_command_train;

/** Log one line to stderr from rank 0: seconds since the start, then the text
 * (printf style, no newline). Not collective. */
void bs_job_log(const bs_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Print what a reader of results must know of the data: that they are
 * simulated, or not all of the published rows. Nothing where all is well. Not
 * collective: rank 0 calls it. */
void bs_job_data_notes(const bs_datafile *file, FILE *out);

/** Log every option with the value it now has. Not collective. */
void bs_job_echo(const bs_job *job, const bs_opt *table);

/** Number of OpenMP threads to use: \a asked, or OMP_NUM_THREADS and the
 * affinity mask as the OpenMP run time sees them when \a asked is 0. */
int bs_job_threads(long asked);

#endif /* BS_JOB_H */
