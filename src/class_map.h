/* SPDX-License-Identifier: BSD-3-Clause */
/** \file class_map.h
 * Classes-to-clusters evaluation: which class each cluster stands for.
 */
#ifndef BS_CLASS_MAP_H
#define BS_CLASS_MAP_H
#include "src/status.h"
#include <stdint.h>

/** The mapping of least errors in which every class stands for one cluster at
 * most (Weka: ClusterEvaluation.mapClasses). A cluster has a class of which it
 * has rows, or none (-1), and then all its rows are errors. Of equally good
 * mappings the first one, clusters in order, "no class" before class 0, 1, ...
 * Local. Weka searches all mappings; here assignment problems are solved, in
 * O(c^2 (k + c)) each, about c^2 of them.
 * \param [in] counts      (c, k): rows of each class in each cluster.
 * \param [out] mapping    (k): class or -1; -1 for clusters without rows.
 * \param [out] incorrect  Rows that are not of their cluster's class.
 * \return                 BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_class_map(int k, int c, const uint64_t *counts, int *mapping,
                       uint64_t *incorrect);

#endif /* BS_CLASS_MAP_H */
