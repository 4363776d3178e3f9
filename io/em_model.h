/* SPDX-License-Identifier: BSD-3-Clause */
/** \file em_model.h
 * A Gaussian mixture as a JSON document: a results file of em (see
 * io/em_report.h) with, beside it,
 *
 *     "learner": "em", "weka": "3.6" | "3.8", "sums": "exact" | "weka",
 *     "features": [names], "classes": [names]
 */
#ifndef BS_EM_MODEL_H
#define BS_EM_MODEL_H
#include "src/mixture.h"
#include <jansson.h>

/** A mixture that was saved, and what its rows and clusters mean. Free with
 * bs_em_model_clear. */
typedef struct bs_em_model {
  bs_mixture mixture;
  bs_sums sums;
  bs_weka weka;
  char **feature; /**< (mixture.d): names, in the order of the columns */
  int c;
  char **class_name; /**< (c) */
  int *mapping;      /**< (mixture.k): class of each cluster, or -1 */
} bs_em_model;

/** Read a model from its document. Local. For the clusters and densities of
 * rows see bs_mixture_assign.
 * \param [in] path  For messages.
 * \param [out] out  Empty on failure.
 * \return  BS_OK; BS_ERR_INPUT with a text that names the member that is
 *          missing or wrong; BS_ERR_RESOURCE.
 */
bs_status bs_em_model_read(const json_t *model, const char *path,
                           bs_em_model *out);
void bs_em_model_clear(bs_em_model *model);

#endif /* BS_EM_MODEL_H */
