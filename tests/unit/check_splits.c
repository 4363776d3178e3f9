/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits: nothing leaks, and what cannot be done is refused with the reason. */
#include "src/mem.h"
#include "src/splits.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 1200, COLUMNS = 3, CLASSES = 3, FILES = 6 };

static double x[COLUMNS * ROWS];
static uint16_t y[ROWS];
static char *class_names[] = {"benign", "gafgyt", "mirai"};
static bs_dataset data = {.n = ROWS,
                          .d = COLUMNS,
                          .c = CLASSES,
                          .x = x,
                          .y = y,
                          .class_name = class_names};
/* Two devices, each with a benign and two attack files of unlike sizes. */
static const bs_split_file files[FILES] = {
    {0, 100, 0, 0, 0},  {100, 300, 0, 1, 1}, {400, 200, 0, 6, 2},
    {600, 50, 1, 0, 0}, {650, 350, 1, 2, 1}, {1000, 200, 1, 7, 2},
};
static const bs_split_source source = {FILES, files};
static int held[BS_SPLIT_HELD];

/* Few distinct values, so that many rows are identical; every class its own. */
static void fill(void)
{
  bs_random r = bs_random_seeded(3);
  for (int i = 0; i < FILES; i++)
    for (size_t row = files[i].first; row < files[i].first + files[i].rows;
         row++) {
      y[row] = (uint16_t)files[i].family;
      for (int j = 0; j < COLUMNS; j++) {
        const int v = (int)bs_random_below(&r, 5) - 2;
        x[j * ROWS + (int)row] = v == 0 && row % 2 == 0 ? -0.0 : v;
      }
    }
}

static bs_folds *split(const char *text, int folds)
{
  bs_split_spec s;
  bs_folds *out;
  fill();
  ck_assert_int_eq(bs_splits_parse(text, &s), BS_OK);
  const bs_status st =
      bs_splits_create(&s, &data, &source, folds, 1, false, 2, held, &out);
  ck_assert_msg(st == BS_OK, "%s", bs_error_text());
  return out;
}

/* What each fold does with each row: 0 nothing, 1 trains, 2 tests; the sums are
 * those that the folds tell. */
static void roles(const bs_folds *folds, int f, int *role)
{
  static uint32_t rows[ROWS];
  const size_t train = bs_folds_train_count(folds, f);
  memset(role, 0, ROWS * sizeof *role);
  memset(rows, 0xff, sizeof rows);
  bs_folds_training(folds, f, rows);
  for (size_t i = 0; i < train; i++) {
    ck_assert_uint_lt(rows[i], ROWS);
    ck_assert_int_eq(role[rows[i]], 0); /* each once */
    role[rows[i]] = 1;
  }
  for (size_t i = folds->start[f]; i < folds->start[f + 1]; i++) {
    ck_assert_int_eq(role[folds->order[i]], 0);
    ck_assert(bs_folds_member(folds, f, folds->order[i]));
    role[folds->order[i]] = 2;
  }
  size_t left = 0;
  for (size_t i = 0; i < ROWS; i++)
    left += role[i] == 0;
  ck_assert_uint_eq(left, bs_folds_left_count(folds, f));
}

static void counts_agree(const bs_folds *folds)
{
  uint64_t count[16 * CLASSES];
  int role[ROWS];
  bs_folds_count(folds, y, CLASSES, count);
  for (int f = 0; f < folds->folds; f++) {
    uint64_t mine[CLASSES] = {0};
    roles(folds, f, role);
    for (size_t i = 0; i < ROWS; i++)
      mine[y[i]] += role[i] == 1;
    ck_assert_mem_eq(mine, count + f * CLASSES, sizeof mine);
  }
}

static bool same_row(size_t a, size_t b)
{
  for (int j = 0; j < COLUMNS; j++)
    if (x[j * ROWS + (int)a] != x[j * ROWS + (int)b])
      return false;
  return true;
}

