/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/experiment.h"

#include "src/mem.h"

bs_status bs_experiment_j48(const bs_session *s, const bs_j48_options *options,
                            int features, const int *feature, bs_j48 **out)
{
  int *all = NULL;
  bs_status st = bs_mem_alloc((size_t)features, sizeof *all, &all);
  for (int j = 0; st == BS_OK && j < features; j++)
    all[j] = feature == NULL ? j : feature[j];
  if (st == BS_OK)
    st = bs_j48_create(s->data, s->presort, &s->tables, s->kernels, options,
                       features, all, out);
  bs_mem_free(&all);
  return st;
}

void bs_experiment_log_messages(const bs_session *s, const bs_cv_result *result,
                                int count, int trees)
{
  double messages = 0, bytes = 0;
  for (int i = 0; i < count; i++) {
    messages += (double)result[i].messages;
    bytes += (double)result[i].bytes;
  }
  bs_job_log(s->job,
             "messages between ranks: %.1f a tree, bringing each %.3f MB",
             messages / trees, bytes / trees / 1e6);
}
