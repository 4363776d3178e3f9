/* SPDX-License-Identifier: BSD-3-Clause */
/** \file fit_rows.h
 * A mixture fitted to some of the session's rows.
 */
#ifndef BS_FIT_ROWS_H
#define BS_FIT_ROWS_H
#include "jobs/common.h"
#include "src/em.h"

/** Fit to the rows of one part, copied for the while to memory that the ranks
 * of a node share. Collective over the team; alike on all of its ranks.
 * \param [in] part     (n): part of every row; rows of \a which are fitted,
 *                      one or more.
 * \param [in] feature  (features): ascending.
 * \param [out] out     Empty on failure.
 * \return              BS_OK, BS_ERR_INPUT (columns no mixture can be fitted
 *                      to) or BS_ERR_RESOURCE.
 */
bs_status bs_fit_rows(const bs_session *s, const bs_ranks *team,
                      const uint8_t *part, uint8_t which, int features,
                      const int *feature, const bs_em_options *options,
                      bs_em_result *out);

#endif /* BS_FIT_ROWS_H */
