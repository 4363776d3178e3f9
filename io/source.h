/* SPDX-License-Identifier: BSD-3-Clause */
/** \file source.h
 * The input files of a conversion: found, ordered, and their headers read.
 */
#ifndef BS_SOURCE_H
#define BS_SOURCE_H
#include "io/row.h"
#include "src/names.h"
#include "src/status.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** How the bytes of an input file are had. */
typedef enum bs_packing {
  BS_PLAIN,      /**< read as it is; any part of it at once */
  BS_COMPRESSED, /**< one compressed file (.gz, .xz, .zst, ...) */
  BS_MEMBER      /**< a member of an archive (.zip, .tar, .rar, .7z) */
} bs_packing;

/** One input file. */
typedef struct bs_source_file {
  char *show;   /**< what messages call it */
  char *name;   /**< what /file/name calls it: no path of this machine */
  char *path;   /**< file to open */
  char *member; /**< path inside the archive, or NULL */
  bs_packing packing;
  uint64_t size;       /**< bytes of the file at path */
  int64_t seconds;     /**< its modification time, s since 1970 */
  long nanoseconds;    /**< the rest of it; rank 0 alone knows */
  int device, attack;  /**< -1 where not N-BaIoT; device: index in devices */
  uint64_t data_begin; /**< first byte of text after the header */
  uint64_t data_line;  /**< lines up to there */
} bs_source_file;

typedef enum bs_source_kind {
  BS_SOURCE_NBAIOT, /**< header of 115 names, class from the file's name */
  BS_SOURCE_CSV,    /**< header line, class in a column */
  BS_SOURCE_ARFF
} bs_source_kind;

/** All input files, in row order, and what their lines hold. */
typedef struct bs_source {
  bs_source_kind kind;
  int files;
  bs_source_file *file; /**< (files) */
  bs_names devices;     /**< in row order; empty if not N-BaIoT */
  bs_names columns;     /**< fields of a line */
  int class_column;     /**< index of the class's field, -1 if none */
  bs_names classes;     /**< ARFF: as declared; CSV: found later */
  bool lenient;         /**< rows to be predicted, which need no class */
  bool simulated;       /**< a marker file was there */
  char *base;           /**< base name of the first source */
} bs_source;

/** Name of the marker that `synth` leaves in its folders. */
#define BS_SIMULATED_MARKER "SIMULATED_CAPTURE.txt"

/** Find the input files below the given paths, order them, read and check
 * their headers. Not collective: rank 0 calls it and tells the others.
 * \param [in] device  Name for rows whose folder names no known device; NULL:
 *                     the folder's name.
 * \param [out] out    See bs_source_destroy; NULL on failure.
 * \return             BS_OK; BS_ERR_INPUT; BS_ERR_USAGE; BS_ERR_RESOURCE.
 */
bs_status bs_source_find(int count, char *const *paths,
                         const char *class_column, const char *device,
                         bs_source **out);
/** The same for rows to be predicted, which need no class. Where there is a
 * column \a label it is the class; \a must says that there has to be one.
 * Without it the names of N-BaIoT's files tell the class, if \a label is one of
 * its sets of labels and all names are known; the last attribute of an ARFF
 * file is the class if it is nominal. ARFF attributes may be of any type.
 * \param [in] label  Or NULL: no column is the class by its name.
 */
bs_status bs_source_find_rows(int count, char *const *paths, const char *label,
                              bool must, bs_source **out);
void bs_source_destroy(bs_source **source);

/** Store "FILE:LINE:COLUMN: TEXT" (the column only where it is known) and
 * return BS_ERR_INPUT. */
bs_status bs_source_line_error(const bs_source_file *file, uint64_t line,
                               const bs_row_error *error);

/** Store that a file is not what it was, and return BS_ERR_INPUT. */
bs_status bs_source_changed(const bs_source_file *file);

/** To JSON and back: how rank 0 tells the others. */
json_t *bs_source_to_json(const bs_source *source);
bs_status bs_source_from_json(const json_t *json, bs_source **out);

#endif /* BS_SOURCE_H */
