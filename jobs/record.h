/* SPDX-License-Identifier: BSD-3-Clause */
/** \file record.h
 * What a run was like: where it ran, how long each part took, what was odd.
 * Goes to the log, as its header and footer, and to run.json.
 */
#ifndef BS_RECORD_H
#define BS_RECORD_H
#include "jobs/job.h"
#include "src/bindings.h"
#include "src/meter.h"
#include <jansson.h>
#include <time.h>

enum { BS_PHASES = 32, BS_PHASE_NAME = 24 };

/** What of a phase is compared over ranks, in seconds. */
typedef enum bs_phase_part {
  BS_PHASE_SECONDS, /**< until the rank was done with its part */
  BS_PHASE_MPI,     /**< in MPI calls, also waiting for others to be done */
  BS_PHASE_IO,      /**< reading and writing files */
  BS_PHASE_WORK,    /**< SECONDS without those in MPI */
  BS_PHASE_PARTS
} bs_phase_part;

/** One phase, on one rank. */
typedef struct bs_phase {
  char name[BS_PHASE_NAME];
  double part[BS_PHASE_PARTS];
  double bytes_read, bytes_written;
} bs_phase;

/** One phase over all ranks. */
typedef struct bs_phase_total {
  const char *name;
  double min[BS_PHASE_PARTS], mean[BS_PHASE_PARTS], max[BS_PHASE_PARTS];
  double bytes_read, bytes_written; /**< sums */
} bs_phase_total;

struct bs_record {
  bool begun;       /**< the header is printed */
  time_t started;   /**< UTC */
  const char *path; /**< where it goes, or NULL */
  int threads;
  const char *isa;
  bs_bindings bindings; /**< rank 0 */
  json_t *warnings;     /**< texts */
  uint64_t rows;        /**< that the command worked on */
  int phases;
  bs_phase phase[BS_PHASES];
  double phase_start;          /**< bs_clock */
  bs_meters phase_meters;      /**< then */
  double shared, shared_share; /**< most so far, see bs_usage */
};

/** Totals of all phases. Collective; filled in on rank 0 only.
 * \param [out] total  (BS_PHASES); the first record->phases are used. */
void bs_record_totals(const bs_job *job, bs_phase_total *total);

/** Peak memory of each node in bytes: the peaks of its ranks without what they
 * share, and that once. Collective.
 * \param [out] peak  (nodes): on rank 0; the caller frees it (bs_mem_free).
 * \return Alike on all ranks. */
bs_status bs_record_memory(const bs_job *job, double **peak);

/** How much longer the rank with the most work took than the mean, 0 where all
 * had the same. */
double bs_record_imbalance(const bs_phase_total *total);

/** Header and footer of the log. The footer is collective, the header is
 * printed by rank 0.
 * \param [in] whole  Is the work done? Else there is no rate of rows. */
void bs_record_log_header(const bs_job *job, const bs_opt *table);
void bs_record_log_footer(const bs_job *job, bool whole);

/** "OK", "STOPPED" or "FAILED". */
const char *bs_record_status(bs_status st);

/** Write the run record to its path. Collective.
 * \param [in] st  How the run ended.
 * \return Alike on all ranks. */
bs_status bs_record_write(const bs_job *job, bs_status st);

#endif /* BS_RECORD_H */
