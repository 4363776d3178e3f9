/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures 1 to 3 of the study: ROC of each class. */
#include "jobs/figures_internal.h"

#include "src/curve.h"
#include "src/mem.h"

static bs_status draw_curve(bs_svg *svg, const bs_axes *a, const bs_curve *c,
                            const char *colour, double width)
{
  double *x = NULL, *y = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(c->points, sizeof *x, &x));
  BS_GO(st, bs_mem_alloc(c->points, sizeof *y, &y));
  for (size_t i = 0; i < c->points; i++) {
    x[i] = bs_axes_x(a, (double)c->fp[i] / (double)c->neg);
    y[i] = bs_axes_y(a, (double)c->tp[i] / (double)c->pos);
  }
  bs_svg_clip(svg, a->left, a->top, a->width, a->height);
  bs_svg_path(svg, x, y, c->points, colour, width);
  bs_svg_unclip(svg);
done:
  bs_mem_free(&x);
  bs_mem_free(&y);
  return st;
}

/* How much of the top left corner the zoom shows: the most that is needed for
 * the point nearest to it of every curve, as a round number. */
static double zoom_width(const bs_curve *const *curve, int count)
{
  double need = 1e-4;
  for (int i = 0; i < count; i++) {
    double nearest = 1;
    for (size_t k = 0; k < curve[i]->points; k++) {
      const double fp = (double)curve[i]->fp[k] / (double)curve[i]->neg;
      const double miss = 1 - (double)curve[i]->tp[k] / (double)curve[i]->pos;
      const double far = fp > miss ? fp : miss;
      nearest = far < nearest ? far : nearest;
    }
    need = 2.5 * nearest > need ? 2.5 * nearest : need;
  }
  for (double width = 1e-4; width < 1; width *= 10)
    for (int k = 1; k <= 5; k += k == 1 ? 1 : 3)
      if (k * width >= need)
        return k * width < 1 ? k * width : 1;
  return 1;
}

bs_status bs_figure_roc(const bs_study *st, const char *dir, int k,
                        const int *trial, int count)
{
  const char *name = st->s->data->class_name[k];
  char file[300], title[300], line[200];
  bs_curve *curve[BS_FIGURE_TRIALS] = {NULL};
  bs_figure f = {0};
  bs_status status = BS_OK;
  for (int i = 0; status == BS_OK && i < count; i++)
    status =
        bs_curve_create(st->result[trial[i]].predictions, k, false, &curve[i]);
  if (status == BS_OK && (curve[0]->pos == 0 || curve[0]->neg == 0))
    goto done; /* no such curve */
  snprintf(file, sizeof file, "roc_%.200s", name);
  snprintf(title, sizeof title, "ROC of class %.200s against the rest, J48",
           name);
  if (status == BS_OK)
    status = bs_figure_begin(&f, dir, file, title, 940, 480);
  if (status != BS_OK)
    goto done;
  const double zoom = zoom_width((const bs_curve *const *)curve, count);
  const bs_axes whole = {80, 50, 340, 340, 0, 1, 0, 1};
  const bs_axes corner = {560, 50, 340, 340, 0, zoom, 1 - zoom, 1};
  bs_axes_draw(f.svg, &whole, "false positive rate", "true positive rate");
  bs_axes_draw(f.svg, &corner, "false positive rate (zoom)",
               "true positive rate");
  fputs("experiment,threshold,fp_rate,tp_rate\n", f.csv);
  for (int i = 0; status == BS_OK && i < count; i++) {
    const bs_study_trial *about = &st->about[trial[i]];
    /* Curves that lie on each other all show. */
    const double width = 1.2 + 1.5 * (count - 1 - i);
    status = draw_curve(f.svg, &whole, curve[i], bs_svg_colour(i), width);
    if (status == BS_OK)
      status = draw_curve(f.svg, &corner, curve[i], bs_svg_colour(i), width);
    for (size_t p = 0; p < curve[i]->points; p++)
      fprintf(f.csv, "%s,%.17g,%.17g,%.17g\n", about->name,
              curve[i]->threshold[p],
              (double)curve[i]->fp[p] / (double)curve[i]->neg,
              (double)curve[i]->tp[p] / (double)curve[i]->pos);
    const double x = 80 + 215 * (i % 4), y = 442 + 18 * (i / 4);
    bs_svg_line(f.svg, x, y - 4, x + 24, y - 4, bs_svg_colour(i), 2.5);
    snprintf(line, sizeof line, "%s: AUC %.6f", st->set[about->set].title,
             about->evaluation->per_class[k].roc_area);
    bs_svg_text(f.svg, x + 30, y, 11, BS_SVG_START, 0, line);
  }
  if (status == BS_OK)
    status = bs_figure_end(&f);
done:
  bs_figure_drop(&f);
  for (int i = 0; i < count; i++)
    bs_curve_destroy(&curve[i]);
  return status;
}
