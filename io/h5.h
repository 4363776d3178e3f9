/* SPDX-License-Identifier: BSD-3-Clause */
/** \file h5.h
 * Small helpers around serial HDF5: strings, one-dimensional arrays,
 * attributes. Every function works on an open group or file and is not
 * collective.
 */
#ifndef BS_H5_H
#define BS_H5_H
#include "src/status.h"
#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/** Write an array of strings as a dataset of fixed-length UTF-8. */
bool bs_h5_put_strings(hid_t loc, const char *name, int count,
                       char *const *text, const char *long_name);
/** Write (count) values of memory type \a type as a dataset. */
bool bs_h5_put_array(hid_t loc, const char *name, hid_t type, hsize_t count,
                     const void *values, const char *long_name);
/** Write attributes of an object. */
bool bs_h5_put_text(hid_t loc, const char *name, const char *text);
bool bs_h5_put_int(hid_t loc, const char *name, int value);

/** Read a dataset of fixed-length strings: (*count) of them, each and the list
 * to be freed; false where it is absent, of another type, or too large. */
bool bs_h5_get_strings(hid_t loc, const char *name, int *count, char ***text);
/** Read a 1-D dataset of integers as \a type; \a count must be its length. */
bool bs_h5_get_array(hid_t loc, const char *name, hid_t type, hsize_t count,
                     void *values);
/** Read attributes; the text is to be freed. */
bool bs_h5_get_text(hid_t loc, const char *name, char **text);
bool bs_h5_get_int(hid_t loc, const char *name, int *value);
/** Shape of a dataset of class \a type_class; false where it is something
 * else or has not \a rank dimensions. */
bool bs_h5_shape(hid_t loc, const char *name, H5T_class_t type_class, int rank,
                 hsize_t *dims);
/** Do all chunks of a dataset of two dimensions lie in the file one behind the
 * other in row-major order? HDF5 1.10 walks its index of them for each chunk
 * that it is asked for; where there is none, two answers tell.
 * \param [in] shape, chunk  Of the dataset.
 * \param [out] begin  Where the first one lies.
 * \param [out] bytes  Of a chunk. */
bool bs_h5_chunks_in_order(hid_t set, const hsize_t shape[2],
                           const hsize_t chunk[2], haddr_t *begin,
                           hsize_t *bytes);

#endif /* BS_H5_H */
