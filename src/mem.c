/* SPDX-License-Identifier: BSD-3-Clause */
/* madvise is Linux's own. */
#define _GNU_SOURCE
#include "src/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };

static bs_status allocate(size_t alignment, size_t count, size_t size,
                          void *out)
{
  void *p = NULL;
  size_t bytes = 0;
  memcpy(out, &p, sizeof p);
  if (__builtin_mul_overflow(count, size, &bytes) ||
      bytes > SIZE_MAX - alignment)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: %zu elements of %zu bytes",
                   count, size);
  /* aligned_alloc wants a multiple of the alignment. */
  bytes = (bytes + alignment) / alignment * alignment;
  p = aligned_alloc(alignment, bytes);
  if (p == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: %zu bytes wanted", bytes);
  if (alignment == HUGE_PAGE)
    madvise(p, bytes, MADV_HUGEPAGE); /* without them it only takes longer */
  memcpy(out, &p, sizeof p);
  return BS_OK;
}

bs_status bs_mem_alloc(size_t count, size_t size, void *out)
{
  return allocate(ALIGNMENT, count, size, out);
}

bs_status bs_mem_alloc_huge(size_t count, size_t size, void *out)
{
  return allocate(HUGE_PAGE, count, size, out);
}

bs_status bs_mem_zalloc(size_t count, size_t size, void *out)
{
  void *p;
  BS_TRY(bs_mem_alloc(count, size, out));
  memcpy(&p, out, sizeof p);
  memset(p, 0, count * size);
  return BS_OK;
}

void bs_mem_free(void *pointer)
{
  void *p;
  memcpy(&p, pointer, sizeof p);
  free(p);
  p = NULL;
  memcpy(pointer, &p, sizeof p);
}
