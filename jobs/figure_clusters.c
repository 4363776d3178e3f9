/* SPDX-License-Identifier: BSD-3-Clause */
/* Figure 4 of the study: clusters beside classes. */
#include "jobs/figures_internal.h"

#include "src/comm.h"
#include "src/mem.h"
#include <math.h>

bs_status bs_scatter_gather(const bs_study *st, int clustering, bs_scatter *out)
{
  const bs_clustering *c = &st->clustering[clustering];
  const size_t n = st->s->data->n;
  *out = (bs_scatter){.count = n < BS_SCATTER_ROWS ? n : BS_SCATTER_ROWS};
  bs_status status = bs_mem_alloc(out->count, sizeof *out->row, &out->row);
  if (status == BS_OK)
    status = bs_mem_zalloc(out->count, sizeof *out->cluster, &out->cluster);
  BS_TRY(bs_agree(st->s->job->comm, status));
  for (size_t i = 0; i < out->count; i++) {
    const size_t row = n / out->count * i + n % out->count * i / out->count;
    out->row[i] = (uint32_t)row;
    if (row >= c->first && row < c->first + c->own)
      out->cluster[i] = c->cluster[row - c->first];
  }
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, out->cluster, (int)out->count,
                       MPI_UINT16_T, MPI_SUM, st->s->job->comm));
  return BS_OK;
}

void bs_scatter_free(bs_scatter *scatter)
{
  bs_mem_free(&scatter->row);
  bs_mem_free(&scatter->cluster);
}

/* Squared correlation of two features over the rows shown; 1 if one of them
 * does not vary. */
static double correlation(const bs_dataset *data, const bs_scatter *s, int a,
                          int b)
{
  const double *x = data->x + (size_t)a * data->n;
  const double *y = data->x + (size_t)b * data->n;
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < s->count; i++) {
    mx += x[s->row[i]] / (double)s->count;
    my += y[s->row[i]] / (double)s->count;
  }
  for (size_t i = 0; i < s->count; i++) {
    const double u = x[s->row[i]] - mx, v = y[s->row[i]] - my;
    xx += u * u;
    yy += v * v;
    xy += u * v;
  }
  return xx > 0 && yy > 0 ? xy / xx * (xy / yy) : 1;
}

/* The best feature of a set, and the best of the others that does not follow
 * it closely. */
static void best_two(const bs_study *st, const bs_study_set *set,
                     const bs_scatter *s, int two[2])
{
  int found = 0;
  for (int i = 0; i < st->ranking->d && found < 2; i++) {
    const int j = (int)st->ranking->order[i];
    bool in_set = false;
    for (int k = 0; k < set->features; k++)
      in_set = in_set || set->feature[k] == j;
    if (in_set && (found == 0 || correlation(st->s->data, s, two[0], j) < 0.9))
      two[found++] = j;
  }
  if (found < 2)
    two[1] = two[0];
}

static bs_axes scatter_axes(const bs_study *st, const bs_scatter *s,
                            const int two[2], double left)
{
  bs_axes a = {left, 60, 340, 340, INFINITY, -INFINITY, INFINITY, -INFINITY};
  const bs_dataset *data = st->s->data;
  for (size_t i = 0; i < s->count; i++) {
    const double x = data->x[(size_t)two[0] * data->n + s->row[i]];
    const double y = data->x[(size_t)two[1] * data->n + s->row[i]];
    a.x0 = fmin(a.x0, x);
    a.x1 = fmax(a.x1, x);
    a.y0 = fmin(a.y0, y);
    a.y1 = fmax(a.y1, y);
  }
  const double x = 0.03 * (a.x1 - a.x0), y = 0.03 * (a.y1 - a.y0);
  a.x0 -= x > 0 ? x : 1;
  a.x1 += x > 0 ? x : 1;
  a.y0 -= y > 0 ? y : 1;
  a.y1 += y > 0 ? y : 1;
  return a;
}

/* A cluster has the colour of the class it stands for; those that stand for
 * none have others. */
static int colour_of(const bs_study *st, int which, int cluster)
{
  const int *mapping = st->clustering[which].mapping;
  int colour = st->s->data->c;
  if (mapping[cluster] >= 0)
    return mapping[cluster];
  for (int k = 0; k < cluster; k++)
    colour += mapping[k] < 0;
  return colour;
}

bs_status bs_figure_clusters(const bs_study *st, const char *dir, int which,
                             const bs_scatter *s)
{
  const bs_study_set *set = &st->set[st->cluster_set[which]];
  const bs_dataset *data = st->s->data;
  const int k = st->clustering[which].fit.model.k;
  char file[64], title[160], text[64];
  int two[2] = {0, 0};
  bs_figure f;
  best_two(st, set, s, two);
  snprintf(file, sizeof file, "clusters_%s", set->name);
  snprintf(title, sizeof title,
           "EM on %s: clusters (left) and classes (right), %zu rows",
           set->title, s->count);
  const int legend = k > data->c ? k : data->c;
  BS_TRY(bs_figure_begin(&f, dir, file, title, 960,
                         470 + 16.0 * ((legend + 3) / 4)));
  fputs("row,", f.csv);
  bs_figure_field(f.csv, data->feature[two[0]]);
  fputc(',', f.csv);
  bs_figure_field(f.csv, data->feature[two[1]]);
  fputs(",cluster,class\n", f.csv);
  for (int side = 0; side < 2; side++) {
    const bs_axes a = scatter_axes(st, s, two, side == 0 ? 90 : 580);
    bs_axes_draw(f.svg, &a, data->feature[two[0]], data->feature[two[1]]);
    for (size_t i = 0; i < s->count; i++) {
      const int group =
          side == 0 ? colour_of(st, which, s->cluster[i]) : data->y[s->row[i]];
      bs_svg_circle(
          f.svg, bs_axes_x(&a, data->x[(size_t)two[0] * data->n + s->row[i]]),
          bs_axes_y(&a, data->x[(size_t)two[1] * data->n + s->row[i]]), 2,
          bs_svg_colour(group), 0.6);
    }
    for (int g = 0; g < (side == 0 ? k : data->c); g++) {
      const double x = a.left + 95.0 * (g % 4), y = 458 + 16.0 * (g / 4);
      bs_svg_circle(f.svg, x, y - 4, 4,
                    bs_svg_colour(side == 0 ? colour_of(st, which, g) : g), 1);
      if (side == 0)
        snprintf(text, sizeof text, "cluster %d", g);
      else
        snprintf(text, sizeof text, "%.14s", data->class_name[g]);
      bs_svg_text(f.svg, x + 8, y, 10, BS_SVG_START, 0, text);
    }
  }
  for (size_t i = 0; i < s->count; i++) {
    fprintf(f.csv, "%lu,%.17g,%.17g,%d,", (unsigned long)s->row[i] + 1,
            data->x[(size_t)two[0] * data->n + s->row[i]],
            data->x[(size_t)two[1] * data->n + s->row[i]], s->cluster[i]);
    bs_figure_field(f.csv, data->class_name[data->y[s->row[i]]]);
    fputc('\n', f.csv);
  }
  return bs_figure_end(&f);
}
