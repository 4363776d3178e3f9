/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/em_report.h"

#include "io/h5.h"
#include "io/json.h"
#include "src/weka_format.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DECIMALS = 4, LEAST_LABEL = 9 }; /* "Attribute" */

/* Java's log(x) / log(10): widths depend on its rounding. */
static double digits(double x)
{
  return bs_ln(x) / 2.302585092994046;
}

static void put_right(const char *text, int width, FILE *out)
{
  fprintf(out, "%*s", width, text);
}

/* Width of a column: of the largest mean or deviation, with decimals. */
static int column_width(const bs_mixture *m)
{
  int widest = 0;
  for (size_t i = 0; i < (size_t)m->k * (size_t)m->d; i++) {
    double mean = digits(fabs(m->mean[i])), sd = digits(m->sd[i]);
    double width = mean > sd ? mean : sd;
    int whole = (int)((width < 0 ? 1 : width) + 6);
    widest = whole > widest ? whole : widest;
  }
  return widest + 1;
}

static void put_values(const bs_em_report *r, const char *label, int left,
                       int width, const double *value, int j, FILE *out)
{
  const bs_mixture *m = &r->fit->model;
  char text[BS_NUMBER_TEXT];
  fprintf(out, "%-*s", left, label);
  for (int i = 0; i < m->k; i++) {
    bs_format_fixed(r->weka, value[(size_t)i * (size_t)m->d + (size_t)j],
                    DECIMALS, text);
    put_right(text, width, out);
  }
  fputc('\n', out);
}

/* Numbers of clusters and priors end one place before the columns do. */
static void put_head(const bs_em_report *r, int left, int width, FILE *out)
{
  const bs_mixture *m = &r->fit->model;
  char text[BS_NUMBER_TEXT + 2], prior[BS_NUMBER_TEXT];
  put_right("Cluster", left + width - 1, out);
  fprintf(out, "\n%-*s", left - 1, "Attribute");
  for (int i = 0; i < m->k; i++) {
    snprintf(text, sizeof text, "%d", i);
    put_right(text, width, out);
  }
  fprintf(out, "\n%-*s", left - 1, "");
  for (int i = 0; i < m->k; i++) {
    bs_format_fixed(r->weka, m->prior[i], 2, prior);
    snprintf(text, sizeof text, "(%s)", prior);
    put_right(text, width, out);
  }
  fputc('\n', out);
  for (int i = 0; i < left + width * m->k; i++)
    fputc('=', out);
  fputc('\n', out);
}

void bs_em_report_model(const bs_em_report *r, FILE *out)
{
  const bs_mixture *m = &r->fit->model;
  size_t longest = LEAST_LABEL;
  for (int j = 0; j < m->d; j++)
    if (strlen(r->feature[j]) > longest)
      longest = strlen(r->feature[j]);
  int left = (int)longest + 3, width = column_width(m);
  fprintf(out, "\nEM\n==\n\nNumber of clusters%s: %d\n",
          r->fit->tried > 0 ? " selected by cross validation" : "", m->k);
  if (r->weka == BS_WEKA_38)
    fprintf(out, "Number of iterations performed: %d\n", r->fit->iterations);
  fputs("\n\n", out);
  put_head(r, left, width, out);
  for (int j = 0; j < m->d; j++) {
    fprintf(out, "%s\n", r->feature[j]);
    put_values(r, "  mean", left, width, m->mean, j, out);
    put_values(r, "  std. dev.", left, width, m->sd, j, out);
    fputc('\n', out);
  }
}

static void put_aligned(const bs_em_report *r, double x, int width, FILE *out)
{
  char text[BS_NUMBER_TEXT];
  bs_format_aligned(r->weka, x, width, 0, text);
  fputs(text, out);
}

static uint64_t row_count(const bs_em_report *r)
{
  uint64_t n = 0;
  for (int i = 0; i < r->fit->model.k; i++)
    n += r->size[i];
  return n;
}

/* Rows of a known class. */
static uint64_t labelled_count(const bs_em_report *r)
{
  uint64_t n = 0;
  for (int i = 0; i < r->c * r->fit->model.k; i++)
    n += r->counts[i];
  return n;
}

static void put_sizes(const bs_em_report *r, int number, FILE *out)
{
  double n = (double)row_count(r);
  int width = (int)(digits(n) + 1);
  fputs("Clustered Instances\n\n", out);
  for (int i = 0; i < r->fit->model.k; i++) {
    if (r->size[i] == 0)
      continue;
    put_aligned(r, i, number, out);
    fputs("      ", out);
    put_aligned(r, (double)r->size[i], width, out);
    fputs(" (", out);
    put_aligned(r, (double)r->size[i] / n * 100, 3, out);
    fputs("%)\n", out);
  }
}

/* Classes by clusters; clusters without rows are left out. */
static void put_matrix(const bs_em_report *r, int number, FILE *out)
{
  int k = r->fit->model.k, width;
  uint64_t largest = 0;
  for (int i = 0; i < r->c * k; i++)
    largest = r->counts[i] > largest ? r->counts[i] : largest;
  width = (int)(digits((double)largest) + 1);
  width = number > width ? number : width;
  fputs("Classes to Clusters:\n\n", out);
  for (int i = 0; i < k; i++)
    if (r->size[i] > 0) {
      fputc(' ', out);
      put_aligned(r, i, width, out);
    }
  fputs("  <-- assigned to cluster\n", out);
  for (int a = 0; a < r->c; a++) {
    for (int i = 0; i < k; i++)
      if (r->size[i] > 0) {
        fputc(' ', out);
        put_aligned(r, (double)r->counts[a * k + i], width, out);
      }
    fprintf(out, " | %s\n", r->class_name[a]);
  }
}

