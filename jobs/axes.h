/* SPDX-License-Identifier: BSD-3-Clause */
/** \file axes.h
 * The frame of a plot: what values mean in pixels, ticks and labels.
 */
#ifndef BS_AXES_H
#define BS_AXES_H
#include "io/svg.h"
#include <stdbool.h>

/** A rectangle in pixels and the values at its ends. */
typedef struct bs_axes {
  double left, top, width, height;
  double x0, x1, y0, y1;
} bs_axes;

double bs_axes_x(const bs_axes *a, double x);
double bs_axes_y(const bs_axes *a, double y);

/** Lines and numbers at round values along one axis or both. */
void bs_axes_ticks(bs_svg *svg, const bs_axes *a, bool along_x, bool along_y);
/** Ticks, frame and labels. */
void bs_axes_draw(bs_svg *svg, const bs_axes *a, const char *x_label,
                  const char *y_label);
/** The same for y alone, which is the logarithm to base 10 of what its numbers
 * say. */
void bs_axes_decades(bs_svg *svg, const bs_axes *a, const char *y_label);

#endif /* BS_AXES_H */
