/** \file kernels.h
 * Arrays in, arrays out: no MPI, no HDF5, no allocation, no printing, no
 * failure. Callers have checked, sized and allocated.
 *
 * A column list is what a tree grows on: the rows of a node in ascending order
 * of one column's value, an entry of 64 bits a row:
 *
 *     bits 63 .. 32   (rank << class_bits) | class code
 *     bits 31 .. 0    row number in the data set
 *
 * The rank stands for the value (see src/presort.h): between neighbours with
 * ranks a <= b of the same list a cut is allowed if and only if
 * b >= reach[a], or a != b where the column has no table of reaches.
 */
#ifndef BS_KERNELS_H
#define BS_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/** Entries summed up at a time: one bit each in a word. */
enum { BS_BLOCK = 64 };

/** Order-preserving image of a finite double; -0 and 0 become the same. */
static inline uint64_t bs_sort_key(double x)
{
  union {
    double d;
    uint64_t u;
  } bits = {.d = x == 0 ? 0.0 : x};
  uint64_t sign = bits.u >> 63;
  return bits.u ^ ((0 - sign) | UINT64_C(0x8000000000000000));
}

/** Stable sort of row numbers by key: radix sort on the leading bits that
 * differ, then on the bits below inside runs that are still equal.
 * \param [in]  n     Rows, < 2^32.
 * \param [in]  key   (n): keys by row.
 * \param [out] order (n): rows by ascending key, equal keys by row number.
 * \param [out] work  (2 n): scratch.
 */
void bs_sort_order_ref(size_t n, const uint64_t *key, uint32_t *order,
                       uint64_t *work);

/** Make the list of a subset of rows from the sorted order of all rows.
 * \param [in]  n          Rows in \a order.
 * \param [in]  order      (n): rows by ascending value.
 * \param [in]  step       Bit p (of word p / 64) is set where position p has a
 *                         higher rank than p - 1; bit 0 is clear.
 * \param [in]  tag        (all rows): class code of a row, or UINT16_MAX for
 *                         rows to leave out.
 * \param [in]  class_bits Bits for a class code.
 * \param [out] list       (rows kept + 1): entries; the last slot is scratch.
 * \return                 Number of entries written.
 */
size_t bs_filter_list_ref(size_t n, const uint32_t *order, const uint64_t *step,
                          const uint16_t *tag, int class_bits, uint64_t *list);

/** Stable partition of a list in place by one bit a row.
 * \param [in]     n     Entries.
 * \param [in]     side  Bit r is set if row r goes right.
 * \param [in]     left  Number of entries that go left.
 * \param [in,out] list  (n): afterwards left entries, then right ones.
 * \param [out]    work  (min(left, n - left) + BS_BLOCK): scratch.
 */
void bs_partition_list_ref(size_t n, const uint64_t *side, size_t left,
                           uint64_t *list, uint64_t *work);

/** Sum up a block of a list.
 * \param [in]     n          Entries in the block, 1 .. BS_BLOCK.
 * \param [in]     list       (n + 1): one entry past the block is looked at; the
 *                            caller masks its bit off where there is none.
 * \param [in]     class_bits Bits of the class code, at most 16.
 * \param [in]     reach      Reach of each rank, or NULL.
 * \param [in,out] count      (classes): number of entries of each class is
 *                            added.
 * \return                    Bit i is set where a cut between i and i + 1 is
 *                            allowed.
 */
uint64_t bs_block_summary_ref(int n, const uint64_t *list, int class_bits,
                              const uint32_t *reach, uint32_t *count);

#endif /* BS_KERNELS_H */
