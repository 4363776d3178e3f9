/* SPDX-License-Identifier: BSD-3-Clause */
/** \file threshold.h
 * Where a cut is placed: on a value of the training set (Weka:
 * C45Split.setSplitPoint).
 */
#ifndef BS_THRESHOLD_H
#define BS_THRESHOLD_H
#include "src/j48.h"

/** Threshold for a cut at \a midpoint of a feature.
 * 3.8: the largest training value not above it; of equal values (0 and -0) the
 * one of the lowest row. 3.6: a tolerant scan over the training set in its
 * order, see the source. Local.
 * \param [in] tree  Its bit in workspace->trained.
 * \return  BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_threshold_place(const bs_j48 *j48, int feature, double midpoint,
                             const bs_training *training, int tree,
                             bs_workspace *workspace, double *threshold);

#endif /* BS_THRESHOLD_H */
