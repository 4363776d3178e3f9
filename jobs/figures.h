/* SPDX-License-Identifier: BSD-3-Clause */
/** \file figures.h
 * The study's figures as SVG, each with its numbers as CSV.
 */
#ifndef BS_FIGURES_H
#define BS_FIGURES_H
#include "jobs/study.h"

/** Rows shown in the scatter plots of clusters: at most this many. */
enum { BS_SCATTER_ROWS = 3000 };

/** Rows of a scatter plot, at equal distances in the data: complete on rank 0.
 */
typedef struct bs_scatter {
  size_t count;
  uint32_t *row;     /**< (count) */
  uint16_t *cluster; /**< (count) */
} bs_scatter;

/** Gather clusters of every so many rows of one clustering. Collective. */
bs_status bs_scatter_gather(const bs_study *study, int clustering,
                            bs_scatter *out);
void bs_scatter_free(bs_scatter *scatter);

/** Write all figures to the folder \a dir, which is made if need be: ROC per
 * class with a zoom, confusion matrices, ranking, accuracy by split, clusters.
 * Rank 0.
 * \param [in] scatter  (study->clusterings).
 */
bs_status bs_figures_write(const bs_study *study, const bs_scatter *scatter,
                           const char *dir);

#endif /* BS_FIGURES_H */
