/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/lists.h"

#include <stdbool.h>
#include <string.h>

static bool runs_here(const bs_list_kernels *k)
{
#ifdef BS_X86_KERNELS
  if (k == &bs_list_kernels_avx512)
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
  if (k == &bs_list_kernels_avx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("bmi2");
#endif
  return k == &bs_list_kernels_ref;
}

const bs_list_kernels *bs_list_kernels_find(const char *name)
{
  static const bs_list_kernels *const known[] = {
#ifdef BS_X86_KERNELS
      &bs_list_kernels_avx512,
      &bs_list_kernels_avx2,
#endif
      &bs_list_kernels_ref,
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (runs_here(known[i]) &&
        (name == NULL || strcmp(name, known[i]->name) == 0))
      return known[i];
  return NULL;
}
