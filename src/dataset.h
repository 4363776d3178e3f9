/* SPDX-License-Identifier: BSD-3-Clause */
/** \file dataset.h
 * A numeric data set in memory: columns and classes, once per node.
 */
#ifndef BS_DATASET_H
#define BS_DATASET_H
#include "src/shared.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** n rows, d features, c classes. Row and feature order are the file's. */
typedef struct bs_dataset {
  size_t n;
  int d;
  int c;             /**< classes declared, also those without rows */
  const double *x;   /**< (d, n): column j is x + j * n; finite values */
  const uint16_t *y; /**< (n): class codes 0 .. c-1 */
  char **feature;    /**< (d): names */
  char **class_name; /**< (c): names */
  char *source;      /**< "N-BaIoT", "simulated capture", a base name */
  bool simulated;    /**< figures from it are not the study's */
  bool nbaiot;       /**< labels family, attack, binary make sense */
  char *checksum;    /**< of the whole data file, 16 hex digits */
  bs_shared x_block, y_block; /**< owners of x and y */
} bs_dataset;

/** Allocate the arrays for n rows, d features and c classes, names NULL, x and
 * y undefined. Collective over the node.
 * \param [out] out  The caller's, see bs_dataset_destroy; NULL on failure.
 * \return           BS_OK or BS_ERR_RESOURCE, alike on the ranks of a node.
 */
bs_status bs_dataset_create(const bs_node *node, size_t n, int d, int c,
                            bs_dataset **out);
/** Free *data and set it to NULL; NULL is a no-op. Collective over the node. */
void bs_dataset_destroy(bs_dataset **data);

#endif /* BS_DATASET_H */
