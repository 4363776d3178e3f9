/* SPDX-License-Identifier: BSD-3-Clause */
/** \file learners.h
 * Cross-validation of the learners that grow no trees: ZeroR, OneR and naive
 * Bayes, their folds spread over ranks and threads.
 */
#ifndef BS_LEARNERS_H
#define BS_LEARNERS_H
#include "src/dataset.h"
#include "src/folds.h"
#include "src/keep.h"
#include "src/naive_bayes.h"
#include "src/oner.h"
#include "src/predictions.h"
#include "src/presort.h"
#include "src/status.h"
#include "src/weka.h"
#include <mpi.h>

typedef enum bs_learner {
  BS_LEARNER_J48, /**< see src/cv.h */
  BS_LEARNER_ONER,
  BS_LEARNER_ZEROR,
  BS_LEARNER_NB,
  BS_LEARNER_LAST
} bs_learner;

/** Name on the command line: "j48", "oner", "zeror", "nb"; static. */
const char *bs_learner_name(bs_learner learner);
/** The learner of a name; BS_LEARNER_LAST if there is none. */
bs_learner bs_learner_find(const char *name);

/** One experiment. */
typedef struct bs_learner_spec {
  bs_learner learner;
  const bs_folds *folds; /**< for naive Bayes with Weka's training order; may
                              have no folds, for the model alone */
  bool model;            /**< also train on all rows */
  int features;
  const int *feature; /**< (features): ascending */
  bs_weka rules;
  int min_bucket; /**< of OneR */
} bs_learner_spec;

/** Its result, complete on rank 0 only. */
typedef struct bs_learner_result {
  bs_predictions *predictions;
  double *prior;         /**< (c): ZeroR's distribution on all rows */
  bs_oner_rule *rule;    /**< OneR's rule on all rows */
  int *chosen;           /**< (folds): feature of OneR's rule in each fold */
  bs_naive_bayes *bayes; /**< naive Bayes on all rows */
} bs_learner_result;

/** Run experiments. Collective over \a comm; the same bits for any number of
 * ranks and threads.
 * \param [in] spec     (count): of any learner but J48.
 * \param [in] keep     Where OneR's rules and the folds of naive Bayes go as
 *                      they are done, and come from; or NULL. ZeroR counts
 *                      classes, which is done again.
 * \param [out] result  (count): zeroed on failure; on ranks other than 0 they
 *                      stay empty. See bs_learner_result_free.
 * \return              BS_OK, the first failure or BS_STOPPED, alike on all
 *                      ranks.
 */
bs_status bs_learners_run(MPI_Comm comm, int threads, const bs_dataset *data,
                          const bs_presort *presort, int count,
                          const bs_learner_spec *spec, const bs_keep *keep,
                          bs_learner_result *result);
void bs_learner_result_free(bs_learner_result *result);

#endif /* BS_LEARNERS_H */
