/* SPDX-License-Identifier: BSD-3-Clause */
/** \file predictions.h
 * What a classifier said about test rows, in the order Weka would have
 * accumulated them.
 */
#ifndef BS_PREDICTIONS_H
#define BS_PREDICTIONS_H
#include "src/folds.h"
#include "src/status.h"
#include <stddef.h>
#include <stdint.h>

/** Pooled predictions of a cross-validation (or of one test set: 1 fold). Many
 * rows share a distribution (a leaf), so rows index into a table of them. */
typedef struct bs_predictions {
  int c; /**< classes declared */
  int folds;
  size_t n;           /**< test rows over all folds */
  size_t *fold_start; /**< (folds + 1): where a fold's rows start; last is n */
  uint64_t *train_count; /**< (folds, c): training rows of each class */
  uint16_t *truth;       /**< (n): true class, rows in test order */
  uint32_t *dist;        /**< (n): index of the row's distribution */
  size_t m;              /**< distributions */
  double *prob; /**< (m, c): class probabilities; all 0: unclassified */
} bs_predictions;

/** Allocate predictions of n rows, contents undefined. \a prob is allocated by
 * the caller once m is known. Local.
 * \param [out] out  Owned by the caller, see bs_predictions_destroy; NULL on
 *                   failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_predictions_create(int c, int folds, size_t n,
                                bs_predictions **out);

/** The same for a cross-validation with m distributions: fold_start,
 * train_count and truth are filled in, dist and prob are zeros. \param [in] y
 * (n): class codes of all rows.
 */
bs_status bs_predictions_of_folds(const bs_folds *folds, const uint16_t *y,
                                  int c, size_t m, bs_predictions **out);

/** Pool predictions of single folds, in the order given.
 * \param [in] part  (folds): of one fold each.
 */
bs_status bs_predictions_join(const bs_predictions *const *part, int folds,
                              bs_predictions **out);

/** Free *predictions and set it to NULL; NULL is a no-op. */
void bs_predictions_destroy(bs_predictions **predictions);

#endif /* BS_PREDICTIONS_H */
