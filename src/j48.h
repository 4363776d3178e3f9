/* SPDX-License-Identifier: BSD-3-Clause */
/** \file j48.h
 * J48 (C4.5 release 8 as Weka has it): growing, collapsing, pruning.
 */
#ifndef BS_J48_H
#define BS_J48_H
#include "src/dataset.h"
#include "src/presort.h"
#include "src/pruning_estimate.h"
#include "src/split.h"
#include "src/status.h"
#include "src/tree.h"
#include "src/weka.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Options of J48, Weka's letter in brackets. */
typedef struct bs_j48_options {
  float confidence; /**< [-C] pruning confidence */
  long min_leaf;    /**< [-M] smallest number of rows in a branch */
  bool unpruned;    /**< [-U] */
  bool no_raising;  /**< [-S] */
  bool no_collapse; /**< [-O] */
  bool no_mdl;      /**< [-J] */
  bs_weka rules;
} bs_j48_options;

/** Everything the trees of one experiment share: data, sorted columns, tables.
 * Refers to data and presort, which must outlive it. */
typedef struct bs_j48 {
  const bs_dataset *data;
  const bs_presort *presort;
  bs_j48_options options;
  int features; /**< features used */
  int *feature; /**< (features): their numbers, ascending */
  int columns;  /**< distinct columns among them */
  int *column;  /**< (columns): numbers in presort */
  int *slot;    /**< (features): index in column */
  bs_criterion criterion;
  bs_pruning pruning;
} bs_j48;

/** Tables of logarithms for up to n rows: once per node, for all experiments.
 */
typedef struct bs_log_tables {
  bs_shared block;
  const double *ln;    /**< (n + 1) */
  const double *xlogx; /**< (n + 1) */
} bs_log_tables;

/** Fill the tables, the ranks of the node sharing the work. Collective over
 * \a comm. \return BS_OK or BS_ERR_RESOURCE, alike on all ranks. */
bs_status bs_log_tables_create(MPI_Comm comm, const bs_node *node, size_t n,
                               bs_weka rules, int threads, bs_log_tables *out);
/** Free; collective over the node. */
void bs_log_tables_destroy(bs_log_tables *tables);

/** Set up an experiment. Local.
 * \param [in] kernels  Which variant; the trees do not depend on it.
 * \param [in] feature  (features): ascending feature numbers.
 * \return BS_OK, BS_ERR_RESOURCE, or BS_ERR_INPUT where row numbers and class
 *         codes do not fit a list entry (more than 2^32 in all).
 */
bs_status bs_j48_create(const bs_dataset *data, const bs_presort *presort,
                        const bs_log_tables *tables,
                        const bs_list_kernels *kernels,
                        const bs_j48_options *options, int features,
                        const int *feature, bs_j48 **out);
/** Free *j48 and set it to NULL; NULL is a no-op. */
void bs_j48_destroy(bs_j48 **j48);

/** What one thread needs beside the lists. */
typedef struct bs_scratch {
  uint64_t *list;  /**< (n / 2 + BS_LIST_PAD + 1) */
  uint32_t *count; /**< (32 c) */
} bs_scratch;

/** Scratch for every thread of the team. */
typedef struct bs_team {
  int threads;
  bs_scratch *scratch; /**< (threads) */
} bs_team;

/** For data sets of up to n rows and c classes. */
bs_status bs_team_create(int threads, size_t n, int c, bs_team **out);
void bs_team_destroy(bs_team **team);

/** The ranks that grow one tree together, each holding some of the columns, and
 * what they have sent each other. */
typedef struct bs_group {
  MPI_Comm comm; /**< not used where size is 1 */
  int rank, size;
  uint64_t messages, bytes; /**< collective calls, and bytes received */
} bs_group;

/** Memory for growing one tree at a time, reused from tree to tree. */
typedef struct bs_workspace {
  size_t n;        /**< most training rows */
  int columns;     /**< most distinct columns held by this rank */
  uint64_t *list;  /**< (columns, n + BS_LIST_PAD): column lists, partitioned by
                        node */
  uint32_t *rows;  /**< (n): training rows, partitioned by node */
  uint32_t *spare; /**< (n) */
  uint16_t *tag;   /**< (all rows): class code, or UINT16_MAX: not trained on */
  uint64_t *side;  /**< bit per row of the data set */
  uint32_t *place; /**< (all rows): place in the training order; made on the
                        first need in each training set (3.6 only) */
  bool placed;
} bs_workspace;

/** \param [in] all      Rows of the data set.
 *  \param [in] n        Most training rows of a tree.
 *  \param [in] columns  Most distinct columns of a tree held by this rank. */
bs_status bs_workspace_create(size_t all, size_t n, int columns, bs_weka rules,
                              bs_workspace **out);
void bs_workspace_destroy(bs_workspace **workspace);
/** Bytes that bs_workspace_create would take. */
size_t bs_workspace_bytes(size_t all, size_t n, int columns, bs_weka rules);

/** Fit a tree. Collective over the group (local where that is one rank); may be
 * called inside an OpenMP task, whose team then shares the columns of large
 * nodes as tasks; from the main thread where the group has several ranks. The
 * tree does not depend on the numbers of ranks and threads.
 * \param [in]  rows  (n): training rows in Weka's order (any order under the
 *                    rules of 3.8), n >= 1.
 * \param [out] out   Compact tree, owned by the caller, on rank 0 of the group;
 *                    NULL on the others and on failure.
 * \return            Alike on all ranks of the group: BS_OK, BS_ERR_RESOURCE,
 *                    or BS_ERR_RUNTIME where the rules of 3.6 do not end.
 */
bs_status bs_j48_fit(const bs_j48 *j48, const uint32_t *rows, size_t n,
                     bs_group *group, bs_team *team, bs_workspace *workspace,
                     bs_tree **out);

#endif /* BS_J48_H */