static void put_classes(const bs_em_report *r, int number, FILE *out)
{
  int k = r->fit->model.k;
  char text[BS_NUMBER_TEXT];
  fprintf(out, "\n\nClass attribute: %s\n", r->class_attribute);
  put_matrix(r, number, out);
  fputc('\n', out);
  for (int i = 0; i < k; i++) {
    if (r->size[i] == 0)
      continue;
    fputs("Cluster ", out);
    put_aligned(r, i, number, out);
    fprintf(out, " <-- %s\n",
            r->mapping[i] < 0 ? "No class" : r->class_name[r->mapping[i]]);
  }
  bs_format_java((double)r->incorrect, text);
  fprintf(out, "\nIncorrectly clustered instances :\t%s\t", text);
  bs_format_aligned(r->weka,
                    (double)r->incorrect / (double)labelled_count(r) * 100, 8,
                    DECIMALS, text);
  fprintf(out, "%s %%\n", text);
}

void bs_em_report_clusters(const bs_em_report *r, FILE *out)
{
  int number = (int)(digits(r->fit->model.k) + 1);
  char text[BS_NUMBER_TEXT];
  put_sizes(r, number, out);
  bs_format_fixed(r->weka, r->log_likelihood, 5, text);
  fprintf(out, "\n\nLog likelihood: %s\n", text);
  if (r->c > 0)
    put_classes(r, number, out);
}

static json_t *table(const double *value, int k, int d)
{
  json_t *rows = json_array();
  for (int i = 0; i < k; i++) {
    json_t *row = json_array();
    for (int j = 0; j < d; j++)
      json_array_append_new(
          row, bs_json_real(value[(size_t)i * (size_t)d + (size_t)j]));
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *integers(const uint64_t *value, int count)
{
  json_t *list = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(list, json_integer((json_int_t)value[i]));
  return list;
}

static json_t *classes_to_clusters(const bs_em_report *r)
{
  int k = r->fit->model.k;
  double n = (double)labelled_count(r);
  json_t *counts = json_array(), *mapping = json_array();
  for (int a = 0; a < r->c; a++)
    json_array_append_new(counts, integers(r->counts + a * k, k));
  for (int i = 0; i < k; i++)
    json_array_append_new(
        mapping, r->mapping[i] < 0 ? json_null() : json_integer(r->mapping[i]));
  return json_pack("{s:o, s:o, s:I, s:o}", "counts", counts, "mapping", mapping,
                   "incorrect", (json_int_t)r->incorrect, "accuracy",
                   bs_json_real((n - (double)r->incorrect) / n));
}

static bs_status told(int bad)
{
  return bad ? bs_fail(BS_ERR_RESOURCE, "out of memory: describing a mixture")
             : BS_OK;
}

bs_status bs_em_report_rows_json(const bs_em_report *r, json_t *results)
{
  int k = r->fit->model.k;
  int bad = json_object_set_new(results, "log_likelihood",
                                bs_json_real(r->log_likelihood));
  bad |= json_object_set_new(results, "sizes", integers(r->size, k));
  if (r->c > 0)
    bad |= json_object_set_new(results, "classes_to_clusters",
                               classes_to_clusters(r));
  return told(bad);
}

bs_status bs_em_report_json(const bs_em_report *r, json_t *results)
{
  const bs_mixture *m = &r->fit->model;
  json_t *priors = json_array();
  for (int i = 0; i < m->k; i++)
    json_array_append_new(priors, bs_json_real(m->prior[i]));
  int bad = json_object_set_new(results, "clusters", json_integer(m->k));
  bad |= json_object_set_new(results, "iterations",
                             json_integer(r->fit->iterations));
  bad |=
      json_object_set_new(results, "restarts", json_integer(r->fit->restarts));
  bad |= json_object_set_new(results, "priors", priors);
  bad |= json_object_set_new(results, "means", table(m->mean, m->k, m->d));
  bad |= json_object_set_new(results, "sds", table(m->sd, m->k, m->d));
  BS_TRY(told(bad));
  return bs_em_report_rows_json(r, results);
}

bs_status bs_em_assignments_write(const char *path, size_t n,
                                  const uint16_t *cluster,
                                  const double *log_density,
                                  const char *checksum)
{
  char part[4096];
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
    return bs_fail(BS_ERR_INPUT, "path too long: %s", path);
  hid_t file = H5Fcreate(part, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  bool good = file >= 0;
  good = good && bs_h5_put_text(file, "data_checksum", checksum);
  good = good && bs_h5_put_array(file, "cluster", H5T_NATIVE_UINT16, n, cluster,
                                 "cluster of largest posterior probability");
  good = good && bs_h5_put_array(file, "log_density", H5T_NATIVE_DOUBLE, n,
                                 log_density, "log density under the mixture");
  if (file >= 0)
    good = H5Fclose(file) >= 0 && good;
  good = good && rename(part, path) == 0;
  if (good)
    return BS_OK;
  if (file >= 0)
    unlink(part);
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s", path);
}
