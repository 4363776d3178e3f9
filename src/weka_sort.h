/* SPDX-License-Identifier: BSD-3-Clause */
/** \file weka_sort.h
 * The unstable quicksort of Weka's utilities: the order it leaves equal values
 * in shows in rankings and in the sums of naive Bayes.
 */
#ifndef BS_WEKA_SORT_H
#define BS_WEKA_SORT_H
#include <stddef.h>
#include <stdint.h>

/** Order \a index ascending by value[index[i]], starting from the order it has.
 * NaN (missing) counts as the largest double. The stack is bounded by log2 n.
 * \param [in] value       Values by element number.
 * \param [in,out] index   (n): element numbers.
 */
void bs_weka_sort(const double *value, uint32_t *index, size_t n);

/** The same from the order 0 .. n-1, which it writes to \a index first. */
void bs_weka_sort_all(const double *value, uint32_t *index, size_t n);

#endif /* BS_WEKA_SORT_H */
