#include "kernels/dispatch.h"

#include <string.h>

static const bs_kernels *const known[] = {
#ifdef BS_X86_KERNELS
    &bs_kernels_avx512,
    &bs_kernels_avx2,
#endif
    &bs_kernels_ref,
};
enum { KNOWN = sizeof known / sizeof *known };

bool bs_kernels_run_here(const bs_kernels *kernels)
{
#ifdef BS_X86_KERNELS
  if (kernels == &bs_kernels_avx512)
    return __builtin_cpu_supports("avx512f");
  if (kernels == &bs_kernels_avx2)
    return __builtin_cpu_supports("avx2");
#endif
  return kernels == &bs_kernels_ref;
}

const bs_kernels *bs_kernels_find(const char *name)
{
  for (int i = 0; i < KNOWN; i++)
    if (name == NULL ? bs_kernels_run_here(known[i])
                     : strcmp(name, known[i]->name) == 0)
      return known[i];
  return NULL;
}
