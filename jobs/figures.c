/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/figures.h"

#include "io/svg.h"
#include "jobs/ranking.h"
#include "src/comm.h"
#include "src/curve.h"
#include "src/exact_math.h"
#include "src/mem.h"
#include "src/weka_format.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- A figure: a drawing and its table, under one name. */

typedef struct figure {
  bs_svg *svg;
  FILE *csv;
  char path[4096], part[4200];
} figure;

static bs_status begin(figure *f, const char *dir, const char *name,
                       const char *title, double width, double height)
{
  *f = (figure){0};
  if (snprintf(f->path, sizeof f->path, "%s/%s", dir, name) >=
      (int)sizeof f->path - 8)
    return bs_fail(BS_ERR_USAGE, "option --output: the path is too long");
  /* Class names may hold anything. */
  for (char *p = f->path + strlen(dir) + 1; *p != '\0'; p++)
    if ((unsigned char)*p < 0x80 && !isalnum((unsigned char)*p) &&
        strchr("._-", *p) == NULL)
      *p = '_';
  snprintf(f->part, sizeof f->part, "%s.csv.part", f->path);
  f->svg = bs_svg_create(width, height, title);
  if (f->svg == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: figures");
  f->csv = fopen(f->part, "w");
  if (f->csv == NULL) {
    bs_svg_destroy(&f->svg);
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", f->part,
                   strerror(errno));
  }
  bs_svg_text(f->svg, width / 2, 22, 15, BS_SVG_MIDDLE, 0, title);
  return BS_OK;
}

static bs_status end(figure *f)
{
  char path[4200];
  bool good =
      fflush(f->csv) == 0 && !ferror(f->csv) && fsync(fileno(f->csv)) == 0;
  good = fclose(f->csv) == 0 && good;
  snprintf(path, sizeof path, "%s.csv", f->path);
  bs_status st = BS_OK;
  if (!good || rename(f->part, path) != 0) {
    st = bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(errno));
    remove(f->part);
  }
  snprintf(path, sizeof path, "%s.svg", f->path);
  if (st == BS_OK)
    st = bs_svg_write(f->svg, path);
  bs_svg_destroy(&f->svg);
  return st;
}

/* A field of a table: quoted where it has to be. */
static void put_field(FILE *csv, const char *text)
{
  if (strpbrk(text, ",\"\n") == NULL) {
    fputs(text, csv);
    return;
  }
  fputc('"', csv);
  for (; *text != '\0'; text++) {
    if (*text == '"')
      fputc('"', csv);
    fputc(*text, csv);
  }
  fputc('"', csv);
}

/* ---- Axes. */

typedef struct axes {
  double left, top, width, height;
  double x0, x1, y0, y1;
} axes;

static double at_x(const axes *a, double x)
{
  return a->left + (x - a->x0) / (a->x1 - a->x0) * a->width;
}
static double at_y(const axes *a, double y)
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

static void draw_ticks(bs_svg *svg, const axes *a, bool along_x, bool along_y)
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
        const double x = at_x(a, k * step);
        bs_svg_line(svg, x, a->top, x, a->top + a->height, "#dddddd", 0.5);
        bs_svg_text(svg, x, a->top + a->height + 14, 10, BS_SVG_MIDDLE, 0,
                    text);
      } else {
        const double y = at_y(a, k * step);
        bs_svg_line(svg, a->left, y, a->left + a->width, y, "#dddddd", 0.5);
        bs_svg_text(svg, a->left - 5, y + 3.5, 10, BS_SVG_END, 0, text);
      }
    }
  }
}

static void draw_axes(bs_svg *svg, const axes *a, const char *x_label,
                      const char *y_label, bool along_x)
{
  draw_ticks(svg, a, along_x, true);
  bs_svg_rect(svg, a->left, a->top, a->width, a->height, "none", "#333333");
  bs_svg_text(svg, a->left + a->width / 2, a->top + a->height + 32, 12,
              BS_SVG_MIDDLE, 0, x_label);
  bs_svg_text(svg, a->left - 52, a->top + a->height / 2, 12, BS_SVG_MIDDLE, -90,
              y_label);
}

/* ---- Figures 1 to 3: ROC of each class. */

