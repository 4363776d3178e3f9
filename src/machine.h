/* SPDX-License-Identifier: BSD-3-Clause */
/** \file machine.h
 * What a node has: memory and processors this job may use.
 */
#ifndef BS_MACHINE_H
#define BS_MACHINE_H
#include "src/shared.h"
#include <stddef.h>

/** Bytes of memory that can still be had on this node without swapping, under
 * the limits of its control group (both versions) where there are any; SIZE_MAX
 * where the system does not say. Local. */
size_t bs_machine_memory(void);

/** Bytes free in the file system that node-shared memory comes from; SIZE_MAX
 * where there is none. Local. */
size_t bs_machine_shared_memory(void);

/** Processors that the ranks of the caller's node may run on together, by their
 * affinity masks. Collective over the node. */
int bs_machine_cpus(const bs_node *node);

#endif /* BS_MACHINE_H */
