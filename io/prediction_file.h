/* SPDX-License-Identifier: BSD-3-Clause */
/** \file prediction_file.h
 * Predictions as a file.
 *
 * CSV: a header "actual,predicted,NAME,..." and a line a row: the class it has
 * (empty where not known), the class predicted (empty where the leaf saw no
 * rows), and the probability of every class, with digits that read back to the
 * same double. HDF5: /actual (n) and /predicted (n) class codes, 65535 for the
 * empty ones, /probability (n, c), /class_name (c).
 *
 * Of a mixture with k clusters, "predicted" is the class that the row's cluster
 * stands for, if any. CSV:
 * "actual,predicted,cluster,log_density,cluster_0,...", the last k being the
 * posterior probabilities. HDF5: /actual, /predicted, /class_name as above,
 * /cluster (n), /log_density (n), /probability (n, k).
 */
#ifndef BS_PREDICTION_FILE_H
#define BS_PREDICTION_FILE_H
#include "io/apply.h"

/** Write them to PATH, whose ending, .csv or .h5, says how; under a temporary
 * name first. Not collective: rank 0 calls it.
 * \param [in] prob       (tree->size, c): see bs_tree_probabilities; NULL for a
 *                        mixture.
 * \param [in] predicted  (tree->size) or (k): class of each leaf or cluster, or
 *                        BS_NO_CLASS.
 * \return BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_predictions_write(const char *path, const bs_model *model,
                               const bs_applied *rows, const double *prob,
                               const uint16_t *predicted);

/** Does the path end as one of the formats does? */
bool bs_predictions_name(const char *path);

#endif /* BS_PREDICTION_FILE_H */
