/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/summary.h"

#include "jobs/findings.h"
#include "jobs/published.h"
#include "src/log.h"
#include "src/mem.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LABEL = 30, WIDTH = 14 };

static void row_start(FILE *out, const char *label)
{
  fprintf(out, "%-*.*s", LABEL, LABEL, label);
}

static void cell(FILE *out, double value, int decimals)
{
  if (isnan(value))
    fprintf(out, "%*s", WIDTH, "?");
  else
    fprintf(out, "%*.*f", WIDTH, decimals, value);
}

/* One row of the table: a figure of every experiment. */
static void figure(const bs_summary *m, FILE *out, const char *label,
                   int decimals, double (*get)(const bs_summary_column *, int),
                   int index)
{
  row_start(out, label);
  for (int i = 0; i < m->columns; i++)
    cell(out, get(&m->column[i], index), decimals);
}

static double features(const bs_summary_column *c, int i)
{
  (void)i;
  return c->features;
}
static double accuracy(const bs_summary_column *c, int i)
{
  (void)i;
  return 100 * c->evaluation->accuracy;
}
static double errors(const bs_summary_column *c, int i)
{
  (void)i;
  return (double)(c->evaluation->n - c->evaluation->correct);
}
static double balanced(const bs_summary_column *c, int i)
{
  (void)i;
  return 100 * c->evaluation->balanced_accuracy;
}
static double macro_f1(const bs_summary_column *c, int i)
{
  (void)i;
  return c->evaluation->macro_f1;
}
static double kappa(const bs_summary_column *c, int i)
{
  (void)i;
  return c->evaluation->kappa;
}
static double roc_area(const bs_summary_column *c, int k)
{
  return c->evaluation->per_class[k].roc_area;
}
static double prc_area(const bs_summary_column *c, int k)
{
  return c->evaluation->per_class[k].prc_area;
}
static double recall(const bs_summary_column *c, int k)
{
  return c->evaluation->per_class[k].recall;
}
static double fp_rate(const bs_summary_column *c, int k)
{
  return c->evaluation->per_class[k].fp_rate;
}
static double leaves(const bs_summary_column *c, int i)
{
  (void)i;
  return bs_tree_leaves(c->result->tree);
}
static double size(const bs_summary_column *c, int i)
{
  (void)i;
  return c->result->tree->size;
}
static double mean_leaves(const bs_summary_column *c, int i)
{
  (void)i;
  double sum = 0;
  for (int f = 0; f < c->evaluation->folds; f++)
    sum += c->result->leaves[f];
  return sum / c->evaluation->folds;
}
static double worst_fold(const bs_summary_column *c, int i)
{
  (void)i;
  double worst = 100;
  const bs_predictions *p = c->result->predictions;
  for (int f = 0; f < p->folds; f++) {
    double rows = (double)(p->fold_start[f + 1] - p->fold_start[f]);
    double share = 100 * (double)c->evaluation->fold_correct[f] / rows;
    worst = share < worst ? share : worst;
  }
  return worst;
}

static void print_head(const bs_summary *m, FILE *out)
{
  const bs_dataset *data = m->s->data;
  fprintf(out,
          "J48, %ld-fold stratified cross-validation (seed %ld, rules of "
          "Weka %s)\n",
          m->folds, m->seed, m->s->rules == BS_WEKA_36 ? "3.6" : "3.8");
  fprintf(out, "data: %s, %zu rows, checksum %s\n", data->source, data->n,
          data->checksum);
  if (data->simulated)
    fputs("SIMULATED CAPTURE: these are not figures of the study's data\n",
          out);
  else if (m->s->file->nbaiot && !m->s->file->complete)
    fputs("PARTIAL DATA: files or rows of the published capture are missing\n",
          out);
  fputs("Random folds put neighbouring rows on both sides; where these are "
        "nearly the same, that\nflatters: below, the same by splits that keep "
        "them together.\n\n",
        out);
}

