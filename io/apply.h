/* SPDX-License-Identifier: BSD-3-Clause */
/** \file apply.h
 * Rows of any input through a tree, or to the clusters of a mixture.
 *
 * Text is read in pieces dealt to the ranks, and only what came of a row and
 * its class are kept: 6 bytes a row on rank 0, whatever the number of columns,
 * and for k clusters 8 (1 + k) more. A data file is loaded once per node.
 */
#ifndef BS_APPLY_H
#define BS_APPLY_H
#include "io/model.h"
#include "src/shared.h"

/** Code of a row whose class is not known. */
enum { BS_NO_CLASS = UINT16_MAX };

/** How to go about it. */
typedef struct bs_apply_options {
  const char *label; /**< name of the class column, NULL: as the model says */
  int threads;       /**< per rank, for data files */
  const bs_cluster_kernels *kernels; /**< for mixtures */
  bool dry_run; /**< look at the input's names only; n stays 0 for text */
} bs_apply_options;

/** What became of the rows, in the order of the input. */
typedef struct bs_applied {
  uint64_t n;
  uint32_t *leaf;  /**< (n): node, or cluster, reached; rank 0 only */
  int width;       /**< 1 + k for k clusters, 0 for a tree */
  double *value;   /**< (n, width): log density and posterior probabilities;
                        rank 0 only */
  uint16_t *truth; /**< (n): class of the model, or BS_NO_CLASS; rank 0 only */
  bool labelled;   /**< classes are there, and are the model's */
  char *unknown;   /**< a class there that the model does not know, or NULL */
  char *source;    /**< as in the data file: base name of the input, ... */
  char *checksum;  /**< of a data file; NULL for text */
  bool simulated;
} bs_applied;

/** Send rows down, or to their clusters. Collective over \a comm, of which \a
 * node is the caller's node; the result does not depend on the ranks. \param
 * [in] paths  One data file, one ARFF file, or CSV files and folders of them.
 * Columns are found by their names; others than the model's are not looked at,
 * in CSV and ARFF. \param [out] out   See bs_applied_free; empty on failure.
 * \return            BS_OK; BS_ERR_INPUT, such as for features that are missing
 *                    or doubled, which the text names; BS_ERR_USAGE;
 *                    BS_ERR_RESOURCE.
 */
bs_status bs_apply(MPI_Comm comm, const bs_node *node, const bs_model *model,
                   int count, char *const *paths,
                   const bs_apply_options *options, bs_applied *out);
void bs_applied_free(bs_applied *applied);

/** An MPI type of out->width doubles, to be freed: a row of value. */
MPI_Datatype bs_applied_row_type(const bs_applied *out);

/** Find the features of a model among the names of an input, (d) of them.
 * \param [in] show       What messages call the input.
 * \param [out] position  (features): where each one is.
 * \return  BS_OK, or BS_ERR_INPUT naming those missing or doubled.
 */
bs_status bs_apply_match(const bs_model *model, const char *show, int d,
                         char *const *name, int *position);

#endif /* BS_APPLY_H */
