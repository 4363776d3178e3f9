/* SPDX-License-Identifier: BSD-3-Clause */
/** \file nine_rows.h
 * Nine predictions in two folds that meet the odd cases: two unclassified rows,
 * a class never predicted, a class without rows, a tie.
 */
#ifndef BS_NINE_ROWS_H
#define BS_NINE_ROWS_H
#include "src/predictions.h"

static char *const nine_class[] = {"benign", "gafgyt combo", "mirai", "none"};

static size_t nine_start[] = {0, 5, 9};
static uint64_t nine_train[] = {10, 6, 3, 0, 9, 7, 3, 0};
static uint16_t nine_truth[] = {0, 1, 1, 2, 0, 0, 0, 1, 2};
static uint32_t nine_dist[] = {0, 1, 2, 1, 3, 0, 2, 4, 3};
/* The last distribution equals the first: groups are by value. */
static double nine_prob[] = {0.9, 0.1, 0, 0, 0, 1.0 / 3, 2.0 / 3, 0,   0.5, 0.5,
                             0,   0,   0, 0, 0, 0,       0.9,     0.1, 0,   0};

static const bs_predictions nine_rows = {
    .c = 4,
    .folds = 2,
    .n = 9,
    .fold_start = nine_start,
    .train_count = nine_train,
    .truth = nine_truth,
    .dist = nine_dist,
    .m = 5,
    .prob = nine_prob,
};

#endif /* BS_NINE_ROWS_H */
