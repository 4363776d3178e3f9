/* SPDX-License-Identifier: BSD-3-Clause */
/** \file clustering.h
 * One clustering experiment: fit, assignment, classes to clusters, as em and
 * compare need it.
 */
#ifndef BS_CLUSTERING_JOB_H
#define BS_CLUSTERING_JOB_H
#include "io/em_report.h"
#include "jobs/common.h"

/** A fitted mixture and what it says of the session's rows. Free with
 * bs_clustering_clear. */
typedef struct bs_clustering {
  bs_em_result fit;
  double log_likelihood;
  uint64_t *size;   /**< (k) */
  uint64_t *counts; /**< (c, k) */
  int *mapping;     /**< (k) */
  uint64_t incorrect;
  size_t first; /**< first row this rank owns, and how many */
  size_t own;
  uint16_t *cluster;   /**< (own) */
  double *log_density; /**< (own) */
} bs_clustering;

/** Fit to the session's rows, all features or those given, and evaluate.
 * Collective over the job; all but the rows owned is alike on every rank.
 * \param [in] feature  (features): ascending; NULL: all of the data's.
 * \param [out] out     Empty on failure. */
bs_status bs_clustering_run(const bs_session *s, const bs_em_options *options,
                            int features, const int *feature,
                            bs_clustering *out);
void bs_clustering_clear(bs_clustering *clustering);

/** For the report; \a feature (d) are the names of the features fitted. */
bs_em_report bs_clustering_report(const bs_session *s,
                                  const bs_clustering *clustering,
                                  char *const *feature);

/** Gather every row's cluster and log density on rank 0 and write them to
 * \a path. Collective over the job. */
bs_status bs_clustering_save(const bs_session *s,
                             const bs_clustering *clustering, const char *path);

#endif /* BS_CLUSTERING_JOB_H */
