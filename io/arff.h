/* SPDX-License-Identifier: BSD-3-Clause */
/** \file arff.h
 * The header of an ARFF file: names and types of its attributes.
 */
#ifndef BS_ARFF_H
#define BS_ARFF_H
#include "io/row.h"

/** Attributes met so far. Start with all zero. */
typedef struct bs_arff {
  bs_names names;   /**< (count) */
  bs_names *values; /**< (count): of nominal attributes */
  char **type;      /**< (count): as written, NULL for nominal ones */
  int count, room;
  bool data; /**< @data has been met */
} bs_arff;

/** Take in one line of the header, without its line end.
 * \return  BS_OK; BS_ERR_INPUT with *error filled; BS_ERR_RESOURCE. */
bs_status bs_arff_line(bs_arff *arff, const char *p, const char *end,
                       bs_row_error *error);

/** Index of the class: the attribute called \a name, or the last one where it
 * is NULL; checked to be nominal, and all others to be numeric.
 * \return  The index, or -1 with *error filled. */
int bs_arff_class(const bs_arff *arff, const char *name, bs_row_error *error);

/** Free what is held; *arff is then empty. */
void bs_arff_free(bs_arff *arff);

#endif /* BS_ARFF_H */
