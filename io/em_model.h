/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_model.h
 * A Gaussian mixture as a JSON document: a results file of em (see
 * io/em_report.h) with, beside it,
 *
 *     "learner": "em", "weka": "3.6" | "3.8", "sums": "exact" | "weka",
 *     "features": [names], "classes": [names],
 *     "class": name of the class column, or the labels of N-BaIoT rows
 */
#ifndef BS_EM_MODEL_H
#define BS_EM_MODEL_H
#include "src/mixture.h"
#include <jansson.h>

/** A mixture that was saved, and what its clusters mean. */
typedef struct bs_em_model {
  bs_mixture mixture;
  bs_sums sums;
  int *mapping; /**< (mixture.k): class of each cluster, or -1 */
} bs_em_model;

/** Read the mixture of a model document over \a d features and \a c classes.
 * Nothing in it is trusted: types, shapes, ranges, priors that add up to 1, and
 * that sizes, table, mapping and errors of classes to clusters fit together.
 * Local. For the clusters and densities of rows see io/apply.h.
 * \param [in] show  For messages.
 * \param [out] out  Free with bs_em_model_destroy; NULL on failure.
 * \return  BS_OK; BS_ERR_INPUT with a text that names the member that is
 *          missing or wrong; BS_ERR_RESOURCE.
 */
bs_status bs_em_model_read(const json_t *json, const char *show, int d, int c,
                           bs_em_model **out);

/** Free *model and set it to NULL; NULL is a no-op. */
void bs_em_model_destroy(bs_em_model **model);

#endif /* BS_EM_MODEL_H */
