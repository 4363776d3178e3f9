/* SPDX-License-Identifier: BSD-3-Clause */
/** \file predict_em.h
 * The part of predict that is about mixtures.
 */
#ifndef BS_PREDICT_EM_H
#define BS_PREDICT_EM_H
#include "io/apply.h"
#include <jansson.h>

/** Print what the clusters of a saved mixture got of the rows, and, where these
 * are labelled, how the classes that the clusters stood for in training match;
 * add the figures to \a results. Rank 0.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_predict_clusters(const bs_model *model, const bs_applied *rows,
                              json_t *results);

#endif /* BS_PREDICT_EM_H */
