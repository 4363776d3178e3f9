/* SPDX-License-Identifier: BSD-3-Clause */
/** \file row.h
 * One line of text to one row of numbers, CSV or ARFF.
 */
#ifndef BS_ROW_H
#define BS_ROW_H
#include "src/names.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the lines of a file look like. */
typedef struct bs_row_format {
  bool arff;        /**< fields also apart by blanks, '%' starts a comment */
  int columns;      /**< fields of a line */
  int class_column; /**< index of the class's field, or -1 */
  const bs_names *classes; /**< its values */
  const bs_names *names;   /**< (columns): for messages; may be NULL */
  bool lenient;     /**< a class may be missing, or one of no known name: its
                         code is then UINT16_MAX */
  const bool *skip; /**< (columns): fields not looked at, their number is 0; or
                         NULL */
} bs_row_format;

/** What is wrong with a line. */
typedef struct bs_row_error {
  int column;     /**< 1-based field, 0 for the line as such */
  char text[512]; /**< e.g. "'1.0x' is not a number" */
} bs_row_error;

/** Parse a line.
 * \param [in] p, end  The line without its line end.
 * \param [out] x      The numbers, in the order of the fields, without the
 *                     class: every one finite and what strtod gives.
 * \param [out] y      Class code; untouched where there is no class column.
 * \return             True, or false with *error filled.
 */
bool bs_row_parse(const bs_row_format *format, const char *p, const char *end,
                  double *x, uint16_t *y, bs_row_error *error);

/** The class of a CSV line, as text in \a to (room bytes), quotes undone.
 * \return  Its length, or -1 with *error filled. */
int bs_row_class(const bs_row_format *format, const char *p, const char *end,
                 char *to, size_t room, bs_row_error *error);

/** Undo the quotes of one CSV field that starts at p (blanks before it are
 * skipped), and find where it ends.
 * \param [out] length  Bytes written to \a to, blanks around it left out.
 * \return  The comma behind it or \a end; NULL with *text saying what is
 *          wrong, where a quote is not closed or the field is too long. */
const char *bs_field_text(const char *p, const char *end, char *to, size_t room,
                          size_t *length, const char **text);

/** Split a CSV line into its fields, quotes undone.
 * \param [out] field  (*count): to be freed, each and the list.
 * \return  BS_OK; BS_ERR_INPUT with *error filled; BS_ERR_RESOURCE. */
bs_status bs_row_split(const char *p, const char *end, char ***field,
                       int *count, bs_row_error *error);

/** Next value of an ARFF line: quotes undone, blanks skipped.
 * \return  First character behind it, or NULL: an unclosed quote, too long. */
const char *bs_arff_token(const char *p, const char *end, const char *stops,
                          char *to, size_t room, size_t *length, bool *quoted);

#endif /* BS_ROW_H */
