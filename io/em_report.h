/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_report.h
 * A Gaussian mixture for people, in Weka's words and layout, and for programs.
 */
#ifndef BS_EM_REPORT_H
#define BS_EM_REPORT_H
#include "src/em.h"
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/** What is known of a fitted mixture on rows, labelled ones or not. Borrowed.
 */
typedef struct bs_em_report {
  const bs_em_result *fit;
  bs_weka weka;
  char *const *feature;        /**< (d): names */
  const char *class_attribute; /**< what the classes are called together */
  int c;                       /**< 0: no row is labelled */
  char *const *class_name;     /**< (c) */
  double log_likelihood;       /**< average log density per row */
  const uint64_t *size;        /**< (k): rows assigned to each cluster */
  const uint64_t *counts; /**< (c, k): rows of each class in each cluster */
  const int *mapping;     /**< (k): class of each cluster, or -1 */
  uint64_t incorrect;     /**< rows that are not of their cluster's class */
} bs_em_report;

/** The model as Weka prints it (EM.toString), ending in an empty line. */
void bs_em_report_model(const bs_em_report *r, FILE *out);
/** What follows it: clustered instances, log-likelihood, classes to clusters
 * (ClusterEvaluation). */
void bs_em_report_clusters(const bs_em_report *r, FILE *out);

/** Add the figures to a results object, in place: all, or what it says of the
 * rows and not of the model. Not collective.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_em_report_json(const bs_em_report *r, json_t *results);
bs_status bs_em_report_rows_json(const bs_em_report *r, json_t *results);

/** Write the cluster and log density of every row to an HDF5 file: /cluster
 * (n), /log_density (n), beside a temporary name first. Rank 0.
 * \param [in] checksum  Of the data file the rows are from.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_em_assignments_write(const char *path, size_t n,
                                  const uint16_t *cluster,
                                  const double *log_density,
                                  const char *checksum);

#endif /* BS_EM_REPORT_H */
