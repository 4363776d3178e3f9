/* SPDX-License-Identifier: BSD-3-Clause */
/** \file trial.h
 * Experiments: a learner, its features and the folds it is tried on. All of a
 * command's experiments run together.
 */
#ifndef BS_TRIAL_H
#define BS_TRIAL_H
#include "jobs/common.h"
#include "jobs/split.h"
#include "src/evaluation.h"
#include "src/learners.h"
#include "src/statistics.h"
#include <stdio.h>

/** One experiment; borrows what it points to. */
typedef struct bs_trial {
  bs_learner learner;
  const bs_j48_options *j48; /**< for J48 */
  int min_bucket;            /**< for OneR */
  const bs_folds *folds;     /**< with Weka's training order if a learner or
                                  choice of features depends on it, see
                                  bs_trial_needs_order */
  int features;
  const int *feature; /**< (features): ascending */
  int top;            /**< > 0: each fold trains on the best of the features by
                           a ranking of its training rows, the model on the best
                           by a ranking of all rows */
  bool model;         /**< also train on all rows */
} bs_trial;

/** What became of it, complete on rank 0 only. */
typedef struct bs_trial_result {
  bs_predictions *predictions;
  bs_tree *tree;           /**< J48's model */
  uint32_t *leaves, *size; /**< (folds): of J48's trees */
  bs_learner_result other; /**< of the other learners: model and choice */
  int *best;               /**< (folds + 1, top): features chosen by each fold
                                and, last, on all rows; on every rank */
  double seconds;          /**< spent in J48's trees, one after the other */
} bs_trial_result;

/** True if the folds must know Weka's order of training rows. */
bool bs_trial_needs_order(const bs_session *s, bs_learner learner, int top);

/** Run experiments; their trees share one schedule. Collective over the
 * session's ranks; results are the same bits for any number of them.
 * \param [out] result  (count): see bs_trial_result_free; zeroed on failure.
 */
bs_status bs_trials_run(bs_session *s, int count, const bs_trial *trial,
                        bs_trial_result *result);
void bs_trial_result_free(bs_trial_result *result);

/** The model in Weka's words; free it. Rank 0, with a model. */
bs_status bs_trial_model_text(const bs_session *s, const bs_trial *trial,
                              const bs_trial_result *result, char **text);

/** {"mean", "sd"}. */
json_t *bs_trial_spread_json(const bs_spread *spread);

/** Add all figures, folds and the model to \a results, and print the model, a
 * table of the folds and the figures as Weka does. Rank 0.
 * \param [in] out  NULL: nothing is printed. */
bs_status bs_trial_report(const bs_session *s, const bs_trial *trial,
                          const bs_trial_result *result, const bs_evaluation *e,
                          const bs_split_made *split, json_t *results,
                          FILE *out);

#endif /* BS_TRIAL_H */
