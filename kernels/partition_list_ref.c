#include "kernels/kernels.h"

#include <string.h>

static inline uint64_t goes_right(const uint64_t *side, uint64_t entry)
{
  uint32_t row = (uint32_t)entry;
  return side[row / 64] >> (row % 64) & 1;
}

/* Few go right: move the left ones forward in place, the others aside. */
static void partition_forward(size_t n, const uint64_t *side, uint64_t *list,
                              uint64_t *work)
{
  size_t left = 0, right = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t entry = list[i], bit = goes_right(side, entry);
    list[left] = entry; /* left <= i: only settled entries are overwritten */
    work[right] = entry;
    left += 1 - bit;
    right += bit;
  }
  memcpy(list + left, work, right * sizeof *list);
}

/* Few go left: the same from the end. */
static void partition_backward(size_t n, const uint64_t *side, size_t left,
                               uint64_t *list, uint64_t *work)
{
  size_t to = n, aside = left;
  work++; /* the slot before the first is written to, and never kept */
  for (size_t i = n; i-- > 0;) {
    uint64_t entry = list[i], bit = goes_right(side, entry);
    list[to - 1] = entry;
    work[(ptrdiff_t)aside - 1] = entry;
    to -= bit;
    aside -= 1 - bit;
  }
  memcpy(list, work, left * sizeof *list);
}

void bs_partition_list_ref(size_t n, const uint64_t *side, size_t left,
                           uint64_t *list, uint64_t *work)
{
  if (left > n - left)
    partition_forward(n, side, list, work);
  else
    partition_backward(n, side, left, list, work);
}
