/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/fit_rows.h"

#include "src/comm.h"
#include "src/mem.h"

/* Copy the rows to the node's memory, column by column. */
static bs_status copy_rows(const bs_session *s, const uint8_t *part,
                           uint8_t which, size_t count, int features,
                           const int *feature, bs_shared *block)
{
  const bs_node *node = &s->job->node;
  const size_t n = s->data->n;
  BS_TRY(
      bs_shared_alloc(node, count * (size_t)features * sizeof(double), block));
  for (int j = node->rank; j < features; j += node->size) {
    const double *x = s->data->x + (size_t)feature[j] * n;
    double *to = (double *)block->base + (size_t)j * count;
    for (size_t i = 0; i < n; i++)
      if (part[i] == which)
        *to++ = x[i];
  }
  bs_shared_sync(node, block);
  return BS_OK;
}

bs_status bs_fit_rows(const bs_session *s, const bs_ranks *team,
                      const uint8_t *part, uint8_t which, int features,
                      const int *feature, const bs_em_options *options,
                      bs_em_result *out)
{
  bs_shared block = {NULL, 0, MPI_WIN_NULL};
  const double **column = NULL;
  size_t count = 0;
  for (size_t i = 0; i < s->data->n; i++)
    count += part[i] == which;
  bs_status st = bs_mem_alloc((size_t)features, sizeof *column, &column);
  BS_GO(st, bs_agree(team->comm, st));
  st = copy_rows(s, part, which, count, features, feature, &block);
  BS_GO(st, bs_agree(team->comm, st));
  for (int j = 0; j < features; j++)
    column[j] = (const double *)block.base + (size_t)j * count;
  const bs_columns rows = {count, features, column};
  st = bs_em_fit(team, &rows, options, out);
done:
  bs_shared_free(&block);
  bs_mem_free(&column);
  return st;
}
