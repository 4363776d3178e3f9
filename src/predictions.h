/** \file predictions.h
 * What a classifier said about test rows, in the order Weka would have
 * accumulated them.
 */
#ifndef BS_PREDICTIONS_H
#define BS_PREDICTIONS_H
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

#endif /* BS_PREDICTIONS_H */
