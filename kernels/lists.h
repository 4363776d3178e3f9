/* SPDX-License-Identifier: BSD-3-Clause */
/** \file lists.h
 * Kernels on sorted columns, which trees grow on. Arrays in, arrays out: no
 * MPI, no HDF5, no allocation, no printing, no failure. Callers have checked,
 * sized and allocated. Integers only, so every variant gives the same bits.
 *
 * Several trees grow together, and their nodes share lists: a list holds the
 * rows that a node of any of them holds, in ascending order of one column's
 * value, an entry of 64 bits a row, from the lowest bit:
 *
 *     row number | class code | a bit for each tree that has the row there |
 * rank
 *
 * The rank stands for the value (see src/presort.h): between neighbours with
 * ranks a <= b of the same node a cut is allowed if and only if b - a is at
 * least the reach of a, which is 1 where the column has no table of reaches.
 */
#ifndef BS_LISTS_H
#define BS_LISTS_H
#include <stddef.h>
#include <stdint.h>

enum {
  BS_BLOCK = 64, /**< entries summed up at a time: one bit each in a word */
  BS_TREES = 16, /**< most trees that grow together */
  BS_CODES_PER_WORD = 32, /**< rows a word of bs_sides.code tells of */
  BS_LIST_PAD = 8, /**< entries past a list's end that may be read, and written
                        by filter */
  BS_REACH_PAD = 1 /**< near reaches past the last that may be read */
};

/** Widths of the fields of an entry; what is left is the rank's. */
typedef struct bs_entry_layout {
  int row_bits, class_bits, trees;
} bs_entry_layout;

/** First bit of each field. */
static inline int bs_class_shift(const bs_entry_layout *l)
{
  return l->row_bits;
}
static inline int bs_trees_shift(const bs_entry_layout *l)
{
  return l->row_bits + l->class_bits;
}
static inline int bs_rank_shift(const bs_entry_layout *l)
{
  return l->row_bits + l->class_bits + l->trees;
}

static inline uint32_t bs_entry_row(const bs_entry_layout *l, uint64_t entry)
{
  return (uint32_t)(entry & ((UINT64_C(1) << l->row_bits) - 1));
}
static inline uint32_t bs_entry_class(const bs_entry_layout *l, uint64_t entry)
{
  return (uint32_t)(entry >> bs_class_shift(l)) &
         ((UINT32_C(1) << l->class_bits) - 1);
}
static inline uint32_t bs_entry_trees(const bs_entry_layout *l, uint64_t entry)
{
  return (uint32_t)(entry >> bs_trees_shift(l)) &
         ((UINT32_C(1) << l->trees) - 1);
}
static inline uint32_t bs_entry_rank(const bs_entry_layout *l, uint64_t entry)
{
  return (uint32_t)(entry >> bs_rank_shift(l));
}

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

/** Where the rows of the nodes that are being split go. */
typedef enum bs_side { BS_LEFT, BS_RIGHT, BS_MIXED, BS_NO_SIDE } bs_side;

typedef struct bs_sides {
  uint64_t *code;  /**< two bits a row: bs_side, mixed where trees differ */
  uint16_t *right; /**< (rows): trees in which the row goes right */
} bs_sides;

static inline bs_side bs_side_of(const uint64_t *code, uint32_t row)
{
  return (bs_side)(code[row / BS_CODES_PER_WORD] >>
                       (row % BS_CODES_PER_WORD * 2) &
                   3);
}

/** What a summary tells of a block; bit i stands for entry i. */
typedef struct bs_list_block {
  uint64_t live[BS_TREES];  /**< entries that belong to a tree's node */
  uint64_t cut[BS_TREES];   /**< live ones that may be cut from the live one
                                 before them, perhaps in an earlier block */
  uint64_t class_plane[16]; /**< entries whose class code has bit b */
  uint8_t rows[BS_TREES];   /**< numbers of bits in live and cut */
  uint8_t cuts[BS_TREES];
} bs_list_block;

