/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of CSV and ARFF: what they hold, and what is said of wrong ones. */
#include "io/arff.h"
#include "io/row.h"
#include "tests/unit/unit.h"

#include <string.h>

static bs_names names, classes;

static void add(bs_names *list, const char *name)
{
  ck_assert_int_eq(bs_names_add(list, name, strlen(name), NULL), BS_OK);
}

/* Columns a, b, class, d. */
static bs_row_format make_format(bool arff)
{
  bs_names_free(&names);
  bs_names_free(&classes);
  add(&names, "a");
  add(&names, "b");
  add(&names, "class");
  add(&names, "d");
  add(&classes, "no");
  add(&classes, "it is");
  return (bs_row_format){.arff = arff,
                         .columns = 4,
                         .class_column = 2,
                         .classes = &classes,
                         .names = &names};
}

static bool parse(bool arff, const char *line, double *x, uint16_t *y,
                  bs_row_error *error)
{
  bs_row_format format = make_format(arff);
  size_t length = strlen(line);
  char *copy = malloc(length + 1); /* no 0 byte behind it, for the sanitizer */
  memcpy(copy, line, length);
  bool good = bs_row_parse(&format, copy, copy + length, x, y, error);
  free(copy);
  return good;
}

START_TEST(good_csv_lines_give_their_values)
{
  static const char *const lines[] = {
      "1,2.5,it is,-3",        "1,2.5,\"it is\",-3",
      " 1 ,\t2.5, it is ,-3 ", "\"1\",\"2.5\",it is,\"-3\"",
      "1.,+2.5,it is,-3e0",    "\" 1 \" ,2.5,\"it is\" ,-3"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    double x[3];
    uint16_t y;
    bs_row_error error;
    ck_assert_msg(parse(false, lines[i], x, &y, &error), "'%s': %s", lines[i],
                  error.text);
    ck_assert(x[0] == 1 && x[1] == 2.5 && x[2] == -3 && y == 1);
  }
}
END_TEST

typedef struct wrong {
  const char *line;
  int column;
  const char *text;
} wrong;

static void check_wrong(bool arff, const wrong *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    double x[3];
    uint16_t y;
    bs_row_error error = {-1, ""};
    ck_assert_msg(!parse(arff, cases[i].line, x, &y, &error), "'%s' is taken",
                  cases[i].line);
    ck_assert_msg(error.column == cases[i].column, "'%s': column %d",
                  cases[i].line, error.column);
    ck_assert_str_eq(error.text, cases[i].text);
  }
}

START_TEST(wrong_csv_lines_are_told_by_column)
{
  static const wrong cases[] = {
      {"1,2,no", 4, "short row: 3 fields where the header has 4"},
      {"1,2", 3, "short row: 2 fields where the header has 4"},
      {"1", 2, "short row: 1 field where the header has 4"},
      {"1,2,no,4,5", 5, "long row: 5 fields where the header has 4"},
      {"1,2,no,4,", 5, "long row: 5 fields where the header has 4"},
      {"1,1.0x,no,4", 2, "'1.0x' is not a number (b)"},
      {"one,2,no,4", 1, "'one' is not a number (a)"},
      {"1,,no,4", 2, "empty field (b)"},
      {",2,no,4", 1, "empty field (a)"},
      {"1,2,no,", 4, "empty field (d)"},
      {"1,2,,4", 3, "empty class"},
      {"1,?,no,4", 2, "missing value '?' (b)"},
      {"1,NaN,no,4", 2, "'NaN' is not a number that can be used (b)"},
      {"-inf,2,no,4", 1, "'-inf' is not finite (a)"},
      {"1,Infinity,no,4", 2, "'Infinity' is not finite (b)"},
      {"1,1e999,no,4", 2, "'1e999' is too large for a double"},
      {"1,\"1e999\",no,4", 2, "'1e999' is too large for a double"},
      {"1,0x10,no,4", 2, "'0x10' is not a number (b)"},
      {"1,2 3,no,4", 2, "'2 3' is not a number (b)"},
      {"1,\"2,no,4", 2, "a quote is not closed on its line"},
      {"1,\"2\"3,no,4", 2, "text follows a closing quote"},
      {"1,\"2x\",no,4", 2, "'2x' is not a number (b)"},
      {"1,\x01\x02,no,4", 2, "binary bytes where a number belongs (b)"},
      {"1,\xff,no,4", 2, "binary bytes where a number belongs (b)"},
      {"1,2,\xff,4", 3, "binary bytes in a class"},
  };
  check_wrong(false, cases, sizeof cases / sizeof *cases);
}
END_TEST

START_TEST(good_arff_lines_give_their_values)
{
  static const char *const lines[] = {
      "1,2.5,'it is',-3", "1 2.5 \"it is\" -3", "1,\t2.5 ,'it is', -3 ",
      "1,2.5,'it is',-3%end", "1,2.5,'it\\ is',-3 % end"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    double x[3];
    uint16_t y;
    bs_row_error error;
    ck_assert_msg(parse(true, lines[i], x, &y, &error), "'%s': %s", lines[i],
                  error.text);
    ck_assert(x[0] == 1 && x[1] == 2.5 && x[2] == -3 && y == 1);
  }
}
END_TEST

