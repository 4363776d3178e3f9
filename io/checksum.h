/* SPDX-License-Identifier: BSD-3-Clause */
/** \file checksum.h
 * The checksum of a data set: XXH3-64 (seed 0) over, in this order,
 *   each feature name in file order, its UTF-8 bytes and one 0 byte;
 *   each class name under the default labels, likewise;
 *   X, row by row, each value as the 8 bytes of a little-endian IEEE double;
 *   y, row by row, each class code as a little-endian 16-bit integer;
 * written as 16 lower-case hexadecimal digits of the 64-bit value.
 *
 * Whoever holds the state of the hash can go on with it, on any rank, so that
 * ranks can take turns at consecutive blocks of rows.
 */
#ifndef BS_CHECKSUM_H
#define BS_CHECKSUM_H
#include "src/names.h"
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/** A running checksum. Opaque. */
typedef struct bs_checksum bs_checksum;

/** Start one: the names are taken in. Free with bs_checksum_destroy. */
bs_status bs_checksum_create(char *const *feature, int d,
                             char *const *class_name, int c, bs_checksum **out);
void bs_checksum_destroy(bs_checksum **sum);
/** Take in the next \a count values of X, or of y. */
void bs_checksum_values(bs_checksum *sum, const double *x, size_t count);
void bs_checksum_classes(bs_checksum *sum, const uint16_t *y, size_t count);
/** The digits so far, with the terminating 0. */
void bs_checksum_digits(const bs_checksum *sum, char digits[17]);
/** Pass the state to a rank without waiting for it, or take it over from one.
 * \param [in] note  Goes with it, and is what receive returns. */
void bs_checksum_send(bs_checksum *sum, int note, int to, MPI_Comm comm);
int bs_checksum_receive(bs_checksum *sum, int from, MPI_Comm comm);
/** Has what a rank passes come, so that receive need not wait? */
bool bs_checksum_is_here(int from, MPI_Comm comm);

/** Checksum of X as stored: ranks take turns at blocks of rows, reading by
 * column and turning them over in memory. Collective over \a comm; y is not
 * taken in. Rank 0 ends up with the state.
 * \param [in] path  Data file with /X (n, d).
 */
bs_status bs_checksum_stored(MPI_Comm comm, const char *path, uint64_t n, int d,
                             bs_checksum *sum);

#endif /* BS_CHECKSUM_H */