static void print_table(const bs_summary *m, FILE *out)
{
  const bs_dataset *data = m->s->data;
  bool study = bs_published_fits(m->s->data);
  char label[LABEL + 1];
  row_start(out, "");
  for (int i = 0; i < m->columns; i++)
    fprintf(out, "%*s", WIDTH, m->column[i].title);
  fprintf(out, "%s\n", study ? "   study (ten)" : "");
  figure(m, out, "features", 0, features, 0);
  fprintf(out, "%s\n", study ? "            10" : "");
  figure(m, out, "accuracy, %", 4, accuracy, 0);
  if (study)
    cell(out, bs_published_j48, 2);
  fputc('\n', out);
  static const struct {
    const char *label;
    int decimals;
    double (*get)(const bs_summary_column *, int);
  } rows[] = {
      {"errors, rows", 0, errors},
      {"worst fold's accuracy, %", 4, worst_fold},
      {"balanced accuracy, %", 4, balanced},
      {"macro F1", 6, macro_f1},
      {"kappa", 6, kappa},
      {"leaves, all rows", 0, leaves},
      {"nodes, all rows", 0, size},
      {"leaves, mean of folds", 1, mean_leaves},
  };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    figure(m, out, rows[r].label, rows[r].decimals, rows[r].get, 0);
    fputc('\n', out);
  }
  static const struct {
    const char *label;
    double (*get)(const bs_summary_column *, int);
  } by_class[] = {{"ROC area", roc_area},
                  {"PRC area", prc_area},
                  {"recall", recall},
                  {"false positive rate", fp_rate}};
  for (size_t r = 0; r < sizeof by_class / sizeof *by_class; r++)
    for (int k = 0; k < data->c; k++) {
      snprintf(label, sizeof label, "%s, %s", by_class[r].label,
               data->class_name[k]);
      figure(m, out, label, 6, by_class[r].get, k);
      fputc('\n', out);
    }
}

static void print_matrix(FILE *out, const char *title, int c,
                         char *const *class_name, const uint64_t *count)
{
  fprintf(out, "\nConfusion matrix, %s (rows actual, columns predicted)\n",
          title);
  row_start(out, "");
  for (int k = 0; k < c; k++)
    fprintf(out, "%*.*s", WIDTH, WIDTH - 1, class_name[k]);
  fputc('\n', out);
  for (int i = 0; i < c; i++) {
    row_start(out, class_name[i]);
    for (int k = 0; k < c; k++)
      fprintf(out, "%*" PRIu64, WIDTH,
              count[(size_t)i * (size_t)c + (size_t)k]);
    fputc('\n', out);
  }
}

bs_status bs_summary_print(const bs_summary *m, FILE *out)
{
  const bs_dataset *data = m->s->data;
  print_head(m, out);
  print_table(m, out);
  for (int i = 0; i < m->columns; i++)
    print_matrix(out, m->column[i].title, data->c, data->class_name,
                 m->column[i].evaluation->confusion);
  if (bs_published_fits(m->s->data))
    print_matrix(out, "the study's Table II", 3, data->class_name,
                 bs_published_matrix[0]);
  return bs_findings_print(m->study, out);
}

bs_status bs_summary_costs(const bs_summary *m, FILE *out)
{
  struct rusage usage;
  const bs_job *job = m->s->job;
  getrusage(RUSAGE_SELF, &usage);
  fprintf(out, "\n%d ranks on %d nodes, %d threads each\n", job->size,
          job->node.count, m->s->threads);
  for (int i = 0; i < m->study->trials; i++)
    if (m->study->trial[i].learner == BS_LEARNER_J48)
      fprintf(out, "trees of %-28s %10.2f s, one after the other\n",
              m->study->about[i].name, m->study->result[i].seconds);
  fprintf(out, "whole run so far                %10.2f s\n", bs_log_seconds());
  fprintf(out, "peak memory of rank 0           %10.2f GB\n",
          (double)usage.ru_maxrss * 1024 / 1e9);
  return BS_OK;
}

bs_status bs_summary_write(const bs_summary *m,
                           bs_status (*print)(const bs_summary *, FILE *),
                           const char *path)
{
  char part[4200];
  snprintf(part, sizeof part, "%s.part", path);
  FILE *out = fopen(part, "w");
  if (out == NULL)
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path,
                   strerror(errno));
  bs_status st = print(m, out);
  bool good = fflush(out) == 0 && !ferror(out) && fsync(fileno(out)) == 0;
  good = fclose(out) == 0 && good;
  if (st == BS_OK && (!good || rename(part, path) != 0))
    st = bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(errno));
  if (st != BS_OK)
    remove(part);
  return st;
}
