/* SPDX-License-Identifier: BSD-3-Clause */
/** \file evaluation.h
 * The figures of merit of pooled predictions, with Weka's bits.
 */
#ifndef BS_EVALUATION_H
#define BS_EVALUATION_H
#include "src/predictions.h"
#include "src/status.h"
#include "src/weka.h"

/** Figures of one class against the rest, or their weighted average. NaN where
 * undefined; under Weka 3.6's rules 0, except the two areas. */
typedef struct bs_class_figures {
  double tp_rate;   /**< of the class's classified rows, those found */
  double fp_rate;   /**< of the other classes' classified rows, those taken */
  double precision; /**< of the rows predicted, those of the class */
  double recall;    /**< the same as tp_rate */
  double f_measure; /**< harmonic mean of precision and recall */
  double mcc;       /**< Matthews correlation */
  double roc_area;  /**< Mann-Whitney, ties half */
  double prc_area;  /**< sum of precision times rise of recall */
} bs_class_figures;

/** Number of doubles in bs_class_figures. */
enum { BS_CLASS_FIGURES = sizeof(bs_class_figures) / sizeof(double) };

/** All figures of a set of predictions. Counts are of rows. */
typedef struct bs_evaluation {
  bs_weka weka;
  int c;
  int folds;
  size_t n; /**< rows tested */
  size_t correct;
  size_t incorrect;    /**< classified, but wrongly */
  size_t unclassified; /**< rows whose probabilities are all 0 */
  uint64_t *confusion; /**< (c, c): true class x predicted class */
  uint64_t *truth;     /**< (c): rows of each class, unclassified included */
  uint64_t *fold_confusion; /**< (folds, c, c) */
  uint64_t *fold_train;     /**< (folds): training rows */
  uint64_t *fold_test;      /**< (folds): rows tested */
  uint64_t *fold_correct;   /**< (folds) */
  double kappa;
  double mae, rmse;         /**< over probabilities and classified rows */
  double rae, rrse;         /**< percent of the same under the class priors */
  double accuracy;          /**< correct / n */
  double balanced_accuracy; /**< mean share found, over classes with rows */
  double macro_f1;          /**< mean of 2 tp / (2 tp + fp + fn), over classes
                                 with rows or predictions */
  bs_class_figures *per_class; /**< (c) */
  bs_class_figures weighted;   /**< weights: classified rows of each class */
} bs_evaluation;

/** Compute all figures. Local, serial; sums run over rows in test order, as
 * Weka's do, so they are the same bits. In the last three shares an
 * unclassified row counts as a wrong one.
 * \param [out] out  Owned by the caller, see bs_evaluation_destroy; NULL on
 *                   failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 * Cost: O(n c + m c log m).
 */
bs_status bs_evaluation_create(const bs_predictions *predictions, bs_weka weka,
                               bs_evaluation **out);
/** Free *evaluation and set it to NULL; NULL is a no-op. */
void bs_evaluation_destroy(bs_evaluation **evaluation);

/** The predicted class of (c) probabilities: the exactly largest one, the
 * lowest index on ties; -1 (unclassified) if none is above 0. */
int bs_predicted_class(const double *prob, int c);

#endif /* BS_EVALUATION_H */
