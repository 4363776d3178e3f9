/* SPDX-License-Identifier: BSD-3-Clause */
/* Text to double: the value must be strtod's, bit by bit. */
#include "io/number.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double from_bits(uint64_t bits)
{
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The whole text is one number with strtod's value. */
static void check(const char *text)
{
  double value = 0;
  const char *end = bs_number_parse(text, text + strlen(text), &value);
  ck_assert_msg(end == text + strlen(text), "'%s' is not taken", text);
  double wanted = strtod(text, NULL);
  ck_assert_msg(bits_of(value) == bits_of(wanted), "'%s': %a, strtod %a", text,
                value, wanted);
}

START_TEST(ways_of_writing_are_taken)
{
  static const char *const texts[] = {
      "0",
      "-0",
      "+0",
      "-0.0",
      "1.",
      "+3",
      ".5",
      "-.5e1",
      "1e-05",
      "1E+05",
      "1e5",
      "007",
      "1e0000",
      "0e999",
      "1e-999",
      "123456789012345678901234567890",
      "0.000000000000000000000000000000000000000000001",
      "1.0e-400",
      "00000000000000000000000000000000000000000.1",
      "1e22",
      "1e23"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check(texts[i]);
}
END_TEST

/* Known to trouble parsers: borders of the normal and subnormal ranges, ties,
 * and texts that differ from a tie in a digit far behind. */
START_TEST(hard_numbers_are_right)
{
  static const char *const texts[] = {
      "2.2250738585072011e-308",
      "2.2250738585072012e-308",
      "2.2250738585072014e-308",
      "4.9406564584124654e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "2.47032822920623272088284396434110686182e-324",
      "2.47032822920623272088284396434110686183e-324",
      "1.7976931348623157e308",
      "1.7976931348623158e308",
      "179769313486231580793e289",
      "9007199254740993",
      "9007199254740992.9999999999999999999",
      "9007199254740993.0000000000000000001",
      "9007199254740993e0",
      "6.631236846766476e-316",
      "3.2378839133029012895883524125015321748630094165e-319",
      "8.533e+68",
      "4.1006e-184",
      "9.998e+307",
      "1448997445238699",
      "5e-324",
      "7.2057594037927933e16",
      "1.00000000000000011102230246251565404236316680908203125",
      "1.00000000000000011102230246251565404236316680908203124",
      "1.00000000000000011102230246251565404236316680908203126",
      "0.500000000000000166533453693773481063544750213623046875"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check(texts[i]);
}
END_TEST

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

START_TEST(random_doubles_survive_17_to_25_digits)
{
  uint64_t state = 1;
  char text[64];
  for (int i = 0; i < 200000; i++) {
    double x = from_bits(next(&state));
    if (!isfinite(x))
      continue;
    snprintf(text, sizeof text, "%.*e", 16 + i % 9, x);
    check(text);
  }
}
END_TEST

/* The number half way between two doubles, exactly, and a little off. */
START_TEST(halfway_cases_go_to_even)
{
  uint64_t state = 2;
  char text[1200];
  for (int i = 0; i < 20000; i++) {
    uint64_t exponent = 1023 - 60 + next(&state) % 110;
    uint64_t mantissa = next(&state) >> 12;
    double low = from_bits(exponent << 52 | mantissa);
    double high = from_bits((exponent << 52 | mantissa) + 1);
    long double half = ((long double)low + (long double)high) / 2;
    int length = snprintf(text, sizeof text, "%.200Lf", half);
    check(text);
    text[length - 1]++;
    check(text);
  }
}
END_TEST

START_TEST(long_digit_strings_are_right)
{
  uint64_t state = 3;
  char text[900];
  for (int i = 0; i < 5000; i++) {
    int digits = 1 + (int)(next(&state) % 800), at = 0;
    for (int k = 0; k < digits; k++) {
      text[at++] = (char)('0' + next(&state) % 10);
      if (k == digits / 3)
        text[at++] = '.';
    }
    snprintf(text + at, sizeof text - (size_t)at, "e%d",
             (int)(next(&state) % 700) - 350 - digits / 3);
    check(text);
  }
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
  static const char *const texts[] = {
      "",         "+",   "-",  ".",   "e5",  "nan", "NaN", "inf", "-inf",
      "infinity", "abc", " 1", "+-1", "--1", "-+1", "?",   ".e1", "\"1\""};
  double x;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    ck_assert_msg(bs_number_parse(texts[i], texts[i] + strlen(texts[i]), &x) ==
                      NULL,
                  "'%s' is taken", texts[i]);
}
END_TEST

START_TEST(parsing_stops_where_the_number_does)
{
  static const struct {
    const char *text;
    size_t length;
  } cases[] = {{"1.0x", 3},  {"0x10", 1},  {"1,2", 1}, {"1e", 1},
               {"1e+", 1},   {"1.5.2", 3}, {"1 2", 1}, {"12e5e", 4},
               {"1_000", 1}, {"1d5", 1},   {"0b11", 1}};
  double x;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *text = cases[i].text;
    const char *end = bs_number_parse(text, text + strlen(text), &x);
    ck_assert_msg(end == text + cases[i].length, "'%s'", text);
  }
}
END_TEST

START_TEST(nothing_behind_the_end_is_read)
{
  double x;
  const char *text = "1234567890123456789e9";
  for (size_t n = 1; n <= strlen(text); n++) {
    char *copy = malloc(n); /* the sanitizer sees a read behind it */
    memcpy(copy, text, n);
    const char *end = bs_number_parse(copy, copy + n, &x);
    ck_assert_ptr_nonnull(end);
    free(copy);
  }
}
END_TEST

/* Short fields have a way of their own, which must give the same. */
START_TEST(numbers_of_a_line_are_those_of_strtod)
{
  static const char *const odd[] = {
      "1.",  ".5",    "-.5",     "-0.0",  "0",       "+3",       "1e5",
      "-1.", "00.10", "9999999", "1e-05", "-999.99", "0.000001", "12.345e2"};
  uint64_t state = 4;
  char text[512];
  for (int i = 0; i < 200000; i++) {
    int count = 1 + (int)(next(&state) % 9), at = 0;
    for (int k = 0; k < count; k++) {
      uint64_t r = next(&state);
      at += r % 4 == 0 ? sprintf(text + at, "%s",
                                 odd[r / 4 % (sizeof odd / sizeof *odd)])
                       : sprintf(text + at, "%.*f", (int)(r / 4 % 6),
                                 (double)(int64_t)(r >> 40) /
                                         pow(10, (double)(r / 64 % 8)) -
                                     20);
      text[at++] = ',';
    }
    double x[9];
    const char *p = text, *field = text;
    int done = bs_numbers_parse(&p, text + at - 1, count, x);
    ck_assert_msg(done == count, "%.*s", at, text);
    ck_assert_ptr_eq(p, text + at - 1);
    for (int k = 0; k < count; k++) {
      ck_assert_msg(bits_of(x[k]) == bits_of(strtod(field, NULL)), "%.*s", at,
                    field);
      field = strchr(field, ',') + 1;
    }
  }
}
END_TEST

START_TEST(numbers_of_a_line_stop_where_care_is_needed)
{
  static const struct {
    const char *text;
    int done, at;
  } cases[] = {{"1,2,x", 2, 3},        {"1,2 ,3", 1, 1},
               {"1,\"2\",3", 1, 1},    {"", 0, 0},
               {"1,,3", 1, 1},         {"1,2", 2, 3},
               {"1,1e999,3", 1, 1},    {"-,1,22222222", 0, 0},
               {".,1,22222222", 0, 0}, {"1..2,1,2222222", 0, 0},
               {"1,2,3,4", 3, 5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double x[3];
    const char *p = cases[i].text;
    int done = bs_numbers_parse(&p, p + strlen(p), 3, x);
    ck_assert_msg(done == cases[i].done, "%s", cases[i].text);
    ck_assert_msg(p == cases[i].text + cases[i].at, "%s", cases[i].text);
  }
}
END_TEST

START_TEST(too_large_numbers_are_infinite)
{
  static const char *const texts[] = {"1e999", "-1e309", "1.8e308",
                                      "1.7976931348623159e308"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    double x = 0;
    bs_number_parse(texts[i], texts[i] + strlen(texts[i]), &x);
    ck_assert(isinf(x));
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(ways_of_writing_are_taken),
      BS_UNIT(hard_numbers_are_right),
      BS_UNIT(random_doubles_survive_17_to_25_digits),
      BS_UNIT(halfway_cases_go_to_even),
      BS_UNIT(long_digit_strings_are_right),
      BS_UNIT(what_is_no_number_is_refused),
      BS_UNIT(parsing_stops_where_the_number_does),
      BS_UNIT(nothing_behind_the_end_is_read),
      BS_UNIT(numbers_of_a_line_are_those_of_strtod),
      BS_UNIT(numbers_of_a_line_stop_where_care_is_needed),
      BS_UNIT(too_large_numbers_are_infinite),
  };
  return bs_unit_run("number", tests, sizeof tests / sizeof *tests);
}
