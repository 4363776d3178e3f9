/* SPDX-License-Identifier: BSD-3-Clause */
/** \file benign.h
 * Detection by normal behaviour alone: a mixture fitted to benign rows, an
 * alarm for whatever is too unlikely under it.
 */
#ifndef BS_BENIGN_H
#define BS_BENIGN_H
#include "jobs/common.h"
#include "src/curve.h"
#include "src/em.h"

/** How it was done, and what came of it; complete on rank 0. */
typedef struct bs_benign {
  char *refused; /**< why it was not done, or NULL */
  int clusters;
  size_t fitted;            /**< benign rows the mixture was fitted to */
  size_t calibrated;        /**< benign rows the threshold was set on */
  double target;            /**< false positive rate aimed at there */
  double threshold;         /**< log density below which a row is an alarm */
  uint64_t benign, attacks; /**< rows tested */
  uint64_t false_alarms, true_alarms; /**< of them */
  bs_curve *curve;                    /**< of the rows tested */
  double auc;                         /**< area under it */
} bs_benign;

/** Of every input file's benign rows fit a mixture to the first 60 %, set the
 * threshold on the next 20 % so that at most \a target of them are below it,
 * and test the rest and all attacks. Collective over the job.
 * \param [in] benign   Class code of benign rows.
 * \param [in] options  Of the mixture.
 * \param [in] feature  (features): ascending.
 * \param [out] out     See bs_benign_free. With fewer than 10 rows for a part,
 *                      or where no mixture can be fitted, refused tells why.
 * \return              BS_OK or BS_ERR_RESOURCE, alike on all ranks.
 */
bs_status bs_benign_run(const bs_session *s, int benign,
                        const bs_em_options *options, int features,
                        const int *feature, double target, bs_benign *out);
void bs_benign_free(bs_benign *benign);

json_t *bs_benign_json(const bs_benign *benign);

#endif /* BS_BENIGN_H */
