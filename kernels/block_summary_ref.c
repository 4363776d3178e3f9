#include "kernels/kernels.h"

uint64_t bs_block_summary_ref(int n, const uint64_t *list, int class_bits,
                              const uint32_t *reach, uint32_t *count)
{
  uint32_t class_mask = (UINT32_C(1) << class_bits) - 1;
  uint64_t cuts = 0;
  uint32_t high = (uint32_t)(list[0] >> 32);
  for (int i = 0; i < n; i++) {
    uint32_t next = (uint32_t)(list[i + 1] >> 32);
    uint32_t a = high >> class_bits, b = next >> class_bits;
    count[high & class_mask]++;
    uint64_t cut = reach == NULL ? a != b : b >= reach[a];
    cuts |= cut << i;
    high = next;
  }
  return cuts;
}
