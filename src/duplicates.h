/* SPDX-License-Identifier: BSD-3-Clause */
/** \file duplicates.h
 * Rows that are identical in all columns.
 */
#ifndef BS_DUPLICATES_H
#define BS_DUPLICATES_H
#include "src/dataset.h"
#include "src/status.h"
#include <stdint.h>

/** For every row find the first row with the same values (0 and -0 are the
 * same); classes do not matter. Local.
 * \param [out] first  (n): the row itself if there is none before it.
 * \return             BS_OK or BS_ERR_RESOURCE.
 * Cost: one pass over the data and a sort of n hashes.
 */
bs_status bs_duplicates_find(const bs_dataset *data, int threads,
                             uint32_t *first);

#endif /* BS_DUPLICATES_H */
