/* SPDX-License-Identifier: BSD-3-Clause */
/** \file areas.h
 * Areas under the ROC and the precision-recall curve.
 */
#ifndef BS_AREAS_H
#define BS_AREAS_H
#include "src/predictions.h"
#include "src/status.h"

/** Areas of every class against the rest, over all rows, unclassified ones
 * included (their probabilities are 0).
 * \param [out] roc  (c): NaN where the class has no rows, or all.
 * \param [out] prc  (c): NaN where the class has no rows, or the area is 0.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_areas(const bs_predictions *predictions, double *roc, double *prc);

#endif /* BS_AREAS_H */
