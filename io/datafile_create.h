/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile_create.h
 * A data file without values: datasets of the right shape, and room for them.
 */
#ifndef BS_DATAFILE_CREATE_H
#define BS_DATAFILE_CREATE_H
#include "io/datafile.h"
#include <hdf5.h>

/** Datasets with a value per row, beside X. */
enum {
  BS_SET_Y,
  BS_SET_ROWS,
  BS_SET_ROW_IN_FILE,
  BS_SET_FILE_ID,
  BS_SET_DEVICE,
  BS_SET_ATTACK,
  BS_ROW_SETS
};

typedef struct bs_row_set_facts {
  const char *path, *long_name;
  size_t bytes; /**< of an unsigned value */
} bs_row_set_facts;
extern const bs_row_set_facts bs_row_set[BS_ROW_SETS];

/** Device and attack are known for N-BaIoT only. */
bool bs_row_set_used(const bs_datafile *facts, int set);

/** Rows of a chunk of X; a chunk has one column. */
uint64_t bs_chunk_rows(uint64_t n);

/** Create a file with X, its chunks one behind the other in the order of rows,
 * then columns, and with the datasets of bs_row_set, each in one piece. Nothing
 * of them is written, but the file system has the room. Not collective: one
 * rank calls it.
 * \return  BS_OK, or BS_ERR_RESOURCE, when nothing is left behind. */
bs_status bs_datafile_create(const char *path, const bs_datafile *facts);

/** A second file \a like the first, but with an empty X that gzip filters.
 * Not collective. \return  BS_OK or BS_ERR_RESOURCE. */
bs_status bs_datafile_create_packed(const char *path, const bs_datafile *facts,
                                    int deflate, const char *like);

/** Create a group that keeps the order of its members. */
bool bs_datafile_group(hid_t h5, const char *name);

/** Fail with "cannot write PATH" and what errno says. */
bs_status bs_cannot_write(const char *path);

#endif /* BS_DATAFILE_CREATE_H */
