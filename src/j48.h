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
  bs_entry_layout layout; /**< of list entries; trees: most together */
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
 * \a comm. \return BS_OK, BS_ERR_RESOURCE or BS_STOPPED, alike on all ranks. */
bs_status bs_log_tables_create(MPI_Comm comm, const bs_node *node, size_t n,
                               bs_weka rules, int threads, bs_log_tables *out);
/** Free; collective over the node. */
void bs_log_tables_destroy(bs_log_tables *tables);

/** Set up an experiment. Local.
 * \param [in] kernels  Which variant; the trees do not depend on it.
 * \param [in] feature  (features): ascending feature numbers.
 * \return BS_OK, BS_ERR_RESOURCE, or BS_ERR_INPUT where row number, rank
 *         and class code leave no bit of a list entry for a tree.
 */
bs_status bs_j48_create(const bs_dataset *data, const bs_presort *presort,
                        const bs_log_tables *tables,
                        const bs_list_kernels *kernels,
                        const bs_j48_options *options, int features,
                        const int *feature, bs_j48 **out);
/** Free *j48 and set it to NULL; NULL is a no-op. */
void bs_j48_destroy(bs_j48 **j48);

/** The ranks that grow trees together, each holding some of the columns, and
 * what they have sent each other. */
typedef struct bs_group {
  MPI_Comm comm; /**< not used where size is 1 */
  int rank, size;
  uint64_t messages, bytes; /**< collective calls, and bytes received */
  /** On rank 0: looks at the trees as far as they are grown, between levels and
   * when growing has been stopped; or NULL. */
  void (*look)(const void *context, bs_tree *const *tree, bool stopped);
  const void *context;
} bs_group;

/** Rows that a tree is trained on, in Weka's order (any order under the rules
 * of 3.8), each once. */
typedef struct bs_training {
  const uint32_t *rows; /**< (n) */
  size_t n;             /**< >= 1 */
  const bs_tree *begun; /**< the tree as far as an earlier run has grown it, or
                             NULL; its cuts are repeated, not looked for */
} bs_training;

/** Rows of nodes, and the trees that have them there. */
typedef struct bs_row_list {
  uint32_t *row;   /**< (room): ascending in each node */
  uint16_t *trees; /**< (room): a bit each */
} bs_row_list;

/** Memory for growing up to BS_TREES trees together, used again and again. */
typedef struct bs_workspace {
  size_t all;  /**< rows of the data set */
  size_t room; /**< entries of a list: a row that trees send to different sides
                    takes more than one */
  int columns, trees, threads;
  uint64_t **list;  /**< (columns): those of this rank, (room + BS_LIST_PAD) */
  uint64_t **spare; /**< (threads): change places with lists */
  bs_list_sums *sums; /**< (columns): of this rank's lists; NULL where there
                           are too many classes */
  uint64_t **stale;   /**< (threads): for the column in hand */
  uint32_t **work;    /**< (threads): (BS_SPLIT_WORK c) */
  uint32_t *tag;      /**< (all): see bs_list_kernels.filter */
  uint16_t *trained;  /**< (all): trees that are trained on the row */
  bs_sides sides;
  bs_row_list rows, next;
  uint32_t *leaf; /**< (finished, all): leaf that a training row is in */
  uint32_t *leaf_of[BS_TREES]; /**< (all) of a tree that this rank finishes,
                                    NULL for others */
  uint32_t *place[BS_TREES];   /**< (all): place in the training order; made on
                                    the first need (3.6 only) */
} bs_workspace;

/** How much of it there is to be. */
typedef struct bs_workspace_size {
  size_t all;   /**< rows of the data set */
  int c;        /**< classes */
  int columns;  /**< most distinct columns of a tree held by this rank */
  int trees;    /**< most trees together */
  int finished; /**< most of them that this rank finishes */
  int threads;
} bs_workspace_size;

/** Threads that a loop over so many entries or rows is worth. */
static inline int bs_threads_for(const bs_workspace *workspace, size_t work)
{
  return work < 1 << 15 ? 1 : workspace->threads;
}

bs_status bs_workspace_create(const bs_workspace_size *size,
                              bs_workspace **out);
void bs_workspace_destroy(bs_workspace **workspace);
/** Bytes that bs_workspace_create would take. */
size_t bs_workspace_bytes(const bs_workspace_size *size);

/** Most trees that can grow together: their bits share list entries with row
 * number, rank and class. 1 .. BS_TREES. */
int bs_j48_together(const bs_j48 *j48);

/** Fit trees together. Collective over the group (local where that is one
 * rank); to be called by the main thread outside of parallel regions. No tree
 * depends on the others, nor on the numbers of ranks and threads.
 * \param [in]  trees     1 .. bs_j48_together.
 * \param [in]  training  (trees).
 * \param [out] out       (trees): compact trees, owned by the caller; tree t on
 *                        rank t mod size of the group, NULL on the others and
 *                        on failure.
 * \return                Alike on all ranks of the group: BS_OK,
 *                        BS_ERR_RESOURCE, or BS_ERR_RUNTIME where the rules of
 *                        3.6 do not end.
 */
bs_status bs_j48_fit(const bs_j48 *j48, int trees, const bs_training *training,
                     bs_group *group, bs_workspace *workspace, bs_tree **out);

#endif /* BS_J48_H */
