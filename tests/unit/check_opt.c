/* SPDX-License-Identifier: BSD-3-Clause */
/* The option table: what it takes and what it refuses, by text. */
#include "src/opt.h"
#include "tests/unit/unit.h"

#include <string.h>

static long folds;
static double confidence;
static const char *weka, *json;
static bool quiet;

static const bs_opt table[] = {
    {BS_OPT_INT, "folds", &folds, "N", 2, 1000, "number of folds"},
    {BS_OPT_REAL, "confidence", &confidence, "X", 0, 1, "pruning confidence"},
    {BS_OPT_CHOICE, "weka", &weka, "3.6|3.8", 0, 0, "whose rules"},
    {BS_OPT_TEXT, "json", &json, "FILE", 0, 0, "results file"},
    {BS_OPT_FLAG, "quiet", &quiet, "", 0, 0, "say less"},
    {0},
};
static const bs_opt_spec spec = {"try", "tries", "FILE", 1, 1, NULL};

static bs_status parse(const char *line, int *first)
{
  static char buffer[256];
  char *argv[16];
  int argc = 0;
  folds = 10, confidence = 0.25, weka = "3.8", json = NULL, quiet = false;
  strcpy(buffer, line);
  for (char *p = strtok(buffer, " "); p != NULL; p = strtok(NULL, " "))
    argv[argc++] = p;
  argv[argc] = NULL;
  return bs_opt_parse(&spec, table, argc, argv, first);
}

START_TEST(options_and_operands_mix)
{
  int first;
  ck_assert_int_eq(parse("try --folds 5 a.h5 --weka=3.6 --quiet", &first),
                   BS_OK);
  ck_assert_int_eq(folds, 5);
  ck_assert_str_eq(weka, "3.6");
  ck_assert(quiet);
  ck_assert_int_eq(first, 5);
}
END_TEST

START_TEST(wrong_usage_names_option_value_and_range)
{
  static const struct {
    const char *line, *text;
  } cases[] = {
      {"try f --folds 10x",
       "option --folds: '10x' is not a whole number from 2 to 1000"},
      {"try f --folds 1",
       "option --folds: '1' is not a whole number from 2 to 1000"},
      {"try f --confidence nan",
       "option --confidence: 'nan' is not a number from 0 to 1"},
      {"try f --weka 3.7", "option --weka: '3.7' is not one of 3.6|3.8"},
      {"try f --json", "option --json: a value is missing"},
      {"try f --json --quiet", "option --json: a value is missing"},
      {"try f --fords 3",
       "unknown or ambiguous option '--fords'; see botsieve try --help"},
      {"try", "FILE is missing; see botsieve try --help"},
      {"try f g", "'g' is one operand too many; see botsieve try --help"},
  };
  int first;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ck_assert_int_eq(parse(cases[i].line, &first), BS_ERR_USAGE);
    ck_assert_str_eq(bs_error_text(), cases[i].text);
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(options_and_operands_mix),
      BS_UNIT(wrong_usage_names_option_value_and_range),
  };
  return bs_unit_run("opt", tests, sizeof tests / sizeof *tests);
}
