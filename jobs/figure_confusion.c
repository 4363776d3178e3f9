/* SPDX-License-Identifier: BSD-3-Clause */
/* Confusion matrices. */
#include "jobs/figures_internal.h"

#include <math.h>

static double longest_name(const bs_study *st, double size)
{
  double width = 0;
  for (int k = 0; k < st->s->data->c; k++) {
    const double w = bs_svg_text_width(st->s->data->class_name[k], size);
    width = w > width ? w : width;
  }
  return width;
}

bs_status bs_figure_confusion(const bs_study *st, const char *dir, int i)
{
  const bs_evaluation *e = st->about[i].evaluation;
  char *const *name = st->s->data->class_name;
  const int c = e->c;
  const double cell = 64, names = longest_name(st, 12) + 20;
  const double left = 40 + names, top = 60 + names;
  char file[200], title[200], text[64];
  bs_figure f;
  snprintf(file, sizeof file, "confusion_%s", st->about[i].name);
  snprintf(title, sizeof title, "Confusion matrix, %s", st->about[i].name);
  const double least = 120 + bs_svg_text_width(title, 15);
  const double wide = left + c * cell + 30;
  BS_TRY(bs_figure_begin(&f, dir, file, title, wide > least ? wide : least,
                         top + c * cell + 30));
  bs_svg_text(f.svg, left + c * cell / 2, 44, 12, BS_SVG_MIDDLE, 0,
              "predicted");
  bs_svg_text(f.svg, 22, top + c * cell / 2, 12, BS_SVG_MIDDLE, -90, "actual");
  fputs("actual,predicted,rows\n", f.csv);
  for (int a = 0; a < c; a++) {
    bs_svg_text(f.svg, left - 8, top + (a + 0.5) * cell + 4, 12, BS_SVG_END, 0,
                name[a]);
    bs_svg_text(f.svg, left + (a + 0.5) * cell + 4, top - 8, 12, BS_SVG_START,
                -90, name[a]);
    uint64_t rows = 0;
    for (int b = 0; b < c; b++)
      rows += e->confusion[a * c + b];
    for (int b = 0; b < c; b++) {
      const uint64_t count = e->confusion[a * c + b];
      const double share = rows > 0 ? (double)count / (double)rows : 0;
      /* Few errors must show: the root of the share. */
      const int fade = 255 - (int)(130 * sqrt(share));
      char fill[32];
      snprintf(fill, sizeof fill, a == b ? "rgb(%d,%d,255)" : "rgb(255,%d,%d)",
               fade, fade);
      bs_svg_rect(f.svg, left + b * cell, top + a * cell, cell, cell, fill,
                  "#bbbbbb");
      snprintf(text, sizeof text, "%llu", (unsigned long long)count);
      bs_svg_text(f.svg, left + (b + 0.5) * cell, top + (a + 0.5) * cell + 4,
                  12, BS_SVG_MIDDLE, 0, text);
      bs_figure_field(f.csv, name[a]);
      fputc(',', f.csv);
      bs_figure_field(f.csv, name[b]);
      fprintf(f.csv, ",%llu\n", (unsigned long long)count);
    }
  }
  return bs_figure_end(&f);
}
