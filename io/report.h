/* SPDX-License-Identifier: BSD-3-Clause */
/** \file report.h
 * Figures of merit for people, in Weka's words and layout, and for programs.
 */
#ifndef BS_REPORT_H
#define BS_REPORT_H
#include "src/evaluation.h"
#include <jansson.h>
#include <stdio.h>

/** Print what Weka prints after a cross-validation: summary, detailed accuracy
 * by class, confusion matrix; as 3.6 (with its option -i) or 3.8, whichever the
 * figures were computed for. Not collective.
 * \param [in] class_name  (c).
 * \param [in] title       First line, as "=== Stratified cross-validation ===".
 */
void bs_report_print(const bs_evaluation *e, char *const *class_name,
                     const char *title, FILE *out);

/** The three parts of it, each without the empty lines between them. */
void bs_report_summary(const bs_evaluation *e, FILE *out);
void bs_report_details(const bs_evaluation *e, char *const *class_name,
                       FILE *out);
void bs_report_matrix(const bs_evaluation *e, char *const *class_name,
                      FILE *out);

/** All figures as an object with the names of the results file, to which others
 * are added; undefined figures are null. Not collective.
 * \return  A new reference; NULL if out of memory.
 */
json_t *bs_report_json(const bs_evaluation *e, char *const *class_name);

/** Rows, hits and confusion matrix of fold \a f, to be extended.
 * \return  A new reference; NULL if out of memory.
 */
json_t *bs_report_fold_json(const bs_evaluation *e, int f);

#endif /* BS_REPORT_H */
