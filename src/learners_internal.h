/* SPDX-License-Identifier: BSD-3-Clause */
/** \file learners_internal.h
 * How single learners spread their folds; see src/learners.h. Collective.
 */
#ifndef BS_LEARNERS_INTERNAL_H
#define BS_LEARNERS_INTERNAL_H
#include "src/learners.h"

bs_status bs_oner_run(MPI_Comm comm, int threads, const bs_dataset *data,
                      const bs_presort *presort, const bs_learner_spec *spec,
                      bs_learner_result *result);
bs_status bs_naive_bayes_run(MPI_Comm comm, int threads, const bs_dataset *data,
                             const bs_learner_spec *spec,
                             bs_learner_result *result);

#endif /* BS_LEARNERS_INTERNAL_H */
