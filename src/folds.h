/* SPDX-License-Identifier: BSD-3-Clause */
/** \file folds.h
 * Which rows are tested, and which are trained on for it. Weka's stratified
 * folds are made here, the same rows in the same order as Weka's; they depend
 * on the number of rows and folds, the seed and the class column. Other ways to
 * split: src/splits.h.
 */
#ifndef BS_FOLDS_H
#define BS_FOLDS_H
#include "src/random.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** In bs_folds.member: no fold tests the row. */
enum { BS_FOLD_NONE = UINT16_MAX };

/** n rows dealt to folds. A fold trains on the rows it does not test, less
 * those it leaves out. */
typedef struct bs_folds {
  size_t n;
  int folds;
  uint32_t *order;    /**< (n): fold f tests order[start[f]] ..
                           order[start[f + 1] - 1], in this order; rows that no
                           fold tests are at the end */
  size_t *start;      /**< (folds + 1): the last is the number of rows tested */
  uint16_t *member;   /**< (n): fold that tests the row, or BS_FOLD_NONE */
  uint32_t *left_out; /**< rows that fold f neither tests nor trains on, from
                           left_start[f] to left_start[f + 1] - 1, ascending;
                           NULL: there are none */
  size_t *left_start; /**< (folds + 1), or NULL */
  bs_random *random;  /**< (folds): the stream before a fold's training rows are
                           shuffled; NULL unless asked for */
} bs_folds;

/** Make the folds of `-x folds -s seed`. Local, serial, the same on every rank.
 * \param [in] y      (n): class codes.
 * \param [in] folds  2 <= folds <= min(n, 65535).
 * \param [in] keep_training_order  Also run through the stream, so that
 *                    bs_folds_training gives Weka's order.
 * \param [out] out   Owned by the caller, see bs_folds_destroy; NULL on
 * failure. \return            BS_OK, BS_ERR_USAGE (folds), BS_ERR_INPUT (2^31
 * rows or more), BS_ERR_RESOURCE. Cost: O(n * classes), and O(n * folds) steps
 * of the stream for the order.
 */
bs_status bs_folds_create(const uint16_t *y, size_t n, int folds, int64_t seed,
                          bool keep_training_order, bs_folds **out);
/** Make folds from a table of which fold tests which row. Rows are tested, and
 * trained on, in ascending order. Local.
 * \param [in] member  (n): 0 .. folds - 1, or BS_FOLD_NONE.
 * \param [out] out    Owned by the caller; NULL on failure.
 * \return             BS_OK, BS_ERR_USAGE, BS_ERR_INPUT, BS_ERR_RESOURCE.
 */
bs_status bs_folds_from_members(const uint16_t *member, size_t n, int folds,
                                bs_folds **out);
/** One fold of several as folds of its own: it tests, and trains on, the same
 * rows in the same order. Needs no longer than the call what it is made from.
 * \param [out] out  Owned by the caller; NULL on failure.
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_folds_single(const bs_folds *folds, int f, bs_folds **out);
/** Free *folds and set it to NULL; NULL is a no-op. */
void bs_folds_destroy(bs_folds **folds);

/** Rows that fold \a f tests, leaves out, trains on. */
static inline size_t bs_folds_test_count(const bs_folds *folds, int f)
{
  return folds->start[f + 1] - folds->start[f];
}
static inline size_t bs_folds_left_count(const bs_folds *folds, int f)
{
  return folds->left_out == NULL
             ? 0
             : folds->left_start[f + 1] - folds->left_start[f];
}
static inline size_t bs_folds_train_count(const bs_folds *folds, int f)
{
  return folds->n - bs_folds_test_count(folds, f) -
         bs_folds_left_count(folds, f);
}

/** True if fold \a f tests \a row. */
static inline bool bs_folds_member(const bs_folds *folds, int f, uint32_t row)
{
  return folds->member[row] == f;
}

/** Write the training rows of fold \a f to rows[bs_folds_train_count].
 * In Weka's order, after the second shuffle, if the folds were made with
 * keep_training_order; else in stratified order. */
void bs_folds_training(const bs_folds *folds, int f, uint32_t *rows);

/** Count the classes of the training rows of every fold.
 * \param [in] c       Classes declared.
 * \param [out] count  (folds, c).
 */
void bs_folds_count(const bs_folds *folds, const uint16_t *y, int c,
                    uint64_t *count);

#endif /* BS_FOLDS_H */
