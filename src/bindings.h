/* SPDX-License-Identifier: BSD-3-Clause */
/** \file bindings.h
 * Which CPUs of which host each rank's threads may use, as a table, and what
 * is wrong with that.
 */
#ifndef BS_BINDINGS_H
#define BS_BINDINGS_H
#include "src/cpus.h"
#include "src/shared.h"
#include "src/status.h"
#include <stdio.h>

enum { BS_HOST_NAME = 64 };

/** One rank. */
typedef struct bs_binding {
  int node;     /**< 0 .. nodes - 1 */
  int threads;  /**< of its OpenMP team */
  int domains;  /**< NUMA domains of its CPUs; 0: not known */
  bs_cpus cpus; /**< those that any thread of the team may use */
} bs_binding;

/** All ranks of a job. */
typedef struct bs_bindings {
  int ranks, nodes;
  bs_binding *rank;           /**< (ranks) */
  char (*host)[BS_HOST_NAME]; /**< (nodes) */
} bs_bindings;

/** Ask every thread of every rank. Collective over \a comm; rank 0 gets the
 * answers, the others an empty *out. \return Alike on all ranks. */
bs_status bs_bindings_gather(MPI_Comm comm, const bs_node *node, int threads,
                             bs_bindings *out);
/** Free; an empty one is a no-op. */
void bs_bindings_free(bs_bindings *b);

/** Lines of a table: ranks, host, CPUs. Equal rows are one, and nodes whose
 * ranks have the CPUs of those of the node before are one row. */
void bs_bindings_print(const bs_bindings *b, FILE *out);

/** A line for each thing that makes the job slow: threads or ranks that share
 * CPUs, more threads than CPUs, threads of a rank in several NUMA domains.
 * \param [in] proc_bind  Value of OMP_PROC_BIND, NULL if not set. */
void bs_bindings_warn(const bs_bindings *b, const char *proc_bind, FILE *out);

#endif /* BS_BINDINGS_H */
