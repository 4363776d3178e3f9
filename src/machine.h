/* SPDX-License-Identifier: BSD-3-Clause */
/** \file machine.h
 * What a node has: memory and processors this job may use.
 */
#ifndef BS_MACHINE_H
#define BS_MACHINE_H
#include "src/cpus.h"
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

/** CPUs that the threads of an OpenMP team of that size may run on, together.
 * Where the system does not tell, CPU 0. Local; not from within a team. */
void bs_machine_team_cpus(int threads, bs_cpus *cpus);

/** NUMA domains that some CPUs belong to; 0 where the system does not tell.
 * Local.
 * \param [in] folder  Where it does: BS_MACHINE_DOMAINS. */
int bs_machine_domains(const char *folder, const bs_cpus *cpus);
#define BS_MACHINE_DOMAINS "/sys/devices/system/node"

/** Bytes of memory a process has had. */
typedef struct bs_usage {
  double peak;         /**< most at any time, shared memory included */
  double shared;       /**< shared memory, now */
  double shared_share; /**< the same, each page divided by its processes */
} bs_usage;

/** Memory of the calling process, by Linux's count; zeros where it does not
 * tell. */
bs_usage bs_machine_usage(void);

#endif /* BS_MACHINE_H */
