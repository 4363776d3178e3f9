/* SPDX-License-Identifier: BSD-3-Clause */
/** \file rule_errors.h
 * Errors of one-feature rules under cross-validation, all folds in one pass
 * over the sorted column. The rules are those of src/oner.h; here they are
 * never written down.
 */
#ifndef BS_RULE_ERRORS_H
#define BS_RULE_ERRORS_H
#include "src/status.h"
#include <stddef.h>
#include <stdint.h>

/** Row that takes no part. */
#define BS_TAG_NONE UINT32_MAX

/** A column, and what its rows are for. */
typedef struct bs_rule_column {
  size_t n;
  const double *x;       /**< (n): by row */
  const uint32_t *order; /**< (n): rows by ascending x */
  const uint32_t *tag;   /**< (n): by row, fold << class_bits | class, or
                              BS_TAG_NONE */
  int class_bits, c, folds;
  int min_bucket;
} bs_rule_column;

/** Count the rows that are told wrongly when each fold is told by the rule of
 * the others. Local.
 * \param [out] errors  Rows, over all folds.
 * \param [out] fit     (folds): of each fold's rule, the training rows it tells
 *                      rightly; or NULL. A fold without rows has the rule of
 *                      all rows.
 * \return              BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_rule_errors(const bs_rule_column *column, uint64_t *errors,
                         uint64_t *fit);

#endif /* BS_RULE_ERRORS_H */
