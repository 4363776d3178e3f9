/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/axes.h"

#include "src/exact_math.h"
#include "src/weka_format.h"
#include <math.h>
#include <stdio.h>

double bs_axes_x(const bs_axes *a, double x)
{
  return a->left + (x - a->x0) / (a->x1 - a->x0) * a->width;
}
double bs_axes_y(const bs_axes *a, double y)
{
  return a->top + a->height - (y - a->y0) / (a->y1 - a->y0) * a->height;
}

/* A round step that makes four to ten ticks. */
static double tick_step(double range)
{
  double step = 1;
  while (step > range / 4)
    step /= 10;
  while (step * 10 <= range / 4)
    step *= 10;
  return step * 5 <= range / 4   ? step * 5
         : step * 2 <= range / 4 ? step * 2
                                 : step;
}

static void put_number(double value, char text[BS_NUMBER_TEXT])
{
  if (fabs(value) >= 1e6 || (value != 0 && fabs(value) < 1e-5))
    snprintf(text, BS_NUMBER_TEXT, "%.3g", value);
  else
    bs_format_fixed(BS_WEKA_38, value, 6, text);
}

void bs_axes_ticks(bs_svg *svg, const bs_axes *a, bool along_x, bool along_y)
{
  char text[BS_NUMBER_TEXT];
  for (int axis = 0; axis < 2; axis++) {
    const double low = axis == 0 ? a->x0 : a->y0;
    const double high = axis == 0 ? a->x1 : a->y1;
    const bool long_text = axis == 0 && fabs(high) >= 1e4;
    const double step = tick_step((long_text ? 2.5 : 1) * (high - low));
    if (axis == 0 ? !along_x : !along_y)
      continue;
    for (double k = ceil(low / step - 1e-9); k * step <= high + step * 1e-9;
         k += 1) {
      put_number(k * step + 0.0, text); /* no -0 */
      if (axis == 0) {
        const double x = bs_axes_x(a, k * step);
        bs_svg_line(svg, x, a->top, x, a->top + a->height, "#dddddd", 0.5);
        bs_svg_text(svg, x, a->top + a->height + 14, 10, BS_SVG_MIDDLE, 0,
                    text);
      } else {
        const double y = bs_axes_y(a, k * step);
        bs_svg_line(svg, a->left, y, a->left + a->width, y, "#dddddd", 0.5);
        bs_svg_text(svg, a->left - 5, y + 3.5, 10, BS_SVG_END, 0, text);
      }
    }
  }
}

void bs_axes_draw(bs_svg *svg, const bs_axes *a, const char *x_label,
                  const char *y_label)
{
  bs_axes_ticks(svg, a, true, true);
  bs_svg_rect(svg, a->left, a->top, a->width, a->height, "none", "#333333");
  bs_svg_text(svg, a->left + a->width / 2, a->top + a->height + 32, 12,
              BS_SVG_MIDDLE, 0, x_label);
  bs_svg_text(svg, a->left - 52, a->top + a->height / 2, 12, BS_SVG_MIDDLE, -90,
              y_label);
}

void bs_axes_decades(bs_svg *svg, const bs_axes *a, const char *y_label)
{
  char text[BS_NUMBER_TEXT];
  for (int k = (int)floor(a->y0); k <= a->y1; k++)
    for (int m = 1; m < 10; m += m == 1 ? 1 : m == 2 ? 3 : 5) {
      double value = m;
      for (int i = 0; i < (k < 0 ? -k : k); i++)
        value = k < 0 ? value / 10 : value * 10;
      const double at = k + bs_exact_log(m) / bs_exact_log(10);
      if (at < a->y0 || at > a->y1)
        continue;
      const double y = bs_axes_y(a, at);
      put_number(value, text);
      bs_svg_line(svg, a->left, y, a->left + a->width, y,
                  m == 1 ? "#bbbbbb" : "#e4e4e4", 0.5);
      bs_svg_text(svg, a->left - 5, y + 3.5, 10, BS_SVG_END, 0, text);
    }
  bs_svg_rect(svg, a->left, a->top, a->width, a->height, "none", "#333333");
  bs_svg_text(svg, a->left - 62, a->top + a->height / 2, 12, BS_SVG_MIDDLE, -90,
              y_label);
}