START_TEST(dedup_has_no_row_on_both_sides)
{
  bs_folds *folds = split("dedup", 5);
  size_t pairs = 0;
  for (size_t a = 0; a < ROWS; a++)
    for (size_t b = 0; b < a; b++)
      if (same_row(a, b)) {
        ck_assert_uint_eq(folds->member[a], folds->member[b]);
        pairs++;
      }
  ck_assert_uint_gt(pairs, 1000);
  ck_assert_uint_eq(folds->start[5], ROWS);
  for (int f = 0; f < 5; f++)
    ck_assert_uint_gt(bs_folds_test_count(folds, f), ROWS / 10);
  counts_agree(folds);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(blocked_leaves_a_gap_around_what_it_tests)
{
  static const int gaps[] = {0, 1, 7, 500};
  int role[ROWS];
  for (size_t g = 0; g < 4; g++) {
    char text[32];
    sprintf(text, "blocked:gap=%d", gaps[g]);
    if (gaps[g] == 500) { /* longer than any file: nothing is left */
      bs_split_spec s;
      bs_folds *none;
      ck_assert_int_eq(bs_splits_parse(text, &s), BS_OK);
      ck_assert_int_eq(
          bs_splits_create(&s, &data, &source, 4, 1, false, 1, NULL, &none),
          BS_ERR_INPUT);
      ck_assert_ptr_null(none);
      ck_assert_ptr_nonnull(strstr(bs_error_text(), "smaller gap"));
      continue;
    }
    bs_folds *folds = split(text, 4);
    ck_assert_uint_eq(folds->start[4], ROWS);
    for (int f = 0; f < 4; f++) {
      roles(folds, f, role);
      for (int i = 0; i < FILES; i++)
        for (size_t a = 0; a < files[i].rows; a++)
          for (size_t b = 0; b < files[i].rows; b++)
            if (role[files[i].first + a] == 2 && role[files[i].first + b] == 1)
              ck_assert_int_gt(abs((int)a - (int)b), gaps[g]);
    }
    counts_agree(folds);
    bs_folds_destroy(&folds);
  }
}
END_TEST

START_TEST(tail_tests_the_end_of_every_file)
{
  int role[ROWS];
  bs_folds *folds = split("tail:part=0.1,gap=3", 10);
  ck_assert_int_eq(folds->folds, 1);
  roles(folds, 0, role);
  for (int i = 0; i < FILES; i++)
    for (size_t k = 0; k < files[i].rows; k++) {
      const size_t tail = files[i].rows / 10, left = files[i].rows - k;
      ck_assert_int_eq(role[files[i].first + k], left <= tail       ? 2
                                                 : left <= tail + 3 ? 0
                                                                    : 1);
    }
  counts_agree(folds);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(a_device_is_tested_by_what_others_taught)
{
  int role[ROWS];
  bs_folds *folds = split("device-out", 10);
  ck_assert_int_eq(folds->folds, 2);
  for (int f = 0; f < 2; f++) {
    ck_assert_int_eq(held[f], f);
    roles(folds, f, role);
    for (size_t row = 0; row < ROWS; row++)
      ck_assert_int_eq(role[row], (row < 600) == (f == 0) ? 2 : 1);
  }
  counts_agree(folds);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(an_attack_held_out_is_in_no_training_set)
{
  static const int want[] = {1, 2, 6, 7};
  int role[ROWS];
  bs_folds *folds = split("attack-out", 10);
  ck_assert_int_eq(folds->folds, 4);
  ck_assert_mem_eq(held, want, sizeof want);
  for (int f = 0; f < 4; f++) {
    size_t benign = 0;
    roles(folds, f, role);
    for (int i = 0; i < FILES; i++)
      for (size_t k = files[i].first; k < files[i].first + files[i].rows; k++) {
        benign += files[i].attack == 0 && role[k] == 2;
        if (files[i].attack > 0)
          ck_assert_int_eq(role[k], files[i].attack == want[f] ? 2 : 1);
      }
    ck_assert_uint_ge(benign, 37); /* a quarter of 150 */
  }
  counts_agree(folds);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(families_transfer_only_where_classes_are_binary)
{
  bs_split_spec s;
  bs_folds *folds;
  fill();
  ck_assert_int_eq(bs_splits_parse("family-transfer", &s), BS_OK);
  ck_assert_int_eq(
      bs_splits_create(&s, &data, &source, 2, 1, false, 1, held, &folds),
      BS_ERR_INPUT);
  ck_assert_ptr_nonnull(strstr(bs_error_text(), "--labels binary"));
  for (size_t i = 0; i < ROWS; i++)
    y[i] = y[i] > 0;
  ck_assert_int_eq(
      bs_splits_create(&s, &data, &source, 2, 1, false, 1, held, &folds),
      BS_OK);
  ck_assert_int_eq(folds->folds, 2);
  ck_assert_int_eq(held[0], 1);
  ck_assert_int_eq(held[1], 2);
  for (int i = 0; i < FILES; i++)
    for (size_t k = 0; k < files[i].rows; k++)
      if (files[i].family > 0)
        ck_assert_uint_eq(folds->member[files[i].first + k],
                          files[i].family - 1);
  bs_folds_destroy(&folds);
}
END_TEST

START_TEST(what_the_data_cannot_support_is_refused)
{
  static const bs_split_file one_device[] = {{0, 600, 0, 0, 0},
                                             {600, 600, 0, 1, 1}};
  static const bs_split_file unknown[] = {{0, 1200, -1, -1, -1}};
  static const struct {
    const char *split, *reason;
    bs_split_source from;
  } cases[] = {
      {"device-out", "1 device", {2, one_device}},
      {"attack-out", "1 attack", {2, one_device}},
      {"family-transfer", "1 malware family", {2, one_device}},
      {"device-out", "do not tell the device", {1, unknown}},
      {"attack-out", "do not tell the attack", {1, unknown}},
      {"blocked", "do not tell what file", {0, NULL}},
      {"tail", "do not tell what file", {0, NULL}},
  };
  fill();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_split_spec s;
    bs_folds *folds;
    ck_assert_int_eq(bs_splits_parse(cases[i].split, &s), BS_OK);
    ck_assert_int_eq(bs_splits_create(&s, &data, &cases[i].from, 4, 1, false, 1,
                                      NULL, &folds),
                     BS_ERR_INPUT);
    ck_assert_ptr_null(folds);
    ck_assert_msg(strstr(bs_error_text(), cases[i].reason) != NULL, "%s",
                  bs_error_text());
  }
}
END_TEST

START_TEST(the_grammar_is_kept)
{
  static const char *const wrong[] = {"",
                                      "rand",
                                      "randomly",
                                      "random:gap=1",
                                      "blocked:",
                                      "blocked:1",
                                      "blocked:gap=",
                                      "blocked:gap=-1",
                                      "blocked:gap=1x",
                                      "blocked:part=0.5",
                                      "tail:part=0",
                                      "tail:part=1",
                                      "tail:part=x",
                                      "tail:gap=1,",
                                      "device-out:x",
                                      "dedup:gap=3"};
  bs_split_spec s;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    ck_assert_msg(bs_splits_parse(wrong[i], &s) == BS_ERR_USAGE, "%s",
                  wrong[i]);
  ck_assert_int_eq(bs_splits_parse("tail:gap=5,part=0.25", &s), BS_OK);
  ck_assert(s.kind == BS_SPLIT_TAIL && s.gap == 5 && s.part == 0.25);
  ck_assert_int_eq(bs_splits_parse("blocked", &s), BS_OK);
  ck_assert(s.kind == BS_SPLIT_BLOCKED && s.gap == BS_SPLIT_GAP);
}
END_TEST

START_TEST(a_single_fold_is_the_fold)
{
  static uint32_t a[ROWS], b[ROWS];
  bs_folds *folds = split("blocked:gap=9", 4), *one, *weka;
  for (int f = 0; f < 4; f++) {
    ck_assert_int_eq(bs_folds_single(folds, f, &one), BS_OK);
    ck_assert_uint_eq(bs_folds_train_count(one, 0),
                      bs_folds_train_count(folds, f));
    bs_folds_training(folds, f, a);
    bs_folds_training(one, 0, b);
    ck_assert_mem_eq(a, b, bs_folds_train_count(one, 0) * sizeof *a);
    ck_assert_uint_eq(one->start[1], bs_folds_test_count(folds, f));
    ck_assert_mem_eq(one->order, folds->order + folds->start[f],
                     one->start[1] * sizeof *a);
    bs_folds_destroy(&one);
  }
  bs_folds_destroy(&folds);
  ck_assert_int_eq(bs_folds_create(y, ROWS, 3, 1, true, &weka), BS_OK);
  ck_assert_int_eq(bs_folds_single(weka, 1, &one), BS_OK);
  bs_folds_training(weka, 1, a);
  bs_folds_training(one, 0, b);
  ck_assert_mem_eq(a, b, bs_folds_train_count(one, 0) * sizeof *a);
  bs_folds_destroy(&one);
  bs_folds_destroy(&weka);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(dedup_has_no_row_on_both_sides),
      BS_UNIT(blocked_leaves_a_gap_around_what_it_tests),
      BS_UNIT(tail_tests_the_end_of_every_file),
      BS_UNIT(a_device_is_tested_by_what_others_taught),
      BS_UNIT(an_attack_held_out_is_in_no_training_set),
      BS_UNIT(families_transfer_only_where_classes_are_binary),
      BS_UNIT(what_the_data_cannot_support_is_refused),
      BS_UNIT(the_grammar_is_kept),
      BS_UNIT(a_single_fold_is_the_fold),
  };
  return bs_unit_run("splits", tests, sizeof tests / sizeof *tests);
}
