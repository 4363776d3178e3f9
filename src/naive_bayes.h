/* SPDX-License-Identifier: BSD-3-Clause */
/** \file naive_bayes.h
 * Naive Bayes with one normal distribution for each class and feature, bit for
 * bit as Weka has it (Weka: NaiveBayes, NormalEstimator).
 */
#ifndef BS_NAIVE_BAYES_H
#define BS_NAIVE_BAYES_H
#include "src/dataset.h"
#include "src/pack.h"
#include "src/status.h"
#include "src/weka.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** A model of d features and c classes. */
typedef struct bs_naive_bayes {
  bs_weka rules;
  int c, d;
  int *feature;      /**< (d): columns of the data set, ascending */
  double *precision; /**< (d): step to which values are rounded */
  double *prior;     /**< (c) */
  double *mean, *sd; /**< (d, c) */
  uint64_t *count;   /**< (c): training rows */
} bs_naive_bayes;

/** Train. Local, serial.
 * \param [in] feature  (d): columns to use, ascending.
 * \param [in] rows     (n): training rows in Weka's order: sums depend on it in
 *                      their last bits.
 * \param [out] out     Owned by the caller, see bs_naive_bayes_destroy; NULL on
 *                      failure.
 * \return              BS_OK, BS_ERR_RESOURCE or BS_STOPPED.
 * Cost: d sorts of n rows.
 */
bs_status bs_naive_bayes_train(const bs_dataset *data, int d,
                               const int *feature, const uint32_t *rows,
                               size_t n, bs_weka rules, bs_naive_bayes **out);
/** Free *model and set it to NULL; NULL is a no-op. */
void bs_naive_bayes_destroy(bs_naive_bayes **model);

/** Append the model's numbers, and make a model of them again: what else it is
 * made of is given. Local.
 * \param [out] out  NULL on failure.
 * \return           BS_OK, BS_ERR_RESOURCE, or BS_ERR_RUNTIME: too few bytes.
 */
void bs_naive_bayes_pack(const bs_naive_bayes *model, bs_pack *to);
bs_status bs_naive_bayes_unpack(bs_unpack *from, int c, int d,
                                const int *feature, bs_weka rules,
                                bs_naive_bayes **out);

/** Class probabilities of a row of \a data: (c). All 0 where they overflow (the
 * row is then unclassified, as in Weka 3.8). */
void bs_naive_bayes_predict(const bs_naive_bayes *model, const bs_dataset *data,
                            size_t row, double *prob);

/** Print the model as Weka prints it. Not collective.
 * \param [in] feature     Names by column of the data set.
 * \param [in] class_name  (c).
 */
void bs_naive_bayes_print(const bs_naive_bayes *model, char *const *feature,
                          char *const *class_name, FILE *out);

/** The normal distribution function (Weka: Statistics.normalProbability, from
 * Cephes' ndtr). Above 0 it is 1 minus something, and exactly 1 from 8.3 on. */
double bs_normal_probability(double a);

#endif /* BS_NAIVE_BAYES_H */
