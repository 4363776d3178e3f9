/* SPDX-License-Identifier: BSD-3-Clause */
/** \file figures_internal.h
 * The figures one by one; all on rank 0.
 */
#ifndef BS_FIGURES_INTERNAL_H
#define BS_FIGURES_INTERNAL_H
#include "jobs/axes.h"
#include "jobs/figure.h"
#include "jobs/figures.h"

/** ROC of class k against the rest, of (count) experiments, whole and zoomed;
 * none if the class, or the rest, has no rows. count <= BS_FIGURE_TRIALS. */
enum { BS_FIGURE_TRIALS = 8 };
bs_status bs_figure_roc(const bs_study *study, const char *dir, int k,
                        const int *trial, int count);
bs_status bs_figure_confusion(const bs_study *study, const char *dir,
                              int trial);
bs_status bs_figure_ranking(const bs_study *study, const char *dir);
bs_status bs_figure_splits(const bs_study *study, const char *dir);
bs_status bs_figure_clusters(const bs_study *study, const char *dir,
                             int clustering, const bs_scatter *scatter);

#endif /* BS_FIGURES_INTERNAL_H */