/* Experiments that figures show: J48 on the main sets, random folds. */
static int main_trials(const bs_study *st, int *trial, int most)
{
  int count = 0;
  for (int i = 0; i < st->trials && count < most; i++)
    if (st->about[i].split == BS_SPLIT_RANDOM &&
        st->trial[i].learner == BS_LEARNER_J48 &&
        !st->set[st->about[i].set].ablation)
      trial[count++] = i;
  return count;
}

static bs_status draw_curve(bs_svg *svg, const axes *a, const bs_curve *c,
                            const char *colour, double width)
{
  double *x = NULL, *y = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(c->points, sizeof *x, &x));
  BS_GO(st, bs_mem_alloc(c->points, sizeof *y, &y));
  for (size_t i = 0; i < c->points; i++) {
    x[i] = at_x(a, (double)c->fp[i] / (double)c->neg);
    y[i] = at_y(a, (double)c->tp[i] / (double)c->pos);
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

static bs_status roc_figure(const bs_study *st, const char *dir, int k,
                            const int *trial, int count)
{
  const char *name = st->s->data->class_name[k];
  char file[300], title[300], line[200];
  bs_curve *curve[8] = {NULL};
  figure f = {0};
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
    status = begin(&f, dir, file, title, 940, 480);
  if (status != BS_OK)
    goto done;
  const double zoom = zoom_width((const bs_curve *const *)curve, count);
  const axes whole = {80, 50, 340, 340, 0, 1, 0, 1};
  const axes corner = {560, 50, 340, 340, 0, zoom, 1 - zoom, 1};
  draw_axes(f.svg, &whole, "false positive rate", "true positive rate", true);
  draw_axes(f.svg, &corner, "false positive rate (zoom)", "true positive rate",
            true);
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
    status = end(&f);
done:
  if (f.svg != NULL) {
    bs_svg_destroy(&f.svg);
    fclose(f.csv);
    remove(f.part);
  }
  for (int i = 0; i < count; i++)
    bs_curve_destroy(&curve[i]);
  return status;
}

/* ---- Confusion matrices. */

static double longest_name(const bs_study *st, double size)
{
  double width = 0;
  for (int k = 0; k < st->s->data->c; k++) {
    const double w = bs_svg_text_width(st->s->data->class_name[k], size);
    width = w > width ? w : width;
  }
  return width;
}

static bs_status confusion_figure(const bs_study *st, const char *dir, int i)
{
  const bs_evaluation *e = st->about[i].evaluation;
  char *const *name = st->s->data->class_name;
  const int c = e->c;
  const double cell = 64, names = longest_name(st, 12) + 20;
  const double left = 40 + names, top = 60 + names;
  char file[200], title[200], text[64];
  figure f;
  snprintf(file, sizeof file, "confusion_%s", st->about[i].name);
  snprintf(title, sizeof title, "Confusion matrix, %s", st->about[i].name);
  const double least = 120 + bs_svg_text_width(title, 15);
  const double wide = left + c * cell + 30;
  BS_TRY(begin(&f, dir, file, title, wide > least ? wide : least,
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
      put_field(f.csv, name[a]);
      fputc(',', f.csv);
      put_field(f.csv, name[b]);
      fprintf(f.csv, ",%llu\n", (unsigned long long)count);
    }
  }
  return end(&f);
}

/* ---- The ranking. */

enum { RANKED = 120 };

static bs_status ranking_figure(const bs_study *st, const char *dir)
{
  const bs_ranking *r = st->ranking;
  const int shown = r->d < RANKED ? r->d : RANKED;
  const double bar = 14, top = 60;
  double names = 0;
  figure f;
  char text[300];
  for (int i = 0; i < shown; i++) {
    const double w = bs_svg_text_width(st->s->data->feature[r->order[i]], 10);
    names = w > names ? w : names;
  }
  const axes a = {30 + names, top, 420, bar * shown, 0, 100, 0, 1};
  BS_TRY(begin(&f, dir, "ranking", "One rule on each feature alone, % right",
               a.left + a.width + names + 120, top + a.height + 60));
  draw_ticks(f.svg, &a, true, false);
  fputs("rank,index,name,merit,same_as\n", f.csv);
  for (int i = 0; i < r->d; i++) {
    const int j = (int)r->order[i];
    const int first = bs_ranking_twin(st->s, j);
    const char *name = st->s->data->feature[j];
    fprintf(f.csv, "%d,%d,", i + 1, j + 1);
    put_field(f.csv, name);
    fprintf(f.csv, ",%.17g,", r->merit[j]);
    put_field(f.csv, first != j ? st->s->data->feature[first] : "");
    fputc('\n', f.csv);
    if (i >= shown)
      continue;
    const double y = top + bar * i;
    bs_svg_rect(f.svg, a.left, y + 2, at_x(&a, r->merit[j]) - a.left, bar - 4,
                first == j ? bs_svg_colour(0) : bs_svg_colour(4), "none");
    bs_svg_text(f.svg, a.left - 6, y + bar - 3.5, 10, BS_SVG_END, 0, name);
    if (first == j)
      snprintf(text, sizeof text, "%.3f", r->merit[j]);
    else
      snprintf(text, sizeof text, "%.3f  = %.200s", r->merit[j],
               st->s->data->feature[first]);
    bs_svg_text(f.svg, at_x(&a, r->merit[j]) + 5, y + bar - 3.5, 10,
                BS_SVG_START, 0, text);
  }
  bs_svg_text(f.svg, a.left, top + a.height + 40, 11, BS_SVG_START, 0,
              "light bars: the same values as the feature named");
  return end(&f);
}

/* ---- Accuracy by split. */

static bool in_split_figure(const bs_study *st, int i)
{
  const bs_study_set *set = &st->set[st->about[i].set];
  return st->trial[i].learner == BS_LEARNER_J48 &&
         (!set->ablation || strcmp(set->name, "no_clock") == 0);
}

/* Logarithm to base 10 of the share told wrongly, in percent; none counts as
 * half a row. */
static double log_wrong(const bs_evaluation *e, double accuracy)
{
  const double least = 0.5 / (double)e->n, wrong = 1 - accuracy;
  return bs_exact_log(100 * (wrong > least ? wrong : least)) / bs_exact_log(10);
}

static void draw_decades(bs_svg *svg, const axes *a)
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
      const double y = at_y(a, at);
      put_number(value, text);
      bs_svg_line(svg, a->left, y, a->left + a->width, y,
                  m == 1 ? "#bbbbbb" : "#e4e4e4", 0.5);
      bs_svg_text(svg, a->left - 5, y + 3.5, 10, BS_SVG_END, 0, text);
    }
  bs_svg_rect(svg, a->left, a->top, a->width, a->height, "none", "#333333");
  bs_svg_text(svg, a->left - 62, a->top + a->height / 2, 12, BS_SVG_MIDDLE, -90,
              "rows told wrongly, % (logarithmic)");
}

