/* SPDX-License-Identifier: BSD-3-Clause */
/* Every entry by its own argument reduction (bs_exact_log), not by a sieve that
 * adds the logarithms of prime factors: no memory beside the tables, no error
 * that accumulates, no order between entries, and fast enough that a table
 * costs less than reading the data it is for. */
#include "src/entropy_table.h"
#include "src/exact_math.h"

void bs_entropy_table_fill_range(size_t lo, size_t hi, bs_weka version,
                                 double *ln, double *xlogx)
{
  for (size_t k = lo; k < hi; k++) {
    const double x = (double)k;
    const double l = k == 0 ? 0 : bs_exact_log(x);
    if (ln != NULL)
      ln[k] = l;
    if (xlogx != NULL)
      xlogx[k] = version == BS_WEKA_36 ? x * l / BS_LN2 : x * l;
  }
}

void bs_entropy_table_fill(size_t n_max, bs_weka version, double *ln,
                           double *xlogx)
{
  const size_t block = 4096;
#pragma omp parallel for schedule(static) default(none)                        \
    firstprivate(n_max, block, version, ln, xlogx)
  for (size_t b = 0; b <= n_max / block; b++) {
    const size_t lo = b * block;
    const size_t hi = n_max - lo < block ? n_max + 1 : lo + block;
    bs_entropy_table_fill_range(lo, hi, version, ln, xlogx);
  }
}
