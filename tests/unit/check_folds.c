/* SPDX-License-Identifier: BSD-3-Clause */
/* Folds: the rows Weka tests and trains on, in its order. */
#include "src/folds.h"
#include "tests/unit/unit.h"

#include <string.h>

static const uint16_t twelve[] = {0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 2, 2};

START_TEST(twelve_rows_in_three_folds_come_as_from_weka)
{
  static const uint32_t want[] = {5, 10, 8, 7, 11, 9, 1, 6, 2, 4, 3, 0};
  static const uint32_t train[3][8] = {{11, 0, 3, 2, 1, 6, 4, 9},
                                       {7, 5, 2, 10, 3, 8, 4, 0},
                                       {5, 7, 10, 11, 6, 9, 1, 8}};
  bs_folds *folds;
  uint32_t rows[8];
  ck_assert_int_eq(bs_folds_create(twelve, 12, 3, 1, true, &folds), BS_OK);
  ck_assert_mem_eq(folds->order, want, sizeof want);
  for (int f = 0; f < 3; f++) {
    ck_assert_uint_eq(folds->start[f], (size_t)f * 4);
    ck_assert_uint_eq(bs_folds_train_count(folds, f), 8);
    bs_folds_training(folds, f, rows);
    ck_assert_mem_eq(rows, train[f], sizeof rows);
  }
  bs_folds_destroy(&folds);
  ck_assert_ptr_null(folds);
}
END_TEST

START_TEST(without_training_order_rows_come_stratified)
{
  static const uint32_t want[] = {5, 10, 8, 7, 2, 4, 3, 0};
  bs_folds *folds;
  uint32_t rows[8];
  ck_assert_int_eq(bs_folds_create(twelve, 12, 3, 1, false, &folds), BS_OK);
  bs_folds_training(folds, 1, rows);
  ck_assert_mem_eq(rows, want, sizeof want);
  bs_folds_destroy(&folds);
}
END_TEST

/* iris has 50 rows of each of three classes, in order. */
START_TEST(first_fold_of_iris_is_wekas)
{
  static const uint32_t want[] = {140, 123, 110, 137, 104, 18, 29, 40,
                                  16,  30,  71,  86,  69,  73, 83};
  uint16_t y[150];
  bs_folds *folds;
  for (int i = 0; i < 150; i++)
    y[i] = (uint16_t)(i / 50);
  ck_assert_int_eq(bs_folds_create(y, 150, 10, 1, false, &folds), BS_OK);
  ck_assert_mem_eq(folds->order, want, sizeof want);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(sizes_differ_by_one_and_every_row_is_tested_once)
{
  enum { N = 1003 };
  uint16_t y[N];
  uint64_t count[17 * 3];
  uint32_t rows[N];
  for (int i = 0; i < N; i++)
    y[i] = (uint16_t)(i % 7 == 0 ? 2 : i % 2);
  for (int k = 2; k <= 17; k++) {
    bs_folds *folds;
    uint32_t seen[N] = {0};
    ck_assert_int_eq(bs_folds_create(y, N, k, -3, k % 2 == 0, &folds), BS_OK);
    bs_folds_count(folds, y, 3, count);
    for (int f = 0; f < k; f++) {
      const size_t tested = bs_folds_test_count(folds, f);
      uint64_t want[3] = {0};
      ck_assert_uint_eq(tested, N / (size_t)k + ((size_t)f < N % (size_t)k));
      for (size_t i = folds->start[f]; i < folds->start[f + 1]; i++) {
        seen[folds->order[i]]++;
        ck_assert(bs_folds_member(folds, f, folds->order[i]));
      }
      bs_folds_training(folds, f, rows);
      for (size_t i = 0; i < N - tested; i++) {
        ck_assert(!bs_folds_member(folds, f, rows[i]));
        want[y[rows[i]]]++;
      }
      for (int c = 0; c < 3; c++)
        ck_assert_uint_eq(count[f * 3 + c], want[c]);
    }
    for (int i = 0; i < N; i++)
      ck_assert_uint_eq(seen[i], 1);
    bs_folds_destroy(&folds);
  }
}
END_TEST

START_TEST(leave_one_out_is_allowed)
{
  bs_folds *folds;
  ck_assert_int_eq(bs_folds_create(twelve, 12, 12, 1, true, &folds), BS_OK);
  ck_assert_uint_eq(bs_folds_test_count(folds, 11), 1);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(impossible_numbers_of_folds_are_refused)
{
  bs_folds *folds;
  ck_assert_int_eq(bs_folds_create(twelve, 12, 1, 1, false, &folds),
                   BS_ERR_USAGE);
  ck_assert_str_eq(bs_error_text(),
                   "number of folds: 1 given, at least 2 needed");
  ck_assert_int_eq(bs_folds_create(twelve, 12, 13, 1, false, &folds),
                   BS_ERR_USAGE);
  ck_assert_str_eq(bs_error_text(),
                   "number of folds: 13 given, more than the 12 rows");
  ck_assert_ptr_null(folds);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(twelve_rows_in_three_folds_come_as_from_weka),
      BS_UNIT(without_training_order_rows_come_stratified),
      BS_UNIT(first_fold_of_iris_is_wekas),
      BS_UNIT(sizes_differ_by_one_and_every_row_is_tested_once),
      BS_UNIT(leave_one_out_is_allowed),
      BS_UNIT(impossible_numbers_of_folds_are_refused),
  };
  return bs_unit_run("folds", tests, sizeof tests / sizeof *tests);
}
