/* SPDX-License-Identifier: BSD-3-Clause */
/** \file published.h
 * What the study reports, to stand beside ours as the study's: C. Okur, M.
 * Dener, "Detecting IoT Botnet Attacks Using Machine Learning Methods", 2020;
 * both on the ten features of its Table I, percent.
 */
#ifndef BS_PUBLISHED_H
#define BS_PUBLISHED_H
#include "src/dataset.h"
#include <stdbool.h>
#include <stdint.h>

extern const double bs_published_j48;
extern const double bs_published_em; /**< classes to clusters */

/** Table II: rows actual, columns predicted, in the order of our classes. */
extern const uint64_t bs_published_matrix[3][3];

/** Do the data have the study's classes and features? */
bool bs_published_fits(const bs_dataset *data);

#endif /* BS_PUBLISHED_H */
