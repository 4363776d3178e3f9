/* SPDX-License-Identifier: BSD-3-Clause */
/** \file lists.h
 * Kernels on sorted columns, which trees grow on. Arrays in, arrays out: no
 * MPI, no HDF5, no allocation, no printing, no failure. Callers have checked,
 * sized and allocated. Integers only, so every variant gives the same bits.
 *
 * A column list holds the rows of a node in ascending order of one column's
 * value, an entry of 64 bits a row:
 *
 *     bits 63 .. 32   (rank << class_bits) | class code
 *     bits 31 .. 0    row number in the data set
 *
 * The rank stands for the value (see src/presort.h): between neighbours with
 * ranks a <= b of the same list a cut is allowed if and only if b - a is at
 * least the reach of a, which is 1 where the column has no table of reaches.
 */
#ifndef BS_LISTS_H
#define BS_LISTS_H
#include <stddef.h>
#include <stdint.h>

enum {
  BS_BLOCK = 64, /**< entries summed up at a time: one bit each in a word */
  BS_LIST_PAD =
      8,          /**< entries past a list's end that may be read and written */
  BS_TAG_PAD = 1, /**< tags past the last row that may be read */
  BS_REACH_PAD = 1 /**< near reaches past the last that may be read */
};

/** Reach of each rank of a column: how many ranks ahead the first value lies
 * that it can be cut from. Both NULL: 1 for all. */
typedef struct bs_reach {
  const uint16_t *near; /**< (ranks + BS_REACH_PAD), or NULL */
  const uint32_t *far;  /**< (ranks): instead, where 16 bits do not do */
} bs_reach;

/** Is a cut allowed between neighbours of ranks a <= b? */
static inline int bs_reach_allows(bs_reach reach, uint32_t a, uint32_t b)
{
  if (a == b)
    return 0;
  if (reach.near != NULL)
    return b - a >= reach.near[a];
  return reach.far == NULL || b - a >= reach.far[a];
}

/** 1 if the row of an entry goes right, by its side bit; else 0. */
static inline uint64_t bs_list_right(const uint64_t *side, uint64_t entry)
{
  uint32_t row = (uint32_t)entry;
  return side[row / 64] >> (row % 64) & 1;
}

/** One instruction set's kernels. */
typedef struct bs_list_kernels {
  const char *name; /**< "ref", "avx2", "avx512" */

  /** Make the list of a subset of rows from the sorted order of all rows.
   * \param [in]  n          Rows in \a order.
   * \param [in]  order      (n): rows by ascending value.
   * \param [in]  step       Bit p (of word p / 64) is set where position p has
   *                         a higher rank than p - 1; bit 0 is clear.
   * \param [in]  tag        (all rows + BS_TAG_PAD): class code of a row, or
   *                         UINT16_MAX for rows to leave out.
   * \param [in]  class_bits Bits for a class code.
   * \param [out] list       (rows kept + BS_LIST_PAD): entries.
   * \return                 Number of entries kept.
   */
  size_t (*filter)(size_t n, const uint32_t *order, const uint64_t *step,
                   const uint16_t *tag, int class_bits, uint64_t *list);

  /** Stable partition of a list in place by one bit a row.
   * \param [in]     n     Entries.
   * \param [in]     side  Bit r is set if row r goes right.
   * \param [in]     left  Number of entries that go left.
   * \param [in,out] list  (n): afterwards left entries, then right ones. What
   *                       lies behind is left alone.
   * \param [out]    work  (min(left, n - left) + BS_LIST_PAD): scratch.
   */
  void (*partition)(size_t n, const uint64_t *side, size_t left, uint64_t *list,
                    uint64_t *work);

  /** Sum up a block of a list.
   * \param [in]     n          Entries in the block, 1 .. BS_BLOCK.
   * \param [in]     list       (n + 1): one entry past the block is looked at;
   *                            the caller masks its bit off where there is
   * none. \param [in]     classes    Classes, at most 2^class_bits. \param [in]
   * class_bits Bits of the class code, at most 16. \param [in]     reach Reach
   * of each rank, or NULL. \param [in,out] count      (classes): rows of each
   * class are added. \return                    Bit i is set where a cut
   * between i and i + 1 is allowed.
   */
  uint64_t (*summary)(int n, const uint64_t *list, int classes, int class_bits,
                      bs_reach reach, uint32_t *count);
} bs_list_kernels;

/** The plainest loops: always there, and what the others are tested against. */
extern const bs_list_kernels bs_list_kernels_ref;
extern const bs_list_kernels bs_list_kernels_avx2, bs_list_kernels_avx512;

/** The kernels of that name, NULL if there is no such name or this machine
 * can't run them. \a name == NULL stands for the fastest that it can. */
const bs_list_kernels *bs_list_kernels_find(const char *name);

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
void bs_sort_order(size_t n, const uint64_t *key, uint32_t *order,
                   uint64_t *work);

#endif /* BS_LISTS_H */
