/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/predict_em.h"

#include "io/em_report.h"
#include "src/em_sums.h"
#include "src/mem.h"

/* Average log density, summed as em does. */
static bs_status average(const bs_model *model, const bs_applied *rows,
                         double *out)
{
  size_t n = (size_t)rows->n;
  double *density;
  bs_ranks alone;
  BS_TRY(bs_mem_alloc(n, sizeof *density, &density));
  for (size_t i = 0; i < n; i++)
    density[i] = rows->value[i * (size_t)rows->width];
  bs_ranks_make(MPI_COMM_SELF, 1, &bs_cluster_kernels_ref, &alone);
  *out = bs_em_sum_rows(&alone, n, model->em->sums, density) / (double)n;
  bs_mem_free(&density);
  return BS_OK;
}

/* Rows of each cluster, and of each class in it; true if any has a class. */
static bool count_rows(const bs_model *model, const bs_applied *rows,
                       uint64_t *size, uint64_t *counts, uint64_t *incorrect)
{
  const bs_em_model *em = model->em;
  bool any = false;
  *incorrect = 0;
  for (uint64_t i = 0; i < rows->n; i++) {
    uint32_t cluster = rows->leaf[i];
    uint16_t class = rows->truth[i];
    size[cluster]++;
    if (class == BS_NO_CLASS)
      continue;
    any = true;
    counts[(size_t) class * (size_t)em->mixture.k + cluster]++;
    *incorrect += em->mapping[cluster] != class;
  }
  return any;
}

bs_status bs_predict_clusters(const bs_model *model, const bs_applied *rows,
                              json_t *results)
{
  const bs_em_model *em = model->em;
  bs_em_result fit = {.model = em->mixture}; /* borrowed */
  bs_em_report r = {.fit = &fit,
                    .weka = model->rules,
                    .class_attribute =
                        model->label == NULL ? "class" : model->label,
                    .class_name = model->classes.item,
                    .mapping = em->mapping};
  size_t k = (size_t)em->mixture.k, c = (size_t)model->classes.count;
  uint64_t *size = NULL, *counts = NULL;
  bs_status st;
  if (rows->n == 0)
    return BS_OK;
  BS_GO(st, bs_mem_zalloc(k, sizeof *size, &size));
  BS_GO(st, bs_mem_zalloc(c * k, sizeof *counts, &counts));
  r.size = size;
  r.counts = counts;
  if (count_rows(model, rows, size, counts, &r.incorrect) && rows->labelled)
    r.c = (int)c;
  BS_GO(st, average(model, rows, &r.log_likelihood));
  bs_em_report_clusters(&r, stdout);
  st = bs_em_report_rows_json(&r, results);
done:
  bs_mem_free(&counts);
  bs_mem_free(&size);
  return st;
}