START_TEST(wrong_arff_lines_name_the_attribute)
{
  static const wrong cases[] = {
      {"1,?,no,4", 2, "missing value '?' of attribute 'b'"},
      {"1,2,?,4", 3, "missing value '?' of attribute 'class'"},
      {"1,2,maybe,4", 3, "undeclared value 'maybe' of attribute 'class'"},
      {"1,,no,4", 2, "empty value '' of attribute 'b'"},
      {"1,2,no", 4, "short row: 3 values of 4 attributes"},
      {"1,2,no,", 4, "short row: 3 values of 4 attributes"},
      {"1,2,no,4,5", 5, "long row: more than the 4 attributes"},
      {"1,2,no,4 {3}", 5, "long row: more than the 4 attributes"},
      {"{0 1, 2 no}", 1, "sparse ARFF rows are not supported"},
      {"1,2x,no,4", 2, "'2x' is not a number (b)"},
      {"1,nan,no,4", 2, "'nan' is not a number that can be used (b)"},
      {"1,1e999,no,4", 2, "'1e999' is too large for a double"},
      {"1,2,'no,4", 3,
       "a quote is not closed on its line, or the value is too long"},
  };
  check_wrong(true, cases, sizeof cases / sizeof *cases);
}
END_TEST

static bs_status header(const char *const *lines, bs_arff *arff,
                        bs_row_error *error)
{
  memset(arff, 0, sizeof *arff);
  for (; *lines != NULL; lines++) {
    bs_status st = bs_arff_line(arff, *lines, *lines + strlen(*lines), error);
    if (st != BS_OK)
      return st;
  }
  return BS_OK;
}

START_TEST(arff_headers_are_read_as_weka_does)
{
  static const char *const lines[] = {
      "% comment",
      "",
      "  @ReLaTiOn x",
      "@attribute 'a \\'quoted\\' name' NuMeRiC",
      "\t@ATTRIBUTE\tb\treal % comment",
      "@attribute class{p,'q r' , \"s\"}",
      "@data",
      NULL};
  bs_arff arff;
  bs_row_error error;
  ck_assert_int_eq(header(lines, &arff, &error), BS_OK);
  ck_assert(arff.data);
  ck_assert_int_eq(arff.count, 3);
  ck_assert_str_eq(arff.names.item[0], "a 'quoted' name");
  ck_assert_int_eq(bs_arff_class(&arff, NULL, &error), 2);
  ck_assert_int_eq(arff.values[2].count, 3);
  ck_assert_str_eq(arff.values[2].item[1], "q r");
  bs_arff_free(&arff);
}
END_TEST

START_TEST(wrong_arff_headers_are_told_apart)
{
  static const struct {
    const char *lines[5];
    const char *class_name, *text;
  } cases[] = {
      {{"@attribute a {x,y}", "@attribute c {p,q}", NULL},
       NULL,
       "attribute 'a' is nominal: only numeric ones can be features"},
      {{"@attribute a string", "@attribute c {p,q}", NULL},
       NULL,
       "attribute 'a' is string: only numeric ones can be features"},
      {{"@attribute a date", "@attribute c {p,q}", NULL},
       NULL,
       "attribute 'a' is date: only numeric ones can be features"},
      {{"@attribute c {p,q}", "@attribute a real", NULL},
       NULL,
       "the class attribute 'a' is not nominal; name another with "
       "--class-column"},
      {{"@attribute a real", "@attribute c {p,q}", NULL},
       "d",
       "no attribute is called 'd'"},
      {{"@attribute a real", "@attribute a {p,q}", NULL},
       NULL,
       "attribute 'a' is declared twice"},
      {{"@attribute a real", "@attribute c {p,p}", NULL},
       NULL,
       "a class value is declared twice"},
      {{"@attribute a real", "@attribute c {p,q", NULL},
       NULL,
       "the list of values is not closed"},
      {{"@attribute a", NULL}, NULL, "attribute 'a' has no type"},
      {{"1,2,3", NULL},
       NULL,
       "'1,2,3' where @relation, @attribute or @data belongs"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_arff arff;
    bs_row_error error = {0, ""};
    if (header(cases[i].lines, &arff, &error) == BS_OK)
      ck_assert_int_lt(bs_arff_class(&arff, cases[i].class_name, &error), 0);
    ck_assert_str_eq(error.text, cases[i].text);
    bs_arff_free(&arff);
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(good_csv_lines_give_their_values),
      BS_UNIT(wrong_csv_lines_are_told_by_column),
      BS_UNIT(good_arff_lines_give_their_values),
      BS_UNIT(wrong_arff_lines_name_the_attribute),
      BS_UNIT(arff_headers_are_read_as_weka_does),
      BS_UNIT(wrong_arff_headers_are_told_apart),
  };
  return bs_unit_run("row", tests, sizeof tests / sizeof *tests);
}
