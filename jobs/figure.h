/* SPDX-License-Identifier: BSD-3-Clause */
/** \file figure.h
 * A figure: a drawing and the table of its numbers, under one name.
 */
#ifndef BS_FIGURE_H
#define BS_FIGURE_H
#include "io/svg.h"
#include "src/status.h"
#include <stdio.h>

/** Open between begin and end; draw on svg, write rows to csv. */
typedef struct bs_figure {
  bs_svg *svg;
  FILE *csv;
  char path[4096], part[4200];
} bs_figure;

/** Start DIR/NAME.svg, with its title drawn, and DIR/NAME.csv. Characters of
 * \a name that file names had better not have become '_'.
 * \return BS_OK, BS_ERR_USAGE (path too long) or BS_ERR_RESOURCE; on failure
 *         nothing is open.
 */
bs_status bs_figure_begin(bs_figure *f, const char *dir, const char *name,
                          const char *title, double width, double height);
/** Put both files in place, or neither the file that failed; nothing is open
 * afterwards. \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_figure_end(bs_figure *f);
/** Throw away what was begun; a no-op if nothing is open. */
void bs_figure_drop(bs_figure *f);

/** A field of a table: quoted where it has to be. */
void bs_figure_field(FILE *csv, const char *text);

#endif /* BS_FIGURE_H */
