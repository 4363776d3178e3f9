/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile.h
 * The data file: what it holds, and the way from it into memory.
 *
 * An HDF5 file with /X (n, d) float64 in chunks of one column, /y (n) class
 * codes under the default labels, /feature (d), /class_name (c), provenance of
 * each row under /row and of each input file under /file; facts as root
 * attributes. Written by io/datafile_write.h.
 */
#ifndef BS_DATAFILE_H
#define BS_DATAFILE_H
#include "src/dataset.h"
#include "src/names.h"
#include "src/shared.h"
#include "src/status.h"
#include <jansson.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/** Value of attribute schema_version. */
enum { BS_SCHEMA_VERSION = 1 };
/** Most classes a file can have, and most bytes in a name. */
enum { BS_MAX_CLASSES = 65535, BS_MAX_NAME = 4096 };

/** One input file; its rows are [first, first + rows) of the data. */
typedef struct bs_file_part {
  char *name; /**< as found below the source, e.g. "gafgyt_attacks/udp.csv" */
  int device; /**< index in devices, -1 where the data are not N-BaIoT */
  int attack; /**< bs_nbaiot_attack, -1 where the data are not N-BaIoT */
  uint64_t first; /**< row of the data its first row is */
  uint64_t rows;
} bs_file_part;

/** Facts about a data file, the same on every rank. Lists have no doubles. */
typedef struct bs_datafile {
  char *path;
  uint64_t n;
  int d;
  char **feature;       /**< (d) */
  int c;                /**< classes under the default labels */
  char **class_name;    /**< (c) */
  uint64_t *class_rows; /**< (c) */
  char *labels;         /**< default labels: "family", or the class's name */
  char *source;         /**< "N-BaIoT", "simulated capture" or a base name */
  bool simulated, nbaiot;
  bool complete; /**< all published files, with their published rows */
  int authentic; /**< -1 not checked or not known, 0 no, 1 yes */
  int missings;
  char **missing; /**< (missings): what keeps it from being complete */
  int devices;
  char **device; /**< (devices): in row order; none if not N-BaIoT */
  int parts;
  bs_file_part *part; /**< (parts): input files in row order */
  char *checksum;     /**< 16 hex digits, see io/checksum.h */
} bs_datafile;

/** Read the facts of a data file and check that they fit together. Collective
 * over \a comm; rank 0 alone reads.
 * \param [out] out  Owned by the caller, see bs_datafile_close; NULL on
 * failure. \return           BS_OK; BS_ERR_INPUT for a file that is missing,
 * damaged or not one of ours; BS_ERR_RESOURCE.
 */
bs_status bs_datafile_open(MPI_Comm comm, const char *path, bs_datafile **out);
/** Free *file and set it to NULL; NULL is a no-op. */
void bs_datafile_close(bs_datafile **file);

/** Load columns into memory, once per node. Collective over \a comm, of which
 * \a node is the caller's node; the ranks of a node share the reading, column
 * by column, and each using \a threads threads.
 * \param [in] labels   "family", "attack" or "binary" (BS_ERR_USAGE where the
 *                      data are not N-BaIoT), or NULL for the default.
 *                      Classes without rows are left out of N-BaIoT data.
 * \param [in] columns  (count): ascending indices of features, 0 .. d-1; NULL
 *                      stands for all d of them, whatever count is.
 * \param [out] out     See bs_dataset_destroy; NULL on failure.
 * \return              BS_OK; BS_ERR_INPUT where a value is not finite or a
 *                      class code out of range; BS_ERR_USAGE; BS_ERR_RESOURCE.
 */
bs_status bs_datafile_load(MPI_Comm comm, const bs_datafile *file,
                           const bs_node *node, int threads, const char *labels,
                           int count, const int *columns, bs_dataset **out);

/** Where rows came from, once per node. */
typedef struct bs_rows {
  size_t n;
  const uint16_t *device;      /**< (n): index in devices */
  const uint8_t *attack;       /**< (n): bs_nbaiot_attack */
  const uint32_t *file_id;     /**< (n): index in part */
  const uint64_t *row_in_file; /**< (n): 0 is the first row below the header */
  bs_shared block;             /**< owner of the arrays */
} bs_rows;

/** Load the provenance of every row, in the order of the rows. Collective as
 * bs_datafile_load. For N-BaIoT data only (BS_ERR_USAGE otherwise); a row that
 * disagrees with the table of input files is BS_ERR_INPUT.
 * \param [out] out  See bs_rows_destroy; NULL on failure.
 */
bs_status bs_datafile_load_rows(MPI_Comm comm, const bs_datafile *file,
                                const bs_node *node, bs_rows **out);
/** Free *rows and set it to NULL; NULL is a no-op. Collective over the node. */
void bs_rows_destroy(bs_rows **rows);

/** Facts to JSON and back: how rank 0 tells them to the others. */
json_t *bs_datafile_to_json(const bs_datafile *file);
bs_status bs_datafile_from_json(const json_t *json, bs_datafile **out);

/** Broadcast a JSON value from rank 0; the others pass NULL in *value and own
 * what they get. Collective over \a comm. Fails alike on all ranks. */
bs_status bs_json_bcast(MPI_Comm comm, json_t **value);

#endif /* BS_DATAFILE_H */
