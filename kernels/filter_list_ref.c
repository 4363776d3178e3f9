#include "kernels/kernels.h"

size_t bs_filter_list_ref(size_t n, const uint32_t *order, const uint64_t *step,
                          const uint16_t *tag, int class_bits, uint64_t *list)
{
  size_t kept = 0;
  uint32_t rank = 0;
  for (size_t p = 0; p < n; p++) {
    uint32_t row = order[p];
    rank += (uint32_t)(step[p / 64] >> (p % 64)) & 1;
    uint32_t class_code = tag[row];
    /* Written always, kept only when the row counts: no branch to miss. */
    list[kept] = (uint64_t)((rank << class_bits) | class_code) << 32 | row;
    kept += class_code != UINT16_MAX;
  }
  return kept;
}