static bs_status splits_figure(const bs_study *st, const char *dir)
{
  int place[BS_SPLIT_LAST], splits = 0, colour[BS_STUDY_SETS], sets = 0;
  double low = INFINITY, high = -INFINITY;
  figure f;
  for (int k = 0; k < st->splits; k++)
    place[k] = st->split[k].refused == NULL ? splits++ : -1;
  for (int s = 0; s < st->sets; s++)
    colour[s] = -1;
  for (int i = 0; i < st->trials; i++) {
    if (!in_split_figure(st, i))
      continue;
    const bs_evaluation *e = st->about[i].evaluation;
    low = fmin(low, log_wrong(e, st->about[i].accuracy.high));
    high = fmax(high, log_wrong(e, st->about[i].accuracy.low));
    if (colour[st->about[i].set] < 0)
      colour[st->about[i].set] = sets++;
  }
  const axes a = {95, 50,     150.0 * splits, 360,
                  0,  splits, low - 0.1,      high + 0.1};
  const double legend = a.left + fmax(a.width, 500) + 20;
  BS_TRY(begin(&f, dir, "accuracy_by_split",
               "J48 by split, with 95 % intervals by blocks of rows",
               legend + 140, 470));
  draw_decades(f.svg, &a);
  for (int k = 0; k < st->splits; k++)
    if (place[k] >= 0)
      bs_svg_text(f.svg, at_x(&a, place[k] + 0.5), a.top + a.height + 18, 12,
                  BS_SVG_MIDDLE, 0, bs_splits_name((bs_split_kind)k));
  fputs("split,features,accuracy,low,high\n", f.csv);
  for (int i = 0; i < st->trials; i++) {
    if (!in_split_figure(st, i))
      continue;
    const bs_study_trial *t = &st->about[i];
    const double x =
        at_x(&a, place[t->split] + (colour[t->set] + 1.0) / (sets + 1.0));
    const char *c = bs_svg_colour(colour[t->set]);
    bs_svg_line(f.svg, x, at_y(&a, log_wrong(t->evaluation, t->accuracy.low)),
                x, at_y(&a, log_wrong(t->evaluation, t->accuracy.high)), c, 2);
    bs_svg_circle(f.svg, x,
                  at_y(&a, log_wrong(t->evaluation, t->evaluation->accuracy)),
                  4, c, 1);
    fprintf(f.csv, "%s,%s,%.17g,%.17g,%.17g\n",
            bs_splits_name((bs_split_kind)t->split), st->set[t->set].title,
            t->evaluation->accuracy, t->accuracy.low, t->accuracy.high);
  }
  for (int s = 0; s < st->sets; s++) {
    if (colour[s] < 0)
      continue;
    const double y = 70 + 20.0 * colour[s];
    bs_svg_circle(f.svg, legend, y - 4, 4, bs_svg_colour(colour[s]), 1);
    bs_svg_text(f.svg, legend + 12, y, 12, BS_SVG_START, 0, st->set[s].title);
  }
  return end(&f);
}

