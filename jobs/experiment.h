/* SPDX-License-Identifier: BSD-3-Clause */
/** \file experiment.h
 * Trees of experiments: their set-up, and what growing them took.
 */
#ifndef BS_EXPERIMENT_H
#define BS_EXPERIMENT_H
#include "jobs/common.h"
#include "src/cv.h"

/** bs_j48_create on the session's data, for the features given (NULL: the first
 * \a features of them). Local. */
bs_status bs_experiment_j48(const bs_session *s, const bs_j48_options *options,
                            int features, const int *feature, bs_j48 **out);

/** Log what the ranks sent each other while growing the \a trees trees of
 * \a count experiments; on rank 0, which holds the results. */
void bs_experiment_log_messages(const bs_session *s, const bs_cv_result *result,
                                int count, int trees);

#endif /* BS_EXPERIMENT_H */
