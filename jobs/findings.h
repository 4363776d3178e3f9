/* SPDX-License-Identifier: BSD-3-Clause */
/** \file findings.h
 * The study in text: all experiments in one table, and what follows from them.
 */
#ifndef BS_FINDINGS_H
#define BS_FINDINGS_H
#include "jobs/study.h"

/** Print tables and findings. Every sentence is computed from the results.
 * Rank 0. */
bs_status bs_findings_print(const bs_study *study, FILE *out);

#endif /* BS_FINDINGS_H */
