/* SPDX-License-Identifier: BSD-3-Clause */
/** \file zeror.h
 * The classifier without a rule: how often each class was seen. What any other
 * classifier has to beat.
 */
#ifndef BS_ZEROR_H
#define BS_ZEROR_H
#include "src/folds.h"
#include "src/predictions.h"
#include "src/status.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Probabilities (rows of the class + 1) / (rows + c) for every row there is.
 * \param [in] count  (c): training rows of each class.
 * \param [out] prob  (c).
 */
void bs_zeror_train(const uint64_t *count, int c, double *prob);

/** Print the model as Weka does, for (c) probabilities. Not collective. */
void bs_zeror_print(const double *prob, int c, char *const *class_name,
                    FILE *out);

/** Cross-validate: one distribution a fold.
 * \param [in] y     (n): class codes of all rows.
 * \param [out] out  Owned by the caller; NULL on failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_zeror_cv(const bs_folds *folds, const uint16_t *y, int c,
                      bs_predictions **out);

#endif /* BS_ZEROR_H */
