/* SPDX-License-Identifier: BSD-3-Clause */
/** \file features.h
 * Which features a command uses: --features and --drop.
 */
#ifndef BS_FEATURES_H
#define BS_FEATURES_H
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>

/** Resolve --features and --drop against the names of a file. Collective over
 * \a comm; rank 0 alone looks at files.
 * \param [in] spec     "all", "table1" (the ten names of the study's Table I),
 *                      "NAME,NAME,..." or "@FILE" (names apart by commas or
 *                      line ends, '#' starts a comment); NULL means "all".
 * \param [in] drop     Shell patterns apart by commas, or NULL: names that
 * match one are left out afterwards. \param [in] names    (d): feature names.
 * \param [out] columns (count): indices in ascending order, whatever order they
 *                      were named in. Free with bs_mem_free; NULL on failure.
 * \return              BS_OK; BS_ERR_USAGE for an unknown or doubled name, a
 *                      pattern that matches nothing, or an empty choice;
 *                      BS_ERR_INPUT where FILE cannot be read; BS_ERR_RESOURCE.
 */
bs_status bs_features_select(MPI_Comm comm, const char *spec, const char *drop,
                             char *const *names, int d, int **columns,
                             int *count);

/** Understand "top:K" and "top:K@fold": the K best features by
 * OneRAttributeEval, ranked on all rows or inside each training fold.
 * \param [out] k        0 where \a spec (may be NULL) is something else.
 * \param [out] in_fold  Whether each fold ranks for itself.
 * \return               BS_OK, or BS_ERR_USAGE for a K that is no number >= 1.
 */
bs_status bs_features_top(const char *spec, int *k, bool *in_fold);

#endif /* BS_FEATURES_H */
