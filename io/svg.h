/* SPDX-License-Identifier: BSD-3-Clause */
/** \file svg.h
 * Drawings as SVG, with just what figures need. Lengths are in pixels from the
 * top left corner; the bytes are the same on every machine.
 */
#ifndef BS_SVG_H
#define BS_SVG_H
#include "src/status.h"
#include <stddef.h>

/** A drawing in memory. Opaque. */
typedef struct bs_svg bs_svg;

typedef enum bs_svg_anchor {
  BS_SVG_START,
  BS_SVG_MIDDLE,
  BS_SVG_END
} bs_svg_anchor;

/** Start a drawing on white. \return NULL if out of memory. */
bs_svg *bs_svg_create(double width, double height, const char *title);
/** Throw it away; NULL is a no-op. */
void bs_svg_destroy(bs_svg **svg);

/** Draw. Colours are SVG's ("#336699", "none"). */
void bs_svg_line(bs_svg *svg, double x1, double y1, double x2, double y2,
                 const char *colour, double width);
void bs_svg_rect(bs_svg *svg, double x, double y, double w, double h,
                 const char *fill, const char *stroke);
void bs_svg_circle(bs_svg *svg, double x, double y, double r, const char *fill,
                   double opacity);
/** (count) points joined by lines. */
void bs_svg_path(bs_svg *svg, const double *x, const double *y, size_t count,
                 const char *colour, double width);
/** Text with its base line at y; turned by \a angle degrees about its anchor.
 * Characters special to XML are taken care of. */
void bs_svg_text(bs_svg *svg, double x, double y, double size,
                 bs_svg_anchor anchor, double angle, const char *text);
/** Keep what is drawn from here on inside a rectangle, until bs_svg_unclip. */
void bs_svg_clip(bs_svg *svg, double x, double y, double w, double h);
void bs_svg_unclip(bs_svg *svg);

/** Width of a text in pixels, on the safe side. */
double bs_svg_text_width(const char *text, double size);

/** Write the drawing to \a path, beside a temporary name first.
 * \return BS_OK or BS_ERR_RESOURCE. */
bs_status bs_svg_write(bs_svg *svg, const char *path);

/** The n-th of twelve colours that are told apart. */
const char *bs_svg_colour(int n);

#endif /* BS_SVG_H */
