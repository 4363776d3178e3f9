/* SPDX-License-Identifier: BSD-3-Clause */
/* The ranking, columns that repeat another one marked. */
#include "jobs/figures_internal.h"

#include "jobs/ranking.h"

enum { RANKED = 120 };

bs_status bs_figure_ranking(const bs_study *st, const char *dir)
{
  const bs_ranking *r = st->ranking;
  const int shown = r->d < RANKED ? r->d : RANKED;
  const double bar = 14, top = 60;
  double names = 0;
  bs_figure f;
  char text[300];
  for (int i = 0; i < shown; i++) {
    const double w = bs_svg_text_width(st->s->data->feature[r->order[i]], 10);
    names = w > names ? w : names;
  }
  const bs_axes a = {30 + names, top, 420, bar * shown, 0, 100, 0, 1};
  BS_TRY(bs_figure_begin(&f, dir, "ranking",
                         "One rule on each feature alone, % right",
                         a.left + a.width + names + 120, top + a.height + 60));
  bs_axes_ticks(f.svg, &a, true, false);
  fputs("rank,index,name,merit,same_as\n", f.csv);
  for (int i = 0; i < r->d; i++) {
    const int j = (int)r->order[i];
    const int first = bs_ranking_twin(st->s, j);
    const char *name = st->s->data->feature[j];
    fprintf(f.csv, "%d,%d,", i + 1, j + 1);
    bs_figure_field(f.csv, name);
    fprintf(f.csv, ",%.17g,", r->merit[j]);
    bs_figure_field(f.csv, first != j ? st->s->data->feature[first] : "");
    fputc('\n', f.csv);
    if (i >= shown)
      continue;
    const double y = top + bar * i;
    bs_svg_rect(f.svg, a.left, y + 2, bs_axes_x(&a, r->merit[j]) - a.left,
                bar - 4, first == j ? bs_svg_colour(0) : bs_svg_colour(4),
                "none");
    bs_svg_text(f.svg, a.left - 6, y + bar - 3.5, 10, BS_SVG_END, 0, name);
    if (first == j)
      snprintf(text, sizeof text, "%.3f", r->merit[j]);
    else
      snprintf(text, sizeof text, "%.3f  = %.200s", r->merit[j],
               st->s->data->feature[first]);
    bs_svg_text(f.svg, bs_axes_x(&a, r->merit[j]) + 5, y + bar - 3.5, 10,
                BS_SVG_START, 0, text);
  }
  bs_svg_text(f.svg, a.left, top + a.height + 40, 11, BS_SVG_START, 0,
              "light bars: the same values as the feature named");
  return bs_figure_end(&f);
}
