/* SPDX-License-Identifier: BSD-3-Clause */
/** \file merits.h
 * How well each feature does alone (Weka: OneRAttributeEval), for one or many
 * selections of rows at a time, over ranks and threads on the shared presort.
 */
#ifndef BS_MERITS_H
#define BS_MERITS_H
#include "src/dataset.h"
#include "src/keep.h"
#include "src/presort.h"
#include "src/status.h"
#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/** Weka's defaults. */
enum { BS_MERIT_FOLDS = 10, BS_MERIT_SEED = 1 };

/** Rows that features are tried on, by cross-validation among them. */
typedef struct bs_merit_spec {
  const uint32_t *rows; /**< (n): in the order Weka would hold them, which
                             decides the folds; NULL: all rows of the data */
  size_t n;             /**< rows; not looked at where rows is NULL */
  int folds;
  int64_t seed;
  int min_bucket; /**< of the rules, see src/oner.h */
} bs_merit_spec;

/** Percent right of the rule on each feature alone: (1 - errors / n) * 100.
 * Collective over \a comm; identical columns are tried once; the same bits for
 * any number of ranks and threads.
 * \param [in] presort  Of \a data.
 * \param [in] spec     (count).
 * \param [in] keep     Where finished rules go and those of an earlier run come
 *                      from, under keys that begin with \a key; or NULL.
 * \param [out] merit   (count, d).
 * \return              BS_OK, BS_ERR_USAGE (folds), BS_ERR_RESOURCE,
 *                      BS_STOPPED, alike on all ranks.
 * Cost: for each selection and distinct column one pass over the rows, and
 * O(folds) for each stretch of rows of one class.
 */
bs_status bs_merits(MPI_Comm comm, int threads, const bs_dataset *data,
                    const bs_presort *presort, int count,
                    const bs_merit_spec *spec, const bs_keep *keep,
                    const char *key, double *merit);

/** The best features, as Weka's Ranker orders them. Local.
 * \param [in] merit     (d): by column of the data.
 * \param [in] features  Columns that are ranked against each other.
 * \param [in] feature   (features): ascending.
 * \param [in] k         How many to take, <= features.
 * \param [out] best     (k): ascending.
 * \return               BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_merits_best(const double *merit, int features, const int *feature,
                         int k, int *best);

#endif /* BS_MERITS_H */