/* ---- Figure 4: clusters. */

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

static axes scatter_axes(const bs_study *st, const bs_scatter *s,
                         const int two[2], double left)
{
  axes a = {left, 60, 340, 340, INFINITY, -INFINITY, INFINITY, -INFINITY};
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

static bs_status clusters_figure(const bs_study *st, const char *dir, int which,
                                 const bs_scatter *s)
{
  const bs_study_set *set = &st->set[st->cluster_set[which]];
  const bs_dataset *data = st->s->data;
  const int k = st->clustering[which].fit.model.k;
  char file[64], title[160], text[64];
  int two[2] = {0, 0};
  figure f;
  best_two(st, set, s, two);
  snprintf(file, sizeof file, "clusters_%s", set->name);
  snprintf(title, sizeof title,
           "EM on %s: clusters (left) and classes (right), %zu rows",
           set->title, s->count);
  const int legend = k > data->c ? k : data->c;
  BS_TRY(begin(&f, dir, file, title, 960, 470 + 16.0 * ((legend + 3) / 4)));
  fputs("row,", f.csv);
  put_field(f.csv, data->feature[two[0]]);
  fputc(',', f.csv);
  put_field(f.csv, data->feature[two[1]]);
  fputs(",cluster,class\n", f.csv);
  for (int side = 0; side < 2; side++) {
    const axes a = scatter_axes(st, s, two, side == 0 ? 90 : 580);
    draw_axes(f.svg, &a, data->feature[two[0]], data->feature[two[1]], true);
    for (size_t i = 0; i < s->count; i++) {
      const int group = side == 0 ? s->cluster[i] : data->y[s->row[i]];
      bs_svg_circle(f.svg,
                    at_x(&a, data->x[(size_t)two[0] * data->n + s->row[i]]),
                    at_y(&a, data->x[(size_t)two[1] * data->n + s->row[i]]), 2,
                    bs_svg_colour(group), 0.6);
    }
    for (int g = 0; g < (side == 0 ? k : data->c); g++) {
      const double x = a.left + 95.0 * (g % 4), y = 458 + 16.0 * (g / 4);
      bs_svg_circle(f.svg, x, y - 4, 4, bs_svg_colour(g), 1);
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
    put_field(f.csv, data->class_name[data->y[s->row[i]]]);
    fputc('\n', f.csv);
  }
  return end(&f);
}

bs_status bs_figures_write(const bs_study *st, const bs_scatter *scatter,
                           const char *dir)
{
  enum { CLASSES = 30 }; /* with more, a matrix is no figure */
  int trial[8];
  const int count = main_trials(st, trial, 8);
  if (mkdir(dir, 0777) != 0 && errno != EEXIST)
    return bs_fail(BS_ERR_RESOURCE, "cannot make folder %s: %s", dir,
                   strerror(errno));
  for (int k = 0; k < st->s->data->c && k < CLASSES; k++)
    BS_TRY(roc_figure(st, dir, k, trial, count));
  for (int i = 0; i < count && st->s->data->c <= CLASSES; i++)
    BS_TRY(confusion_figure(st, dir, trial[i]));
  BS_TRY(ranking_figure(st, dir));
  BS_TRY(splits_figure(st, dir));
  for (int i = 0; i < st->clusterings; i++)
    BS_TRY(clusters_figure(st, dir, i, &scatter[i]));
  return BS_OK;
}
