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

/** See record.h. */
typedef struct bs_record bs_record;

/** One run of the program. */
typedef struct bs_job {
  MPI_Comm comm; /**< all ranks; a duplicate of MPI_COMM_WORLD */
  int rank, size;
  bs_node node;
  const char *command; /**< name of the command */
  int argc;            /**< the whole command line, for the run record */
  char **argv;         /**< (argc): a copy, in the order it was typed */
  bs_record *record;   /**< what the run was like, filled in on the way */
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

/** Find ranks and nodes. Collective over all of MPI_COMM_WORLD. */
void bs_job_open(bs_job *job);
/** Free what bs_job_open made. Collective. */
void bs_job_close(bs_job *job);

/** Start on a command: the clock of the log begins at 0. Collective. To be
 * ended by bs_job_end.
 * \return BS_OK or BS_ERR_RESOURCE, alike on all ranks. */
bs_status bs_job_start(bs_job *job, const char *command, int argc, char **argv);

/** Print the header of the log: what runs where and how, with warnings. For a
 * command to call once its words are understood. Collective.
 * \param [in] table    The command's options, after parsing.
 * \param [in] threads  Of each rank, see bs_job_threads.
 * \return BS_OK or BS_ERR_RESOURCE, alike on all ranks. */
bs_status bs_job_begin(const bs_job *job, const bs_opt *table, int threads);

/** End a phase of the run, which began where the last one ended: its seconds go
 * to the log and the run record. Ranks wait for each other. Collective. A name
 * that was there before counts as the same phase. */
void bs_job_phase(const bs_job *job, const char *name);

/** Say how many rows the command works on, for the rates. */
void bs_job_rows(const bs_job *job, uint64_t rows);

/** Have the run record written to \a path, which must live until bs_job_end,
 * where --run-json names no other file. All ranks say the same. */
void bs_job_record_to(const bs_job *job, const char *path);

/** Print the footer of the log, then the line of the error if there is one;
 * write the run record; print the last line: "STATUS: OK code=0", or STOPPED or
 * FAILED. Without header the error alone, so that wrong usage is one line.
 * Collective; frees the record.
 * \param [in] st  What the command returned.
 * \return \a st, or why the record could not be written. */
bs_status bs_job_end(bs_job *job, bs_status st);

/** Log one line to stderr from rank 0: seconds since the start, then the text
 * (printf style, no newline). Not collective. */
void bs_job_log(const bs_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The same with WARNING before it, and kept for the run record. */
void bs_job_warn(const bs_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Print what a reader of results must know of the data: that they are
 * simulated, or not all of the published rows. Nothing where all is well. Not
 * collective: rank 0 calls it. */
void bs_job_data_notes(const bs_datafile *file, FILE *out);

/** Number of OpenMP threads to use: \a asked, or OMP_NUM_THREADS and the
 * affinity mask as the OpenMP run time sees them when \a asked is 0. */
int bs_job_threads(long asked);

#endif /* BS_JOB_H */
