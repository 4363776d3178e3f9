/* SPDX-License-Identifier: BSD-3-Clause */
/** \file presort.h
 * Every column sorted once: shared by all ranks of a node, all folds and all
 * feature sets.
 *
 * J48 may cut between two neighbouring rows of a node only if
 * v + 1e-5 < next (C45Split.handleNumericAttribute), so values closer than that
 * form chains. Neighbours from different chains may always be cut apart. A
 * chain whose ends are within reach of each other can never be cut, whichever
 * of its rows a node holds: all of it gets one rank. In a wider chain every
 * distinct value gets a rank of its own, and reach[a] is the first rank whose
 * value is above the value of rank a by more than 1e-5.
 */
#ifndef BS_PRESORT_H
#define BS_PRESORT_H
#include "kernels/lists.h"
#include "src/dataset.h"
#include "src/shared.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One distinct column in sorted order; n rows. */
typedef struct bs_sorted_column {
  int feature;           /**< first feature with these values */
  const uint32_t *order; /**< (n): rows by ascending value, then row number */
  const uint64_t *step;  /**< bit p: position p has a higher rank than p - 1 */
  bs_reach reach;        /**< see above */
  uint32_t ranks;        /**< number of ranks */
  bool negative_zero;    /**< some value of these features is -0 */
} bs_sorted_column;

/** All columns of a data set, identical ones sorted once. */
typedef struct bs_presort {
  size_t n;
  int d;
  int *column;              /**< (d): number of the feature's distinct column */
  int columns;              /**< distinct columns */
  bs_sorted_column *sorted; /**< (columns) */
  bs_shared order_block, step_block, near_block, far_block;
} bs_presort;

/** Sort all columns, the ranks of a node sharing the columns and each using
 * \a threads threads. Collective over \a comm.
 * \param [in]  data  Must have fewer than 2^31 rows.
 * \param [out] out   Owned by the caller, see bs_presort_destroy; NULL on
 *                    failure. Does not refer to \a data.
 * \return            BS_OK, BS_ERR_RESOURCE or BS_STOPPED, alike on all ranks.
 */
bs_status bs_presort_create(MPI_Comm comm, const bs_node *node,
                            const bs_dataset *data, int threads,
                            bs_presort **out);
/** Free *presort and set it to NULL; NULL is a no-op. Collective over the
 * node. */
void bs_presort_destroy(bs_presort **presort);

/** Most bytes per node that bs_presort_create keeps for n rows and d columns,
 * and that it takes on top of them while it sorts. */
size_t bs_presort_bytes(size_t n, size_t d);
size_t bs_presort_scratch_bytes(size_t n, int threads);

#endif /* BS_PRESORT_H */
