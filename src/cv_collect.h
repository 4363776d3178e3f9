/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cv_collect.h
 * The trees of a cross-validation, brought to rank 0 and pooled.
 */
#ifndef BS_CV_COLLECT_H
#define BS_CV_COLLECT_H
#include "src/cv_plan.h"

/** Bring all trees to rank 0, then hand over what belongs to each experiment.
 * Collective over the job's ranks.
 * \param [out] result  (specs): on rank 0, else untouched.
 * \return              The same on all ranks. */
bs_status bs_cv_collect(bs_cv_job *r, bs_cv_result *result);

#endif /* BS_CV_COLLECT_H */
