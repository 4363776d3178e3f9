/* SPDX-License-Identifier: BSD-3-Clause */
/* Rankings: order of equal merits, width of the columns. */
#include "src/ranker.h"
#include "tests/unit/unit.h"

#include <string.h>

static bs_ranking *rank(const double *merit, int d)
{
  bs_ranking *r;
  ck_assert_int_eq(bs_ranking_create(merit, d, &r), BS_OK);
  return r;
}

/* What Weka 3.6.14 and 3.8.7 make of 32 features of equal merit. */
START_TEST(equal_merits_come_in_wekas_order)
{
  static const uint32_t want[32] = {32, 31, 10, 11, 12, 13, 14, 9,  8,  7,  3,
                                    2,  4,  6,  5,  15, 16, 17, 28, 27, 29, 25,
                                    30, 26, 24, 18, 20, 19, 21, 23, 22, 1};
  double merit[32];
  for (int i = 0; i < 32; i++)
    merit[i] = 98.5981308411215;
  bs_ranking *r = rank(merit, 32);
  for (int i = 0; i < 32; i++)
    ck_assert_uint_eq(r->order[i] + 1, want[i]);
  bs_ranking_destroy(&r);
}
END_TEST

START_TEST(merits_with_two_ties_come_in_wekas_order)
{
  static const double merit[20] = {33.9,
                                   34.599999999999994,
                                   33.9,
                                   35.660000000000004,
                                   34.599999999999994,
                                   47.84,
                                   41.0,
                                   34.48,
                                   41.67999999999999,
                                   41.72,
                                   37.519999999999996,
                                   37.38,
                                   39.38,
                                   42.86,
                                   34.760000000000005,
                                   40.559999999999995,
                                   35.519999999999996,
                                   34.9,
                                   32.199999999999996,
                                   39.339999999999996};
  static const uint32_t want[20] = {6, 14, 10, 9,  7, 16, 13, 20, 11, 12,
                                    4, 17, 18, 15, 2, 5,  8,  1,  3,  19};
  bs_ranking *r = rank(merit, 20);
  for (int i = 0; i < 20; i++)
    ck_assert_uint_eq(r->order[i] + 1, want[i]);
  bs_ranking_destroy(&r);
}
END_TEST

static char *names[] = {"a0", "a1", "a2", "a3"};

static char *printed(const double *merit, int d, bs_weka weka)
{
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  bs_ranking *r = rank(merit, d);
  const bs_ranking_text t = {weka, "class", names, NULL, 10, 6};
  bs_ranking_print(r, &t, out);
  fclose(out);
  bs_ranking_destroy(&r);
  return text;
}

/* A rounding error in the third merit makes 17 decimals of the column. */
static const double uneven[4] = {100, 52.6, 58.00000000000001, 100};

START_TEST(text_of_38_is_wekas)
{
  char *text = printed(uneven, 4, BS_WEKA_38);
  ck_assert_str_eq(
      text, "=== Attribute Selection on all input data ===\n"
            "\n"
            "Search Method:\n"
            "\tAttribute ranking.\n"
            "\n"
            "Attribute Evaluator (supervised, Class (nominal): 5 class):\n"
            "\tOneR feature evaluator.\n"
            "\n"
            "\tUsing 10 fold cross validation for evaluating attributes.\n"
            "\tMinimum bucket size for OneR: 6\n"
            "\n"
            "Ranked attributes:\n"
            "100                    4 a3\n"
            "100                    1 a0\n"
            " 58.00000000000001     3 a2\n"
            " 52.6                  2 a1\n"
            "\n"
            "Selected attributes: 4,1,3,2 : 4\n");
  free(text);
}
END_TEST

START_TEST(many_decimals_of_36_are_wekas)
{
  char *text = printed(uneven, 4, BS_WEKA_36);
  ck_assert_str_eq(strstr(text, "Ranked"),
                   "Ranked attributes:\n"
                   "100.0                  4 a3\n"
                   "100.0                  1 a0\n"
                   " 58.00000000000001024  3 a2\n"
                   " 52.6                  2 a1\n"
                   "\nSelected attributes: 4,1,3,2 : 4\n");
  free(text);
}
END_TEST

START_TEST(whole_merits_need_no_decimals)
{
  static const double even[2] = {50, 100}, none[2] = {0, 0};
  char *text = printed(even, 2, BS_WEKA_36);
  ck_assert_ptr_nonnull(strstr(text, "\n 100  2 a1\n  50  1 a0\n\n"));
  free(text);
  text = printed(none, 2, BS_WEKA_38);
  ck_assert_ptr_nonnull(strstr(text, "\n  0  2 a1\n  0  1 a0\n\n"));
  free(text);
}
END_TEST

START_TEST(numbers_can_be_given)
{
  static const double even[2] = {50, 100};
  static const int number[2] = {7, 12};
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  bs_ranking *r = rank(even, 2);
  const bs_ranking_text t = {BS_WEKA_38, "class", names, number, 5, 3};
  bs_ranking_print(r, &t, out);
  fclose(out);
  ck_assert_ptr_nonnull(strstr(text, "\tUsing 5 fold cross"));
  ck_assert_ptr_nonnull(strstr(text, " OneR: 3\n"));
  ck_assert_ptr_nonnull(strstr(text, "\n 100 12 a1\n  50  7 a0\n\n"));
  ck_assert_ptr_nonnull(strstr(text, "attributes: 12,7 : 2\n"));
  free(text);
  bs_ranking_destroy(&r);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(equal_merits_come_in_wekas_order),
      BS_UNIT(merits_with_two_ties_come_in_wekas_order),
      BS_UNIT(text_of_38_is_wekas),
      BS_UNIT(many_decimals_of_36_are_wekas),
      BS_UNIT(whole_merits_need_no_decimals),
      BS_UNIT(numbers_can_be_given),
  };
  return bs_unit_run("ranker", tests, sizeof tests / sizeof *tests);
}
