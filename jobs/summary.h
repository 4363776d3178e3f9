/* SPDX-License-Identifier: BSD-3-Clause */
/** \file summary.h
 * The comparison as text, experiments side by side.
 */
#ifndef BS_SUMMARY_H
#define BS_SUMMARY_H
#include "jobs/common.h"
#include "jobs/study.h"
#include "src/evaluation.h"
#include <stdio.h>

enum { BS_SUMMARY_COLUMNS = 8 };

/** One experiment: borrowed. */
typedef struct bs_summary_column {
  const char *title; /**< at most 12 characters */
  int features;
  const bs_evaluation *evaluation;
  const bs_trial_result *result;
} bs_summary_column;

/** What is compared; all experiments on the same rows and folds. */
typedef struct bs_summary {
  const bs_session *s;
  const bs_study *study;
  long folds, seed;
  int columns;
  bs_summary_column column[BS_SUMMARY_COLUMNS];
} bs_summary;

/** Write the figures: the same bytes for any number of ranks and threads. */
bs_status bs_summary_print(const bs_summary *summary, FILE *out);
/** Write what the run cost: time and memory. */
bs_status bs_summary_costs(const bs_summary *summary, FILE *out);
/** Let one of the two write to a file, renamed when whole.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_summary_write(const bs_summary *summary,
                           bs_status (*print)(const bs_summary *, FILE *),
                           const char *path);

#endif /* BS_SUMMARY_H */
