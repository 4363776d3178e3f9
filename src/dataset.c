/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/dataset.h"

#include "src/comm.h"
#include "src/mem.h"
#include <stdlib.h>

bs_status bs_dataset_create(const bs_node *node, size_t n, int d, int c,
                            bs_dataset **out)
{
  bs_status st;
  bs_dataset *data = NULL;
  *out = NULL;
  st = bs_mem_zalloc(1, sizeof *data, &data);
  if (st == BS_OK) {
    data->n = n;
    data->d = d;
    data->c = c;
    data->x_block.win = data->y_block.win = MPI_WIN_NULL;
    st = bs_mem_zalloc((size_t)d, sizeof(char *), &data->feature);
  }
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)c, sizeof(char *), &data->class_name);
  BS_GO(st, bs_agree(node->comm, st));
  BS_GO(st,
        bs_shared_alloc(node, n * (size_t)d * sizeof(double), &data->x_block));
  BS_GO(st, bs_shared_alloc(node, n * sizeof(uint16_t), &data->y_block));
  data->x = data->x_block.base;
  data->y = data->y_block.base;
  *out = data;
  return BS_OK;
done:
  bs_dataset_destroy(&data);
  return st;
}

static void free_names(char **names, int count)
{
  if (names == NULL)
    return;
  for (int i = 0; i < count; i++)
    free(names[i]);
  bs_mem_free(&names);
}

void bs_dataset_destroy(bs_dataset **data)
{
  bs_dataset *d = *data;
  if (d == NULL)
    return;
  bs_shared_free(&d->x_block);
  bs_shared_free(&d->y_block);
  free_names(d->feature, d->d);
  free_names(d->class_name, d->c);
  free(d->source);
  free(d->checksum);
  bs_mem_free(data);
}
