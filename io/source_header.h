/* SPDX-License-Identifier: BSD-3-Clause */
/** \file source_header.h
 * The first lines of an input file: what its columns are, where its rows begin.
 */
#ifndef BS_SOURCE_HEADER_H
#define BS_SOURCE_HEADER_H
#include "io/source.h"

/** Read the header line of a CSV file of \a source, and check it: against the
 * names of N-BaIoT, or against the first file, which sets the columns. Not
 * collective, nor is the next.
 * \return  BS_OK; BS_ERR_INPUT; BS_ERR_RESOURCE. */
bs_status bs_source_csv_header(bs_source *source, bs_source_file *file);

/** Read the header of the only file, an ARFF file: columns, class, classes.
 * \param [in] class_column  Name, or NULL: the last attribute.
 * \param [in] must          Rows to be predicted must have that class. */
bs_status bs_source_arff_header(bs_source *source, const char *class_column,
                                bool must);

#endif /* BS_SOURCE_HEADER_H */
