/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/clustering.h"

#include <string.h>

static bool runs_here(const bs_cluster_kernels *k)
{
#ifdef BS_X86_KERNELS
  if (k == &bs_cluster_kernels_avx512)
    return __builtin_cpu_supports("avx512f");
  if (k == &bs_cluster_kernels_avx2)
    return __builtin_cpu_supports("avx2");
#endif
  return k == &bs_cluster_kernels_ref;
}

const bs_cluster_kernels *bs_cluster_kernels_find(const char *name)
{
  static const bs_cluster_kernels *const known[] = {
#ifdef BS_X86_KERNELS
      &bs_cluster_kernels_avx512,
      &bs_cluster_kernels_avx2,
#endif
      &bs_cluster_kernels_ref,
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (runs_here(known[i]) &&
        (name == NULL || strcmp(name, known[i]->name) == 0))
      return known[i];
  return NULL;
}
