/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/svg.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bs_svg {
  char *text;
  size_t size;
  FILE *out;
  int clips;
};

static void put_text(FILE *out, const char *text)
{
  for (; *text != '\0'; text++) {
    if (*text == '&')
      fputs("&amp;", out);
    else if (*text == '<')
      fputs("&lt;", out);
    else if (*text == '>')
      fputs("&gt;", out);
    else
      fputc((unsigned char)*text < ' ' ? '?' : *text, out);
  }
}

bs_svg *bs_svg_create(double width, double height, const char *title)
{
  bs_svg *svg = calloc(1, sizeof *svg);
  if (svg == NULL)
    return NULL;
  svg->out = open_memstream(&svg->text, &svg->size);
  if (svg->out == NULL) {
    free(svg);
    return NULL;
  }
  fprintf(svg->out,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
          "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, "
          "Arial, sans-serif\">\n<title>",
          width, height, width, height);
  put_text(svg->out, title);
  fputs("</title>\n", svg->out);
  bs_svg_rect(svg, 0, 0, width, height, "#ffffff", "none");
  return svg;
}

void bs_svg_destroy(bs_svg **svg)
{
  if (*svg == NULL)
    return;
  if ((*svg)->out != NULL)
    fclose((*svg)->out);
  free((*svg)->text);
  free(*svg);
  *svg = NULL;
}

void bs_svg_line(bs_svg *svg, double x1, double y1, double x2, double y2,
                 const char *colour, double width)
{
  fprintf(svg->out,
          "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" "
          "stroke=\"%s\" stroke-width=\"%.2f\"/>\n",
          x1, y1, x2, y2, colour, width);
}

void bs_svg_rect(bs_svg *svg, double x, double y, double w, double h,
                 const char *fill, const char *stroke)
{
  fprintf(svg->out,
          "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
          "fill=\"%s\" stroke=\"%s\"/>\n",
          x, y, w, h, fill, stroke);
}

void bs_svg_circle(bs_svg *svg, double x, double y, double r, const char *fill,
                   double opacity)
{
  fprintf(svg->out,
          "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" fill=\"%s\" "
          "fill-opacity=\"%.2f\"/>\n",
          x, y, r, fill, opacity);
}

void bs_svg_path(bs_svg *svg, const double *x, const double *y, size_t count,
                 const char *colour, double width)
{
  fprintf(svg->out,
          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%.2f\" "
          "points=\"",
          colour, width);
  for (size_t i = 0; i < count; i++)
    fprintf(svg->out, "%s%.2f,%.2f", i > 0 ? " " : "", x[i], y[i]);
  fputs("\"/>\n", svg->out);
}

void bs_svg_text(bs_svg *svg, double x, double y, double size,
                 bs_svg_anchor anchor, double angle, const char *text)
{
  static const char *const name[] = {"start", "middle", "end"};
  fprintf(svg->out,
          "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.1f\" "
          "text-anchor=\"%s\"",
          x, y, size, name[anchor]);
  if (angle != 0)
    fprintf(svg->out, " transform=\"rotate(%.1f %.2f %.2f)\"", angle, x, y);
  fputc('>', svg->out);
  put_text(svg->out, text);
  fputs("</text>\n", svg->out);
}

void bs_svg_clip(bs_svg *svg, double x, double y, double w, double h)
{
  svg->clips++;
  fprintf(svg->out,
          "<clipPath id=\"c%d\"><rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
          "height=\"%.2f\"/></clipPath>\n<g clip-path=\"url(#c%d)\">\n",
          svg->clips, x, y, w, h, svg->clips);
}

void bs_svg_unclip(bs_svg *svg)
{
  fputs("</g>\n", svg->out);
}

double bs_svg_text_width(const char *text, double size)
{
  return 0.6 * size * (double)strlen(text);
}

bs_status bs_svg_write(bs_svg *svg, const char *path)
{
  char part[4200];
  fputs("</svg>\n", svg->out);
  const bool whole = fclose(svg->out) == 0;
  svg->out = NULL;
  if (!whole)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: %s", path);
  snprintf(part, sizeof part, "%s.part", path);
  FILE *out = fopen(part, "w");
  bool good = out != NULL &&
              fwrite(svg->text, 1, svg->size, out) == svg->size &&
              fflush(out) == 0 && fsync(fileno(out)) == 0;
  if (out != NULL)
    good = fclose(out) == 0 && good;
  if (good && rename(part, path) == 0)
    return BS_OK;
  const int error = errno;
  remove(part);
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(error));
}

const char *bs_svg_colour(int n)
{
  /* M. Okabe, K. Ito: also for the colour-blind; four more. */
  static const char *const colours[] = {
      "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00",
      "#f0e442", "#000000", "#999999", "#5e3c99", "#8c510a", "#01665e"};
  return colours[n % 12];
}
