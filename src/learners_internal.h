/* SPDX-License-Identifier: BSD-3-Clause */
/** \file learners_internal.h
 * How single learners spread their folds; see src/learners.h. Collective.
 * \a number is that of the experiment, for the keys of what is kept.
 */
#ifndef BS_LEARNERS_INTERNAL_H
#define BS_LEARNERS_INTERNAL_H
#include "src/learners.h"

bs_status bs_oner_run(MPI_Comm comm, int threads, const bs_dataset *data,
                      const bs_presort *presort, const bs_learner_spec *spec,
                      const bs_keep *keep, int number,
                      bs_learner_result *result);
bs_status bs_naive_bayes_run(MPI_Comm comm, int threads, const bs_dataset *data,
                             const bs_learner_spec *spec, const bs_keep *keep,
                             int number, bs_learner_result *result);

#endif /* BS_LEARNERS_INTERNAL_H */
