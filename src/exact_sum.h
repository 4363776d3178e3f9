/* SPDX-License-Identifier: BSD-3-Clause */
/** \file exact_sum.h
 * Sums of doubles that do not depend on the order: every double is cut into
 * digits of 32 bits at places that depend on nothing but the exponent, and each
 * digit place is an integer sum. Kept are the four places from the highest one
 * seen downwards, at least 96 bits below the leading bit of the largest term.
 *
 * After R. Hallberg, A. Adcroft, Parallel Computing 40 (2014), with the moving
 * window of J. Demmel, H. D. Nguyen's indexed sums.
 */
#ifndef BS_EXACT_SUM_H
#define BS_EXACT_SUM_H
#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

enum { BS_EXACT_DIGITS = 4 };

/** A sum; all zero means no terms yet. Terms that are not finite are counted
 * beside it. At most 2^30 terms. */
typedef struct bs_exact_sum {
  int64_t digit[BS_EXACT_DIGITS]; /**< places top, top - 1, ... */
  int32_t top;                    /**< highest place, 1 + its number; 0: none */
  int32_t odd;                    /**< bit set of BS_EXACT_... below */
} bs_exact_sum;

/** What terms that are not finite leave behind. */
enum { BS_EXACT_PLUS_INF = 1, BS_EXACT_MINUS_INF = 2, BS_EXACT_NAN = 4 };

/** Add a term. */
void bs_exact_sum_add(bs_exact_sum *sum, double term);

/** Add the sum \a other. */
void bs_exact_sum_join(bs_exact_sum *sum, const bs_exact_sum *other);

/** The sum as the nearest double (halves to even); infinite or NaN if the terms
 * were. Independent of the order of terms and joins. */
double bs_exact_sum_value(const bs_exact_sum *sum);

/** Replace \a count sums by their sums over all ranks. Collective over \a comm;
 * one MPI_Allreduce of 40 count bytes. */
void bs_exact_sum_allreduce(MPI_Comm comm, bs_exact_sum *sums, size_t count);

#endif /* BS_EXACT_SUM_H */
