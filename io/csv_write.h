/* SPDX-License-Identifier: BSD-3-Clause */
/** \file csv_write.h
 * A CSV file of numbers, in the style of the N-BaIoT files.
 */
#ifndef BS_CSV_WRITE_H
#define BS_CSV_WRITE_H
#include "src/status.h"
#include <stddef.h>

/** A file being written. Opaque. */
typedef struct bs_csv bs_csv;

/** Create a file and write its header; it must not exist. Not collective.
 * \param [in] names  (d): fields of the header, written as they are.
 * \param [out] out   See bs_csv_close; NULL on failure.
 * \return            BS_OK or BS_ERR_RESOURCE: cannot be created or written.
 */
bs_status bs_csv_create(const char *path, const char *const *names, int d,
                        bs_csv **out);
/** Append rows: comma, "1.0", CR LF.
 * \param [in] x  (rows, d) row-major, finite.
 */
bs_status bs_csv_rows(bs_csv *csv, size_t rows, const double *x);
/** Wait until all rows are on the disk. */
bs_status bs_csv_sync(bs_csv *csv);
/** Write what is left, close, free and set to NULL; NULL is a no-op. The file
 * is whole only if this returns BS_OK. */
bs_status bs_csv_close(bs_csv **csv);

#endif /* BS_CSV_WRITE_H */