enum { BS_NO_RANK = UINT32_MAX };

/** One instruction set's kernels. */
typedef struct bs_list_kernels {
  const char *name; /**< "ref", "avx2", "avx512" */

  /** Make the list of a subset of rows from the sorted order of all rows.
   * \param [in]  n     Rows in \a order.
   * \param [in]  order (n): rows by ascending value.
   * \param [in]  step  Bit p (of word p / 64) is set where position p has a
   *                    higher rank than p - 1; bit 0 is clear.
   * \param [in]  tag   (all rows): trees << class_bits | class code; rows of no
   *                    tree are left out.
   * \param [out] list  (rows kept + BS_LIST_PAD): entries.
   * \return            Number of entries kept.
   */
  size_t (*filter)(size_t n, const uint32_t *order, const uint64_t *step,
                   const uint32_t *tag, const bs_entry_layout *layout,
                   uint64_t *list);

  /** Deal the entries of a node to its two children, in order.
   * \param [in]  n     Entries.
   * \param [in]  take  Trees that go on in the left and in the right child: an
   *                    entry is copied to a child for those of them that have
   *                    it and send it there, if there are any.
   * \param [in,out] out  Where each child's entries go, behind them afterwards;
   *                       not touched where take is 0.
   * \param [in]  end   Where the room for each child's entries ends.
   */
  void (*deal)(size_t n, const uint64_t *list, const bs_entry_layout *layout,
               const bs_sides *sides, const uint16_t take[2], uint64_t *out[2],
               uint64_t *const end[2]);

  /** Take rows of one side from trees, in place.
   * \param [in]     drop  An entry loses those trees of drop[0] that send it
   *                       left, and those of drop[1] that send it right. */
  void (*peel)(size_t n, uint64_t *list, const bs_entry_layout *layout,
               const bs_sides *sides, const uint16_t drop[2]);

  /** Sum up a block of a list.
   * \param [in]     n        Entries in the block, 1 .. BS_BLOCK.
   * \param [in]     list     (n + BS_LIST_PAD): what lies past the block is
   *                          looked at, and changes nothing.
   * \param [in]     trees    Those wanted: a bit each.
   * \param [in]     classes  Classes, at most 2^class_bits.
   * \param [in,out] last     (BS_TREES): rank of each tree's last entry so far,
   *                          BS_NO_RANK before the first.
   * \param [out]    block    Of the trees wanted.
   * \param [out]    count    (BS_TREES, classes): rows of each class in the
   *                          block, of the trees wanted.
   */
  void (*summary)(int n, const uint64_t *list, const bs_entry_layout *layout,
                  bs_reach reach, uint32_t trees, int classes, uint32_t *last,
                  bs_list_block *block, uint32_t *count);

  /** Count the classes of some entries of a block.
   * \param [in]  some   Bits of entries of the block.
   * \param [out] count  (classes).
   */
  void (*count)(const bs_list_block *block, uint64_t some, int classes,
                int class_bits, uint32_t *count);
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

/** The double that an image is of; 0 for -0. */
static inline double bs_sort_value(uint64_t key)
{
  union {
    double d;
    uint64_t u;
  } bits = {.u = key ^ (((key >> 63) - 1) | UINT64_C(0x8000000000000000))};
  return bits.d;
}

/** Stable sort of row numbers by key: radix sort on the leading bits that
 * differ, then on the bits below inside runs that are still equal.
 * \param [in]  n      Rows, < 2^32.
 * \param [in]  key    (n): keys by row.
 * \param [out] order  (n): rows by ascending key, equal keys by row number.
 * \param [out] sorted (n): the keys in that order.
 * \param [out] work   (n): scratch.
 */
void bs_sort_order(size_t n, const uint64_t *key, uint32_t *order,
                   uint64_t *sorted, uint64_t *work);

#endif /* BS_LISTS_H */
