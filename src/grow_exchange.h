/* SPDX-License-Identifier: BSD-3-Clause */
/** \file grow_exchange.h
 * What the ranks of a group tell each other while they grow trees.
 */
#ifndef BS_GROW_EXCHANGE_H
#define BS_GROW_EXCHANGE_H
#include "src/bundle.h"

/** Complete the splits of a level's bundles: every rank has filled in those of
 * its own columns. Collective over the group; one MPI_Allgatherv.
 * \return BS_OK, BS_ERR_RESOURCE, or BS_STOPPED where a rank is to stop and may
 *         have left columns out; alike on all ranks. */
bs_status bs_exchange_splits(bs_group *group, bs_level *level);

#endif /* BS_GROW_EXCHANGE_H */
