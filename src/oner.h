/* SPDX-License-Identifier: BSD-3-Clause */
/** \file oner.h
 * The rule on one feature (Weka: OneR). Which feature, and how well each does
 * alone, is found without writing rules down: src/rule_errors.h.
 */
#ifndef BS_ONER_H
#define BS_ONER_H
#include "src/dataset.h"
#include "src/folds.h"
#include "src/predictions.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Weka's default for min_bucket. */
enum { BS_ONER_MIN_BUCKET = 6 };

/** Cuts of the line, and the class of each piece. */
typedef struct bs_oner_rule {
  int feature;      /**< column number, as given */
  size_t buckets;   /**< >= 1 */
  double *boundary; /**< (buckets - 1): ascending; x >= boundary lies right */
  uint16_t *label;  /**< (buckets): class said */
  size_t correct;   /**< training rows it gets right */
  size_t rows;      /**< training rows */
} bs_oner_rule;

/** One feature in ascending order of value, so that each fold is one pass. */
typedef struct bs_oner_column {
  size_t n;
  int c; /**< classes declared */
  int feature;
  double *value;   /**< (n): ascending */
  uint16_t *label; /**< (n): class of the row */
  uint16_t *fold;  /**< (n): fold that tests the row; NULL: no folds */
} bs_oner_column;

/** Make an empty column for n rows of c classes. Local.
 * \param [in] with_folds  Whether bs_oner_column_load will be given folds.
 * \param [out] out        See bs_oner_column_destroy; NULL on failure.
 * \return                 BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_oner_column_create(size_t n, int c, bool with_folds,
                                bs_oner_column **out);
/** Free *column and set it to NULL; NULL is a no-op. */
void bs_oner_column_destroy(bs_oner_column **column);

/** Fill a column.
 * \param [in] x       (n): the feature.
 * \param [in] y       (n): class codes.
 * \param [in] folds   What the column was made for, or NULL.
 * \param [in] sorted  (n): row numbers by ascending x; equal ones in any order.
 */
void bs_oner_column_load(bs_oner_column *column, int feature, const double *x,
                         const uint16_t *y, const bs_folds *folds,
                         const uint32_t *sorted);

/** Every row trains. */
enum { BS_ONER_ALL_ROWS = -1 };

/** Make the rule of the rows that fold \a f trains on (or BS_ONER_ALL_ROWS).
 * \param [in] min_bucket  A bucket is closed only once this many of its rows
 *                         are of one class.
 * \param [out] out        See bs_oner_rule_destroy; NULL on failure.
 * \return                 BS_OK or BS_ERR_RESOURCE.
 * Cost: O(n) and c for each value of mixed classes.
 */
bs_status bs_oner_rule_create(const bs_oner_column *column, int f,
                              int min_bucket, bs_oner_rule **out);
/** Free *rule and set it to NULL; NULL is a no-op. */
void bs_oner_rule_destroy(bs_oner_rule **rule);

/** The class the rule says for \a x. */
uint16_t bs_oner_rule_predict(const bs_oner_rule *rule, double x);

/** Print the rule as Weka prints the model. Not collective.
 * \param [in] feature     Name of the rule's feature.
 * \param [in] class_name  (c).
 */
void bs_oner_rule_print(const bs_oner_rule *rule, const char *feature,
                        char *const *class_name, FILE *out);

/** Predict the rows of each fold by its rule: certainty for one class.
 * \param [in] rule  (folds).
 * \param [out] out  Owned by the caller; NULL on failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_oner_predict(const bs_dataset *data, const bs_folds *folds,
                          bs_oner_rule *const *rule, bs_predictions **out);

#endif /* BS_ONER_H */
