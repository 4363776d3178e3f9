/* SPDX-License-Identifier: BSD-3-Clause */
/** \file entropy_table.h
 * ln k and k ln k for whole k, as Weka's entropies take them.
 */
#ifndef BS_ENTROPY_TABLE_H
#define BS_ENTROPY_TABLE_H
#include "src/weka.h"
#include <stddef.h>

/** RN(ln 2), the constant Weka divides by. */
#define BS_LN2 0x1.62e42fefa39efp-1

/** Fill ln[k] = RN(ln k) and xlogx[k] for k = lo .. hi - 1, where RN rounds to
 * the nearest double, ln[0] = 0, and xlogx[k] is
 *   Weka 3.8: RN(k ln[k]), in natural units; entropies are divided by BS_LN2
 *   Weka 3.6: RN(RN(k ln[k]) / BS_LN2), in bits.
 * An entry depends on its k only, so a table may be split in any way over
 * threads and ranks. No temporary memory. Not collective. Cost: about 25 ns an
 * entry.
 * \param [in]  lo, hi  lo <= hi <= 2^53.
 * \param [out] ln      At least hi entries, of which lo .. hi - 1 are touched;
 *                      NULL if not wanted.
 * \param [out] xlogx   The same.
 */
void bs_entropy_table_fill_range(size_t lo, size_t hi, bs_weka version,
                                 double *ln, double *xlogx);

/** The same for k = 0 .. n_max, by the threads OpenMP gives. */
void bs_entropy_table_fill(size_t n_max, bs_weka version, double *ln,
                           double *xlogx);

#endif /* BS_ENTROPY_TABLE_H */
